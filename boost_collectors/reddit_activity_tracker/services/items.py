"""Submissions and comments with their authors, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    Table,
    and_,
    case,
    cast,
    func,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from boost_collectors.core.database.arrays import among
from boost_collectors.core.database.bulk import MergeResult, Staging, merge, stage
from boost_collectors.core.database.isolation import store_isolated
from boost_collectors.cppa_user_tracker.services import SeenRedditUser, ensure_reddit_users
from boost_collectors.reddit_activity_tracker.models import RedditComment, RedditSubmission
from boost_collectors.reddit_activity_tracker.records import MISSING, SITE, CommentRecord, Record, SubmissionRecord

_SUBMISSIONS: Any = RedditSubmission.__table__
_COMMENTS: Any = RedditComment.__table__
_SUBMISSION_KEY, _COMMENT_KEY = "reddit_submission_id", "reddit_comment_id"
_SUBMISSION_COLUMNS = (
    *(_SUBMISSION_KEY, "subreddit", "reddit_user_id", "title", "selftext", "selftext_html", "url", "permalink"),
    *("score", "num_comments", "created_utc", "edited_at", "gone_reason"),
)
_COMMENT_COLUMNS = (
    *(_COMMENT_KEY, "submission_id", "parent_id", "reddit_user_id", "body", "url", "score", "created_utc"),
    *("edited_at", "gone_reason"),
)
# What a thing that is gone says in their place is not worth losing what it said before.
_LOST = frozenset({"reddit_user_id", "title", "selftext", "selftext_html", "body", "url", "edited_at"})
_TOUCH: Mapping[str, ColumnElement[Any]] = {"fetched_at": func.now(), "updated_at": func.now()}
_MOST_AUTHORS = 200_000

Refused = tuple[Record, str]


@dataclass(frozen=True, slots=True)
class StoredThings:
    """What became of a page. Refused is what the database refuses, with the reason."""

    submissions: MergeResult = field(default_factory=MergeResult)
    comments: MergeResult = field(default_factory=MergeResult)
    refused: tuple[Refused, ...] = ()


@dataclass(slots=True)
class Authors:
    """Profile ids of authors that were met lately, so that a long read looks each up once.

    ``given``: authors with what was found out about them since, by name. Only for the transactions of one read: when
    one of them is rolled back, what it taught is wrong.
    """

    given: dict[str, SeenRedditUser] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)

    def resolve(self, session: Session, records: Iterable[Record]) -> dict[str, int]:
        """The profile id of every author by name; those not known yet are made. Nobodies are left out."""
        seen = {record.author.username: record.author for record in records if record.author}
        new = [self.given.get(name, author) for name, author in seen.items() if name not in self.known]
        found = ensure_reddit_users(session, new) if new else {}
        return {name: self.known[name] for name in seen if name in self.known} | found

    def learn(self, ids: Mapping[str, int]) -> None:
        """Remember what a transaction part that cannot be undone any more has found."""
        if len(self.known) > _MOST_AUTHORS:
            self.known.clear()
        self.known.update(ids)


def store_things(
    session: Session, records: Sequence[Record], *, authors: Authors | None = None, archived: bool = False
) -> StoredThings:
    """Insert or update submissions and comments with their authors, in about twenty statements however many they are.

    A thing that is gone keeps the text and the author it had. With ``archived`` the records come from an archive: what
    is stored stays as it is, save submissions of which nothing was known.
    """
    authors = authors or Authors()
    submissions = [record for record in records if isinstance(record, SubmissionRecord)]
    comments = [record for record in records if isinstance(record, CommentRecord)]
    first, bad_first = store_isolated(
        session, submissions, lambda part: _store_submissions(session, part, authors, archived=archived)
    )
    _teach(authors, first)
    second, bad_second = store_isolated(
        session, comments, lambda part: _store_comments(session, part, authors, archived=archived)
    )
    _teach(authors, second)
    return StoredThings(_sum(first), _sum(second), (*bad_first, *bad_second))


def mark_missing(session: Session, fullnames: Sequence[str]) -> int:
    """Mark things that an answer should have held and does not. Returns how many were not marked before."""
    return sum(_mark(session, table, key, fullnames) for table, key in _TABLES)


_TABLES = ((_SUBMISSIONS, _SUBMISSION_KEY), (_COMMENTS, _COMMENT_KEY))
_Stored = tuple[MergeResult, dict[str, int]]


def _mark(session: Session, table: Table, key: str, fullnames: Sequence[str]) -> int:
    statement = (
        update(table)
        .where(among(table.c[key], fullnames), table.c.gone_at.is_(None))
        .values(gone_at=func.now(), gone_reason=MISSING, **_TOUCH)
    )
    return len(session.execute(statement.returning(table.c.id)).all())


def _teach(authors: Authors, stored: Sequence[_Stored]) -> None:
    for _, ids in stored:
        authors.learn(ids)


def _sum(stored: Sequence[_Stored]) -> MergeResult:
    return sum((merged for merged, _ in stored), MergeResult())


def _store_submissions(
    session: Session, records: Sequence[SubmissionRecord], authors: Authors, *, archived: bool
) -> _Stored:
    if not records:
        return MergeResult(), {}
    ids = authors.resolve(session, records)
    rows = (_submission_row(record, ids) for record in records)
    return _merged(session, _SUBMISSIONS, _SUBMISSION_KEY, _SUBMISSION_COLUMNS, rows, archived=archived), ids


def _store_comments(session: Session, records: Sequence[CommentRecord], authors: Authors, *, archived: bool) -> _Stored:
    if not records:
        return MergeResult(), {}
    ids = authors.resolve(session, records)
    parents = _submission_rows(session, {record.submission for record in records})
    rows = [_comment_row(record, ids, parents) for record in records]
    return _merged(session, _COMMENTS, _COMMENT_KEY, _COMMENT_COLUMNS, rows, archived=archived), ids


def _submission_rows(session: Session, fullnames: set[str]) -> dict[str, tuple[int, str]]:
    """Row id and permalink by full name."""
    columns = _SUBMISSIONS.c
    query = select(columns.reddit_submission_id, columns.id, columns.permalink)
    rows = session.execute(query.where(among(columns.reddit_submission_id, fullnames)))
    return {row[0]: (row[1], row[2]) for row in rows}


def _merged(
    session: Session, table: Table, key: str, names: Sequence[str], rows: Iterable[tuple[Any, ...]], *, archived: bool
) -> MergeResult:
    types = {name: table.c[name].type for name in names}
    with stage(session, table.name.rpartition("_")[2], types, key=[key]) as staging:
        staging.copy(rows, strip_nul=True)
        staging.analyze()
        source = _with_what_is_stored(staging, table, key, names, archived=archived)
        return merge(session, table, source, key=[key], touch=_TOUCH)


def _with_what_is_stored(
    staging: Staging, table: Table, key: str, names: Sequence[str], *, archived: bool
) -> Select[Any]:
    """The staged rows; what is gone with the text that is stored, and with the instant at which that was first seen."""
    given, stored = staging.table.c, table.alias("known")
    is_gone = given.gone_reason != ""
    keeps = and_(is_gone, stored.c.id.is_not(None), _has_text(stored))
    kept = {name: case((keeps, stored.c[name]), else_=given[name]).label(name) for name in names if name in _LOST}
    gone_at = case(
        (is_gone, func.coalesce(stored.c.gone_at, func.now())), else_=cast(null(), DateTime(timezone=True))
    ).label("gone_at")
    columns = [kept.get(name, given[name]) for name in names]
    joined = staging.table.outerjoin(stored, stored.c[key] == given[key])
    source = select(*columns, gone_at).select_from(joined)
    return source.where(or_(stored.c.id.is_(None), ~_has_text(stored))) if archived else source


def _has_text(stored: Any) -> ColumnElement[bool]:
    """Whether anything is known of the thing itself: of a submission that is a stub nothing is."""
    title: ColumnElement[bool] = stored.c.title != "" if "title" in stored.c else stored.c.id.is_not(None)
    return title


def _submission_row(record: SubmissionRecord, ids: Mapping[str, int]) -> tuple[Any, ...]:
    return (
        record.fullname,
        record.subreddit,
        ids.get(record.author.username) if record.author else None,
        record.title,
        record.selftext,
        record.selftext_html,
        record.url,
        record.permalink,
        record.score,
        record.num_comments,
        record.created_utc,
        record.edited_at,
        record.gone_reason,
    )


def _comment_row(
    record: CommentRecord, ids: Mapping[str, int], parents: Mapping[str, tuple[int, str]]
) -> tuple[Any, ...]:
    if record.submission not in parents:
        raise ValueError(f"its submission {record.submission} is not stored")
    parent, permalink = parents[record.submission]
    return (
        record.fullname,
        parent,
        record.parent_id,
        ids.get(record.author.username) if record.author else None,
        record.body,
        record.permalink or f"{SITE}{permalink}{record.fullname.partition('_')[2]}/",
        record.score,
        record.created_utc,
        record.edited_at,
        record.gone_reason,
    )
