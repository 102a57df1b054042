"""What is stored of a repository's items, as far as it tells whether GitHub has something else."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Select, any_, cast, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from boost_collectors.github_activity_tracker.models import (
    Issue,
    IssueComment,
    PullRequest,
    PullRequestComment,
    PullRequestReview,
    PullRequestThread,
    PullRequestVerdict,
)
from boost_collectors.github_activity_tracker.records import Stamp

Kind = Literal["issues", "pulls"]


def stored_stamps(session: Session, repo_id: int, kind: Kind) -> dict[int, Stamp]:
    """The items of a repository that are not gone, by number, with how many comments, reviews and threads each has."""
    query = _issue_stamps(repo_id) if kind == "issues" else _pull_stamps(repo_id)
    return {row[0]: Stamp(*row) for row in session.execute(query)}


def stored_count(session: Session, repo_id: int, kind: Kind) -> int:
    """How many items of a repository are not gone."""
    model = Issue if kind == "issues" else PullRequest
    query = select(func.count()).select_from(model).where(model.repo_id == repo_id, model.gone_at.is_(None))
    return session.scalar(query) or 0


def comment_times(session: Session, ids: Collection[int]) -> dict[int, datetime | None]:
    """When the stored ones among these comments were edited last, by GitHub's id; those that are gone are left out."""
    found: dict[int, datetime | None] = {}
    for model, key, updated in (
        (IssueComment, IssueComment.issue_comment_id, IssueComment.issue_comment_updated_at),
        (PullRequestComment, PullRequestComment.pr_comment_id, PullRequestComment.pr_comment_updated_at),
    ):
        found |= _times(session, select(key, updated).where(_among(key, ids), model.gone_at.is_(None)))
    return found


def review_comment_times(session: Session, ids: Collection[int]) -> dict[int, datetime | None]:
    """The same of review comments."""
    key, updated = PullRequestReview.pr_review_id, PullRequestReview.pr_review_updated_at
    return _times(session, select(key, updated).where(_among(key, ids), PullRequestReview.gone_at.is_(None)))


def review_comment_places(session: Session, repo_id: int) -> dict[int, int]:
    """The number of the pull request of every review comment of a repository, by GitHub's id; without what is gone."""
    query = (
        select(PullRequestReview.pr_review_id, PullRequest.pr_number)
        .join(PullRequest, PullRequest.id == PullRequestReview.pr_id)
        .where(PullRequest.repo_id == repo_id, PullRequest.gone_at.is_(None), PullRequestReview.gone_at.is_(None))
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _times(session: Session, query: Select[int, datetime | None]) -> dict[int, datetime | None]:
    return {row[0]: row[1] for row in session.execute(query)}


def _among(key: InstrumentedAttribute[int], ids: Collection[int]) -> ColumnElement[bool]:
    given = cast(literal(list(ids), ARRAY(BigInteger)), ARRAY(BigInteger))
    return key == any_(given)


def _issue_stamps(repo_id: int) -> Select[Any]:
    comments = _below(IssueComment, IssueComment.issue_id == Issue.id)
    columns = (Issue.issue_number, Issue.issue_id, Issue.issue_updated_at, comments)
    return select(*columns).where(Issue.repo_id == repo_id, Issue.gone_at.is_(None))


def _pull_stamps(repo_id: int) -> Select[Any]:
    comments = _below(PullRequestComment, PullRequestComment.pr_id == PullRequest.id)
    reviews = _below(PullRequestVerdict, PullRequestVerdict.pr_id == PullRequest.id)
    threads = _below(PullRequestThread, PullRequestThread.pr_id == PullRequest.id)
    columns = (PullRequest.pr_number, PullRequest.pr_id, PullRequest.pr_updated_at, comments, reviews, threads)
    return select(*columns).where(PullRequest.repo_id == repo_id, PullRequest.gone_at.is_(None))


def _below(model: Any, belongs: ColumnElement[bool]) -> Any:
    return select(func.count()).where(belongs, model.gone_at.is_(None)).correlate_except(model).scalar_subquery()
