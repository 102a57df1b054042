"""Which submissions have more comments than are stored."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session

from boost_collectors.core.database.bulk import merge
from boost_collectors.reddit_activity_tracker.models import RedditComment, RedditSubmission, RedditTree

_SUBMISSIONS: Any = RedditSubmission.__table__
_COMMENTS: Any = RedditComment.__table__
_TREES: Any = RedditTree.__table__


@dataclass(frozen=True, slots=True)
class DueTree:
    """A submission whose tree is to be read. ``text`` is where keywords are looked for."""

    fullname: str
    text: str


def due_trees(session: Session, subreddit: str, since: int | None = None, until: int | None = None) -> list[DueTree]:
    """Submissions of a subreddit with comments that are not stored and that their tree may show, youngest first.

    Only those written in [since, until), seconds since 1970.
    """
    submission, tree = _SUBMISSIONS.c, _TREES.c
    unread = submission.num_comments - _stored_comments() - func.coalesce(tree.missing, 0)
    query = (
        select(submission.reddit_submission_id, submission.title, submission.selftext)
        .outerjoin(_TREES, tree.submission_id == submission.id)
        .where(func.lower(submission.subreddit) == subreddit.lower(), submission.num_comments > 0, unread > 0)
        .order_by(submission.created_utc.desc(), submission.id)
    )
    if since is not None:
        query = query.where(submission.created_utc >= since)
    if until is not None:
        query = query.where(submission.created_utc < until)
    return [DueTree(row[0], f"{row[1]}\n{row[2]}") for row in session.execute(query)]


def note_tree(session: Session, fullname: str) -> None:
    """Remember that all of a submission's tree is stored: what is still missing is not to be had."""
    submission = _SUBMISSIONS.c
    missing = cast(func.greatest(submission.num_comments - _stored_comments(), 0), Integer()).label("missing")
    rows = select(submission.id.label("submission_id"), missing).where(submission.reddit_submission_id == fullname)
    merge(session, RedditTree, rows, key=["submission_id"], touch={"updated_at": func.now()})


def unseen_comments(session: Session, fullname: str, seen: Collection[str]) -> list[str]:
    """The stored comments of a submission that are not among ``seen`` and not known to be gone."""
    comment = _COMMENTS.c
    query = (
        select(comment.reddit_comment_id)
        .join(_SUBMISSIONS, _SUBMISSIONS.c.id == comment.submission_id)
        .where(_SUBMISSIONS.c.reddit_submission_id == fullname, comment.gone_at.is_(None))
        .order_by(comment.id)
    )
    return [name for name in session.scalars(query) if name not in seen]


def _stored_comments() -> Any:
    """How many comments of a submission are stored, as part of a query."""
    comment = _COMMENTS.c
    return (
        select(func.count())
        .select_from(_COMMENTS)
        .where(comment.submission_id == _SUBMISSIONS.c.id)
        .correlate(_SUBMISSIONS)
        .scalar_subquery()
    )
