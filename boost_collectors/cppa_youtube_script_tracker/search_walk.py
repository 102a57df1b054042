"""A search over all of YouTube: a hundred units of quota a page, so it reads only what it has not read."""

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
from boost_collectors.cppa_youtube_script_tracker.queries import Query
from boost_collectors.cppa_youtube_script_tracker.records import Video, moment_of
from boost_collectors.cppa_youtube_script_tracker.source import Upload, YouTubeApi

ENOUGH_TO_BE_CUT = 400
"""Results after which a list may have been ended by YouTube (at about 500), and not because there are no more."""


class SearchWalk:
    """Reads what a search finds in ``span``, the newest first, and stores it.

    The checkpoint says up to when everything was read (``through``). While a walk goes on it also says which span it
    reads: from ``before``, where it stands, up to ``target``. A page and its checkpoint are one transaction, so that
    a walk which runs out of quota goes on where it was.
    """

    def __init__(self, context: RunContext, api: YouTubeApi, intake: Intake, query: Query, span: Window) -> None:
        self._context, self._api, self._intake, self._query = context, api, intake, query
        self._moves = context.window.moves_checkpoint
        self._is_full = context.window.mode is WindowMode.FULL
        cursor = self._load()
        self._through = moment_of(cursor.get("through"))
        self._target = moment_of(cursor.get("target")) or span.until or context.clock().replace(microsecond=0)
        self._before = moment_of(cursor.get("before")) or self._target
        self._span = Window.between(self._start(span.since), span.until)

    def run(self) -> None:
        """Read every page, unless that was done a short while ago.

        Raises as the API does, QuotaSpent above all; the pages before are stored then.
        """
        if self._is_fresh():
            return
        since = self._span.since
        assert since is not None
        while since < self._before:
            upper, found = self._before, 0
            for page in self._api.search(self._query.text, since, upper):
                found += len(page.uploads)
                self._take(page.uploads)
            if found < ENOUGH_TO_BE_CUT or self._before >= upper:
                break
        if self._moves:
            with self._context.database.session() as session:
                self._save(session, {"through": format_utc_z(self._target)})

    def _is_fresh(self) -> bool:
        rest = timedelta(hours=self._context.settings.youtube_search_hours)
        return self._through is not None and self._before == self._target < self._through + rest

    def _start(self, since: datetime | None) -> datetime | None:
        """Where to begin: some days before the end of the last walk, as YouTube finds some videos late."""
        if self._through is None or since is None:
            return since
        return max(since, self._through - timedelta(days=self._context.settings.youtube_reread_days))

    def _take(self, uploads: Sequence[Upload]) -> None:
        ids = [upload.video_id for upload in uploads]
        with self._context.database.session() as session:
            wanted = services.unstored(session, ids) if self._moves and not self._is_full else ids
        batch = self._intake.read(wanted, self._is_wanted)
        published = [upload.published_at for upload in uploads if upload.published_at is not None]
        self._before = min([self._before, *published])
        with self._context.database.session() as session:
            self._intake.store(session, batch)
            if self._moves:
                self._save(session, self._standing())

    def _is_wanted(self, video: Video) -> bool:
        return video.published_at is not None and self._span.contains(video.published_at)

    def _standing(self) -> dict[str, Any]:
        standing = {"target": format_utc_z(self._target), "before": format_utc_z(self._before)}
        return standing | ({"through": format_utc_z(self._through)} if self._through else {})

    def _load(self) -> dict[str, Any]:
        if not self._moves or self._is_full:
            return {}
        with self._context.database.session() as session:
            return checkpoints.load(session, self._context.command, self._query.key) or {}

    def _save(self, session: Any, cursor: dict[str, Any]) -> None:
        checkpoints.save(session, self._context.command, self._query.key, cursor)
