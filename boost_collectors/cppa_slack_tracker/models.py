"""Slack workspaces, their channels, who is in them, and what they write."""

from __future__ import annotations

from sqlalchemy import Index, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigIntPrimaryKey, Jsonb, PrefixIndex, Timestamp
from boost_collectors.core.database.columns import CreatedAt, Switch, UpdatedAt, cascade, set_null, varchar
from boost_collectors.cppa_user_tracker.models import SlackUser

CHANNEL = "cppa_slack_tracker_slackchannel.id"
USER = f"{SlackUser.__tablename__}.baseprofile_ptr_id"


class SlackTeam(Base):
    """A workspace."""

    __tablename__ = "cppa_slack_tracker_slackteam"
    __table_args__ = (UniqueConstraint("team_id"), PrefixIndex("team_id"))

    id: Mapped[BigIntPrimaryKey]
    team_id: Mapped[str] = mapped_column(String(50))
    team_name: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class SlackChannel(Base):
    """A channel: ``public_channel``, ``private_channel``, ``mpim`` or ``im``."""

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
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class SlackMessage(Base):
    """A message; ``ts`` is Slack's id of it within the channel.

    The ``slack_message_`` times are Slack's; ``created_at`` and ``updated_at`` are the row's, and what the vector index
    follows. ``raw`` is the payload as it came, null on rows of the earlier system.
    """

    __tablename__ = "cppa_slack_tracker_slackmessage"
    __table_args__ = (UniqueConstraint("channel_id", "ts"), PrefixIndex("ts"), PrefixIndex("thread_ts"))

    id: Mapped[BigIntPrimaryKey]
    channel_id: Mapped[int] = mapped_column(cascade(CHANNEL))
    ts: Mapped[str] = mapped_column(String(50), index=True)
    slack_user_id: Mapped[int | None] = mapped_column(set_null(USER), index=True)
    message: Mapped[str]
    thread_ts: Mapped[str | None] = mapped_column(String(50), index=True)
    slack_message_created_at: Mapped[Timestamp] = mapped_column(index=True)
    slack_message_updated_at: Mapped[Timestamp | None] = mapped_column(index=True)
    subtype: Mapped[str] = varchar(50)
    raw: Mapped[Jsonb | None]
    is_deleted: Mapped[Switch]
    deleted_at: Mapped[Timestamp | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[Timestamp] = mapped_column(server_default=func.now(), onupdate=func.now(), index=True)


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
