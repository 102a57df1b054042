"""Which threads have replies that were not read yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from boost_collectors.core.database.bulk import MergeResult, bulk_merge
from boost_collectors.cppa_slack_tracker.models import SlackMessage, SlackThread
from boost_collectors.cppa_slack_tracker.normalise import ts_of

_MESSAGES: Any = SlackMessage.__table__
_THREADS: Any = SlackThread.__table__


@dataclass(frozen=True, slots=True)
class ThreadState:
    """A thread as Slack tells it with the message that began it."""

    ts: str
    reply_count: int
    latest_reply: str


def threads_to_read(session: Session, channel: int, active_since: datetime | None = None) -> list[ThreadState]:
    """Threads of a channel that moved since they were read, newest first.

    With ``active_since`` also those whose latest reply is at least as young, moved or not.
    """
    moved = or_(
        _THREADS.c.id.is_(None),
        _THREADS.c.reply_count != _MESSAGES.c.reply_count,
        _THREADS.c.latest_reply != _MESSAGES.c.latest_reply,
    )
    if active_since is not None:
        moved = or_(moved, _MESSAGES.c.latest_reply >= ts_of(active_since))
    same = (_THREADS.c.channel_id == _MESSAGES.c.channel_id) & (_THREADS.c.thread_ts == _MESSAGES.c.ts)
    query = (
        select(_MESSAGES.c.ts, _MESSAGES.c.reply_count, _MESSAGES.c.latest_reply)
        .join_from(_MESSAGES, _THREADS, same, isouter=True)
        .where(_MESSAGES.c.channel_id == channel, _MESSAGES.c.reply_count > 0, moved)
        .order_by(_MESSAGES.c.slack_message_created_at.desc())
    )
    return [ThreadState(*row) for row in session.execute(query)]


def remember_threads(session: Session, channel: int, states: Sequence[ThreadState]) -> MergeResult:
    """Note that the threads were read as far as these states say."""
    rows = [(channel, state.ts, state.reply_count, state.latest_reply) for state in states]
    columns = ("channel_id", "thread_ts", "reply_count", "latest_reply")
    return bulk_merge(session, _THREADS, columns, rows, key=columns[:2], touch={"updated_at": func.now()})
