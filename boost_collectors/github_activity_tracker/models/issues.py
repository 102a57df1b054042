"""Issues with their comments, labels and assignees."""

from __future__ import annotations

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigInt, BigIntPrimaryKey, PrefixIndex, Timestamp
from boost_collectors.core.database.columns import CreatedAt, EmptyText, UpdatedAt, cascade, varchar
from boost_collectors.github_activity_tracker.models.keys import ACCOUNT, ISSUE, REPOSITORY


class Issue(Base):
    """An issue; ``issue_id`` is GitHub's id, ``issue_number`` the number within the repository.

    ``updated_at`` is when the row or anything below it last changed here.
    """

    __tablename__ = "github_activity_tracker_issue"
    __table_args__ = (
        UniqueConstraint("issue_id"),
        UniqueConstraint("repo_id", "issue_number"),
        PrefixIndex("state"),
    )

    id: Mapped[BigIntPrimaryKey]
    repo_id: Mapped[int] = mapped_column(cascade(REPOSITORY))
    account_id: Mapped[int] = mapped_column(cascade(ACCOUNT), index=True)
    issue_number: Mapped[int] = mapped_column(index=True)
    issue_id: Mapped[BigInt]
    title: Mapped[str] = varchar(1024)
    body: Mapped[EmptyText]
    state: Mapped[str] = mapped_column(String(20), server_default="open", index=True)
    state_reason: Mapped[str] = varchar(20)
    issue_created_at: Mapped[Timestamp | None] = mapped_column(index=True)
    issue_updated_at: Mapped[Timestamp | None] = mapped_column(index=True)
    issue_closed_at: Mapped[Timestamp | None] = mapped_column(index=True)
    gone_at: Mapped[Timestamp | None]
    """When it was first found missing at GitHub; cleared if it returns."""
    gone_reason: Mapped[str] = varchar(20)
    """One of GoneReason; empty while it exists."""
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class IssueAssignee(Base):
    """Who an issue is assigned to."""

    __tablename__ = "github_activity_tracker_issue_assignees"
    __table_args__ = (UniqueConstraint("issue_id", "githubaccount_id"),)

    id: Mapped[BigIntPrimaryKey]
    issue_id: Mapped[int] = mapped_column(cascade(ISSUE))
    githubaccount_id: Mapped[int] = mapped_column(cascade(ACCOUNT), index=True)


class IssueComment(Base):
    """A comment on an issue."""

    __tablename__ = "github_activity_tracker_issuecomment"
    __table_args__ = (UniqueConstraint("issue_comment_id"),)

    id: Mapped[BigIntPrimaryKey]
    issue_id: Mapped[int] = mapped_column(cascade(ISSUE), index=True)
    account_id: Mapped[int] = mapped_column(cascade(ACCOUNT), index=True)
    issue_comment_id: Mapped[BigInt]
    body: Mapped[EmptyText]
    issue_comment_created_at: Mapped[Timestamp | None]
    issue_comment_updated_at: Mapped[Timestamp | None]
    gone_at: Mapped[Timestamp | None]
    """When it was first found missing at GitHub; cleared if it returns."""


class IssueLabel(Base):
    """A label on an issue."""

    __tablename__ = "github_activity_tracker_issuelabel"
    __table_args__ = (UniqueConstraint("issue_id", "label_name"), PrefixIndex("label_name"))

    id: Mapped[BigIntPrimaryKey]
    issue_id: Mapped[int] = mapped_column(cascade(ISSUE))
    label_name: Mapped[str] = mapped_column(String(255), index=True)
    created_at: Mapped[CreatedAt]
