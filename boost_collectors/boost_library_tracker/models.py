"""The Boost libraries by release: what they are, who maintains them, what they depend on, which files they own."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigIntPrimaryKey, PrefixIndex, Timestamp
from boost_collectors.core.database.columns import CreatedAt, EmptyText, Switch, UpdatedAt, cascade, varchar
from boost_collectors.cppa_user_tracker.models import GithubAccount
from boost_collectors.github_activity_tracker.models import GithubFile, GithubRepository

LIBRARY = "boost_library_tracker_boostlibrary.id"
LIBRARY_VERSION = "boost_library_tracker_boostlibraryversion.id"
VERSION = "boost_library_tracker_boostversion.id"


class BoostLibraryRepository(Base):
    """A repository that holds Boost libraries: an extension of its row among all repositories."""

    __tablename__ = "boost_library_tracker_boostlibraryrepository"

    githubrepository_ptr_id: Mapped[int] = mapped_column(
        cascade(f"{GithubRepository.__tablename__}.id"), primary_key=True
    )
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class BoostLibrary(Base):
    """A library; a repository may hold several."""

    __tablename__ = "boost_library_tracker_boostlibrary"
    __table_args__ = (UniqueConstraint("repo_id", "name"), PrefixIndex("name"))

    id: Mapped[BigIntPrimaryKey]
    repo_id: Mapped[int] = mapped_column(cascade(f"{BoostLibraryRepository.__tablename__}.githubrepository_ptr_id"))
    name: Mapped[str] = mapped_column(String(255), index=True)


class BoostFile(Base):
    """The library that a file belongs to; a file has at most one."""

    __tablename__ = "boost_library_tracker_boostfile"

    github_file_id: Mapped[int] = mapped_column(cascade(f"{GithubFile.__tablename__}.id"), primary_key=True)
    library_id: Mapped[int] = mapped_column(cascade(LIBRARY), index=True)


class BoostVersion(Base):
    """A release, by its tag: ``boost-1.90.0``."""

    __tablename__ = "boost_library_tracker_boostversion"
    __table_args__ = (UniqueConstraint("version"), PrefixIndex("version"))

    id: Mapped[BigIntPrimaryKey]
    version: Mapped[str] = mapped_column(String(64))
    version_created_at: Mapped[Timestamp | None]


class BoostLibraryVersion(Base):
    """A library as it is in one release."""

    __tablename__ = "boost_library_tracker_boostlibraryversion"
    __table_args__ = (UniqueConstraint("library_id", "version_id"), PrefixIndex("key"))

    id: Mapped[BigIntPrimaryKey]
    library_id: Mapped[int] = mapped_column(cascade(LIBRARY))
    version_id: Mapped[int] = mapped_column(cascade(VERSION), index=True)
    cpp_version: Mapped[str] = varchar(64)
    description: Mapped[EmptyText]
    key: Mapped[str] = varchar(255, index=True)
    documentation: Mapped[str] = varchar(255)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class BoostDependency(Base):
    """In a release, the client library depends on the other one."""

    __tablename__ = "boost_library_tracker_boostdependency"
    __table_args__ = (UniqueConstraint("client_library_id", "version_id", "dep_library_id"),)

    id: Mapped[BigIntPrimaryKey]
    client_library_id: Mapped[int] = mapped_column(cascade(LIBRARY))
    version_id: Mapped[int] = mapped_column(cascade(VERSION), index=True)
    dep_library_id: Mapped[int] = mapped_column(cascade(LIBRARY), index=True)
    created_at: Mapped[CreatedAt]


class DependencyChangeLog(Base):
    """On a day, a dependency came (``is_add``) or went."""

    __tablename__ = "boost_library_tracker_dependencychangelog"
    __table_args__ = (UniqueConstraint("client_library_id", "dep_library_id", "created_at"),)

    id: Mapped[BigIntPrimaryKey]
    client_library_id: Mapped[int] = mapped_column(cascade(LIBRARY))
    dep_library_id: Mapped[int] = mapped_column(cascade(LIBRARY), index=True)
    is_add: Mapped[bool]
    created_at: Mapped[date] = mapped_column(index=True)


class BoostLibraryCategory(Base):
    """A category of libraries, as Boost names it."""

    __tablename__ = "boost_library_tracker_boostlibrarycategory"
    __table_args__ = (UniqueConstraint("name"), PrefixIndex("name"))

    id: Mapped[BigIntPrimaryKey]
    name: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class BoostLibraryRoleRelationship(Base):
    """Who wrote or maintains a library in a release."""

    __tablename__ = "boost_library_tracker_boostlibraryrolerelationship"
    __table_args__ = (UniqueConstraint("library_version_id", "account_id"),)

    id: Mapped[BigIntPrimaryKey]
    library_version_id: Mapped[int] = mapped_column(cascade(LIBRARY_VERSION))
    account_id: Mapped[int] = mapped_column(cascade(f"{GithubAccount.__tablename__}.baseprofile_ptr_id"), index=True)
    is_maintainer: Mapped[Switch]
    is_author: Mapped[Switch]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class BoostLibraryCategoryRelationship(Base):
    """A library is in a category."""

    __tablename__ = "boost_library_tracker_boostlibrarycategoryrelationship"
    __table_args__ = (UniqueConstraint("library_id", "category_id"),)

    id: Mapped[BigIntPrimaryKey]
    library_id: Mapped[int] = mapped_column(cascade(LIBRARY))
    category_id: Mapped[int] = mapped_column(cascade("boost_library_tracker_boostlibrarycategory.id"), index=True)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
