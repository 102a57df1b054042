"""``run_boost_mailing_list_tracker``: the messages of the Boost mailing lists, one unit per list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from pydantic import Field

from boost_collectors.boost_mailing_list_tracker.archive_walk import ArchiveWalk
from boost_collectors.boost_mailing_list_tracker.preprocessor import preprocess_mailing_list_for_pinecone
from boost_collectors.boost_mailing_list_tracker.replay import replay_cached_messages
from boost_collectors.boost_mailing_list_tracker.services import lost_senders
from boost_collectors.boost_mailing_list_tracker.source import Archive
from boost_collectors.core.collectors import BaseCollectorCommand, Unit, UnitCollector
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import CommandError, TransientError
from boost_collectors.core.options import Options, parse_instant
from boost_collectors.core.protocol_dto import GenericTrackerResult
from boost_collectors.core.protocols import TrackerResult
from boost_collectors.core.window import Window, WindowMode
from boost_collectors.core.workspace import strict_segment
from boost_collectors.cppa_pinecone_sync.sync_api import sync_to_pinecone

MOST_SHOWN = 10
"""How many lost senders a warning names."""


class MailingListOptions(Options):
    """Bounds on the messages' own date. Without them a run reads what was archived since the last complete run."""

    start_date: str = Field("", description="Only messages dated at or after this ISO date or date-time.")
    end_date: str = Field("", description="Only messages dated up to this ISO date (its whole day) or date-time.")
    pinecone_app_type: str | None = Field(
        None,
        description="Hand the documents to the vector index in this run too, under this application type; "
        "blank is BOOST_MAILING_LIST_PINECONE_APP_TYPE.",
    )
    pinecone_namespace: str | None = Field(
        None, description="Likewise, into this namespace; blank is BOOST_MAILING_LIST_PINECONE_NAMESPACE."
    )
    skip_pinecone: bool = Field(False, description="Leave the vector index alone, whatever else is given.")


class BoostMailingListTracker(UnitCollector):
    """Each list has its own checkpoint, so that a list that is down loses nothing and holds up no other."""

    def __init__(self, context: RunContext, options: MailingListOptions | None = None) -> None:
        super().__init__(context)
        self._options = options or MailingListOptions()

    def validate_config(self) -> None:
        for list_name in self.context.settings.boost_mailing_lists:
            strict_segment(list_name, "BOOST_MAILING_LISTS")

    def plan(self) -> Sequence[Unit]:
        return [Unit(list_name) for list_name in self.context.settings.boost_mailing_lists]

    def collect_unit(self, unit: Unit) -> Counts:
        if not self.context.dry_run:
            self.counts += replay_cached_messages(self.context, unit.key)
        archive = Archive(self.context.http, self.context.settings.mailing_list_api_url)
        ArchiveWalk(self.context, archive, unit.key, self.counts).run()
        return Counts()

    def collect(self) -> TrackerResult:
        """After a full run, which mends what it reads again, ``senders_lost`` counts senders without a profile."""
        result = super().collect()
        if self.context.window.mode is not WindowMode.FULL or self.context.dry_run:
            return result
        with self.context.database.session() as session:
            lost = lost_senders(session)
        if lost:
            shown = ", ".join(map(str, lost[:MOST_SHOWN]))
            self.context.log.warning(
                "Senders of stored messages that have no profile: %s, such as %s", len(lost), shown
            )
        counts = {**result.counts, "senders_lost": len(lost)}
        return GenericTrackerResult(success=result.success, counts=counts, errors=tuple(result.errors))

    def sync_pinecone(self) -> None:
        """Hand over the documents, when a flag asks for that; usually that is a task of its own.

        Raises as the sync does, and TransientError for documents that failed.
        """
        options, settings = self._options, self.context.settings
        given = options.pinecone_app_type, options.pinecone_namespace
        if options.skip_pinecone or self.context.dry_run or given == (None, None):
            return
        app_type = (given[0] or "").strip() or settings.boost_mailing_list_pinecone_app_type
        namespace = (given[1] or "").strip() or settings.boost_mailing_list_pinecone_namespace
        for name, value in (("APP_TYPE", app_type), ("NAMESPACE", namespace)):
            if not value:
                flag, variable = name.lower().replace("_", "-"), f"BOOST_MAILING_LIST_PINECONE_{name}"
                self.context.log.warning("Pinecone sync skipped: give --pinecone-%s, or set %s", flag, variable)
                return
        offer = partial(preprocess_mailing_list_for_pinecone, context=self.context)
        summary = sync_to_pinecone(app_type, namespace, offer, context=self.context)
        if summary["failed_count"]:
            raise TransientError(f"Pinecone sync had {summary['failed_count']} failed documents, which are tried again")


class BoostMailingListCommand(BaseCollectorCommand):
    options = MailingListOptions

    def get_collector(self, **options: Any) -> BoostMailingListTracker:
        given = MailingListOptions(**options)
        window = _window(given.start_date, given.end_date)
        if window is None:
            return BoostMailingListTracker(self.context, given)
        if self.context.window != Window():
            self.context.log.warning("--start-date and --end-date give way to the window that the run was given")
            return BoostMailingListTracker(self.context, given)
        return BoostMailingListTracker(replace(self.context, window=window), given)


def _window(start_date: str, end_date: str) -> Window | None:
    """The backfill that the two flags ask for; None without them. Raises CommandError for anything but dates."""
    since = parse_instant(start_date, "--start-date") if start_date.strip() else None
    until = _end(end_date) if end_date.strip() else None
    if since and until and since >= until:
        raise CommandError(f"--start-date {start_date.strip()} is after --end-date {end_date.strip()}")
    return Window.between(since, until) if since or until else None


def _end(text: str) -> datetime:
    """The exclusive end: the midnight after a bare date, just past a given instant."""
    moment = parse_instant(text, "--end-date")
    try:
        return moment + (timedelta(days=1) if _is_date(text) else timedelta(microseconds=1))
    except OverflowError:  # the last day of the calendar, as people write "without end"
        return datetime.max.replace(tzinfo=UTC)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text.strip())
    except ValueError:
        return False
    return True
