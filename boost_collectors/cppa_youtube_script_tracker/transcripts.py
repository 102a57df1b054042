"""Transcripts of the stored videos: asked for once, again after a rest where there was none, never while blocked."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from itertools import islice
from typing import Any

from boost_collectors.core import checkpoints, pending
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import NetworkError, RateLimited
from boost_collectors.core.utils.datetime_parsing import format_utc_z
from boost_collectors.cppa_youtube_script_tracker import services
from boost_collectors.cppa_youtube_script_tracker.captions import caption_text
from boost_collectors.cppa_youtube_script_tracker.raw_archive import RawArchive
from boost_collectors.cppa_youtube_script_tracker.records import moment_of
from boost_collectors.cppa_youtube_script_tracker.speakers import speakers_of
from boost_collectors.cppa_youtube_script_tracker.transcript_source import (
    NoTranscript,
    TranscriptsBlocked,
    TranscriptSource,
)

UNIT = "transcripts"
FIRST_REST = timedelta(days=1)
"""Before a video without transcript is asked for again; doubled each time, up to 64 days."""

_MOST_DOUBLED = 3
_DOWN = 3
"""Failures of the network in a row after which the others are not tried any more."""


class Transcripts:
    """The transcripts of one run.

    A video that was never tried, or whose rest is over, is asked for. What is missing is noted as pending with the
    reason. A block ends the asking, for this run and for the rest that the checkpoint names: it holds nothing else.
    """

    def __init__(self, context: RunContext, counts: Counts) -> None:
        self._context, self._counts = context, counts
        self._archive = RawArchive(context.workspace)
        with context.database.session() as session:
            self._block: dict[str, Any] = checkpoints.load(session, context.command, UNIT) or {}

    def run(self) -> None:
        """Ask for as many as a run may. Raises RateLimited while YouTube blocks, NetworkError for what failed."""
        self._refuse_while_blocked()
        candidates = self._candidates()
        most = self._context.settings.youtube_transcripts_per_run
        self._counts.add("transcripts_left", max(0, len(candidates) - most))
        problems, in_a_row = list[str](), 0
        with closing(TranscriptSource(self._context.settings)) as source:
            for number, video_id in enumerate(islice(candidates, most)):
                if self._context.stop.is_set() or in_a_row == _DOWN:
                    problems.append(f"{len(candidates) - number} more were not tried")
                    break
                try:
                    self._take(source, video_id, is_first=number == 0)
                    in_a_row = 0
                except NetworkError as error:
                    problems.append(str(error))
                    in_a_row += 1
        if problems:
            raise NetworkError("; ".join(problems))

    def _candidates(self) -> list[str]:
        """Ids to ask for: those never tried, the newest first, then those whose rest is over."""
        command, now = self._context.command, self._context.clock()
        with self._context.database.session() as session:
            tried = pending.keys(session, command, UNIT)
            new = services.without_transcript(session, self._context.window, leaving_out=tried)
            if not self._context.window.moves_checkpoint:
                return list(new)
            rested = pending.due(session, command, UNIT, len(tried), now=now, wait=FIRST_REST)
            return [*new, *(item.key for item in rested)]

    def _take(self, source: TranscriptSource, video_id: str, *, is_first: bool) -> None:
        with self._context.database.session() as session:
            video = services.untranscribed(session, video_id)
            if video is None:  # it has one by now, or is gone
                pending.done(session, self._context.command, UNIT, video_id)
                return
        if not is_first:
            self._context.stop.wait(self._context.settings.youtube_transcript_interval)
        try:
            self._store(video, source.fetch(video_id))
        except NoTranscript as error:
            self._note_missing(video_id, str(error))
        except TranscriptsBlocked as error:
            raise self._blocked(error) from None

    def _store(self, video: services.Untranscribed, content: str) -> None:
        try:
            text = caption_text(content)
        except ValueError as error:
            self._note_missing(video.video_id, f"{video.video_id}: {error}")
            return
        path = self._archive.save_transcript(video.video_id, content)
        names = speakers_of(video.title, video.description, video.channel_title, text)
        with self._context.database.session() as session:
            services.store_transcript(session, video.video_id, path, names)
            pending.done(session, self._context.command, UNIT, video.video_id)
            if self._block:
                self._block = {}
                checkpoints.save(session, self._context.command, UNIT, self._block)
        self._counts.add("transcripts_downloaded")

    def _note_missing(self, video_id: str, reason: str) -> None:
        self._context.log.info("No transcript: %s", reason)
        with self._context.database.session() as session:
            pending.add(session, self._context.command, UNIT, video_id, reason)
        self._counts.add("transcripts_unavailable")

    def _blocked(self, error: TranscriptsBlocked) -> RateLimited:
        times = int(self._block.get("times", 0))
        hours = self._context.settings.youtube_block_hours * 2 ** min(times, _MOST_DOUBLED)
        until = self._context.clock() + timedelta(hours=hours)
        self._block = {"until": format_utc_z(until), "times": times + 1}
        with self._context.database.session() as session:
            checkpoints.save(session, self._context.command, UNIT, self._block)
        return RateLimited(f"{error}; no transcript is asked for until {format_utc_z(until)}", retry_at=until)

    def _refuse_while_blocked(self) -> None:
        until = moment_of(self._block.get("until"))
        if until is not None and self._context.clock() < until:
            told = f"YouTube blocked requests for transcripts; none is made until {format_utc_z(until)}"
            raise RateLimited(told, retry_at=until)
