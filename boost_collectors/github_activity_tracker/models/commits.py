"""Commits, files and refs, as git shows them."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Index, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigIntPrimaryKey, PrefixIndex, Timestamp
from boost_collectors.core.database.columns import CreatedAt, EmptyText, Switch, Zero, cascade, set_null
from boost_collectors.github_activity_tracker.models.keys import ACCOUNT, REPOSITORY


class FileChangeStatus(StrEnum):
    """What a commit did to a file."""

    ADDED = "added"
    MODIFIED = "modified"
    REMOVED = "removed"
    RENAMED = "renamed"
    COPIED = "copied"
    CHANGED = "changed"


class GitRef(Base):
    """Where a branch or tag of a repository stood when it was last read: the git reader's checkpoint.

    Commits reachable from ``tip`` are stored; the next run reads what the new tip adds. Written in the transaction
    that stores those commits.
    """

    __tablename__ = "github_activity_tracker_gitref"
    __table_args__ = (UniqueConstraint("repo_id", "ref_name"),)

    id: Mapped[BigIntPrimaryKey]
    repo_id: Mapped[int] = mapped_column(cascade(REPOSITORY))
    ref_name: Mapped[str]
    """The full name: ``refs/heads/develop``, ``refs/tags/boost-1.90.0``."""
    tip: Mapped[str] = mapped_column(String(64))
    """The commit that the ref named (tags peeled)."""
    seen_at: Mapped[Timestamp]
    """When the ref was first seen at this tip; a quiet run does not move it."""
    gone_at: Mapped[Timestamp | None]
    """When the remote was first seen without it; null while it exists."""


class GitForcePush(Base):
    """A rewrite of history: a ref whose new tip does not contain its old one. Kept for ever."""

    __tablename__ = "github_activity_tracker_gitforcepush"
    __table_args__ = (UniqueConstraint("repo_id", "ref_name", "old_tip", "new_tip"),)

    id: Mapped[BigIntPrimaryKey]
    repo_id: Mapped[int] = mapped_column(cascade(REPOSITORY))
    ref_name: Mapped[str]
    old_tip: Mapped[str] = mapped_column(String(64))
    new_tip: Mapped[str] = mapped_column(String(64))
    seen_at: Mapped[Timestamp]
    """When the rewrite was first seen."""


class GitCommit(Base):
    """A commit of a repository, by its author.

    Ranges over ``commit_at`` answer when a change was written; ``committed_at`` is the order in which history grew
    (a rebased commit keeps the first and gets a new second).
    """

    __tablename__ = "github_activity_tracker_gitcommit"
    __table_args__ = (
        UniqueConstraint("repo_id", "commit_hash"),
        PrefixIndex("commit_hash"),
        Index("ix_github_activity_tracker_gitcommit_author_email_lower", func.lower(text("author_email"))),
    )

    id: Mapped[BigIntPrimaryKey]
    repo_id: Mapped[int] = mapped_column(cascade(REPOSITORY))
    account_id: Mapped[int] = mapped_column(cascade(ACCOUNT), index=True)
    author_email: Mapped[str | None] = mapped_column(String(255))
    """The address that the commit names its author by; null on rows of the earlier system until read again."""
    commit_hash: Mapped[str] = mapped_column(String(64), index=True)
    comment: Mapped[EmptyText]
    """The whole commit message."""
    commit_at: Mapped[Timestamp] = mapped_column(server_default=func.now(), index=True)
    """The author's date."""
    committed_at: Mapped[Timestamp | None] = mapped_column(index=True)
    """The committer's date; null on rows of the earlier system until the commit is read again."""
    gone_at: Mapped[Timestamp | None]
    """When a rewrite first left the commit without any ref; cleared if a ref reaches it again."""


class CommitAuthor(Base):
    """What GitHub answered when asked whose account an address belongs to, so that it is asked once.

    ``account_id`` is null when GitHub knows no account for the address.
    """

    __tablename__ = "github_activity_tracker_commitauthor"
    __table_args__ = (UniqueConstraint("email"),)

    id: Mapped[BigIntPrimaryKey]
    email: Mapped[str] = mapped_column(String(255))
    """In lower case."""
    account_id: Mapped[int | None] = mapped_column(set_null(ACCOUNT), index=True)
    asked_at: Mapped[Timestamp]


class GithubFile(Base):
    """A path that a repository has or had. A rename makes a new row that points to the old one."""

    __tablename__ = "github_activity_tracker_githubfile"
    __table_args__ = (UniqueConstraint("repo_id", "filename"), PrefixIndex("filename"))

    id: Mapped[BigIntPrimaryKey]
    repo_id: Mapped[int] = mapped_column(cascade(REPOSITORY))
    filename: Mapped[str] = mapped_column(String(1024), index=True)
    is_deleted: Mapped[Switch]
    previous_filename_id: Mapped[int | None] = mapped_column(
        set_null("github_activity_tracker_githubfile.id"), index=True
    )
    created_at: Mapped[CreatedAt]


class GitCommitFileChange(Base):
    """What a commit did to a file."""

    __tablename__ = "github_activity_tracker_gitcommitfilechange"
    __table_args__ = (UniqueConstraint("commit_id", "github_file_id"), PrefixIndex("status"))

    id: Mapped[BigIntPrimaryKey]
    commit_id: Mapped[int] = mapped_column(cascade("github_activity_tracker_gitcommit.id"))
    github_file_id: Mapped[int] = mapped_column(cascade("github_activity_tracker_githubfile.id"), index=True)
    status: Mapped[str] = mapped_column(String(20), index=True)
    """One of FileChangeStatus."""
    additions: Mapped[Zero]
    deletions: Mapped[Zero]
    patch: Mapped[EmptyText]
    created_at: Mapped[CreatedAt]
