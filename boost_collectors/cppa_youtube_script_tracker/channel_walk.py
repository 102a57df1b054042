"""The uploads of a channel, the newest first: one unit of quota a page of 50, where a search costs a hundred."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from boost_collectors.core import checkpoints
from boost_collectors.core.context import RunContext
from boost_collectors.core.utils.datetime_parsing import format_utc_z
from boost_collectors.core.window import Window, WindowMode
from boost_collectors.cppa_youtube_script_tracker import services
from boost_collectors.cppa_youtube_script_tracker.intake import Intake
from boost_collectors.cppa_youtube_script_tracker.queries import Query, is_about
from boost_collectors.cppa_youtube_script_tracker.records import Video, moment_of
from boost_collectors.cppa_youtube_script_tracker.source import Page, Upload, Uploads, YouTubeApi


class ChannelWalk:
    """Reads one channel's uploads and stores those in ``span`` that are about C++.

    The checkpoint is the newest page of the last finished walk (``head``), up to which the next one reads, and when all
    pages were last read (``walked``). A walk that is cut short moves neither; what it stored is not read again.
    """

    def __init__(self, context: RunContext, api: YouTubeApi, intake: Intake, query: Query, span: Window) -> None:
        self._context, self._api, self._intake, self._query = context, api, intake, query
        self._span = span
        self._words = context.settings.youtube_channel_words
        self._started = context.clock()
        self._cursor = self._load()
        self._head = frozenset(self._cursor.get("head", ()))

    def run(self, uploads: Uploads) -> None:
        """Read the pages that may hold something new. Raises as the API does; the pages before are stored then."""
        everything = self._reads_everything()
        head, totals, reached = list[str](), set[int](), False
        for page in self._api.playlist(uploads.playlist):
            head = head or [upload.video_id for upload in page.uploads]
            totals.add(page.total)
            self._take(page, everything=everything)
            reached = not everything and not self._head.isdisjoint(upload.video_id for upload in page.uploads)
            if reached or self._is_past(page.uploads):
                break
        if self._context.window.moves_checkpoint:
            # A list that changed its length while it was read may have hidden an item: all of it is read again.
            is_whole = not reached and len(totals) <= 1
            self._save(head, format_utc_z(self._started) if is_whole else self._cursor.get("walked"))

    def _reads_everything(self) -> bool:
        walked = moment_of(self._cursor.get("walked"))
        days = timedelta(days=self._context.settings.youtube_reread_days)
        return (
            self._context.window.mode is not WindowMode.INCREMENTAL or walked is None or walked + days <= self._started
        )

    def _take(self, page: Page, *, everything: bool) -> None:
        ids = [upload.video_id for upload in page.uploads if self._may_be_wanted(upload)]
        if self._context.window.mode is WindowMode.INCREMENTAL:
            with self._context.database.session() as session:
                ids = services.unstored(session, ids)
            if not everything:
                # Seen by the last walk, and not stored because they are not about C++.
                ids = [video_id for video_id in ids if video_id not in self._head]
        if not ids:
            return
        batch = self._intake.read(ids, self._is_wanted)
        with self._context.database.session() as session:
            self._intake.store(session, batch)

    def _may_be_wanted(self, upload: Upload) -> bool:
        return upload.published_at is not None and self._span.contains(upload.published_at)

    def _is_wanted(self, video: Video) -> bool:
        is_inside = video.published_at is not None and self._span.contains(video.published_at)
        return is_inside and is_about(video, self._words)

    def _is_past(self, uploads: Sequence[Upload]) -> bool:
        """True if the whole page is older than what is wanted."""
        since: datetime | None = self._span.since
        dated = [upload.published_at for upload in uploads if upload.published_at is not None]
        return since is not None and bool(dated) and max(dated) < since

    def _load(self) -> dict[str, Any]:
        with self._context.database.session() as session:
            return checkpoints.load(session, self._context.command, self._query.key) or {}

    def _save(self, head: Sequence[str], walked: str | None) -> None:
        cursor = {"head": list(head), "walked": walked}
        with self._context.database.session() as session:
            checkpoints.save(session, self._context.command, self._query.key, cursor)
