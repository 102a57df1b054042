"""``run_cppa_youtube_script_tracker``: videos about C++, their statistics, speakers, tags and transcripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

from boost_collectors.core.collectors import BaseCollectorCommand, Unit, UnitCollector
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import CommandError, NotFoundError, TransientError
from boost_collectors.core.protocols import TrackerResult
from boost_collectors.core.window import Window, WindowMode
from boost_collectors.cppa_pinecone_sync.sync_api import sync_to_pinecone
from boost_collectors.cppa_youtube_script_tracker import services
from boost_collectors.cppa_youtube_script_tracker.channel_walk import ChannelWalk
from boost_collectors.cppa_youtube_script_tracker.intake import Intake
from boost_collectors.cppa_youtube_script_tracker.options import Bounds, YoutubeOptions, bounds_of, first_start
from boost_collectors.cppa_youtube_script_tracker.preprocessor import preprocess_youtube_for_pinecone
from boost_collectors.cppa_youtube_script_tracker.queries import Query, queries
from boost_collectors.cppa_youtube_script_tracker.quota import QuotaMeter
from boost_collectors.cppa_youtube_script_tracker.quota_day import QuotaSpent
from boost_collectors.cppa_youtube_script_tracker.reread import reread
from boost_collectors.cppa_youtube_script_tracker.search_walk import SearchWalk
from boost_collectors.cppa_youtube_script_tracker.source import Uploads, YouTubeApi
from boost_collectors.cppa_youtube_script_tracker.staged import QueueFiles, queue_files
from boost_collectors.cppa_youtube_script_tracker.transcripts import UNIT as TRANSCRIPTS
from boost_collectors.cppa_youtube_script_tracker.transcripts import Transcripts

QUEUE = "queue"
STATISTICS = "statistics"
VECTOR_TYPE = "youtube"


class YoutubeTracker(UnitCollector):
    """One unit per channel and per search, and one each for queue files, statistics and transcripts.

    What costs least quota comes first, so that a day's units bring as much as they can. Transcripts cost none, and come
    last because they are of videos found before.
    """

    def __init__(self, context: RunContext, options: YoutubeOptions, bounds: Bounds) -> None:
        super().__init__(context)
        self._options, self._bounds = options, bounds

    def validate_config(self) -> None:
        if not self.context.settings.youtube_api_key:
            raise CommandError("YOUTUBE_API_KEY is not set")
        assert self._queries is not None

    def plan(self) -> Sequence[Unit]:
        """The units in the order of their cost in quota. Asks YouTube nothing."""
        if self._bounds.is_empty:
            self.context.log.info("YouTube: --start-time is --end-time, nothing can lie between")
            return []
        found = self._queries.values()
        channels = [Unit(query.key, label=query.text) for query in found if query.channel_id]
        searches = [Unit(query.key, cost=2, label=query.text) for query in found if not query.channel_id]
        goes_on = self.context.window.moves_checkpoint
        queue = [Unit(QUEUE)] if goes_on and any(True for _ in queue_files(self.context.workspace)) else []
        statistics = [Unit(STATISTICS)] if goes_on else []
        transcripts = [] if self._options.skip_transcript else [Unit(TRANSCRIPTS)]
        return [*queue, *channels, *statistics, *searches, *transcripts]

    def collect_unit(self, unit: Unit) -> Counts:
        if self.context.dry_run:
            self._tell_plan()
            return Counts()
        try:
            self._collect(unit.key)
        except QuotaSpent as error:
            # Units that are cheaper, or free, can still be done: only this one has to wait for the reset.
            self.failures[unit.key] = error
            self.context.log.warning("%s is left for the next day of the quota: %s", unit.key, error)
        return Counts()

    def collect(self) -> TrackerResult:
        result = super().collect()
        if not self.context.dry_run:
            self._tell_result()
        return result

    def sync_pinecone(self) -> None:
        """Hand over the documents, when a flag asks for that.

        Raises as the sync does, and TransientError for documents that failed.
        """
        if not self._options.names_vectors or self.context.dry_run:
            return
        given = self._options.pinecone_app_id, self._options.pinecone_namespace
        defaults = VECTOR_TYPE, self.context.settings.youtube_pinecone_namespace
        app_type, namespace = (
            (default if name is None else name).strip() for name, default in zip(given, defaults, strict=True)
        )
        if not app_type or not namespace:
            self.context.log.warning("YouTube: Pinecone sync skipped, the application type or the namespace is empty")
            return
        offer = partial(preprocess_youtube_for_pinecone, context=self.context)
        summary = sync_to_pinecone(app_type, namespace, offer, context=self.context)
        if summary["failed_count"]:
            raise TransientError(f"Pinecone sync had {summary['failed_count']} failed documents, which are tried again")

    def _collect(self, key: str) -> None:
        if key == QUEUE:
            QueueFiles(self.context, self.counts).run()
        elif key == STATISTICS:
            intake = self._intake("")
            reread(self.context, intake, self.counts)
            intake.raise_problems()
        elif key == TRANSCRIPTS:
            Transcripts(self.context, self.counts).run()
        else:
            self._collect_query(self._queries[key])

    def _collect_query(self, query: Query) -> None:
        intake = self._intake(query.text)
        if query.channel_id:
            ChannelWalk(self.context, self._api, intake, query, self._span).run(self._uploads_of(query))
        else:
            SearchWalk(self.context, self._api, intake, query, self._span).run()
        intake.raise_problems()

    def _uploads_of(self, query: Query) -> Uploads:
        uploads = self._uploads.get(query.channel_id)
        with self.context.database.session() as session:
            if uploads is None:
                services.mark_channel_gone(session, query.channel_id)
            else:
                self.counts.merged("channels", services.store_channels(session, [uploads.channel]))
        if uploads is None:
            raise NotFoundError(f"YouTube has no channel {query.channel_id} ({query.text}), see YOUTUBE_CHANNELS")
        return uploads

    def _intake(self, search_term: str) -> Intake:
        return Intake(self.context, self._api, self.counts, search_term)

    @cached_property
    def _queries(self) -> dict[str, Query]:
        return {query.key: query for query in queries(self.context.settings, self._options.channel_title)}

    @cached_property
    def _meter(self) -> QuotaMeter:
        return QuotaMeter(self.context)

    @cached_property
    def _api(self) -> YouTubeApi:
        return YouTubeApi(self.context, self._meter.spend, self._meter.close_day)

    @cached_property
    def _uploads(self) -> dict[str, Uploads]:
        """The channels as YouTube has them, all asked for at once."""
        return self._api.uploads([query.channel_id for query in self._queries.values() if query.channel_id])

    @property
    def _span(self) -> Window:
        """The time in which the videos to be stored were published; it always has a beginning."""
        window = self.context.window
        return Window(WindowMode.BACKFILL, window.since or first_start(self.context.settings), window.until)

    def _tell_plan(self) -> None:
        """Once a dry run: what would be read."""
        if self.counts["dry_run"]:
            return
        self.counts.add("dry_run")
        span = self._span
        until = span.until.isoformat() if span.until else "now"
        self.context.log.info("Dry run: videos published from %s to %s would be read", span.since, until)

    def _tell_result(self) -> None:
        counts = self.counts
        if counts["queue_files"] or counts["queue_failed"]:
            told = "Phase 1: %d files of the queue, %d entries skipped"
            self.context.log.info(told, counts["queue_files"], counts["queue_skipped"])
        if counts["videos"]:
            already = counts["videos_seen"] - counts["videos_inserted"]
            self.context.log.info("Phase 2: %d videos created, %d skipped as known", counts["videos"], already)
        else:
            self.context.log.warning("Phase 2: no new videos")
        downloaded, unavailable = counts["transcripts_downloaded"], counts["transcripts_unavailable"]
        self.context.log.info("Phase 3: %d transcripts downloaded, %d unavailable", downloaded, unavailable)


class YoutubeTrackerCommand(BaseCollectorCommand):
    options = YoutubeOptions

    def get_collector(self, **options: Any) -> YoutubeTracker:
        chosen = YoutubeOptions(**options)
        bounds = bounds_of(chosen, self.context.clock())
        window = bounds.window
        if window is None:
            return YoutubeTracker(self.context, chosen, bounds)
        if self.context.window != Window():
            self.context.log.warning("--start-time and --end-time give way to the window that the run was given")
            return YoutubeTracker(self.context, chosen, bounds)
        return YoutubeTracker(replace(self.context, window=window), chosen, bounds)
