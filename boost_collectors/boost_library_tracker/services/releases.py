"""A whole release at once: its version, libraries, roles and categories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ColumnElement, Label, Text, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from boost_collectors.boost_library_tracker.models import (
    BoostLibrary,
    BoostLibraryCategory,
    BoostLibraryCategoryRelationship,
    BoostLibraryRepository,
    BoostLibraryRoleRelationship,
    BoostLibraryVersion,
    BoostVersion,
)
from boost_collectors.boost_library_tracker.records import LibraryRecord
from boost_collectors.boost_library_tracker.services.people import accounts_of
from boost_collectors.core.counts import Counts
from boost_collectors.core.database.bulk import Staging, bulk_merge, merge, stage
from boost_collectors.cppa_user_tracker.models import GithubAccount
from boost_collectors.github_activity_tracker.models import GithubRepository
from boost_collectors.github_activity_tracker.services import ensure_repository
from boost_collectors.github_activity_tracker.services.repairs import repository_ids

_LIBRARY = {
    "repo_id": BigInteger,
    "name": Text,
    "key": Text,
    "description": Text,
    "documentation": Text,
    "cpp_version": Text,
}
_ROLE = {"repo_id": BigInteger, "name": Text, "account_id": BigInteger, "is_maintainer": Boolean, "is_author": Boolean}
_CATEGORY = {"repo_id": BigInteger, "name": Text, "category": Text}


@dataclass(frozen=True, slots=True)
class RepositoryLibraries:
    """The libraries of one repository (``owner/name``) in a release."""

    repository: str
    libraries: Sequence[LibraryRecord]


def store_version(session: Session, version: str, created_at: datetime | None) -> tuple[int, Counts]:
    """The id of a release, stored if it is new; a time that is given replaces another one."""
    counts = Counts()
    update = () if created_at is None else ("version_created_at",)
    columns, row = ("version", "version_created_at"), (version, created_at)
    counts.merged("versions", bulk_merge(session, BoostVersion, columns, [row], key=("version",), update=update))
    return session.scalars(select(BoostVersion.id).where(BoostVersion.version == version)).one(), counts


def store_libraries(session: Session, version_id: int, modules: Iterable[RepositoryLibraries]) -> Counts:
    """Bring a release's libraries up to its metadata: library and version rows, roles and categories.

    Repositories that are not stored yet are added. Roles are only ever added. Raises SourceError for text that a
    column cannot take.
    """
    given = list(modules)
    ids = ensure_library_repositories(session, [module.repository for module in given])
    rows = [(ids[module.repository], record) for module in given for record in module.libraries]
    counts = Counts()
    _store_versions(session, version_id, rows, counts)
    _store_roles(session, version_id, rows, counts)
    _store_categories(session, rows, counts)
    return counts


def ensure_version(session: Session, version: str) -> int:
    """The id of a release; one that is not stored is, without a time."""
    stored = session.scalar(select(BoostVersion.id).where(BoostVersion.version == version))
    return store_version(session, version, None)[0] if stored is None else stored


def ensure_library_repositories(session: Session, keys: Sequence[str]) -> dict[str, int]:
    """The ids of repositories that hold libraries, by ``owner/name``; those that are new are stored."""
    known = _library_repositories(session)
    new = [key for key in dict.fromkeys(keys) if key not in known]
    owners = {key.partition("/")[0] for key in new}
    repositories = {f"{owner}/{name}": id for owner in owners for name, id in repository_ids(session, owner).items()}
    made = {key: repositories.get(key) or ensure_repository(session, *key.split("/", 1)) for key in new}
    if made:
        column = "githubrepository_ptr_id"
        rows = [(id,) for id in made.values()]
        bulk_merge(session, BoostLibraryRepository, (column,), rows, key=(column,), update=())
    return {key: known[key] if key in known else made[key] for key in keys}


def _library_repositories(session: Session) -> dict[str, int]:
    query = (
        select(GithubAccount.username + "/" + GithubRepository.repo_name, GithubRepository.id)
        .join(GithubAccount, GithubAccount.id == GithubRepository.owner_account_id)
        .join(BoostLibraryRepository, BoostLibraryRepository.githubrepository_ptr_id == GithubRepository.id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


Rows = Sequence[tuple[int, LibraryRecord]]


def _store_versions(session: Session, version_id: int, rows: Rows, counts: Counts) -> None:
    values = ((repo, r.name, r.key, r.description, r.documentation, r.cpp_version) for repo, r in rows)
    with stage(session, "library", _LIBRARY, ("repo_id", "name")) as staged:
        staged.copy(values, strip_nul=True)
        libraries = select(staged.table.c.repo_id, staged.table.c.name)
        counts.merged("libraries", merge(session, BoostLibrary, libraries, key=("repo_id", "name"), update=()))
        texts = [staged.table.c[name] for name in ("cpp_version", "description", "key", "documentation")]
        query = select(BoostLibrary.id.label("library_id"), _id(version_id), *texts)
        source = query.join(staged.table, _named(staged))
        touch = {"updated_at": func.now()}
        result = merge(session, BoostLibraryVersion, source, key=("library_id", "version_id"), touch=touch)
        counts.merged("library_versions", result)


def _store_roles(session: Session, version_id: int, rows: Rows, counts: Counts) -> None:
    texts = {text for _, record in rows for text in (*record.authors, *record.maintainers)}
    accounts = accounts_of(session, texts)
    with stage(session, "role", _ROLE, ("repo_id", "name")) as staged:
        staged.copy(_roles(rows, accounts))
        role, given = BoostLibraryRoleRelationship, staged.table.c
        source = (
            select(
                BoostLibraryVersion.id.label("library_version_id"),
                given.account_id,
                or_(given.is_maintainer, func.coalesce(role.is_maintainer, False)).label("is_maintainer"),
                or_(given.is_author, func.coalesce(role.is_author, False)).label("is_author"),
            )
            .select_from(staged.table)
            .join(BoostLibrary, _named(staged))
            .join(BoostLibraryVersion, BoostLibraryVersion.library_id == BoostLibrary.id)
            .outerjoin(
                role, and_(role.library_version_id == BoostLibraryVersion.id, role.account_id == given.account_id)
            )
            .where(BoostLibraryVersion.version_id == version_id)
        )
        key, touch = ("library_version_id", "account_id"), {"updated_at": func.now()}
        counts.merged("roles", merge(session, role, source, key=key, touch=touch))


def _roles(rows: Rows, accounts: Mapping[str, int]) -> Iterable[tuple[int, str, int, bool, bool]]:
    """One row for each person of a library: several names may lead to one account."""
    for repo, record in rows:
        authors = {accounts[text] for text in record.authors}
        maintainers = {accounts[text] for text in record.maintainers}
        for account in sorted(authors | maintainers):
            yield repo, record.name, account, account in maintainers, account in authors


def _store_categories(session: Session, rows: Rows, counts: Counts) -> None:
    pairs = [(repo, record.name, category) for repo, record in rows for category in record.categories]
    names = [(name,) for name in dict.fromkeys(category for _, _, category in pairs)]
    new = bulk_merge(session, BoostLibraryCategory, ("name",), names, key=("name",), update=(), strip_nul=True)
    counts.merged("categories", new)
    with stage(session, "category", _CATEGORY, ("repo_id", "name")) as staged:
        staged.copy(pairs, strip_nul=True)
        source = (
            select(BoostLibrary.id.label("library_id"), BoostLibraryCategory.id.label("category_id"))
            .select_from(staged.table)
            .join(BoostLibrary, _named(staged))
            .join(BoostLibraryCategory, BoostLibraryCategory.name == staged.table.c.category)
        )
        key = ("library_id", "category_id")
        result = merge(session, BoostLibraryCategoryRelationship, source, key=key, update=())
        counts.merged("library_categories", result)


def _named(staged: Staging) -> ColumnElement[bool]:
    given = staged.table.c
    return and_(BoostLibrary.repo_id == given.repo_id, BoostLibrary.name == given.name)


def _id(version_id: int) -> Label[int]:
    return literal(version_id, BigInteger).label("version_id")
