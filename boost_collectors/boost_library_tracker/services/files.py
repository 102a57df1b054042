"""Which library a file belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import BigInteger, Text, and_, exists, literal, or_, select
from sqlalchemy.orm import Session

from boost_collectors.boost_library_tracker.models import (
    BoostFile,
    BoostLibrary,
    BoostLibraryRepository,
    BoostLibraryVersion,
)
from boost_collectors.core.counts import Counts
from boost_collectors.core.database.bulk import MergeResult, bulk_merge, merge, stage
from boost_collectors.github_activity_tracker.models import GithubFile, GithubRepository
from boost_collectors.github_activity_tracker.services import ensure_files

_HEADER = {"repo_id": BigInteger, "filename": Text, "name": Text}
_LINK = ("github_file_id", "library_id")


class HeaderRow(NamedTuple):
    """A header of a release: its repository, its path there, and the name of its library."""

    repo_id: int
    filename: str
    library: str


def link_headers(session: Session, version_id: int, headers: Sequence[HeaderRow], *, newest: bool) -> Counts:
    """Give a release's headers to their libraries; files that are not stored yet are added.

    A file that belongs to a library already stays there, except that the ``newest`` release takes headers over from
    libraries that it does not have any more: a library that was renamed keeps its headers under the new name.
    """
    counts = Counts()
    counts.merged("files", ensure_files(session, ((row.repo_id, row.filename) for row in headers)))
    with stage(session, "header", _HEADER, ("repo_id", "filename")) as staged:
        staged.copy(headers)
        staged.analyze()
        given = staged.table.c
        released = exists().where(
            BoostLibraryVersion.library_id == BoostFile.library_id, BoostLibraryVersion.version_id == version_id
        )
        source = (
            select(GithubFile.id.label("github_file_id"), BoostLibrary.id.label("library_id"))
            .select_from(staged.table)
            .join(GithubFile, and_(GithubFile.repo_id == given.repo_id, GithubFile.filename == given.filename))
            .join(BoostLibrary, and_(BoostLibrary.repo_id == given.repo_id, BoostLibrary.name == given.name))
            .outerjoin(BoostFile, BoostFile.github_file_id == GithubFile.id)
            .where(or_(BoostFile.github_file_id.is_(None), and_(literal(newest), ~released)))
        )
        counts.merged("headers", merge(session, BoostFile, source, key=_LINK[:1]))
    return counts


class RepositoryChoice(NamedTuple):
    """A repository that holds libraries: ``libraries`` are its (id, name) pairs."""

    id: int
    name: str
    libraries: tuple[tuple[int, str], ...]


def library_repositories(session: Session) -> list[RepositoryChoice]:
    """The repositories that have a library, by name, each with its libraries."""
    query = (
        select(GithubRepository.id, GithubRepository.repo_name, BoostLibrary.id, BoostLibrary.name)
        .join(BoostLibraryRepository, BoostLibraryRepository.githubrepository_ptr_id == GithubRepository.id)
        .join(BoostLibrary, BoostLibrary.repo_id == GithubRepository.id)
        .order_by(GithubRepository.repo_name, GithubRepository.id, BoostLibrary.id)
    )
    found: dict[tuple[int, str], list[tuple[int, str]]] = {}
    for repo_id, repo_name, library_id, name in session.execute(query):
        found.setdefault((repo_id, repo_name), []).append((library_id, name))
    return [RepositoryChoice(*key, tuple(libraries)) for key, libraries in found.items()]


def unlinked_files(session: Session, repo_ids: Sequence[int]) -> list[tuple[int, str, int, str]]:
    """Files that exist and belong to no library: (repository id, its name, file id, path), by repository and path."""
    query = (
        select(GithubRepository.id, GithubRepository.repo_name, GithubFile.id, GithubFile.filename)
        .join(GithubFile, GithubFile.repo_id == GithubRepository.id)
        .outerjoin(BoostFile, BoostFile.github_file_id == GithubFile.id)
        .where(GithubRepository.id.in_(repo_ids), ~GithubFile.is_deleted, BoostFile.github_file_id.is_(None))
        .order_by(GithubRepository.repo_name, GithubFile.filename)
    )
    return [(repo, name, file, path) for repo, name, file, path in session.execute(query)]


def link_files(session: Session, links: Iterable[tuple[int, int]]) -> MergeResult:
    """Give files to libraries, as (file id, library id) pairs; a file that has another library moves."""
    return bulk_merge(session, BoostFile, _LINK, links, key=_LINK[:1])


def files_of_libraries(session: Session, library_ids: Iterable[int]) -> dict[tuple[int, str], int]:
    """The ids of all files in the repositories of these libraries, by (library id, path)."""
    query = (
        select(BoostLibrary.id, GithubFile.filename, GithubFile.id)
        .join(GithubFile, GithubFile.repo_id == BoostLibrary.repo_id)
        .where(BoostLibrary.id.in_(list(library_ids)))
    )
    return {(library, path): file for library, path, file in session.execute(query)}
