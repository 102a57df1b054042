"""Messages with their reactions and files, in bulk."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Integer,
    String,
    Text,
    Update,
    and_,
    any_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from boost_collectors.core.database.arrays import rows_of
from boost_collectors.core.database.bulk import MergeResult, Staging, merge, stage
from boost_collectors.core.database.isolation import store_isolated
from boost_collectors.cppa_slack_tracker.models import SlackFile, SlackMessage, SlackReaction
from boost_collectors.cppa_slack_tracker.normalise import TOMBSTONE, MessageRecord

BROADCASTS = ("thread_broadcast", "reply_broadcast")
_MESSAGES: Any = SlackMessage.__table__
_REACTIONS: Any = SlackReaction.__table__
_FILES: Any = SlackFile.__table__
_TIME = DateTime(timezone=True)
_KEY = ("channel_id", "ts")
_STAGED: Mapping[str, Any] = {
    "channel_id": BigInteger,
    "ts": String,
    "slack_user_id": BigInteger,
    "message": Text,
    "thread_ts": String,
    "slack_message_created_at": _TIME,
    "slack_message_updated_at": _TIME,
    "subtype": String,
    "bot_id": String,
    "reply_count": Integer,
    "latest_reply": String,
    "raw": Text,
    "is_deleted": Boolean,
}
_STAGED_REACTIONS: Mapping[str, Any] = {
    "channel_id": BigInteger,
    "ts": String,
    "name": String,
    "count": Integer,
    "users": Text,
}
_STAGED_FILES: Mapping[str, Any] = {
    "channel_id": BigInteger,
    "ts": String,
    "file_id": String,
    "name": Text,
    "title": Text,
    "mimetype": Text,
    "size": BigInteger,
    "permalink": Text,
}


class Posting(NamedTuple):
    """A message and where it belongs: the channel's and the author's primary key; None for an author unknown."""

    channel: int
    author: int | None
    record: MessageRecord


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch, and the postings that the database refuses, with the reason."""

    messages: MergeResult = field(default_factory=MergeResult)
    reactions: MergeResult = field(default_factory=MergeResult)
    files: MergeResult = field(default_factory=MergeResult)
    refused: Sequence[tuple[Posting, str]] = ()

    def __add__(self, other: Stored) -> Stored:
        return Stored(
            self.messages + other.messages,
            self.reactions + other.reactions,
            self.files + other.files,
            (*self.refused, *other.refused),
        )


def store_messages(session: Session, postings: Sequence[Posting], *, only_newer: bool = False) -> Stored:
    """Insert or update messages with their reactions and files, whatever their channels, in a handful of statements.

    With ``only_newer`` a stored message stays as it is unless the given one was edited later: for copies of unknown
    age.

    A message that was deleted and is back is no longer deleted. What is left of a deleted one (a tombstone) marks the
    stored message and leaves its text. Reactions and files that a message no longer has are marked as gone.
    """
    if not postings:
        return Stored()
    living, remains = _without_known_tombstones(session, postings)
    buried = _bury(session, remains) if remains else 0
    stored: list[Stored] = []
    refused: list[tuple[Posting, str]] = []
    if living:
        stored, refused = store_isolated(session, living, lambda part: _store(session, part, only_newer))
    unchanged = MergeResult(updated=buried, unchanged=len(remains) - buried)
    return sum(stored, Stored(messages=unchanged, refused=refused))


def mark_vanished(session: Session, channel: int, present: Collection[str], since: datetime, until: datetime) -> int:
    """Mark messages of [since, until) that the channel's history no longer has; replies are not its business.

    ``present`` are the ``ts`` it has there. Returns how many were marked.
    """
    in_history = or_(
        _MESSAGES.c.thread_ts.is_(None), _MESSAGES.c.thread_ts == _MESSAGES.c.ts, _MESSAGES.c.subtype.in_(BROADCASTS)
    )
    span = (_MESSAGES.c.slack_message_created_at >= since, _MESSAGES.c.slack_message_created_at < until)
    statement = update(_MESSAGES).where(_MESSAGES.c.channel_id == channel, *span, in_history)
    return _mark_deleted(session, statement, present)


def mark_vanished_replies(session: Session, channel: int, threads: Collection[str], present: Collection[str]) -> int:
    """Mark replies that their threads, which were read whole, no longer have. Returns how many were marked."""
    statement = update(_MESSAGES).where(
        _MESSAGES.c.channel_id == channel,
        _MESSAGES.c.thread_ts == any_(literal(list(threads), ARRAY(String))),
        _MESSAGES.c.thread_ts != _MESSAGES.c.ts,
        _MESSAGES.c.subtype.not_in(BROADCASTS),
    )
    return _mark_deleted(session, statement, present)


def _mark_deleted(session: Session, statement: Update, present: Collection[str]) -> int:
    there = _MESSAGES.c.ts == any_(literal(list(present), ARRAY(String)))
    marked = statement.where(~_MESSAGES.c.is_deleted, ~there).values(
        is_deleted=True, deleted_at=func.now(), updated_at=func.now()
    )
    return len(session.execute(marked.returning(_MESSAGES.c.id)).all())


def _without_known_tombstones(session: Session, postings: Sequence[Posting]) -> tuple[list[Posting], list[Posting]]:
    """The postings to be written, and the tombstones of messages that are stored."""
    tombstones = [posting for posting in postings if posting.record.subtype == TOMBSTONE]
    if not tombstones:
        return list(postings), []
    given = _keys(tombstones)
    query = select(_MESSAGES.c.channel_id, _MESSAGES.c.ts).join_from(
        given, _MESSAGES, and_(_MESSAGES.c.channel_id == given.c.channel_id, _MESSAGES.c.ts == given.c.ts)
    )
    known = {(row[0], row[1]) for row in session.execute(query)}
    remains = [posting for posting in tombstones if (posting.channel, posting.record.ts) in known]
    dead = {(posting.channel, posting.record.ts) for posting in remains}
    return [posting for posting in postings if (posting.channel, posting.record.ts) not in dead], remains


def _keys(postings: Sequence[Posting]) -> Any:
    return rows_of(
        {
            "channel_id": (BigInteger(), [posting.channel for posting in postings]),
            "ts": (String(), [posting.record.ts for posting in postings]),
            "reply_count": (Integer(), [posting.record.reply_count for posting in postings]),
            "latest_reply": (String(), [posting.record.latest_reply for posting in postings]),
        }
    )


def _bury(session: Session, tombstones: Sequence[Posting]) -> int:
    given = _keys(tombstones)
    differs = or_(
        ~_MESSAGES.c.is_deleted,
        _MESSAGES.c.reply_count != given.c.reply_count,
        _MESSAGES.c.latest_reply != given.c.latest_reply,
    )
    statement = (
        update(_MESSAGES)
        .where(_MESSAGES.c.channel_id == given.c.channel_id, _MESSAGES.c.ts == given.c.ts, differs)
        .values(
            is_deleted=True,
            deleted_at=func.coalesce(_MESSAGES.c.deleted_at, func.now()),
            reply_count=given.c.reply_count,
            latest_reply=given.c.latest_reply,
            updated_at=func.now(),
        )
    )
    return len(session.execute(statement.returning(_MESSAGES.c.id)).all())


def _store(session: Session, postings: Sequence[Posting], only_newer: bool) -> Stored:
    with stage(session, "slack_message", _STAGED, _KEY) as staging:
        staging.copy(map(_message_row, postings))
        staging.analyze()
        messages = merge(
            session, _MESSAGES, _to_be_stored(staging, only_newer), key=_KEY, touch={"updated_at": func.now()}
        )
        whole = not only_newer and messages.updated + messages.unchanged > 0
        looked_at = staging if whole else None
        reactions = _store_parts(session, _REACTIONS, _STAGED_REACTIONS, list(_reaction_rows(postings)), looked_at)
        files = _store_parts(session, _FILES, _STAGED_FILES, list(_file_rows(postings)), looked_at)
    return Stored(messages, reactions, files)


def _message_row(posting: Posting) -> tuple[Any, ...]:
    channel, author, record = posting
    return (
        channel,
        record.ts,
        author,
        record.text,
        record.thread_ts,
        record.created,
        record.updated,
        record.subtype,
        record.bot_id,
        record.reply_count,
        record.latest_reply,
        record.raw,
        record.subtype == TOMBSTONE,
    )


def _to_be_stored(staging: Staging, only_newer: bool) -> Any:
    given = staging.table.c
    plain = [given[name] for name in _STAGED if name != "raw"]
    query = select(
        *plain,
        cast(given.raw, JSONB).label("raw"),
        case((given.is_deleted, func.now()), else_=cast(null(), _TIME)).label("deleted_at"),
    )
    if not only_newer:
        return query
    stored = _MESSAGES.alias("known")
    same = and_(stored.c.channel_id == given.channel_id, stored.c.ts == given.ts)
    older = func.coalesce(stored.c.slack_message_updated_at, stored.c.slack_message_created_at)
    outdated = or_(stored.c.id.is_(None), stored.c.raw.is_(None), older < given.slack_message_updated_at)
    return query.join_from(staging.table, stored, same, isouter=True).where(outdated)


def _reaction_rows(postings: Sequence[Posting]) -> Iterator[tuple[Any, ...]]:
    for channel, _, record in postings:
        for reaction in record.reactions:
            yield channel, record.ts, reaction.name, reaction.count, reaction.users


def _file_rows(postings: Sequence[Posting]) -> Iterator[tuple[Any, ...]]:
    for channel, _, record in postings:
        for file in record.files:
            yield (
                channel,
                record.ts,
                file.file_id,
                file.name,
                file.title,
                file.mimetype,
                file.size,
                file.permalink,
            )


def _store_parts(
    session: Session, table: Any, columns: Mapping[str, Any], rows: Sequence[tuple[Any, ...]], seen: Staging | None
) -> MergeResult:
    """Merge what belongs to messages, and mark what the messages of ``seen`` no longer have."""
    if not rows and seen is None:
        return MergeResult()
    own = list(columns)[2]
    with stage(session, table.name, columns, (*_KEY, own)) as staging:
        staging.copy(rows)
        staging.analyze()
        merged = merge(
            session, table, _parts(staging, columns), key=("message_id", own), touch={"updated_at": func.now()}
        )
        gone = _mark_gone(session, table, own, staging, seen) if seen is not None else 0
    return merged + MergeResult(updated=gone)


def _parts(staging: Staging, columns: Mapping[str, Any]) -> Any:
    given = staging.table.c
    values = [cast(given[name], JSONB).label(name) if name == "users" else given[name] for name in list(columns)[2:]]
    return select(_MESSAGES.c.id.label("message_id"), *values, cast(null(), _TIME).label("gone_at")).join_from(
        staging.table, _MESSAGES, _same_message(given)
    )


def _mark_gone(session: Session, table: Any, own: str, staging: Staging, seen: Staging) -> int:
    given = staging.table.c
    still = (
        select(literal(1))
        .where(given.channel_id == _MESSAGES.c.channel_id, given.ts == _MESSAGES.c.ts, given[own] == table.c[own])
        .exists()
    )
    statement = (
        update(table)
        .where(
            table.c.message_id == _MESSAGES.c.id,
            table.c.gone_at.is_(None),
            _same_message(seen.table.c),
            ~still,
        )
        .values(gone_at=func.now(), updated_at=func.now())
    )
    return len(session.execute(statement.returning(table.c.id)).all())


def _same_message(given: Any) -> Any:
    return and_(_MESSAGES.c.channel_id == given.channel_id, _MESSAGES.c.ts == given.ts)
