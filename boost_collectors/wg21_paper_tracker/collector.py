"""``run_wg21_paper_tracker``: mailings and papers of the C++ committee, one unit per year page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any

from pydantic import Field
from sqlalchemy.orm import Session

from boost_collectors.core import http_cache, pending
from boost_collectors.core.collectors import BaseCollectorCommand, Unit, UnitCollector
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import SourceError
from boost_collectors.core.options import Options
from boost_collectors.core.window import Window, WindowMode
from boost_collectors.wg21_paper_tracker import services
from boost_collectors.wg21_paper_tracker.dispatch import send_announcements
from boost_collectors.wg21_paper_tracker.index_page import read_index
from boost_collectors.wg21_paper_tracker.models import DownloadStatus
from boost_collectors.wg21_paper_tracker.records import PaperInput, normalise_year
from boost_collectors.wg21_paper_tracker.selection import Bounds, select_mailings
from boost_collectors.wg21_paper_tracker.services import StoredPapers
from boost_collectors.wg21_paper_tracker.source import Mailing, Paper, YearPage


class Wg21Options(Options):
    """Bounds on the mailings, both inclusive. Without them a run reads what is new, incomplete or recent."""

    from_date: str = Field("", description="Only mailings of this month (YYYY-MM) or later.")
    to_date: str = Field("", description="Only mailings of this month (YYYY-MM) or earlier.")


class Wg21PaperTracker(UnitCollector):
    """A year page is downloaded once a run, and not at all while the site says that it has not changed.

    ``everything``: read all mailings of the site again, changed or not.
    """

    def __init__(self, context: RunContext, bounds: Bounds, *, everything: bool = False) -> None:
        super().__init__(context)
        self._bounds = Bounds("0000-01") if everything else bounds
        # What a bounded run reads of a page says nothing about the rest of it.
        self._conditional = not self._bounds
        self._base = context.settings.wg21_papers_url.rstrip("/") + "/"

    def validate_config(self) -> None:
        self._bounds.validate()

    @cached_property
    def _by_year(self) -> dict[str, list[Mailing]]:
        """The mailings to read, by the year page they stand on, oldest first."""
        index = read_index(self.context, self._base)
        years: dict[str, list[Mailing]] = defaultdict(list)
        with self.context.database.session() as session:
            statuses = services.mailing_statuses(session)
        for mailing in select_mailings(index, statuses, self._bounds):
            years[mailing.year].append(mailing)
        return dict(sorted(years.items()))

    def plan(self) -> Sequence[Unit]:
        return [Unit(year, cost=len(mailings)) for year, mailings in self._by_year.items()]

    def collect_unit(self, unit: Unit) -> Counts:
        mailings = self._by_year[unit.key]
        self.counts.add("mailings_selected", len(mailings))
        if not self.context.dry_run:
            self._read_year(unit.key, mailings)
        return Counts()

    def post_collect(self) -> None:
        if not self.context.dry_run:
            send_announcements(self.context)

    def _read_year(self, year: str, mailings: Sequence[Mailing]) -> None:
        url = f"{self._base}{year}/"
        try:
            response = self.context.http.get_if_changed(url, *self._validators(url, mailings))
            page = YearPage(response.text, year) if response is not None else None
            if page is not None and not page.has_mailings:
                raise SourceError(f"{url} marks no mailing at all")
        except Exception:
            self._record_failure(mailings)
            raise
        if response is None or page is None:
            self.counts.add("pages_unchanged")
            return
        for mailing in mailings:
            self._store_mailing(page, mailing)
        if self._conditional:
            etag, modified = response.headers.get("etag"), response.headers.get("last-modified")
            with self.context.database.session() as session:
                http_cache.save(session, url, etag, modified)

    def _validators(self, url: str, mailings: Sequence[Mailing]) -> tuple[str | None, str | None]:
        """What the site is asked with. An unchanged page says nothing new about mailings that were read from it."""
        with self.context.database.session() as session:
            if self._conditional and services.all_were_read(session, [mailing.mailing_date for mailing in mailings]):
                return http_cache.load(session, url) or (None, None)
        return None, None

    def _store_mailing(self, page: YearPage, mailing: Mailing) -> None:
        """Store one mailing with its papers in one transaction."""
        papers = page.papers(mailing.mailing_date) or []
        with self.context.database.session() as session:
            row, created = services.get_or_create_mailing(session, mailing.mailing_date, mailing.title)
            services.record_attempt(session, row, DownloadStatus.COMPLETE, self.context.clock())
            inputs = [_input(paper, self._year(mailing)) for paper in papers]
            stored = services.store_papers(session, row, inputs, announce=True)
            self._note_refused(session, mailing, inputs, stored)
        self.counts.add("mailings_inserted", int(created))
        self.counts.add("mailings_without_papers", int(not papers))
        self.counts.add("papers_seen", len(inputs))
        self.counts.merged("papers", stored.papers)
        self.counts.merged("authors", stored.authors)

    def _note_refused(
        self, session: Session, mailing: Mailing, papers: Sequence[PaperInput], stored: StoredPapers
    ) -> None:
        """Papers that cannot be stored wait in quarantine, with the reason, until the page has them right."""
        command, unit = self.context.command, mailing.mailing_date
        known = pending.keys(session, command, unit)
        refused = {paper.paper_id: reason for paper, reason in stored.refused}
        for paper_id in {paper.paper_id for paper in papers} & known - set(refused):
            pending.done(session, command, unit, paper_id)
        for paper_id, reason in refused.items():
            self.counts.add("papers_quarantined")
            self.context.log.error("Paper %s of mailing %s goes into quarantine: %s", paper_id[:80], unit, reason)
            if paper_id not in known:
                pending.quarantine(session, command, unit, paper_id, reason)

    def _record_failure(self, mailings: Sequence[Mailing]) -> None:
        with self.context.database.session() as session:
            for mailing in mailings:
                row, _ = services.get_or_create_mailing(session, mailing.mailing_date, mailing.title)
                services.record_attempt(session, row, DownloadStatus.FAILED, self.context.clock())

    def _year(self, mailing: Mailing) -> int:
        year = normalise_year(mailing.year)
        if 0 < year <= self.context.clock().year + 1:
            return year
        told = "Mailing %s stands on the page of year %s: its papers get no year"
        self.context.log.warning(told, mailing.mailing_date, mailing.year)
        return 0


class Wg21PaperCommand(BaseCollectorCommand):
    options = Wg21Options

    def get_collector(self, **options: Any) -> Wg21PaperTracker:
        bounds = Bounds(options["from_date"].strip(), options["to_date"].strip())
        window = self.context.window
        if window == Window():
            return Wg21PaperTracker(self.context, bounds)
        if bounds:
            bounds.validate()
            self.context.log.warning("--from-date and --to-date give way to the window that the run was given")
        return Wg21PaperTracker(self.context, _months(window), everything=window.mode is WindowMode.FULL)


def _months(window: Window) -> Bounds:
    """The months that a window touches."""
    last = window.until - timedelta(microseconds=1) if window.until else None
    return Bounds(f"{window.since:%Y-%m}" if window.since else "", f"{last:%Y-%m}" if last else "")


def _input(paper: Paper, year: int) -> PaperInput:
    return PaperInput(paper.paper_id, year, paper.url, paper.title, paper.document_date, paper.subgroup, paper.authors)
