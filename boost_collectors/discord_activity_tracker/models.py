"""Discord servers, channels, messages and reactions."""

from __future__ import annotations

from sqlalchemy import Index, String, UniqueConstraint, false, func, text
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigInt, BigIntPrimaryKey, JsonbList, PrefixIndex, Timestamp
from boost_collectors.core.database.columns import CreatedAt, EmptyText, Switch, UpdatedAt, Zero, cascade, varchar

_EMPTY = text("'[]'::jsonb")


class DiscordServer(Base):
    """A server (guild)."""

    __tablename__ = "discord_activity_tracker_discordserver"
    __table_args__ = (UniqueConstraint("server_id"), PrefixIndex("server_name"))

    id: Mapped[BigIntPrimaryKey]
    server_id: Mapped[BigInt]
    server_name: Mapped[str] = mapped_column(String(255), index=True)
    icon_url: Mapped[str] = varchar(512)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class DiscordChannel(Base):
    """A channel, thread or forum post of a server.

    A thread's or post's ``category_id`` is the channel it belongs to. ``gone_at``: when the server no longer had it.
    """

    __tablename__ = "discord_activity_tracker_discordchannel"
    __table_args__ = (
        UniqueConstraint("channel_id"),
        Index(None, "server_id", "channel_name"),
        PrefixIndex("channel_name"),
    )

    id: Mapped[BigIntPrimaryKey]
    server_id: Mapped[int] = mapped_column(cascade(f"{DiscordServer.__tablename__}.id"))
    channel_id: Mapped[BigInt]
    channel_name: Mapped[str] = mapped_column(String(255), index=True)
    channel_type: Mapped[str] = mapped_column(String(50))
    category_id: Mapped[BigInt | None] = mapped_column(index=True)
    category_name: Mapped[str] = varchar(255)
    topic: Mapped[EmptyText]
    position: Mapped[Zero]
    gone_at: Mapped[Timestamp | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class DiscordMessage(Base):
    """A message; ``reply_to_message_id`` is Discord's id of the message it answers, which we may not have.

    ``attachments``: objects with id, file_name, size (bytes), content_type and url, as far as they are known.

    ``author_id`` names a Discord profile of the identity hub, but without a foreign key: the earlier system had none.
    """

    __tablename__ = "discord_activity_tracker_discordmessage"
    __table_args__ = (
        UniqueConstraint("message_id"),
        Index(None, "channel_id", "message_created_at"),
        PrefixIndex("message_type"),
    )

    id: Mapped[BigIntPrimaryKey]
    message_id: Mapped[BigInt]
    channel_id: Mapped[int] = mapped_column(cascade(f"{DiscordChannel.__tablename__}.id"))
    author_id: Mapped[BigInt] = mapped_column(index=True)
    content: Mapped[EmptyText]
    message_type: Mapped[str] = mapped_column(String(50), server_default="Default", index=True)
    is_pinned: Mapped[bool] = mapped_column(server_default=false(), index=True)
    message_created_at: Mapped[Timestamp] = mapped_column(index=True)
    message_edited_at: Mapped[Timestamp | None]
    is_deleted: Mapped[bool] = mapped_column(server_default=false(), index=True)
    deleted_at: Mapped[Timestamp | None]
    reply_to_message_id: Mapped[BigInt | None] = mapped_column(index=True)
    has_attachments: Mapped[Switch]
    attachment_urls: Mapped[JsonbList] = mapped_column(server_default=_EMPTY)
    attachments: Mapped[JsonbList] = mapped_column(server_default=_EMPTY)
    embeds: Mapped[JsonbList] = mapped_column(server_default=_EMPTY)
    stickers: Mapped[JsonbList] = mapped_column(server_default=_EMPTY)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[Timestamp] = mapped_column(server_default=func.now(), onupdate=func.now(), index=True)


class DiscordReaction(Base):
    """How often an emoji was put on a message."""

    __tablename__ = "discord_activity_tracker_discordreaction"
    __table_args__ = (
        UniqueConstraint("message_id", "emoji", name="discord_activity_tracker_msg_emoji_uniq"),
        PrefixIndex("emoji"),
    )

    id: Mapped[BigIntPrimaryKey]
    message_id: Mapped[int] = mapped_column(cascade(f"{DiscordMessage.__tablename__}.id"))
    emoji: Mapped[str] = mapped_column(String(255), index=True)
    count: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
