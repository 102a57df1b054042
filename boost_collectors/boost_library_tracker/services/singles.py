"""One row at a time: libraries, files, versions, dependencies, roles and categories."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from boost_collectors.boost_library_tracker.models import (
    BoostDependency,
    BoostFile,
    BoostLibrary,
    BoostLibraryCategory,
    BoostLibraryCategoryRelationship,
    BoostLibraryRepository,
    BoostLibraryRoleRelationship,
    BoostLibraryVersion,
    BoostVersion,
    DependencyChangeLog,
)
from boost_collectors.boost_library_tracker.services.people import accounts_of
from boost_collectors.core.context import utc_now
from boost_collectors.core.database.bulk import bulk_merge
from boost_collectors.cppa_user_tracker.models import GithubAccount
from boost_collectors.github_activity_tracker.models import GithubFile, GithubRepository
from boost_collectors.github_activity_tracker.services.single import find, put, required


def get_or_create_boost_library_repo(
    session: Session, repository: GithubRepository
) -> tuple[BoostLibraryRepository, bool]:
    """The extension row of a repository as (row, created). One that exists gets a new ``updated_at``."""
    row, created = put(session, BoostLibraryRepository, {"githubrepository_ptr_id": repository.id})
    if not created:
        row.updated_at = utc_now()
        session.flush()
    return row, created


def get_or_create_boost_library(session: Session, repo: BoostLibraryRepository, name: str) -> tuple[BoostLibrary, bool]:
    """A library as (row, created). Raises ValueError for a blank name."""
    key = {"repo_id": repo.githubrepository_ptr_id, "name": required(name, "library name")}
    return put(session, BoostLibrary, key)


def get_or_create_boost_file(session: Session, file: GithubFile, library: BoostLibrary) -> tuple[BoostFile, bool]:
    """The link of a file to a library as (row, created); one that exists moves to this library."""
    return put(session, BoostFile, {"github_file_id": file.id}, {"library_id": library.id})


def get_or_create_boost_version(
    session: Session, version: str, version_created_at: datetime | None = None
) -> tuple[BoostVersion, bool]:
    """A release as (row, created). A time that is given replaces another one; None erases nothing.

    Raises ValueError for a blank version.
    """
    values = {} if version_created_at is None else {"version_created_at": version_created_at}
    return put(session, BoostVersion, {"version": required(version, "version")}, values)


def get_or_create_boost_library_version(
    session: Session,
    library: BoostLibrary,
    version: BoostVersion,
    cpp_version: str | None = None,
    description: str | None = None,
    key: str | None = None,
    documentation: str | None = None,
) -> tuple[BoostLibraryVersion, bool]:
    """A library in a release as (row, created). Only what is not None is written."""
    given = {"cpp_version": cpp_version, "description": description, "key": key, "documentation": documentation}
    values = {name: value for name, value in given.items() if value is not None}
    return put(session, BoostLibraryVersion, {"library_id": library.id, "version_id": version.id}, values)


def add_boost_dependency(
    session: Session, client_library: BoostLibrary, version: BoostVersion, dep_library: BoostLibrary
) -> tuple[BoostDependency, bool]:
    """In the release the client depends on the other library; as (row, created)."""
    key = {"client_library_id": client_library.id, "version_id": version.id, "dep_library_id": dep_library.id}
    return put(session, BoostDependency, key)


def add_dependency_changelog(
    session: Session, client_library: BoostLibrary, dep_library: BoostLibrary, is_add: bool, created_at: date
) -> tuple[DependencyChangeLog, bool]:
    """On that day the dependency came or went; as (row, created). A row of that day is made to say so."""
    key = {"client_library_id": client_library.id, "dep_library_id": dep_library.id, "created_at": created_at}
    return put(session, DependencyChangeLog, key, {"is_add": is_add})


def get_or_create_boost_library_category(session: Session, name: str) -> tuple[BoostLibraryCategory, bool]:
    """A category as (row, created). Raises ValueError for a blank name."""
    return put(session, BoostLibraryCategory, {"name": required(name, "category name")})


def add_library_category(
    session: Session, library: BoostLibrary, category: BoostLibraryCategory
) -> tuple[BoostLibraryCategoryRelationship, bool]:
    """Put a library into a category; as (row, created)."""
    key = {"library_id": library.id, "category_id": category.id}
    return put(session, BoostLibraryCategoryRelationship, key)


def add_library_version_role(
    session: Session,
    library_version: BoostLibraryVersion,
    account: GithubAccount,
    is_maintainer: bool = False,
    is_author: bool = False,
) -> tuple[BoostLibraryRoleRelationship, bool]:
    """Note who wrote or maintains a library in a release; as (row, created). A role that is stored stays."""
    key = {"library_version_id": library_version.id, "account_id": account.id}
    columns = (*key, "is_maintainer", "is_author")
    row = (*key.values(), is_maintainer, is_author)
    made = bulk_merge(session, BoostLibraryRoleRelationship, columns, [row], key=tuple(key), update=())
    stored = find(session, BoostLibraryRoleRelationship, key)
    roles = {"is_maintainer": stored.is_maintainer or is_maintainer, "is_author": stored.is_author or is_author}
    return put(session, BoostLibraryRoleRelationship, key, roles)[0], made.inserted == 1


def get_or_create_account_from_name(session: Session, name: str) -> GithubAccount:
    """The account whose login is the name, else a synthetic one of that name; of a blank name the ``unknown`` one.

    An address behind the name (``Ada <ada -at- example.org>``) is not part of it.
    """
    return session.get_one(GithubAccount, accounts_of(session, [name])[name])
