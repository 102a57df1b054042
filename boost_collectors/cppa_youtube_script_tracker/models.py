"""YouTube channels and videos, who speaks in them, their tags and where the transcript lies."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigInt, BigIntPrimaryKey, PrefixIndex, Timestamp
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
    """A channel, by YouTube's id. ``gone_at``: when YouTube was found not to have it any more."""

    __tablename__ = "cppa_youtube_script_tracker_youtubechannel"
    __table_args__ = (PrefixIndex("channel_id"),)

    channel_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    channel_title: Mapped[str] = varchar(255)
    gone_at: Mapped[Timestamp | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class YoutubeVideo(Base):
    """A video, by YouTube's id.

    ``transcript_path`` is where its transcript lies below the folder of raw files, empty until there is one.
    ``scraped_at``: when it was last read. ``gone_at``: when YouTube was found not to show it any more.
    """

    __tablename__ = "cppa_youtube_script_tracker_youtubevideo"
    __table_args__ = (PrefixIndex("video_id"), PrefixIndex("channel_id"))

    video_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel_id: Mapped[str | None] = mapped_column(set_null(f"{YoutubeChannel.__tablename__}.channel_id"), index=True)
    title: Mapped[str] = varchar(512)
    description: Mapped[EmptyText]
    published_at: Mapped[Timestamp | None] = mapped_column(index=True)
    duration_seconds: Mapped[Zero]
    view_count: Mapped[BigInt | None]
    like_count: Mapped[BigInt | None]
    comment_count: Mapped[BigInt | None]
    search_term: Mapped[str] = varchar(255)
    has_transcript: Mapped[Switch]
    transcript_path: Mapped[str] = varchar(1024)
    scraped_at: Mapped[Timestamp | None] = mapped_column(index=True)
    gone_at: Mapped[Timestamp | None]
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


class YoutubeQuota(Base):
    """Units of the Data API spent on a day of YouTube's, which ends at midnight in California.

    ``project`` is a hash of the key. ``spent_out``: YouTube itself said that nothing is left.
    """

    __tablename__ = "cppa_youtube_script_tracker_youtubequota"

    project: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    units: Mapped[Zero]
    spent_out: Mapped[Switch]
    updated_at: Mapped[UpdatedAt]

    def left(self, limit: int) -> int:
        """Units of the day that can be spent, of ``limit``."""
        return 0 if self.spent_out else max(0, limit - self.units)
