"""Pull requests with their comments, reviews, labels and assignees."""

from __future__ import annotations

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigInt, BigIntPrimaryKey, PrefixIndex, Timestamp
from boost_collectors.core.database.columns import CreatedAt, EmptyText, Switch, UpdatedAt, cascade, set_null, varchar
from boost_collectors.github_activity_tracker.models.keys import ACCOUNT, PULL_REQUEST, REPOSITORY


class PullRequest(Base):
    """A pull request; ``pr_id`` is GitHub's id, ``pr_number`` the number within the repository.

    ``state`` is open, closed or merged. ``updated_at`` is when the row or anything below it last changed here.
    """

    __tablename__ = "github_activity_tracker_pullrequest"
    __table_args__ = (
        UniqueConstraint("pr_id"),
        UniqueConstraint("repo_id", "pr_number"),
        PrefixIndex("state"),
        PrefixIndex("head_hash"),
        PrefixIndex("base_hash"),
    )

    id: Mapped[BigIntPrimaryKey]
    repo_id: Mapped[int] = mapped_column(cascade(REPOSITORY))
    account_id: Mapped[int] = mapped_column(cascade(ACCOUNT), index=True)
    pr_number: Mapped[int] = mapped_column(index=True)
    pr_id: Mapped[BigInt]
    title: Mapped[str] = varchar(1024)
    body: Mapped[EmptyText]
    state: Mapped[str] = mapped_column(String(20), server_default="open", index=True)
    head_hash: Mapped[str] = varchar(64, index=True)
    base_hash: Mapped[str] = varchar(64, index=True)
    pr_created_at: Mapped[Timestamp | None] = mapped_column(index=True)
    pr_updated_at: Mapped[Timestamp | None] = mapped_column(index=True)
    pr_merged_at: Mapped[Timestamp | None] = mapped_column(index=True)
    pr_closed_at: Mapped[Timestamp | None] = mapped_column(index=True)
    is_draft: Mapped[Switch]
    gone_at: Mapped[Timestamp | None]
    """When it was first found missing at GitHub; cleared if it returns."""
    gone_reason: Mapped[str] = varchar(20)
    """One of GoneReason; empty while it exists."""
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class PullRequestAssignee(Base):
    """Who a pull request is assigned to."""

    __tablename__ = "github_activity_tracker_pullrequest_assignees"
    __table_args__ = (UniqueConstraint("pullrequest_id", "githubaccount_id"),)

    id: Mapped[BigIntPrimaryKey]
    pullrequest_id: Mapped[int] = mapped_column(cascade(PULL_REQUEST))
    githubaccount_id: Mapped[int] = mapped_column(cascade(ACCOUNT), index=True)


class PullRequestReview(Base):
    """A comment on a line of the change. Verdicts of reviews are in PullRequestVerdict."""

    __tablename__ = "github_activity_tracker_pullrequestreview"
    __table_args__ = (UniqueConstraint("pr_review_id"),)

    id: Mapped[BigIntPrimaryKey]
    pr_id: Mapped[int] = mapped_column(cascade(PULL_REQUEST), index=True)
    account_id: Mapped[int] = mapped_column(cascade(ACCOUNT), index=True)
    pr_review_id: Mapped[BigInt]
    body: Mapped[EmptyText]
    in_reply_to_id: Mapped[BigInt | None]
    pr_review_created_at: Mapped[Timestamp | None] = mapped_column(index=True)
    pr_review_updated_at: Mapped[Timestamp | None] = mapped_column(index=True)
    review_id: Mapped[BigInt | None]
    """GitHub's id of the review it was part of: ``PullRequestVerdict.review_id``."""
    thread_id: Mapped[str] = varchar(100, index=True)
    """The thread it stands in: ``PullRequestThread.thread_id``; empty when unknown."""
    path: Mapped[EmptyText]
    line: Mapped[int | None]
    """The line it is on now; null when the change no longer has it."""
    original_line: Mapped[int | None]
    diff_hunk: Mapped[EmptyText]
    commit_hash: Mapped[str] = varchar(64)
    gone_at: Mapped[Timestamp | None]
    """When it was first found missing at GitHub; cleared if it returns."""


class PullRequestVerdict(Base):
    """A review of a pull request with its verdict; ``review_id`` is GitHub's id."""

    __tablename__ = "github_activity_tracker_pullrequestverdict"
    __table_args__ = (UniqueConstraint("review_id"),)

    id: Mapped[BigIntPrimaryKey]
    pr_id: Mapped[int] = mapped_column(cascade(PULL_REQUEST), index=True)
    account_id: Mapped[int] = mapped_column(cascade(ACCOUNT), index=True)
    review_id: Mapped[BigInt]
    state: Mapped[str] = mapped_column(String(20), index=True)
    """APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED or PENDING."""
    body: Mapped[EmptyText]
    commit_hash: Mapped[str] = varchar(64)
    """The head that was reviewed."""
    submitted_at: Mapped[Timestamp | None] = mapped_column(index=True)
    review_updated_at: Mapped[Timestamp | None]
    gone_at: Mapped[Timestamp | None]
    """When it was first found missing at GitHub; cleared if it returns."""
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class PullRequestThread(Base):
    """A conversation on a line of the change; its comments name it by ``thread_id``, GitHub's node id."""

    __tablename__ = "github_activity_tracker_pullrequestthread"
    __table_args__ = (UniqueConstraint("thread_id"),)

    id: Mapped[BigIntPrimaryKey]
    pr_id: Mapped[int] = mapped_column(cascade(PULL_REQUEST), index=True)
    thread_id: Mapped[str] = mapped_column(String(100))
    path: Mapped[EmptyText]
    line: Mapped[int | None]
    is_resolved: Mapped[Switch]
    is_outdated: Mapped[Switch]
    resolved_by_id: Mapped[int | None] = mapped_column(set_null(ACCOUNT), index=True)
    gone_at: Mapped[Timestamp | None]
    """When it was first found missing at GitHub; cleared if it returns."""
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class PullRequestComment(Base):
    """A comment in the conversation of a pull request."""

    __tablename__ = "github_activity_tracker_pullrequestcomment"
    __table_args__ = (UniqueConstraint("pr_comment_id"),)

    id: Mapped[BigIntPrimaryKey]
    pr_id: Mapped[int] = mapped_column(cascade(PULL_REQUEST), index=True)
    account_id: Mapped[int] = mapped_column(cascade(ACCOUNT), index=True)
    pr_comment_id: Mapped[BigInt]
    body: Mapped[EmptyText]
    pr_comment_created_at: Mapped[Timestamp | None] = mapped_column(index=True)
    pr_comment_updated_at: Mapped[Timestamp | None] = mapped_column(index=True)
    gone_at: Mapped[Timestamp | None]
    """When it was first found missing at GitHub; cleared if it returns."""


class PullRequestLabel(Base):
    """A label on a pull request."""

    __tablename__ = "github_activity_tracker_pullrequestlabel"
    __table_args__ = (UniqueConstraint("pr_id", "label_name"), PrefixIndex("label_name"))

    id: Mapped[BigIntPrimaryKey]
    pr_id: Mapped[int] = mapped_column(cascade(PULL_REQUEST))
    label_name: Mapped[str] = mapped_column(String(255), index=True)
    created_at: Mapped[CreatedAt]
