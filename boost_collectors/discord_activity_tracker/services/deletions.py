"""Marking messages that the server no longer has."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, func, update
from sqlalchemy.orm import Session

from boost_collectors.core.database.arrays import rows_of
from boost_collectors.discord_activity_tracker.models import DiscordMessage
from boost_collectors.discord_activity_tracker.snowflakes import MAX_ID

_MESSAGES: Any = DiscordMessage.__table__


@dataclass(frozen=True, slots=True)
class Span:
    """Ids of a channel of which all messages that exist have just been read: ``after < id < before``."""

    channel_row: int
    after: int
    before: int = MAX_ID


def mark_deleted(session: Session, spans: Sequence[Span], present: Collection[int]) -> int:
    """Mark the stored messages of the spans that are not among ``present``. Returns how many, in one statement."""
    if not spans:
        return 0
    given = rows_of(
        {
            "channel_row": (BigInteger(), [span.channel_row for span in spans]),
            "after": (BigInteger(), [span.after for span in spans]),
            "before": (BigInteger(), [span.before for span in spans]),
        }
    )
    vanished = (
        update(_MESSAGES)
        .where(_MESSAGES.c.channel_id == given.c.channel_row, ~_MESSAGES.c.is_deleted)
        .where(_MESSAGES.c.message_id > given.c.after, _MESSAGES.c.message_id < given.c.before)
        .where(_MESSAGES.c.message_id.not_in(present))
        .values(is_deleted=True, deleted_at=func.now(), updated_at=func.now())
    )
    return len(session.execute(vanished.returning(_MESSAGES.c.id)).all())


def mark_message_deleted(session: Session, message_id: int, deleted_at: datetime | None = None) -> bool:
    """Mark one message as deleted at that instant, now by default. False when there is none, or it was marked."""
    statement = (
        update(_MESSAGES)
        .where(_MESSAGES.c.message_id == message_id, ~_MESSAGES.c.is_deleted)
        .values(is_deleted=True, deleted_at=deleted_at or func.now(), updated_at=func.now())
    )
    return session.execute(statement.returning(_MESSAGES.c.id)).first() is not None
