"""How often an emoji stands under a message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Integer, String, any_, cast, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from boost_collectors.core.database.bulk import MergeResult, Staging, merge, stage
from boost_collectors.discord_activity_tracker.models import DiscordMessage, DiscordReaction
from boost_collectors.discord_activity_tracker.records import MessageRecord

_MESSAGES: Any = DiscordMessage.__table__
_REACTIONS: Any = DiscordReaction.__table__
_COLUMNS = {"message_id": BigInteger, "emoji": String, "count": Integer}


@dataclass(frozen=True, slots=True)
class StoredReactions:
    """What was written, and how many were taken away because their message has them no more."""

    merged: MergeResult = field(default_factory=MergeResult)
    removed: int = 0

    def __add__(self, other: StoredReactions) -> StoredReactions:
        return StoredReactions(self.merged + other.merged, self.removed + other.removed)


def store_reactions(
    session: Session, records: Sequence[MessageRecord], messages: Staging, *, all_new: bool
) -> StoredReactions:
    """Make the reactions of the staged messages what their records say.

    ``messages`` holds the messages that were stored, by ``message_id``; records that are not there are left out.
    ``all_new``: none of them was stored before, so nothing is to be taken away.
    """
    having = [record for record in records if record.reactions]
    if all_new and not having:
        return StoredReactions()
    ids = _row_ids(session, [record.message_id for record in having], messages) if having else {}
    with stage(session, "discord_reaction", _COLUMNS, key=["message_id", "emoji"]) as staging:
        staging.copy(_rows(having, ids))
        removed = 0 if all_new else _remove_missing(session, staging, messages)
        merged = _insert(session, staging) if all_new else _merge(session, staging)
    return StoredReactions(merged, removed)


def _insert(session: Session, staging: Staging) -> MergeResult:
    """Insert reactions of messages that had none. Only a message that came twice can have one twice."""
    given = select(*(staging.table.c[name] for name in _COLUMNS))
    statement = insert(_REACTIONS).from_select(list(_COLUMNS), given).on_conflict_do_nothing()
    return MergeResult(len(session.execute(statement.returning(_REACTIONS.c.id)).all()))


def _merge(session: Session, staging: Staging) -> MergeResult:
    return merge(session, _REACTIONS, staging, key=["message_id", "emoji"], touch={"updated_at": func.now()})


def _row_ids(session: Session, message_ids: Sequence[int], messages: Staging) -> dict[int, int]:
    given = cast(literal(list(message_ids), ARRAY(BigInteger)), ARRAY(BigInteger))
    query = (
        select(_MESSAGES.c.message_id, _MESSAGES.c.id)
        .join(messages.table, messages.table.c.message_id == _MESSAGES.c.message_id)
        .where(_MESSAGES.c.message_id == any_(given))
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _rows(records: Sequence[MessageRecord], ids: Mapping[int, int]) -> Iterator[tuple[int, str, int]]:
    for record in records:
        if record.message_id in ids:
            yield from ((ids[record.message_id], emoji, count) for emoji, count in record.reactions)


def _remove_missing(session: Session, staging: Staging, messages: Staging) -> int:
    given = staging.table
    still = select(given.c.emoji).where(
        given.c.message_id == _REACTIONS.c.message_id, given.c.emoji == _REACTIONS.c.emoji
    )
    stored = select(messages.table.c.message_id)
    statement = (
        delete(_REACTIONS)
        .where(_REACTIONS.c.message_id == _MESSAGES.c.id, _MESSAGES.c.message_id.in_(stored))
        .where(~still.correlate(_REACTIONS).exists())
    )
    return len(session.execute(statement.returning(_REACTIONS.c.id)).all())


def add_or_update_reaction(
    session: Session, message_row: int, emoji: str, count: int = 1
) -> tuple[DiscordReaction, bool]:
    """One reaction of a stored message as (row, created), with that count.

    Raises ValueError for no emoji or a negative count.
    """
    if not emoji or count < 0:
        raise ValueError(f"a reaction needs an emoji and a count of 0 or more, not {emoji!r} and {count}")
    known = select(DiscordReaction).filter_by(message_id=message_row, emoji=emoji)
    before = session.scalars(known).one_or_none()
    if before is None:
        before = DiscordReaction(message_id=message_row, emoji=emoji, count=count)
        session.add(before)
        session.flush()
        return before, True
    before.count = count
    session.flush()
    return before, False
