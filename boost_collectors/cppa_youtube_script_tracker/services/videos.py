"""Channels and videos."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from boost_collectors.core.database.arrays import among
from boost_collectors.core.database.bulk import MergeResult, bulk_merge
from boost_collectors.cppa_youtube_script_tracker.models import YoutubeChannel, YoutubeVideo
from boost_collectors.cppa_youtube_script_tracker.records import Channel, Video
from boost_collectors.cppa_youtube_script_tracker.services.speakers import set_speakers
from boost_collectors.cppa_youtube_script_tracker.services.tags import store_tags
from boost_collectors.cppa_youtube_script_tracker.speakers import speakers_of

_VIDEOS: Any = YoutubeVideo.__table__
_CHANNELS: Any = YoutubeChannel.__table__
_TOUCH: Mapping[str, ColumnElement[Any]] = {"updated_at": func.now()}
_TITLE, _CHANNEL_TITLE, _SEARCH_TERM = 512, 255, 255
# What YouTube may say differently the next time. The first search that found a video stays, and when it was read is
# no change of it.
_CHANGING = (
    *("channel_id", "title", "description", "published_at", "duration_seconds"),
    *("view_count", "like_count", "comment_count", "gone_at"),
)
_COLUMNS = ("video_id", *_CHANGING, "search_term", "scraped_at")


@dataclass(frozen=True, slots=True)
class StoredVideos:
    """What was written of a page, by kind."""

    channels: MergeResult
    videos: MergeResult
    tags: MergeResult
    speakers: MergeResult


def store_channels(session: Session, channels: Iterable[Channel]) -> MergeResult:
    """Make channels or bring their titles up to date; an empty title changes none. Raises ValueError for no id."""
    latest: dict[str, str] = {}
    for channel in channels:
        if not channel.channel_id:
            raise ValueError("channel_id must not be empty")
        latest[channel.channel_id] = channel.title[:_CHANNEL_TITLE] or latest.get(channel.channel_id, "")
    rows = [(channel_id, title, None) for channel_id, title in latest.items()]
    columns = ("channel_id", "channel_title", "gone_at")
    named = [row for row in rows if row[1]]
    nameless = [row for row in rows if not row[1]]
    done = bulk_merge(session, YoutubeChannel, columns, named, key=["channel_id"], touch=_TOUCH)
    if nameless:
        done += bulk_merge(session, YoutubeChannel, columns, nameless, key=["channel_id"], update=[])
    return done


def store_videos(session: Session, videos: Sequence[Video]) -> StoredVideos:
    """Make videos or bring them up to date, with their channels, tags and speakers.

    The number of statements does not depend on how many there are. Raises ValueError for a video without
    ``video_id``, SourceError for a value that its column cannot hold; nothing is written then.
    """
    if any(not video.video_id for video in videos):
        raise ValueError("video_id must not be empty")
    channels = store_channels(session, [video.channel for video in videos if video.channel])
    rows = [_row(video) for video in videos]
    stored = bulk_merge(session, YoutubeVideo, _COLUMNS, rows, key=["video_id"], update=_CHANGING, touch=_TOUCH)
    tags = store_tags(session, {video.video_id: video.tags for video in videos})
    speakers = set_speakers(session, {video.video_id: _told_speakers(video) for video in videos})
    return StoredVideos(channels, stored, tags, speakers)


def _row(video: Video) -> tuple[Any, ...]:
    return (
        video.video_id,
        video.channel.channel_id if video.channel else None,
        video.title[:_TITLE],
        video.description,
        video.published_at,
        video.duration_seconds,
        video.view_count,
        video.like_count,
        video.comment_count,
        None,
        video.search_term[:_SEARCH_TERM],
        video.scraped_at,
    )


def _told_speakers(video: Video) -> list[str]:
    return speakers_of(video.title, video.description, video.channel.title if video.channel else "")


def unstored(session: Session, ids: Sequence[str]) -> list[str]:
    """Those of the ids that no row has, in their order."""
    known = set(session.scalars(select(_VIDEOS.c.video_id).where(among(_VIDEOS.c.video_id, ids))))
    return [video_id for video_id in ids if video_id not in known]


def read_before(session: Session, moment: datetime, limit: int) -> list[str]:
    """Ids of videos that were not read since the moment, those read longest ago first."""
    scraped_at = _VIDEOS.c.scraped_at
    query = select(_VIDEOS.c.video_id).where(or_(scraped_at < moment, scraped_at.is_(None)))
    return list(session.scalars(query.order_by(scraped_at.nulls_first(), _VIDEOS.c.video_id).limit(limit)))


def mark_read(session: Session, ids: Collection[str], moment: datetime) -> None:
    """Note when videos were read, which is no change of them."""
    older = or_(_VIDEOS.c.scraped_at < moment, _VIDEOS.c.scraped_at.is_(None))
    session.execute(
        update(_VIDEOS)
        .where(among(_VIDEOS.c.video_id, ids), older)
        # Named here, because the column would set itself.
        .values(scraped_at=moment, updated_at=_VIDEOS.c.updated_at)
    )


def mark_gone(session: Session, ids: Collection[str]) -> int:
    """Mark stored videos that YouTube does not show any more. Returns how many were not marked before."""
    gone = update(_VIDEOS).where(among(_VIDEOS.c.video_id, ids), _VIDEOS.c.gone_at.is_(None))
    done = session.execute(gone.values(gone_at=func.now(), **_TOUCH).returning(_VIDEOS.c.video_id))
    return len(done.all())


def mark_channel_gone(session: Session, channel_id: str) -> None:
    """Mark a channel that YouTube does not have any more."""
    gone = update(_CHANNELS).where(_CHANNELS.c.channel_id == channel_id, _CHANNELS.c.gone_at.is_(None))
    session.execute(gone.values(gone_at=func.now(), **_TOUCH))
