"""Slack workspaces, their channels, who is in them, and what they write."""

from __future__ import annotations

from sqlalchemy import Index, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigInt, BigIntPrimaryKey, Jsonb, JsonbList, PrefixIndex, Timestamp
from boost_collectors.core.database.columns import (
    CreatedAt,
    EmptyText,
    Switch,
    UpdatedAt,
    Zero,
    cascade,
    set_null,
    varchar,
)
from boost_collectors.cppa_user_tracker.models import SlackUser

CHANNEL = "cppa_slack_tracker_slackchannel.id"
MESSAGE = "cppa_slack_tracker_slackmessage.id"
USER = f"{SlackUser.__tablename__}.baseprofile_ptr_id"


class SlackTeam(Base):
    """A workspace.

    ``folder`` and ``index_name`` are made from the first name it was known by and stay: the files and the vector index
    are called after them.
    """

    __tablename__ = "cppa_slack_tracker_slackteam"
    __table_args__ = (UniqueConstraint("team_id"), PrefixIndex("team_id"))

    id: Mapped[BigIntPrimaryKey]
    team_id: Mapped[str] = mapped_column(String(50))
    team_name: Mapped[str] = mapped_column(String(255))
    folder: Mapped[str] = varchar(255)
    index_name: Mapped[str] = varchar(255)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class SlackChannel(Base):
    """A channel: ``public_channel``, ``private_channel``, ``mpim`` or ``im``.

    ``folder`` is made from its first name and stays; no two channels of a workspace share one. ``gone_at`` is when the
    workspace was first seen without it.
    """

    __tablename__ = "cppa_slack_tracker_slackchannel"
    __table_args__ = (
        UniqueConstraint("team_id", "channel_id", name="unique_team_channel_id"),
        PrefixIndex("channel_id"),
        PrefixIndex("channel_name"),
        PrefixIndex("channel_type"),
    )

    id: Mapped[BigIntPrimaryKey]
    team_id: Mapped[int] = mapped_column(cascade(f"{SlackTeam.__tablename__}.id"))
    channel_id: Mapped[str] = mapped_column(String(50), index=True)
    channel_name: Mapped[str] = mapped_column(String(255), index=True)
    channel_type: Mapped[str] = mapped_column(String(50), index=True)
    description: Mapped[str | None]
    creator_user_id: Mapped[int | None] = mapped_column(set_null(USER), index=True)
    folder: Mapped[str] = varchar(255)
    is_archived: Mapped[Switch]
    gone_at: Mapped[Timestamp | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class SlackMessage(Base):
    """A message; ``ts`` is Slack's id of it within the channel.

    The ``slack_message_`` times are Slack's; ``created_at`` and ``updated_at`` are the row's, and what the vector index
    follows. ``raw`` is the payload as it came, null on rows of the earlier system. ``reply_count`` and ``latest_reply``
    are what Slack says of the thread that the message began.
    """

    __tablename__ = "cppa_slack_tracker_slackmessage"
    __table_args__ = (
        UniqueConstraint("channel_id", "ts"),
        Index("ix_cppa_slack_tracker_slackmessage_threads", "channel_id", postgresql_where=text("reply_count > 0")),
    )

    id: Mapped[BigIntPrimaryKey]
    channel_id: Mapped[int] = mapped_column(cascade(CHANNEL))
    ts: Mapped[str] = mapped_column(String(50), index=True)
    slack_user_id: Mapped[int | None] = mapped_column(set_null(USER), index=True)
    message: Mapped[str]
    thread_ts: Mapped[str | None] = mapped_column(String(50), index=True)
    slack_message_created_at: Mapped[Timestamp] = mapped_column(index=True)
    slack_message_updated_at: Mapped[Timestamp | None] = mapped_column(index=True)
    subtype: Mapped[str] = varchar(50)
    bot_id: Mapped[str] = varchar(50)
    reply_count: Mapped[Zero]
    latest_reply: Mapped[str] = varchar(50)
    raw: Mapped[Jsonb | None]
    is_deleted: Mapped[Switch]
    deleted_at: Mapped[Timestamp | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[Timestamp] = mapped_column(server_default=func.now(), onupdate=func.now(), index=True)


class SlackThread(Base):
    """What was read of a thread: a message whose ``reply_count`` or ``latest_reply`` differs has replies to be read."""

    __tablename__ = "cppa_slack_tracker_slackthread"
    __table_args__ = (UniqueConstraint("channel_id", "thread_ts"),)

    id: Mapped[BigIntPrimaryKey]
    channel_id: Mapped[int] = mapped_column(cascade(CHANNEL))
    thread_ts: Mapped[str] = mapped_column(String(50))
    reply_count: Mapped[Zero]
    latest_reply: Mapped[str] = varchar(50)
    updated_at: Mapped[UpdatedAt]


class SlackReaction(Base):
    """An emoji put to a message: how often, and by whom as far as Slack tells. ``gone_at``: taken back."""

    __tablename__ = "cppa_slack_tracker_slackreaction"
    __table_args__ = (UniqueConstraint("message_id", "name"),)

    id: Mapped[BigIntPrimaryKey]
    message_id: Mapped[int] = mapped_column(cascade(MESSAGE))
    name: Mapped[str] = mapped_column(String(255))
    count: Mapped[Zero]
    users: Mapped[JsonbList] = mapped_column(server_default="[]")
    gone_at: Mapped[Timestamp | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class SlackFile(Base):
    """What Slack tells of a file in a message; the file itself is not kept. ``gone_at``: taken out of the message."""

    __tablename__ = "cppa_slack_tracker_slackfile"
    __table_args__ = (UniqueConstraint("message_id", "file_id"),)

    id: Mapped[BigIntPrimaryKey]
    message_id: Mapped[int] = mapped_column(cascade(MESSAGE))
    file_id: Mapped[str] = mapped_column(String(50), index=True)
    name: Mapped[EmptyText]
    title: Mapped[EmptyText]
    mimetype: Mapped[EmptyText]
    size: Mapped[BigInt | None]
    permalink: Mapped[EmptyText]
    gone_at: Mapped[Timestamp | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class SlackChannelMembership(Base):
    """Who is, or was (``is_deleted``), in a channel."""

    __tablename__ = "cppa_slack_tracker_slackchannelmembership"
    __table_args__ = (UniqueConstraint("channel_id", "slack_user_id"),)

    id: Mapped[BigIntPrimaryKey]
    channel_id: Mapped[int] = mapped_column(cascade(CHANNEL))
    slack_user_id: Mapped[int] = mapped_column(cascade(USER), index=True)
    is_restricted: Mapped[Switch]
    is_deleted: Mapped[Switch]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class SlackChannelMembershipChangeLog(Base):
    """When somebody joined or left a channel."""

    __tablename__ = "cppa_slack_tracker_slackchannelmembershipchangelog"
    __table_args__ = (
        UniqueConstraint("channel_id", "slack_user_id", "created_at"),
        Index(None, "created_at"),
    )

    id: Mapped[BigIntPrimaryKey]
    channel_id: Mapped[int] = mapped_column(cascade(CHANNEL))
    slack_user_id: Mapped[int] = mapped_column(cascade(USER), index=True)
    is_joined: Mapped[bool]
    created_at: Mapped[CreatedAt]
