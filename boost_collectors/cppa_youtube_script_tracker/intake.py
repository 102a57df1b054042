"""From ids of videos to their rows: read, checked, archived, stored; what cannot be stored waits in quarantine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from boost_collectors.core import pending
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import SourceError
from boost_collectors.cppa_youtube_script_tracker import services
from boost_collectors.cppa_youtube_script_tracker.payloads import id_of, video_of
from boost_collectors.cppa_youtube_script_tracker.raw_archive import RawArchive
from boost_collectors.cppa_youtube_script_tracker.records import Video
from boost_collectors.cppa_youtube_script_tracker.source import YouTubeApi

QUARANTINE = "videos"
"""The unit under which videos that cannot be stored are set aside."""


@dataclass(slots=True)
class Batch:
    """What became of some ids: ``missing`` are those that YouTube does not show, ``bad`` those it shows wrongly."""

    videos: list[Video] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    bad: dict[str, str] = field(default_factory=dict)


class Intake:
    """Reads and stores videos for one unit of a run."""

    def __init__(self, context: RunContext, api: YouTubeApi, counts: Counts, search_term: str) -> None:
        self._context, self._api, self._counts = context, api, counts
        self._search_term = search_term
        self._archive = RawArchive(context.workspace)
        self._problems: list[str] = []

    def read(self, ids: Sequence[str], keep: Callable[[Video], bool] = lambda _: True) -> Batch:
        """Ask for up to 50 videos, and keep those that are wanted."""
        batch, told, now = Batch(), set[str](), self._context.clock()
        for item in self._api.videos(ids):
            told.add(id_of(item))
            try:
                video = video_of(item, self._search_term, now)
            except SourceError as error:
                batch.bad[id_of(item) or "without id"] = str(error)
                continue
            if keep(video):
                batch.videos.append(video)
        batch.missing = [video_id for video_id in ids if video_id not in told]
        return batch

    def store(self, session: Session, batch: Batch) -> None:
        """Store a batch in the caller's transaction."""
        if not batch.videos and not batch.bad:
            return
        self._archive.save(batch.videos)
        stored = services.store_videos(session, batch.videos)
        for kind in ("channels", "videos", "tags", "speakers"):
            self._counts.merged(kind, getattr(stored, kind))
        self._counts.add("videos", stored.videos.inserted)
        self._counts.add("videos_seen", len(batch.videos))
        self._set_aside(session, batch)

    def raise_problems(self) -> None:
        """Raise SourceError naming the videos that were set aside for the first time, if there were any."""
        if self._problems:
            raise SourceError("; ".join(self._problems))

    def _set_aside(self, session: Session, batch: Batch) -> None:
        command = self._context.command
        known = pending.keys(session, command, QUARANTINE)
        for video_id in known & {video.video_id for video in batch.videos}:
            pending.done(session, command, QUARANTINE, video_id)
        for video_id, reason in batch.bad.items():
            self._counts.add("videos_quarantined")
            if video_id not in known:
                self._problems.append(reason)
                pending.quarantine(session, command, QUARANTINE, video_id, reason)
