"""YouTube channels and videos, who speaks in them, their tags and where the transcript lies."""

from __future__ import annotations

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigIntPrimaryKey, PrefixIndex, Timestamp
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
from boost_collectors.cppa_user_tracker.models import YoutubeSpeaker

VIDEO = "cppa_youtube_script_tracker_youtubevideo.video_id"


class YoutubeChannel(Base):
    """A channel, by YouTube's id."""

    __tablename__ = "cppa_youtube_script_tracker_youtubechannel"
    __table_args__ = (PrefixIndex("channel_id"),)

    channel_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    channel_title: Mapped[str] = varchar(255)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class YoutubeVideo(Base):
    """A video, by YouTube's id. ``transcript_path`` is empty until there is one."""

    __tablename__ = "cppa_youtube_script_tracker_youtubevideo"
    __table_args__ = (PrefixIndex("video_id"), PrefixIndex("channel_id"))

    video_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel_id: Mapped[str | None] = mapped_column(set_null(f"{YoutubeChannel.__tablename__}.channel_id"), index=True)
    title: Mapped[str] = varchar(512)
    description: Mapped[EmptyText]
    published_at: Mapped[Timestamp | None] = mapped_column(index=True)
    duration_seconds: Mapped[Zero]
    view_count: Mapped[int | None]
    like_count: Mapped[int | None]
    comment_count: Mapped[int | None]
    search_term: Mapped[str] = varchar(255)
    has_transcript: Mapped[Switch]
    transcript_path: Mapped[str] = varchar(1024)
    scraped_at: Mapped[Timestamp | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class YoutubeVideoSpeaker(Base):
    """Who speaks in a video."""

    __tablename__ = "cppa_youtube_script_tracker_youtubevideospeaker"
    __table_args__ = (
        UniqueConstraint("video_id", "speaker_id", name="unique_video_speaker"),
        PrefixIndex("video_id"),
    )

    id: Mapped[BigIntPrimaryKey]
    video_id: Mapped[str] = mapped_column(cascade(VIDEO))
    speaker_id: Mapped[int] = mapped_column(cascade(f"{YoutubeSpeaker.__tablename__}.baseprofile_ptr_id"), index=True)
    created_at: Mapped[CreatedAt]


class CppaTag(Base):
    """A tag, in lower case."""

    __tablename__ = "cppa_youtube_script_tracker_cppatags"
    __table_args__ = (UniqueConstraint("tag_name"), PrefixIndex("tag_name"))

    id: Mapped[BigIntPrimaryKey]
    tag_name: Mapped[str] = mapped_column(String(128))


class YoutubeVideoTag(Base):
    """A tag on a video."""

    __tablename__ = "cppa_youtube_script_tracker_youtubevideotags"
    __table_args__ = (
        UniqueConstraint("youtube_video_id", "cppa_tag_id", name="unique_video_tag"),
        PrefixIndex("youtube_video_id"),
    )

    id: Mapped[BigIntPrimaryKey]
    youtube_video_id: Mapped[str] = mapped_column(cascade(VIDEO))
    cppa_tag_id: Mapped[int] = mapped_column(cascade(f"{CppaTag.__tablename__}.id"), index=True)
