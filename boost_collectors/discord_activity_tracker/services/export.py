"""Reading the stored messages of days, for the Markdown export."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Date, DateTime, Select, and_, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from boost_collectors.cppa_user_tracker.models import DiscordProfile
from boost_collectors.discord_activity_tracker.models import DiscordChannel, DiscordMessage, DiscordServer
from boost_collectors.discord_activity_tracker.services.channels import active_channels

# The table of its own alone: the class would join the base profile too.
_AUTHORS: Any = DiscordProfile.__table__
_PARENT_AUTHORS = _AUTHORS.alias("parent_author")
_Parent = aliased(DiscordMessage)
_ParentChannel = aliased(DiscordChannel)


@dataclass(frozen=True, slots=True)
class Answered:
    """The message that another one answers, as far as a link to it needs."""

    message_id: int
    channel_id: int
    written_at: datetime
    user: str
    content: str


@dataclass(frozen=True, slots=True)
class ExportedMessage:
    """A message of a day. ``reply_to`` is None when there is none, or it is not stored."""

    message_id: int
    channel_id: int
    written_at: datetime
    user: str
    is_bot: bool
    content: str
    attachment_urls: list[str]
    reply_to: Answered | None


def exportable_channels(
    session: Session, server_id: int, now: datetime, only: Collection[int]
) -> tuple[str, list[DiscordChannel]] | None:
    """The name of a server and its channels that are alive (see ``active_channels``); None when it is not stored."""
    server = session.scalars(select(DiscordServer).where(DiscordServer.server_id == server_id)).one_or_none()
    if server is None:
        return None
    return (server.server_name, list(active_channels(session, server.id, now, only=only)))


def channel_names(session: Session, server_id: int) -> dict[int, str]:
    """The names of all channels and threads of a server, by Discord's id."""
    query = select(DiscordChannel.channel_id, DiscordChannel.channel_name).join(DiscordServer)
    return {row[0]: row[1] for row in session.execute(query.where(DiscordServer.server_id == server_id))}


def database_now(session: Session) -> datetime:
    """The database's clock, by which rows say when they changed."""
    return session.scalars(select(func.clock_timestamp(type_=DateTime(timezone=True)))).one()


def may_be_renamed(session: Session, server_id: int, since: datetime | None, alike: Collection[int]) -> bool:
    """Whether the pages of a channel may have another name since then: it changed, or a new one is named alike.

    ``alike`` are channels that share their name. True when ``since`` is None.
    """
    if since is None:
        return True
    changed = and_(DiscordChannel.updated_at >= since, DiscordChannel.updated_at > DiscordChannel.created_at)
    new = and_(DiscordChannel.created_at >= since, DiscordChannel.channel_id.in_(alike))
    query = select(DiscordChannel.id).join(DiscordServer).where(DiscordServer.server_id == server_id, or_(changed, new))
    return session.scalars(query.limit(1)).first() is not None


def changed_days(
    session: Session, channel_rows: Collection[int], first: datetime, since: datetime | None
) -> list[tuple[int, date]]:
    """Channels (by Discord's id) and UTC days from ``first`` on with a message, or one that a message answers, that
    changed since then; every day that has messages when ``since`` is None."""
    query = (
        select(DiscordChannel.channel_id, _day())
        .join(DiscordMessage, DiscordMessage.channel_id == DiscordChannel.id)
        .where(DiscordChannel.id.in_(channel_rows), DiscordMessage.message_created_at >= first)
        .distinct()
    )
    if since is not None:
        parent = DiscordMessage.reply_to_message_id == _Parent.message_id
        changed = or_(DiscordMessage.updated_at >= since, _Parent.updated_at >= since)
        query = query.outerjoin(_Parent, parent).where(changed)
    return sorted((row[0], row[1]) for row in session.execute(query))


def messages_of_day(session: Session, channel_id: int, day: date) -> Iterator[ExportedMessage]:
    """The messages of a channel's UTC day that are not deleted, oldest first, in one statement."""
    start = datetime.combine(day, time(), UTC)
    inside = and_(DiscordMessage.message_created_at >= start, DiscordMessage.message_created_at < start + timedelta(1))
    for row in session.execute(_messages().where(DiscordChannel.channel_id == channel_id, inside)):
        yield _exported(row)


def _exported(row: Any) -> ExportedMessage:
    answered = None
    if row.parent_id is not None:
        user = row.parent_display_name or row.parent_username or "unknown"
        answered = Answered(row.parent_id, row.parent_channel_id, row.parent_created_at, user, row.parent_content)
    return ExportedMessage(
        row.message_id,
        row.channel_id,
        row.message_created_at,
        row.display_name or row.username,
        row.is_bot,
        row.content,
        [item["url"] for item in row.attachment_urls],
        answered,
    )


def _messages() -> Select[Any]:
    return (
        select(
            DiscordMessage.message_id,
            DiscordChannel.channel_id,
            DiscordMessage.message_created_at,
            DiscordMessage.content,
            DiscordMessage.attachment_urls,
            _AUTHORS.c.username,
            _AUTHORS.c.display_name,
            _AUTHORS.c.is_bot,
            _Parent.message_id.label("parent_id"),
            _ParentChannel.channel_id.label("parent_channel_id"),
            _Parent.message_created_at.label("parent_created_at"),
            _Parent.content.label("parent_content"),
            _PARENT_AUTHORS.c.username.label("parent_username"),
            _PARENT_AUTHORS.c.display_name.label("parent_display_name"),
        )
        .join(DiscordChannel, DiscordMessage.channel_id == DiscordChannel.id)
        .join(_AUTHORS, _AUTHORS.c.baseprofile_ptr_id == DiscordMessage.author_id)
        .outerjoin(_Parent, and_(_Parent.message_id == DiscordMessage.reply_to_message_id, ~_Parent.is_deleted))
        .outerjoin(_PARENT_AUTHORS, _PARENT_AUTHORS.c.baseprofile_ptr_id == _Parent.author_id)
        .outerjoin(_ParentChannel, _Parent.channel_id == _ParentChannel.id)
        .where(~DiscordMessage.is_deleted)
        .order_by(DiscordMessage.message_created_at, DiscordMessage.message_id)
    )


def _day() -> Any:
    return cast(func.timezone("UTC", DiscordMessage.message_created_at), Date)
