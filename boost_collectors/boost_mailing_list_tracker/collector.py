"""``run_boost_mailing_list_tracker``: the messages of the Boost mailing lists, one unit per list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import Field

from boost_collectors.boost_mailing_list_tracker.archive_walk import ArchiveWalk
from boost_collectors.boost_mailing_list_tracker.replay import replay_cached_messages
from boost_collectors.boost_mailing_list_tracker.source import Archive
from boost_collectors.core.collectors import BaseCollectorCommand, Unit, UnitCollector
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import CommandError
from boost_collectors.core.options import Options, parse_instant
from boost_collectors.core.window import Window
from boost_collectors.core.workspace import strict_segment


class MailingListOptions(Options):
    """Bounds on the messages' own date. Without them a run reads what was archived since the last complete run."""

    start_date: str = Field("", description="Only messages dated at or after this ISO date or date-time.")
    end_date: str = Field("", description="Only messages dated up to this ISO date (its whole day) or date-time.")


class BoostMailingListTracker(UnitCollector):
    """Each list has its own checkpoint, so that a list that is down loses nothing and holds up no other."""

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


class BoostMailingListCommand(BaseCollectorCommand):
    options = MailingListOptions

    def get_collector(self, **options: Any) -> BoostMailingListTracker:
        window = _window(**options)
        if window is None:
            return BoostMailingListTracker(self.context)
        if self.context.window != Window():
            self.context.log.warning("--start-date and --end-date give way to the window that the run was given")
            return BoostMailingListTracker(self.context)
        return BoostMailingListTracker(replace(self.context, window=window))


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
