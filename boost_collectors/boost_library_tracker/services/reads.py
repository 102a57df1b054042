"""What others may ask: releases, the libraries of a release, and which library a header belongs to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from boost_collectors.boost_library_tracker.models import BoostFile, BoostLibrary, BoostLibraryVersion, BoostVersion
from boost_collectors.core.utils.boost_version_operations import loose_version_tuple
from boost_collectors.cppa_user_tracker.models import GithubAccount
from boost_collectors.github_activity_tracker.models import GithubFile, GithubRepository

INCLUDE = "include/"
"""Where a library's repository keeps its headers."""


class StoredRelease(NamedTuple):
    """A release by its tag (``boost-1.90.0``); the time is None where only its dependencies were imported."""

    id: int
    version: str
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReleasedLibrary:
    """A library in a release. ``id`` is that of the library version; ``repository`` is ``owner/name``."""

    id: int
    library_id: int
    version_id: int
    version: str
    name: str
    key: str
    documentation: str
    repo_id: int
    repository: str


class LibraryHeader(NamedTuple):
    """A header's file and the library that it belongs to. ``file_id`` is the key of BoostFile."""

    file_id: int
    library_id: int


def stored_releases(session: Session) -> list[StoredRelease]:
    """All releases, the newest version first."""
    rows = session.execute(select(BoostVersion.id, BoostVersion.version, BoostVersion.version_created_at))
    found = (StoredRelease(*row) for row in rows)
    return sorted(found, key=lambda release: loose_version_tuple(release.version), reverse=True)


def released_libraries(session: Session, versions: Collection[str] | None = None) -> list[ReleasedLibrary]:
    """The libraries of releases, given by their tags (None: of all), in the order of release and library name."""
    query = (
        select(
            BoostLibraryVersion.id,
            BoostLibrary.id,
            BoostVersion.id,
            BoostVersion.version,
            BoostLibrary.name,
            BoostLibraryVersion.key,
            BoostLibraryVersion.documentation,
            GithubRepository.id,
            GithubAccount.username + "/" + GithubRepository.repo_name,
        )
        .join(BoostLibrary, BoostLibrary.id == BoostLibraryVersion.library_id)
        .join(BoostVersion, BoostVersion.id == BoostLibraryVersion.version_id)
        .join(GithubRepository, GithubRepository.id == BoostLibrary.repo_id)
        .join(GithubAccount, GithubAccount.id == GithubRepository.owner_account_id)
    )
    if versions is not None:
        query = query.where(BoostVersion.version.in_(versions))
    found = [ReleasedLibrary(*row) for row in session.execute(query)]
    return sorted(found, key=lambda library: (loose_version_tuple(library.version), library.name, library.id))


def library_headers(session: Session) -> dict[str, LibraryHeader]:
    """Every header that belongs to a library, by the path that an ``#include`` names: ``boost/asio/buffer.hpp``.

    Where several libraries had a header of that path, the one that has it still wins, then the one that had it last.
    """
    query = (
        select(GithubFile.filename, GithubFile.id, BoostFile.library_id)
        .join(BoostFile, BoostFile.github_file_id == GithubFile.id)
        .where(GithubFile.filename.startswith(f"{INCLUDE}boost/", autoescape=True))
        .order_by(GithubFile.is_deleted.desc(), GithubFile.id)
    )
    return {path.removeprefix(INCLUDE): LibraryHeader(file, library) for path, file, library in session.execute(query)}


def libraries_by_name(session: Session) -> dict[str, list[int]]:
    """The ids of libraries by name; several repositories may have one of the same name."""
    query = (
        select(BoostLibrary.name, func.array_agg(BoostLibrary.id))
        .group_by(BoostLibrary.name)
        .order_by(BoostLibrary.name)
    )
    return {name: sorted(ids) for name, ids in session.execute(query)}
