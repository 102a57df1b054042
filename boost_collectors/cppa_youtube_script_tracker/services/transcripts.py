"""Which videos lack a transcript, and where a transcript lies."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from boost_collectors.core.database.arrays import among
from boost_collectors.core.window import Window
from boost_collectors.cppa_youtube_script_tracker.models import YoutubeChannel, YoutubeVideo
from boost_collectors.cppa_youtube_script_tracker.services.speakers import set_speakers

_VIDEOS: Any = YoutubeVideo.__table__
_CHANNELS: Any = YoutubeChannel.__table__


@dataclass(frozen=True, slots=True)
class Untranscribed:
    """A video without transcript, and what may name its speakers."""

    video_id: str
    title: str
    description: str
    channel_title: str


def without_transcript(session: Session, window: Window, *, leaving_out: Collection[str]) -> Sequence[str]:
    """Ids of the videos, published in the window, that lack a transcript and are not gone; the newest first."""
    query = select(_VIDEOS.c.video_id).where(~_VIDEOS.c.has_transcript, _VIDEOS.c.gone_at.is_(None))
    if window.since is not None:
        query = query.where(_VIDEOS.c.published_at >= window.since)
    if window.until is not None:
        query = query.where(_VIDEOS.c.published_at < window.until)
    order = (_VIDEOS.c.published_at.desc().nulls_last(), _VIDEOS.c.video_id)
    return session.scalars(query.where(~among(_VIDEOS.c.video_id, leaving_out)).order_by(*order)).all()


def untranscribed(session: Session, video_id: str) -> Untranscribed | None:
    """A video that lacks a transcript and is not gone; None for any other."""
    query = _with_channel().where(
        _VIDEOS.c.video_id == video_id, ~_VIDEOS.c.has_transcript, _VIDEOS.c.gone_at.is_(None)
    )
    row = session.execute(query).first()
    return None if row is None else Untranscribed(*row)


def _with_channel() -> Select[Any]:
    title = func.coalesce(_CHANNELS.c.channel_title, "")
    channels = _VIDEOS.outerjoin(_CHANNELS, _CHANNELS.c.channel_id == _VIDEOS.c.channel_id)
    return select(_VIDEOS.c.video_id, _VIDEOS.c.title, _VIDEOS.c.description, title).select_from(channels)


def store_transcript(session: Session, video_id: str, path: str, speakers: Sequence[str]) -> None:
    """Note where the transcript of a video lies, below the folder of raw files, and who speaks if that is known now."""
    values = {"has_transcript": True, "transcript_path": path, "updated_at": func.now()}
    session.execute(update(_VIDEOS).where(_VIDEOS.c.video_id == video_id).values(**values))
    if speakers:
        set_speakers(session, {video_id: speakers})
