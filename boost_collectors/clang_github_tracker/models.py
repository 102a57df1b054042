"""What the Clang tracker has seen of the LLVM project. The items themselves are in the GitHub activity store."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigIntPrimaryKey, PrefixIndex, Timestamp
from boost_collectors.core.database.columns import CreatedAt, Switch, UpdatedAt


class ClangIssueItem(Base):
    """An issue or pull request, by number. ``updated_at`` moves on every change, for the vector index."""

    __tablename__ = "clang_github_tracker_issue_item"
    __table_args__ = (UniqueConstraint("number"), CheckConstraint("number >= 0", name="number"))

    id: Mapped[BigIntPrimaryKey]
    number: Mapped[int]
    is_pull_request: Mapped[Switch]
    github_created_at: Mapped[Timestamp | None]
    github_updated_at: Mapped[Timestamp | None] = mapped_column(index=True)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[Timestamp] = mapped_column(server_default=func.now(), onupdate=func.now(), index=True)


class ClangCommit(Base):
    """A commit, by its lower-case hash."""

    __tablename__ = "clang_github_tracker_commit"
    __table_args__ = (UniqueConstraint("sha"), PrefixIndex("sha"))

    id: Mapped[BigIntPrimaryKey]
    sha: Mapped[str] = mapped_column(String(40))
    github_committed_at: Mapped[Timestamp | None] = mapped_column(index=True)
    """The author's date, else the committer's: what the earlier system kept under this name."""
    committed_at: Mapped[Timestamp | None] = mapped_column(index=True)
    """The committer's date: what a window bounds. Null on rows of the earlier system that git was not asked for."""
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
