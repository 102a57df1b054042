"""Repositories, their languages and licences."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigInt, BigIntPrimaryKey, PrefixIndex, Timestamp
from boost_collectors.core.database.columns import CreatedAt, EmptyText, Switch, UpdatedAt, Zero, cascade, varchar
from boost_collectors.github_activity_tracker.models.keys import ACCOUNT, REPOSITORY


class GoneReason(StrEnum):
    """Why a repository or an item is not where it was."""

    DELETED = "deleted"
    TRANSFERRED = "transferred"
    """It lives on in another repository."""
    REPLACED = "replaced"
    """Another one stands under its name or number; it lives on elsewhere or not at all."""


class ChangeKind(StrEnum):
    """What happened to the name of a repository."""

    RENAMED = "renamed"
    TRANSFERRED = "transferred"
    RECREATED = "recreated"
    """Another repository took the place under the same owner and name."""


class Language(Base):
    """A programming language, by GitHub's name."""

    __tablename__ = "github_activity_tracker_language"
    __table_args__ = (UniqueConstraint("name"), PrefixIndex("name"))

    id: Mapped[BigIntPrimaryKey]
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[CreatedAt]


class CreatedReposByLanguage(Base):
    """How many repositories of a language were created in a year, and how many of them found an audience."""

    __tablename__ = "github_activity_tracker_createdreposbylanguage"
    __table_args__ = (
        UniqueConstraint("language_id", "year", name="github_activity_tracker_created_lang_year_uniq"),
        CheckConstraint("year >= 0", name="year"),
        CheckConstraint("all_repos >= 0", name="all_repos"),
        CheckConstraint("significant_repos >= 0", name="significant_repos"),
    )

    id: Mapped[BigIntPrimaryKey]
    language_id: Mapped[int] = mapped_column(cascade("github_activity_tracker_language.id"))
    year: Mapped[int] = mapped_column(index=True)
    all_repos: Mapped[Zero]
    significant_repos: Mapped[Zero]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class License(Base):
    """A licence, by GitHub's name."""

    __tablename__ = "github_activity_tracker_license"
    __table_args__ = (UniqueConstraint("name"), PrefixIndex("name"), PrefixIndex("spdx_id"))

    id: Mapped[BigIntPrimaryKey]
    name: Mapped[str] = mapped_column(String(255))
    spdx_id: Mapped[str] = varchar(64, index=True)
    url: Mapped[str] = varchar(512)
    created_at: Mapped[CreatedAt]


class GithubRepository(Base):
    """A repository under its present owner and name; earlier ones are in RepositoryChange."""

    __tablename__ = "github_activity_tracker_githubrepository"
    __table_args__ = (
        UniqueConstraint("owner_account_id", "repo_name"),
        UniqueConstraint("github_id"),
        PrefixIndex("repo_name"),
    )

    id: Mapped[BigIntPrimaryKey]
    owner_account_id: Mapped[int] = mapped_column(cascade(ACCOUNT))
    repo_name: Mapped[str] = mapped_column(String(255), index=True)
    stars: Mapped[Zero]
    forks: Mapped[Zero]
    description: Mapped[EmptyText]
    repo_pushed_at: Mapped[Timestamp | None] = mapped_column(index=True)
    repo_created_at: Mapped[Timestamp | None] = mapped_column(index=True)
    repo_updated_at: Mapped[Timestamp | None] = mapped_column(index=True)
    github_id: Mapped[BigInt | None]
    """GitHub's id, which follows the repository through renames and transfers; null until GitHub was asked."""
    default_branch: Mapped[str] = varchar(255)
    is_archived: Mapped[Switch]
    gone_at: Mapped[Timestamp | None]
    """When we first found that GitHub does not have it any more; cleared if it returns."""
    gone_reason: Mapped[str] = varchar(20)
    """One of GoneReason; empty while it exists."""


class RepositoryChange(Base):
    """What became of a repository's name: the trace of renames, transfers and repositories made anew."""

    __tablename__ = "github_activity_tracker_repositorychange"
    __table_args__ = (Index(None, "repo_id"),)

    id: Mapped[BigIntPrimaryKey]
    repo_id: Mapped[int] = mapped_column(cascade(REPOSITORY))
    kind: Mapped[str] = mapped_column(String(20))
    """One of ChangeKind."""
    owner_account_id: Mapped[int] = mapped_column(cascade(ACCOUNT), index=True)
    """The owner before."""
    repo_name: Mapped[str] = mapped_column(String(255))
    """The name before."""
    github_id: Mapped[BigInt | None]
    """GitHub's id before."""
    seen_at: Mapped[Timestamp]


class GithubRepositoryLicense(Base):
    """A licence that a repository is under."""

    __tablename__ = "github_activity_tracker_githubrepository_licenses"
    __table_args__ = (UniqueConstraint("githubrepository_id", "license_id"),)

    id: Mapped[BigIntPrimaryKey]
    githubrepository_id: Mapped[int] = mapped_column(cascade(REPOSITORY))
    license_id: Mapped[int] = mapped_column(cascade("github_activity_tracker_license.id"), index=True)


class RepoLanguage(Base):
    """How many lines of a language a repository has."""

    __tablename__ = "github_activity_tracker_repolanguage"
    __table_args__ = (UniqueConstraint("repo_id", "language_id"),)

    id: Mapped[BigIntPrimaryKey]
    repo_id: Mapped[int] = mapped_column(cascade(REPOSITORY))
    language_id: Mapped[int] = mapped_column(cascade("github_activity_tracker_language.id"), index=True)
    line_count: Mapped[Zero]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
