"""Videos as the vector index needs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, String, cast, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from boost_collectors.core.database.arrays import among
from boost_collectors.cppa_user_tracker.models import YoutubeSpeaker
from boost_collectors.cppa_youtube_script_tracker.models import YoutubeChannel, YoutubeVideo, YoutubeVideoSpeaker

_VIDEOS: Any = YoutubeVideo.__table__
_CHANNELS: Any = YoutubeChannel.__table__
_LINKS: Any = YoutubeVideoSpeaker.__table__
_SPEAKERS: Any = YoutubeSpeaker.__table__


@dataclass(frozen=True, slots=True)
class IndexedVideo:
    """A video with its channel's title and the names of its speakers, sorted."""

    video_id: str
    title: str
    description: str
    published_at: datetime | None
    has_transcript: bool
    transcript_path: str
    gone_at: datetime | None
    channel_title: str
    speakers: Sequence[str]


def videos_for_index(
    session: Session, *, since: datetime | None, named: Sequence[str], after: str, limit: int
) -> Sequence[IndexedVideo]:
    """Videos that changed after ``since`` (None: all), or whose channel did, and the ``named`` ones, by id.

    Only ids greater than ``after``. One statement, however many there are.
    """
    names = func.array_agg(aggregate_order_by(_SPEAKERS.c.display_name, _SPEAKERS.c.display_name), type_=ARRAY(String))
    spoken = (
        select(func.coalesce(names, cast(literal([], ARRAY(String)), ARRAY(String))))
        .select_from(_LINKS.join(YoutubeSpeaker, YoutubeSpeaker.id == _LINKS.c.speaker_id))
        .where(_LINKS.c.video_id == _VIDEOS.c.video_id)
        .scalar_subquery()
    )
    changed = true() if since is None else or_(_VIDEOS.c.updated_at > since, _CHANNELS.c.updated_at > since)
    query = (
        select(
            *(_VIDEOS.c[name] for name in ("video_id", "title", "description", "published_at", "has_transcript")),
            _VIDEOS.c.transcript_path,
            _VIDEOS.c.gone_at,
            func.coalesce(_CHANNELS.c.channel_title, ""),
            spoken,
        )
        .select_from(_VIDEOS.outerjoin(_CHANNELS, _CHANNELS.c.channel_id == _VIDEOS.c.channel_id))
        .where(_VIDEOS.c.video_id > after, or_(changed, among(_VIDEOS.c.video_id, named)))
        .order_by(_VIDEOS.c.video_id)
        .limit(limit)
    )
    return [IndexedVideo(*tuple(row)) for row in session.execute(query)]
