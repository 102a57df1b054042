"""What GitHub has against what is stored."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigIntPrimaryKey, Timestamp
from boost_collectors.core.database.columns import cascade
from boost_collectors.github_activity_tracker.models.keys import REPOSITORY


class CountedKind(StrEnum):
    """What is counted of a repository."""

    COMMITS = "commits"
    ISSUES = "issues"
    PULL_REQUESTS = "pull_requests"
    ISSUE_COMMENTS = "issue_comments"
    PR_COMMENTS = "pr_comments"
    REVIEW_COMMENTS = "review_comments"
    REVIEWS = "reviews"


class Completeness(Base):
    """How many of a kind a repository has at the source and here, when last compared.

    ``since`` and ``until`` bound what the window of a run is about: the committer's date of commits, the last update of
    issues and pull requests, when a comment or review was written. They are null when open; ``until`` does not belong
    to it.
    """

    __tablename__ = "github_activity_tracker_completeness"
    __table_args__ = (
        UniqueConstraint("repo_id", "kind", "since", "until", postgresql_nulls_not_distinct=True),
        CheckConstraint("source_count >= 0 AND stored_count >= 0", name="counts"),
    )

    id: Mapped[BigIntPrimaryKey]
    repo_id: Mapped[int] = mapped_column(cascade(REPOSITORY))
    kind: Mapped[str] = mapped_column(String(30))
    """One of CountedKind."""
    since: Mapped[Timestamp | None]
    until: Mapped[Timestamp | None]
    source_count: Mapped[int]
    stored_count: Mapped[int]
    """Rows that are not marked as gone."""
    checked_at: Mapped[Timestamp]
