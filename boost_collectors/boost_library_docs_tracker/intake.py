"""One library's documentation in one release: read, saved in the workspace and stored, a batch and its checkpoint at
a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from hashlib import sha256

from sqlalchemy.orm import Session

from boost_collectors.boost_library_docs_tracker import services
from boost_collectors.boost_library_docs_tracker.places import below_release, page_url, start_path
from boost_collectors.boost_library_docs_tracker.reading import (
    LibraryReading,
    Outcome,
    Page,
    Passed,
    Position,
    reason,
)
from boost_collectors.boost_library_docs_tracker.services import PageRecord
from boost_collectors.boost_library_docs_tracker.source import PageSource
from boost_collectors.boost_library_docs_tracker.targets import Target
from boost_collectors.boost_library_docs_tracker.workspace import save_page
from boost_collectors.core import checkpoints, pending
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import TransientError, classify_failure
from boost_collectors.core.window import WindowMode

MAX_ATTEMPTS = 5
MOST_RETRIES = 1000
MOST_NAMED = 5
LARGEST_SHARE = 100
"""A checkpoint names every page: it is written anew after a hundredth of them, so that its cost stays in proportion."""


class LibraryIntake:
    """``most`` caps the pages: such a run is a sample, which neither follows a checkpoint nor leaves one."""

    def __init__(self, context: RunContext, target: Target, counts: Counts, *, batch: int, most: int | None) -> None:
        self._context = context
        self._target = target
        self._counts = counts
        self._batch = batch
        self._most = most
        self._start = start_path(target.key, target.library.documentation)
        self._pages: dict[str, PageRecord] = {}
        self._failures: dict[str, str] = {}
        self._settled: list[str] = []
        """Addresses that need not be tried again."""
        self._failed: list[str] = []
        """Pages that could not be read and will be tried again."""

    def run(self, open_source: Callable[[], PageSource]) -> None:
        """Read what is still to be read; the source is opened only if there is something.

        Raises TransientError that names the pages that could not be read, and what the source raises.
        """
        position = self._position()
        if position is None:
            self._counts.add("libraries_unchanged")
            return
        reading = LibraryReading(
            open_source(), self._target.folder, self._target.key, position, stop=self._context.stop
        )
        try:
            for outcomes in reading.pages(self._most):
                for outcome in outcomes:
                    self._take(outcome)
                if len(self._pages) + len(self._failures) >= max(self._batch, len(position.read) // LARGEST_SHARE):
                    self._commit(position)
        finally:
            self._commit(position)
        if not position.queue:
            self._finish(position)
        self._complain()

    @property
    def _follows_checkpoint(self) -> bool:
        return self._most is None and not self._context.dry_run

    def _position(self) -> Position | None:
        """Where to begin; None when there is nothing left to read."""
        if not self._follows_checkpoint or self._context.window.mode is WindowMode.FULL:
            return Position.at(self._start)
        with self._context.database.session() as session:
            cursor = checkpoints.load(session, self._context.command, self._target.unit)
            due = [item.key for item in pending.due(session, *self._unit, MOST_RETRIES)]
            known = self._stored(session) if cursor and cursor.get("complete") else set()
        if cursor is None:
            return Position.at(self._start)
        if cursor.get("complete"):
            return Position(list(cursor["starts"]), deque(due), known | set(due), known) if due else None
        position = Position.from_cursor(cursor)
        position.queue.extend(path for path in due if path not in position.queue)
        return position

    @property
    def _unit(self) -> tuple[str, str]:
        return self._context.command, self._target.unit

    def _stored(self, session: Session) -> set[str]:
        urls = services.stored_urls(session, self._target.library.id)
        return {path for url in urls if (path := below_release(url, self._target.folder))}

    def _take(self, outcome: Outcome) -> None:
        if isinstance(outcome, Page):
            self._counts.add("pages")
            if not self._context.dry_run:
                self._save(outcome)
        elif isinstance(outcome, Passed):
            self._settled.append(outcome.path)
        elif outcome.is_gone and outcome.path != self._start:
            # A dead link. Only without its first page a library has no documentation at all.
            self._context.log.warning("A page of %s is not there: %s", self._target.unit, outcome.error)
            self._counts.add("pages_missing")
            self._settled.append(outcome.path)
        else:
            self._failures[outcome.path] = f"{classify_failure(outcome.error).value}: {reason(outcome.error)}"

    def _save(self, page: Page) -> None:
        url = page_url(self._target.folder, page.path)
        try:
            changed = save_page(self._context.workspace, url, page.markdown)
        except (OSError, ValueError) as error:
            self._failures[page.asked] = reason(error)
            return
        self._counts.add("files_written", int(changed))
        self._settled.append(page.asked)
        self._pages[page.asked] = PageRecord(url, sha256(page.markdown.encode("utf-8")).hexdigest())

    def _commit(self, position: Position) -> None:
        """Store what was read since the last time, and where the reading is now."""
        if self._context.dry_run:
            self._failed += self._failures
        else:
            with self._context.database.session() as session:
                self._store(session)
                self._forget_settled(session)
                self._set_aside(session)
                if self._follows_checkpoint:
                    checkpoints.save(session, *self._unit, position.cursor())
        self._pages, self._failures, self._settled = {}, {}, []

    def _store(self, session: Session) -> None:
        library = self._target.library
        if self._pages and not services.has_library_version(session, library.id):
            self._context.log.warning("%s is not in the database any more: nothing is stored", self._target.unit)
            return
        records = list(self._pages.values())
        stored = services.store_pages(session, library.id, library.version_id, records, self._context.clock())
        self._counts.merged("contents", stored.contents)
        self._counts.merged("pages", stored.pages)
        refused = {record.url: told for record, told in stored.refused}
        self._failures |= {asked: refused[page.url] for asked, page in self._pages.items() if page.url in refused}

    def _forget_settled(self, session: Session) -> None:
        """Pages that were set aside and could be read now, or are not there any more."""
        for path in pending.keys(session, *self._unit).intersection(self._settled) - self._failures.keys():
            pending.done(session, *self._unit, path)

    def _set_aside(self, session: Session) -> None:
        """Remember what could not be read, to be tried again by later runs, but not for ever."""
        for path, why in self._failures.items():
            if pending.add(session, *self._unit, path, why) < MAX_ATTEMPTS:
                self._context.log.warning("Page %s of %s will be tried again: %s", path, self._target.unit, why)
                self._counts.add("pages_pending")
                self._failed.append(f"{path} ({why})")
            else:
                self._context.log.error("Page %s of %s goes into quarantine: %s", path, self._target.unit, why)
                self._counts.add("pages_quarantined")
                pending.quarantine(session, *self._unit, path, why)

    def _finish(self, position: Position) -> None:
        """All pages were read: others that were there before are gone."""
        if not self._follows_checkpoint:
            return
        with self._context.database.session() as session:
            kept = position.read | pending.keys(session, *self._unit)
            urls = [page_url(self._target.folder, path) for path in kept]
            gone = services.forget_missing_pages(session, self._target.library.id, urls, self._context.clock())
            checkpoints.save(session, *self._unit, {"complete": True, "starts": position.starts})
        self._counts.add("pages_gone", gone)

    def _complain(self) -> None:
        if self._failed:
            more = f" and {len(self._failed) - MOST_NAMED} more" if len(self._failed) > MOST_NAMED else ""
            named = "; ".join(self._failed[:MOST_NAMED])
            raise TransientError(f"{len(self._failed)} pages could not be read and will be tried again: {named}{more}")
