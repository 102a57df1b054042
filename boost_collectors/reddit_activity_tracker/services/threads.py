"""Submissions with all their comments, as the vector index needs them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session

from boost_collectors.core.database.arrays import among
from boost_collectors.cppa_user_tracker.models import RedditUser
from boost_collectors.reddit_activity_tracker.models import RedditComment, RedditSubmission

_SUBMISSIONS: Any = RedditSubmission.__table__
_COMMENTS: Any = RedditComment.__table__
_USERS: Any = RedditUser.__table__


@dataclass(frozen=True, slots=True)
class ThreadComment:
    """A comment; ``parent`` is the full name of what it answers. ``user`` is empty when nobody is known."""

    fullname: str
    parent: str
    text: str
    is_gone: bool
    user: str


@dataclass(frozen=True, slots=True)
class Thread:
    """A submission with its comments, oldest first. ``written_at``: seconds since 1970."""

    comments: Sequence[ThreadComment]
    row: int
    fullname: str
    subreddit: str
    title: str
    text: str
    permalink: str
    written_at: int
    is_gone: bool
    user: str


def find_threads(
    session: Session, *, since: datetime | None, named: Collection[str], after: int, limit: int
) -> list[Thread]:
    """Submissions that changed after ``since`` (None: all), or with a comment that did, and the ``named`` ones.

    In the order of their rows, after the row ``after``, with all comments; what is gone is included. Two statements.
    """
    submission = _SUBMISSIONS.c
    query = (
        select(
            *(submission[name] for name in ("id", "reddit_submission_id", "subreddit", "title", "selftext")),
            *(submission.permalink, submission.created_utc, submission.gone_at.is_not(None)),
            func.coalesce(_USERS.c.username, ""),
        )
        .outerjoin(_USERS, _USERS.c.baseprofile_ptr_id == submission.reddit_user_id)
        .where(_wanted(since, named), submission.id > after)
        .order_by(submission.id)
    )
    found = session.execute(query.limit(limit)).all()
    comments = _comments(session, [row[0] for row in found])
    return [Thread(comments[row[0]], *tuple(row)) for row in found]


def _wanted(since: datetime | None, named: Collection[str]) -> ColumnElement[bool]:
    if since is None:
        return true()
    submission, comment = _SUBMISSIONS.c, _COMMENTS.c
    commented = select(comment.submission_id).where(comment.updated_at > since)
    return or_(
        submission.updated_at > since, submission.id.in_(commented), among(submission.reddit_submission_id, named)
    )


def _comments(session: Session, submissions: Sequence[int]) -> defaultdict[int, list[ThreadComment]]:
    comment = _COMMENTS.c
    query = (
        select(
            *(comment[name] for name in ("submission_id", "reddit_comment_id", "parent_id", "body")),
            comment.gone_at.is_not(None),
            func.coalesce(_USERS.c.username, ""),
        )
        .outerjoin(_USERS, _USERS.c.baseprofile_ptr_id == comment.reddit_user_id)
        .where(among(comment.submission_id, submissions))
        .order_by(comment.created_utc, comment.id)
    )
    found: defaultdict[int, list[ThreadComment]] = defaultdict(list)
    for row in session.execute(query):
        found[row[0]].append(ThreadComment(*tuple(row)[1:]))
    return found
