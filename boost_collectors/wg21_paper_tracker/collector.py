"""``run_wg21_paper_tracker``: mailings and papers of the C++ committee, one unit per year page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any

from pydantic import Field

from boost_collectors.core import http_cache
from boost_collectors.core.collectors import BaseCollectorCommand, Unit, UnitCollector
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import SourceError
from boost_collectors.core.options import Options
from boost_collectors.wg21_paper_tracker import services
from boost_collectors.wg21_paper_tracker.dispatch import send_announcements
from boost_collectors.wg21_paper_tracker.models import DownloadStatus
from boost_collectors.wg21_paper_tracker.selection import Bounds, select_mailings
from boost_collectors.wg21_paper_tracker.source import Mailing, Paper, YearPage, parse_index


class Wg21Options(Options):
    """Bounds on the mailings, both inclusive. Without them a run reads what is new, incomplete or recent."""

    from_date: str = Field("", description="Only mailings of this month (YYYY-MM) or later.")
    to_date: str = Field("", description="Only mailings of this month (YYYY-MM) or earlier.")


class Wg21PaperTracker(UnitCollector):
    """A year page is downloaded once a run, and not at all while the site says that it has not changed."""

    def __init__(self, context: RunContext, bounds: Bounds) -> None:
        super().__init__(context)
        self._bounds = bounds
        self._base = context.settings.wg21_papers_url.rstrip("/") + "/"

    def validate_config(self) -> None:
        self._bounds.validate()

    @cached_property
    def _by_year(self) -> dict[str, list[Mailing]]:
        """The mailings to read, by the year page they stand on, oldest first."""
        index = parse_index(self.context.http.get(self._base).text)
        if not index:
            raise SourceError(f"{self._base} links no mailing at all")
        with self.context.database.session() as session:
            statuses = services.mailing_statuses(session)
        years: dict[str, list[Mailing]] = defaultdict(list)
        for mailing in select_mailings(index, statuses, self._bounds):
            years[mailing.year].append(mailing)
        return dict(sorted(years.items()))

    def plan(self) -> Sequence[Unit]:
        return [Unit(year, cost=len(mailings)) for year, mailings in self._by_year.items()]

    def collect_unit(self, unit: Unit) -> Counts:
        counts = Counts()
        mailings = self._by_year[unit.key]
        counts.add("mailings_selected", len(mailings))
        if self.context.dry_run:
            return counts
        url = f"{self._base}{unit.key}/"
        with self.context.database.session() as session:
            statuses = services.mailing_statuses(session)
            # A page that did not change is only worth nothing when all we want of it is already stored.
            complete = all(statuses.get(m.mailing_date) == DownloadStatus.COMPLETE for m in mailings)
            validators = http_cache.load(session, url) if complete else None
        try:
            response = self.context.http.get_if_changed(url, *(validators or (None, None)))
        except Exception:
            self._record_failure(mailings)
            raise
        if response is None:
            counts.add("pages_unchanged")
            return counts
        page = YearPage(response.text, unit.key)
        missing = [mailing.mailing_date for mailing in mailings if not self._store_mailing(page, mailing, counts)]
        if missing:
            raise SourceError(f"{url} has no papers for mailing {', '.join(missing)}; tried again by the next run")
        with self.context.database.session() as session:
            http_cache.save(session, url, response.headers.get("etag"), response.headers.get("last-modified"))
        return counts

    def post_collect(self) -> None:
        if not self.context.dry_run:
            send_announcements(self.context)

    def _store_mailing(self, page: YearPage, mailing: Mailing, counts: Counts) -> bool:
        """Store one mailing with its papers in one transaction. False when the page has no papers for it."""
        papers = page.papers(mailing.mailing_date)
        with self.context.database.session() as session:
            row, created = services.get_or_create_mailing(session, mailing.mailing_date, mailing.title)
            counts.add("mailings_inserted", int(created))
            status = DownloadStatus.COMPLETE if papers else DownloadStatus.FAILED
            services.record_attempt(session, row, status, self.context.clock())
            if papers:
                year = services.normalise_year(mailing.year)
                stored = services.store_papers(session, row, [_input(paper, year) for paper in papers], announce=True)
                counts.add("papers_seen", len(papers))
                counts.merged("papers", stored.papers)
                counts.merged("authors", stored.authors)
        return bool(papers)

    def _record_failure(self, mailings: Sequence[Mailing]) -> None:
        with self.context.database.session() as session:
            for mailing in mailings:
                row, _ = services.get_or_create_mailing(session, mailing.mailing_date, mailing.title)
                services.record_attempt(session, row, DownloadStatus.FAILED, self.context.clock())


class Wg21PaperCommand(BaseCollectorCommand):
    options = Wg21Options

    def get_collector(self, **options: Any) -> Wg21PaperTracker:
        window = self.context.window
        bounds = Bounds(options["from_date"].strip(), options["to_date"].strip())
        if not (bounds.first or bounds.last):
            last = window.until - timedelta(microseconds=1) if window.until else None
            bounds = Bounds(f"{window.since:%Y-%m}" if window.since else "", f"{last:%Y-%m}" if last else "")
        return Wg21PaperTracker(self.context, bounds)


def _input(paper: Paper, year: int) -> services.PaperInput:
    return services.PaperInput(
        paper.paper_id, year, paper.url, paper.title, paper.document_date, paper.subgroup, paper.authors
    )
