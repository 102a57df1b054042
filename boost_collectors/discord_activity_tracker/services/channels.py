"""Servers, channels and threads."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, Text, case, cast, func, literal, null, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.types import DateTime, Integer

from boost_collectors.core.database.arrays import rows_of
from boost_collectors.core.database.bulk import MergeResult, merge
from boost_collectors.discord_activity_tracker.kinds import THREAD_KINDS
from boost_collectors.discord_activity_tracker.models import DiscordChannel, DiscordMessage, DiscordServer
from boost_collectors.discord_activity_tracker.records import ChannelRecord, ServerRecord

_SERVERS: Any = DiscordServer.__table__
_CHANNELS: Any = DiscordChannel.__table__
_TOUCH: Mapping[str, ColumnElement[Any]] = {"updated_at": func.now()}
DEFAULT_KIND = "GuildTextChat"


def store_server(session: Session, server: ServerRecord) -> int:
    """The row id of the server, made or brought up to date. An icon that is not told does not erase one."""
    statement = insert(_SERVERS).values(server_id=server.server_id, server_name=server.name, icon_url=server.icon_url)
    given = statement.excluded
    icon = case((given.icon_url == "", _SERVERS.c.icon_url), else_=given.icon_url)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["server_id"],
            set_={"server_name": given.server_name, "icon_url": icon, **_TOUCH},
            where=(_SERVERS.c.server_name != given.server_name) | (_SERVERS.c.icon_url != icon),
        )
    )
    return session.scalars(select(DiscordServer.id).where(DiscordServer.server_id == server.server_id)).one()


def store_channels(
    session: Session, server_row: int, channels: Collection[ChannelRecord], *, archived: bool = False
) -> tuple[MergeResult, dict[int, int]]:
    """Make channels or bring them up to date: what was written, and their row ids by Discord's id.

    What a record does not say (a kind, a category, a position) stays as it is. A channel given here is not gone, unless
    it comes from an archive (``archived``), which knows nothing of today.
    """
    latest = {channel.channel_id: channel for channel in channels}
    if not latest:
        return MergeResult(), {}
    given = _given(list(latest.values()))
    stored = _CHANNELS.alias("stored")
    unsaid = (given.c.category_id.is_(None)) & (given.c.category_name == "")
    rows = select(
        given.c.channel_id,
        literal(server_row).label("server_id"),
        given.c.channel_name,
        func.coalesce(func.nullif(given.c.channel_type, ""), stored.c.channel_type, DEFAULT_KIND).label("channel_type"),
        given.c.topic,
        case((unsaid, stored.c.category_id), else_=given.c.category_id).label("category_id"),
        case((unsaid, func.coalesce(stored.c.category_name, "")), else_=given.c.category_name).label("category_name"),
        func.coalesce(given.c.position, stored.c.position, 0).label("position"),
        (stored.c.gone_at if archived else cast(null(), DateTime(timezone=True))).label("gone_at"),
    ).join_from(given, stored, stored.c.channel_id == given.c.channel_id, isouter=True)
    merged = merge(session, _CHANNELS, rows, key=["channel_id"], touch=_TOUCH)
    return merged, _rows_by_id(session, latest.keys())


def _given(channels: Sequence[ChannelRecord]) -> Any:
    return rows_of(
        {
            "channel_id": (BigInteger(), [c.channel_id for c in channels]),
            "channel_name": (String(), [c.name for c in channels]),
            "channel_type": (String(), [c.kind for c in channels]),
            "topic": (Text(), [c.topic for c in channels]),
            "category_id": (BigInteger(), [c.category_id for c in channels]),
            "category_name": (String(), [c.category_name for c in channels]),
            "position": (Integer(), [c.position for c in channels]),
        }
    )


def _rows_by_id(session: Session, channel_ids: Collection[int]) -> dict[int, int]:
    query = select(_CHANNELS.c.channel_id, _CHANNELS.c.id).where(_CHANNELS.c.channel_id.in_(channel_ids))
    return {row[0]: row[1] for row in session.execute(query)}


def mark_missing_channels(session: Session, server_row: int, present: Collection[int]) -> int:
    """Mark the server's channels, threads aside, that its list no longer has. Returns how many.

    Threads leave the list when they are archived, so theirs says nothing of them.
    """
    missing = (
        update(_CHANNELS)
        .where(_CHANNELS.c.server_id == server_row, _CHANNELS.c.gone_at.is_(None))
        .where(_CHANNELS.c.channel_type.not_in(THREAD_KINDS), _CHANNELS.c.channel_id.not_in(present))
    )
    return _written(session, missing.values(gone_at=func.now(), **_TOUCH))


def mark_channel_gone(session: Session, channel_id: int) -> int:
    """Mark a channel or thread that the server says it does not have. Returns 1, or 0 when that was known."""
    gone = update(_CHANNELS).where(_CHANNELS.c.channel_id == channel_id, _CHANNELS.c.gone_at.is_(None))
    return _written(session, gone.values(gone_at=func.now(), **_TOUCH))


def _written(session: Session, statement: Any) -> int:
    return len(session.execute(statement.returning(_CHANNELS.c.id)).all())


def newest_message_at(session: Session, channel_id: int | None = None) -> datetime | None:
    """When the newest stored message of a channel (None: of any) was written; deleted ones do not count."""
    query = select(func.max(DiscordMessage.message_created_at)).where(~DiscordMessage.is_deleted)
    if channel_id is not None:
        query = query.join(DiscordChannel).where(DiscordChannel.channel_id == channel_id)
    return session.scalar(query)


def active_channels(
    session: Session, server_row: int, now: datetime, *, days: int = 30, only: Collection[int] = ()
) -> Sequence[DiscordChannel]:
    """The channels with a message of the last ``days`` that is not deleted, by position and name.

    ``only``: Discord's ids to choose from; empty means all.
    """
    recent = (
        select(DiscordMessage.id)
        .where(DiscordMessage.channel_id == DiscordChannel.id, ~DiscordMessage.is_deleted)
        .where(DiscordMessage.message_created_at >= now - timedelta(days=days))
    )
    query = select(DiscordChannel).where(DiscordChannel.server_id == server_row, recent.exists())
    if only:
        query = query.where(DiscordChannel.channel_id.in_(only))
    return session.scalars(query.order_by(DiscordChannel.position, DiscordChannel.channel_name)).all()
