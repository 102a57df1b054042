"""Messages with their authors and reactions, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    and_,
    cast,
    delete,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from boost_collectors.core.database.bulk import MergeResult, Staging, merge, stage
from boost_collectors.core.database.isolation import store_isolated
from boost_collectors.cppa_user_tracker.services import SeenDiscordProfile, ensure_discord_profiles
from boost_collectors.discord_activity_tracker.models import DiscordMessage
from boost_collectors.discord_activity_tracker.records import MessageRecord
from boost_collectors.discord_activity_tracker.services.reactions import StoredReactions, store_reactions

_MESSAGES: Any = DiscordMessage.__table__
_COLUMNS = (
    "message_id",
    "channel_id",
    "author_id",
    "content",
    "message_type",
    "is_pinned",
    "message_created_at",
    "message_edited_at",
    "reply_to_message_id",
    "has_attachments",
)
# Null while staged where there is nothing, as with most messages: spelling four empty lists a message would cost more
# than all its other columns.
_LISTS = ("attachment_urls", "attachments", "embeds", "stickers")
_TYPES = {name: _MESSAGES.c[name].type for name in (*_COLUMNS, *_LISTS)}
_MOST_AUTHORS = 200_000

Refused = tuple[MessageRecord, str]


@dataclass(frozen=True, slots=True)
class StoredMessages:
    """What became of a batch. ``stale``: messages of an archive that is older than what is stored, and left alone."""

    messages: MergeResult = field(default_factory=MergeResult)
    reactions: StoredReactions = field(default_factory=StoredReactions)
    stale: int = 0
    refused: tuple[Refused, ...] = ()

    def __add__(self, other: StoredMessages) -> StoredMessages:
        return StoredMessages(
            self.messages + other.messages,
            self.reactions + other.reactions,
            self.stale + other.stale,
            self.refused + other.refused,
        )


@dataclass(slots=True)
class AuthorIds:
    """Profile ids of authors that were stored lately, so that a long read looks each up once.

    Only for the transactions of one read: when one of them is rolled back, what it taught is wrong.
    """

    known: dict[int, tuple[SeenDiscordProfile, int]] = field(default_factory=dict)

    def resolve(self, session: Session, records: Iterable[MessageRecord]) -> dict[int, int]:
        """The profile id of every author, by Discord's id; those not known yet are made or brought up to date."""
        authors = {record.author.discord_user_id: record.author for record in records}
        new = [author for key, author in authors.items() if self.known.get(key, (None, 0))[0] != author]
        found = ensure_discord_profiles(session, new) if new else {}
        return {key: found[key] if key in found else self.known[key][1] for key in authors}

    def learn(self, records: Iterable[MessageRecord], ids: Mapping[int, int]) -> None:
        """Remember what a transaction part that cannot be undone any more has found."""
        if len(self.known) > _MOST_AUTHORS:
            self.known.clear()
        for record in records:
            key = record.author.discord_user_id
            self.known[key] = (record.author, ids[key])


def store_messages(
    session: Session,
    records: Sequence[MessageRecord],
    channel_rows: Mapping[int, int],
    *,
    authors: AuthorIds | None = None,
    archived: bool = False,
    archived_at: datetime | None = None,
) -> StoredMessages:
    """Insert or update messages, their authors and reactions, in about twenty statements however many they are.

    ``channel_rows``: row ids of the channels by Discord's id. A message that is given is not deleted. With ``archived``
    the records come from an archive made at ``archived_at`` (None: not told): a message that was edited since, or
    found deleted after that instant, stays as it is. Refused is what the database refuses, with the reason.
    """
    if not records:
        return StoredMessages()
    authors = authors or AuthorIds()
    drop_stale = partial(_drop_stale, session, archived_at) if archived else None
    stored, refused = store_isolated(
        session, records, lambda part: _store(session, part, channel_rows, authors, drop_stale)
    )
    for part, ids, _ in stored:
        authors.learn(part, ids)
    return sum((result for *_, result in stored), StoredMessages(refused=tuple(refused)))


def create_or_update_message(session: Session, record: MessageRecord, channel_row: int) -> tuple[DiscordMessage, bool]:
    """One message as (row, created). Raises ValueError when it cannot be stored."""
    stored = store_messages(session, [record], {record.channel_id: channel_row})
    if stored.refused:
        raise ValueError(stored.refused[0][1])
    query = select(DiscordMessage).filter_by(message_id=record.message_id).execution_options(populate_existing=True)
    return session.scalars(query).one(), stored.messages.inserted == 1


_Part = tuple[Sequence[MessageRecord], dict[int, int], StoredMessages]


def _store(
    session: Session,
    records: Sequence[MessageRecord],
    channel_rows: Mapping[int, int],
    authors: AuthorIds,
    drop_stale: Callable[[Staging, Sequence[MessageRecord]], int] | None,
) -> _Part:
    ids = authors.resolve(session, records)
    with stage(session, "discord_message", _TYPES, key=["message_id"]) as staging:
        staging.copy(_rows(records, channel_rows, ids), strip_nul=True)
        staging.analyze()
        stale = drop_stale(staging, records) if drop_stale else 0
        rows = _complete(staging)
        merged = merge(session, _MESSAGES, rows, key=["message_id"], touch={"updated_at": func.now()})
        all_new = not (merged.updated or merged.unchanged)
        reactions = store_reactions(session, records, staging, all_new=all_new)
    return records, ids, StoredMessages(merged, reactions, stale)


def _complete(staging: Staging) -> Select[Any]:
    """The staged rows with what all of them share: a message that is given is not deleted."""
    given = staging.table.c
    return select(
        *(given[name] for name in _COLUMNS),
        *(func.coalesce(given[name], literal([], JSONB)).label(name) for name in _LISTS),
        false().label("is_deleted"),
        cast(null(), DateTime(timezone=True)).label("deleted_at"),
    )


def _rows(
    records: Iterable[MessageRecord], channel_rows: Mapping[int, int], ids: Mapping[int, int]
) -> Iterator[tuple[Any, ...]]:
    for record in records:
        attachments = record.attachments
        yield (
            record.message_id,
            channel_rows[record.channel_id],
            ids[record.author.discord_user_id],
            record.content,
            record.kind,
            record.is_pinned,
            record.created_at,
            record.edited_at,
            record.reply_to,
            bool(attachments),
            [{"url": item["url"]} for item in attachments] if attachments else None,
            attachments or None,
            record.embeds or None,
            record.stickers or None,
        )


def _drop_stale(
    session: Session, archived_at: datetime | None, staging: Staging, records: Sequence[MessageRecord]
) -> int:
    """Take the staged messages away that are older than what is stored; returns how many."""
    given, stored = staging.table, _MESSAGES
    ids = [record.message_id for record in records]
    # An archive is in the order of time, so that a batch of a new one has its range of ids to itself.
    in_range = stored.c.message_id.between(min(ids), max(ids))
    if not session.scalar(select(exists().where(in_range))):
        return 0
    edited_since = and_(
        stored.c.message_edited_at.is_not(None),
        func.coalesce(given.c.message_edited_at, given.c.message_created_at) < stored.c.message_edited_at,
    )
    newer: list[ColumnElement[bool]] = [edited_since]
    if archived_at is not None:
        newer.append(and_(stored.c.is_deleted, stored.c.deleted_at > archived_at))
    older = select(stored.c.id).where(in_range, stored.c.message_id == given.c.message_id, or_(*newer))
    done = session.connection().execute(
        delete(given).where(older.exists()), execution_options={"preserve_rowcount": True}
    )
    return done.rowcount
