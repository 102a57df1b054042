"""What is stored, as the collector asks for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from boost_collectors.core.database.arrays import among
from boost_collectors.cppa_user_tracker.models import RedditUser
from boost_collectors.reddit_activity_tracker.models import RedditComment, RedditSubmission
from boost_collectors.reddit_activity_tracker.records import SUBMISSION

_SUBMISSIONS: Any = RedditSubmission.__table__
_COMMENTS: Any = RedditComment.__table__
_USERS: Any = RedditUser.__table__


@dataclass(frozen=True, slots=True)
class Reread:
    """A thing to be read again, by row and full name."""

    row: int
    fullname: str


@dataclass(frozen=True, slots=True)
class SavedThing:
    """A row as it is stored. ``submission`` is empty for a submission; ``user`` is the author's name, if any."""

    row: RedditSubmission | RedditComment
    user: str | None
    submission: str = ""


@dataclass(frozen=True, slots=True)
class SavedUser:
    """A user as stored."""

    reddit_user_id: str | None
    username: str
    display_name: str
    created_at: datetime
    updated_at: datetime


def stored_submissions(session: Session, fullnames: Collection[str]) -> dict[str, str]:
    """Those of the submissions that are stored, with the text in which keywords are looked for."""
    submission = _SUBMISSIONS.c
    query = select(submission.reddit_submission_id, submission.title, submission.selftext)
    rows = session.execute(query.where(among(submission.reddit_submission_id, fullnames)))
    return {row[0]: f"{row[1]}\n{row[2]}" for row in rows}


def stored_names(session: Session, fullnames: Collection[str]) -> set[str]:
    """Those of the submissions that are stored."""
    name = _SUBMISSIONS.c.reddit_submission_id
    return set(session.scalars(select(name).where(among(name, fullnames))))


def stubs(session: Session, subreddit: str, limit: int) -> list[str]:
    """Submissions of a subreddit of which nothing is known but that they exist."""
    submission = _SUBMISSIONS.c
    query = (
        select(submission.reddit_submission_id)
        .where(submission.title == "", submission.gone_at.is_(None))
        .where(func.lower(submission.subreddit) == subreddit.lower())
        .order_by(submission.id)
    )
    return list(session.scalars(query.limit(limit)))


def things_to_reread(
    session: Session, subreddit: str, kind: str, *, since: int, after: int, limit: int, until: int | None = None
) -> Sequence[Reread]:
    """Things of a subreddit written in [since, until), seconds since 1970, in the order of their rows.

    ``after`` is the last row that has been read again.
    """
    is_submission = kind == SUBMISSION
    table = _SUBMISSIONS if is_submission else _COMMENTS
    key = table.c.reddit_submission_id if is_submission else table.c.reddit_comment_id
    query = select(table.c.id, key)
    if not is_submission:
        query = query.join(_SUBMISSIONS, _SUBMISSIONS.c.id == _COMMENTS.c.submission_id)
    query = query.where(func.lower(_SUBMISSIONS.c.subreddit) == subreddit.lower(), table.c.created_utc >= since)
    if until is not None:
        query = query.where(table.c.created_utc < until)
    rows = session.execute(query.where(table.c.id > after).order_by(table.c.id).limit(limit))
    return [Reread(*row) for row in rows]


def changed_things(session: Session, fullnames: Collection[str]) -> list[SavedThing]:
    """Those of the things that this very transaction has written."""
    return [*_changed_submissions(session, fullnames), *_changed_comments(session, fullnames)]


def _changed_submissions(session: Session, fullnames: Collection[str]) -> list[SavedThing]:
    query = (
        select(RedditSubmission, _USERS.c.username)
        .outerjoin(_USERS, _USERS.c.baseprofile_ptr_id == RedditSubmission.reddit_user_id)
        .where(among(_SUBMISSIONS.c.reddit_submission_id, fullnames), RedditSubmission.fetched_at == func.now())
        .execution_options(populate_existing=True)
    )
    return [SavedThing(row, user) for row, user in session.execute(query)]


def _changed_comments(session: Session, fullnames: Collection[str]) -> list[SavedThing]:
    query = (
        select(RedditComment, _USERS.c.username, _SUBMISSIONS.c.reddit_submission_id)
        .join(_SUBMISSIONS, _SUBMISSIONS.c.id == RedditComment.submission_id)
        .outerjoin(_USERS, _USERS.c.baseprofile_ptr_id == RedditComment.reddit_user_id)
        .where(among(_COMMENTS.c.reddit_comment_id, fullnames), RedditComment.fetched_at == func.now())
        .execution_options(populate_existing=True)
    )
    return [SavedThing(*row) for row in session.execute(query)]


def users_named(session: Session, usernames: Collection[str]) -> list[SavedUser]:
    """The users with these names, spelled so."""
    user = _USERS.c
    columns = (user.reddit_user_id, user.username, user.display_name, user.created_at, user.updated_at)
    return [SavedUser(*row) for row in session.execute(select(*columns).where(among(user.username, usernames)))]
