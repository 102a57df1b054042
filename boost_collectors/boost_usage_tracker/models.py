"""Repositories outside Boost that use it, and which of their files include which header."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Index, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.boost_library_tracker.models import BoostFile
from boost_collectors.core.database.base import Base, BigIntPrimaryKey, Jsonb, PrefixIndex, Timestamp
from boost_collectors.core.database.columns import CreatedAt, Switch, UpdatedAt, Zero, cascade, varchar
from boost_collectors.github_activity_tracker.models import GithubFile, GithubRepository


class BoostExternalRepository(Base):
    """What we know of a repository's use of Boost: an extension of its row among all repositories.

    ``boost_version`` (``1.84.0``) is empty when unknown. Embedded: a copy of Boost is inside the repository. Used: the
    last complete search found a Boost include.
    """

    __tablename__ = "boost_usage_tracker_boostexternalrepository"
    __table_args__ = (PrefixIndex("boost_version"),)

    githubrepository_ptr_id: Mapped[int] = mapped_column(
        cascade(f"{GithubRepository.__tablename__}.id"), primary_key=True
    )
    boost_version: Mapped[str] = varchar(64, index=True)
    is_boost_embedded: Mapped[Switch]
    is_boost_used: Mapped[Switch]
    scanned_commit: Mapped[str] = varchar(64)
    """The commit that the stored usages are those of, all files of it; empty until one was scanned whole."""
    scanner: Mapped[Zero]
    """The version of the scanner that read it: what a newer one sees differently is read again."""
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class BoostUsage(Base):
    """A file includes a Boost header. Without a header the row is the file's placeholder for unknown headers.

    ``excepted_at`` is the day on which the include was first found gone.
    """

    __tablename__ = "boost_usage_tracker_boostusage"
    __table_args__ = (
        UniqueConstraint("repo_id", "boost_header_id", "file_path_id", name="boost_usage_tracker_usage_uniq"),
        Index(
            "boost_usage_tracker_usage_missing_header_uniq",
            "repo_id",
            "file_path_id",
            unique=True,
            postgresql_where=text("boost_header_id IS NULL"),
        ),
    )

    id: Mapped[BigIntPrimaryKey]
    repo_id: Mapped[int] = mapped_column(cascade(f"{BoostExternalRepository.__tablename__}.githubrepository_ptr_id"))
    boost_header_id: Mapped[int | None] = mapped_column(
        cascade(f"{BoostFile.__tablename__}.github_file_id"), index=True
    )
    file_path_id: Mapped[int] = mapped_column(cascade(f"{GithubFile.__tablename__}.id"), index=True)
    last_commit_date: Mapped[Timestamp | None] = mapped_column(index=True)
    excepted_at: Mapped[date | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class BoostMissingHeaderTmp(Base):
    """An included header that no Boost library is known to have, on its file's placeholder usage."""

    __tablename__ = "boost_usage_tracker_boostmissingheadertmp"
    __table_args__ = (
        UniqueConstraint("usage_id", "header_name", name="boost_usage_tracker_missing_header_tmp_uniq"),
        Index("boost_missing_tmp_usage_id", "usage_id"),
        PrefixIndex("header_name"),
    )

    id: Mapped[BigIntPrimaryKey]
    usage_id: Mapped[int] = mapped_column(cascade(f"{BoostUsage.__tablename__}.id"))
    header_name: Mapped[str] = mapped_column(String(512), index=True)
    created_at: Mapped[CreatedAt]


class BoostDeclaration(Base):
    """A build file or package manifest asks for Boost (``component`` boost) or one of its libraries.

    ``kind`` is cmake, conan, vcpkg, bazel, meson, b2 or submodule. ``excepted_at`` is as that of BoostUsage.
    """

    __tablename__ = "boost_usage_tracker_boostdeclaration"
    __table_args__ = (UniqueConstraint("repo_id", "file_path_id", "component"),)

    id: Mapped[BigIntPrimaryKey]
    repo_id: Mapped[int] = mapped_column(cascade(f"{BoostExternalRepository.__tablename__}.githubrepository_ptr_id"))
    file_path_id: Mapped[int] = mapped_column(cascade(f"{GithubFile.__tablename__}.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    component: Mapped[str] = mapped_column(String(100))
    version: Mapped[str] = varchar(64)
    excepted_at: Mapped[date | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class ScanCandidate(Base):
    """A repository that a search found and that waits to be scanned; its row goes with the rows of its scan."""

    __tablename__ = "boost_usage_tracker_scancandidate"

    github_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    full_name: Mapped[str] = mapped_column(String(300), index=True)
    state: Mapped[Jsonb]
    """What the search said of it."""
    hinted: Mapped[bool | None]
    """Whether GitHub's code search knows an include of Boost in it; null when it was not asked."""
    found_at: Mapped[Timestamp] = mapped_column(server_default=func.now())
