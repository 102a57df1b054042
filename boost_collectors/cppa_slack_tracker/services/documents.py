"""Messages as the vector index needs them: which threads and stretches of a channel moved, and what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, and_, case, cast, func, or_, select, true
from sqlalchemy.orm import Session

from boost_collectors.core.database.arrays import among
from boost_collectors.cppa_slack_tracker.models import SlackChannel, SlackMessage, SlackTeam
from boost_collectors.cppa_user_tracker.models import SlackUser

LONGEST_RUN = timedelta(hours=1)
"""Messages outside threads belong together up to this long after the first of them."""

_MESSAGES: Any = SlackMessage.__table__
_CHANNELS: Any = SlackChannel.__table__
_TEAMS: Any = SlackTeam.__table__
_USERS: Any = SlackUser.__table__

# Rows of the earlier system and imports may lack the thread of the message that began it.
_THREAD: Any = case(
    (func.coalesce(_MESSAGES.c.thread_ts, "") != "", _MESSAGES.c.thread_ts),
    (_MESSAGES.c.reply_count > 0, _MESSAGES.c.ts),
)
_TOP_LEVEL = or_(_THREAD.is_(None), _MESSAGES.c.ts == _THREAD)
_AUTHOR = func.coalesce(
    func.nullif(func.btrim(_USERS.c.display_name), ""), func.nullif(func.btrim(_USERS.c.username), ""), "unknown"
)


class IndexedTeam(NamedTuple):
    """A workspace: Slack's id, and what the vector index calls it."""

    team_id: str
    name: str


class IndexedChannel(NamedTuple):
    """A channel: the primary key, and Slack's id."""

    id: int
    channel_id: str


@dataclass(frozen=True, slots=True)
class IndexedMessage:
    """A message with its author's name; ``thread`` is empty outside threads."""

    ts: str
    thread: str
    text: str
    author: str
    written_at: datetime
    is_deleted: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """Rows written at ``since`` or later (None: all), and those of the ``named`` ``ts``."""

    since: datetime | None
    named: Sequence[str] = ()

    @property
    def condition(self) -> ColumnElement[bool]:
        # Not only later ones: the sync takes the start of a transaction that still writes, which its rows carry.
        if self.since is None:
            return true()
        return or_(_MESSAGES.c.updated_at >= self.since, among(_MESSAGES.c.ts, self.named))


def teams_for_index(session: Session) -> list[IndexedTeam]:
    """All stored workspaces by id."""
    name = func.coalesce(func.nullif(_TEAMS.c.index_name, ""), func.nullif(_TEAMS.c.team_name, ""), _TEAMS.c.team_id)
    query = select(_TEAMS.c.team_id, name).order_by(_TEAMS.c.team_id)
    return [IndexedTeam(*row) for row in session.execute(query)]


def channels_for_index(session: Session, team_id: str, moved: Moved) -> list[IndexedChannel]:
    """The channels of one workspace in which any message moved."""
    any_moved = select(_MESSAGES.c.id).where(_MESSAGES.c.channel_id == _CHANNELS.c.id, moved.condition).exists()
    query = (
        select(_CHANNELS.c.id, _CHANNELS.c.channel_id)
        .join_from(_CHANNELS, _TEAMS, _TEAMS.c.id == _CHANNELS.c.team_id)
        .where(_TEAMS.c.team_id == team_id, any_moved)
        .order_by(_CHANNELS.c.channel_id)
    )
    return [IndexedChannel(*row) for row in session.execute(query)]


def threads_for_index(session: Session, channel: int, moved: Moved, *, after: str, limit: int) -> list[str]:
    """The threads of a channel in which any message moved, by the ``ts`` that they have in common."""
    query = (
        select(_THREAD)
        .where(_MESSAGES.c.channel_id == channel, after < _THREAD, moved.condition)
        .distinct()
        .order_by(_THREAD)
        .limit(limit)
    )
    return list(session.scalars(query))


def thread_messages(session: Session, channel: int, threads: Sequence[str]) -> list[IndexedMessage]:
    """All messages of these threads, thread by thread, oldest first."""
    indexed = or_(among(_MESSAGES.c.thread_ts, threads), among(_MESSAGES.c.ts, threads))
    query = _messages(channel).where(indexed, among(_THREAD, threads)).order_by(_THREAD, _MESSAGES.c.ts)
    return [IndexedMessage(*row) for row in session.execute(query)]


def stretches_for_index(session: Session, channel: int, moved: Moved) -> list[tuple[str, str]]:
    """The first and last ``ts`` of each stretch of a channel's history in which any message moved.

    Between two stretches nobody wrote for longer than LONGEST_RUN, so that no run of messages reaches from one to the
    other. Deleted messages and those that began threads count: a run is not cut anew when one becomes such.
    """
    here = and_(_MESSAGES.c.channel_id == channel, _TOP_LEVEL)
    if moved.since is None:
        whole = select(func.min(_MESSAGES.c.ts), func.max(_MESSAGES.c.ts)).where(here)
        return [(row[0], row[1]) for row in session.execute(whole) if row[0] is not None]
    written = _MESSAGES.c.slack_message_created_at
    silence = written - func.lag(written).over(order_by=_MESSAGES.c.ts)
    begins = cast(func.coalesce(silence > LONGEST_RUN, False), Integer).label("begins")
    rows = select(_MESSAGES.c.ts, moved.condition.label("moved"), begins).where(here).subquery()
    number = func.sum(rows.c.begins).over(order_by=rows.c.ts).label("number")
    numbered = select(rows.c.ts, rows.c.moved, number).subquery()
    first = func.min(numbered.c.ts)
    query = select(first, func.max(numbered.c.ts)).group_by(numbered.c.number).order_by(first)
    return [(row[0], row[1]) for row in session.execute(query.having(func.bool_or(numbered.c.moved)))]


def stretch_messages(
    session: Session, channel: int, stretch: tuple[str, str], *, after: str, limit: int
) -> list[IndexedMessage]:
    """A page of a stretch, oldest first: what stands in the channel itself, replies left out."""
    ts = _MESSAGES.c.ts
    query = _messages(channel).where(_TOP_LEVEL, ts.between(*stretch), ts > after).order_by(ts).limit(limit)
    return [IndexedMessage(*row) for row in session.execute(query)]


def _messages(channel: int) -> Any:
    return (
        select(_MESSAGES.c.ts, func.coalesce(_THREAD, ""), _MESSAGES.c.message, _AUTHOR)
        .add_columns(_MESSAGES.c.slack_message_created_at, _MESSAGES.c.is_deleted)
        .join_from(_MESSAGES, _USERS, _USERS.c.baseprofile_ptr_id == _MESSAGES.c.slack_user_id, isouter=True)
        .where(_MESSAGES.c.channel_id == channel)
    )
