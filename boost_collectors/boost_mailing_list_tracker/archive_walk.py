"""One run over one list: which part of the index to read, and which of its messages to download.

The archive can only be read newest archived first, so a run walks from the top down to where the last complete walk
began. The checkpoint of a list holds

``anchors``  ids of the newest messages when the last complete walk began: all that is archived below one of them is
             stored. A removed message is no loss while one anchor remains; without any the walk reads on to the end.
``walk``     an unfinished walk: its own anchors and the offset it had reached. The next run finishes it first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from datetime import timedelta

from boost_collectors.boost_mailing_list_tracker import services
from boost_collectors.boost_mailing_list_tracker.intake import Intake
from boost_collectors.boost_mailing_list_tracker.source import PAGE_SIZE, Archive, IndexPage, IndexRow
from boost_collectors.core import checkpoints
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import TransientError
from boost_collectors.core.window import WindowMode


class ArchiveWalk:
    """Reads one list as the run's window asks, page by page; each page and its checkpoint are one transaction."""

    def __init__(self, context: RunContext, archive: Archive, list_name: str, counts: Counts) -> None:
        self._context = context
        self._archive = archive
        self._list = list_name
        self._counts = counts

    def run(self) -> None:
        """Walk, store, and count what was done. Raises TransientError when messages are left to be tried again."""
        with Intake(self._context, self._archive, self._list, self._counts) as intake:
            match self._context.window.mode:
                case WindowMode.BACKFILL:
                    self._read_window(intake)
                case WindowMode.FULL:
                    self._read_everything(intake)
                case WindowMode.INCREMENTAL:
                    self._read_news(intake)
            if intake.failed:
                raise TransientError(
                    f"{intake.failed} messages of {self._list} could not be read; they will be tried again"
                )

    def _read_window(self, intake: Intake) -> None:
        """Messages dated inside the window. As the archive is not in date order, only a whole page below it ends it."""
        window = self._context.window
        for page in self._pages():
            intake.take([row for row in page.rows if row.date is not None and window.contains(row.date)])
            dates = [row.date for row in page.rows if row.date is not None]
            if window.since and dates and max(dates) < window.since:
                return

    def _read_everything(self, intake: Intake) -> None:
        """Every message, edited or not; then those that the archive does not have any more are marked."""
        present: set[str] = set()
        top: list[str] | None = None
        for page in self._pages():
            ids = [row.msg_id for row in page.rows]
            top = ids if top is None else top
            present.update(ids)
            intake.take(page.rows)
        if self._context.dry_run:
            return
        with self._context.database.session() as session:
            if present:
                self._counts.add("messages_removed", services.mark_gone(session, self._list, present))
            checkpoints.save(session, self._context.command, self._list, {"anchors": top or []})

    def _read_news(self, intake: Intake) -> None:
        with self._context.database.session() as session:
            cursor = checkpoints.load(session, self._context.command, self._list) or {}
        if not self._context.dry_run:
            intake.retry()
        anchors, unfinished = cursor.get("anchors", []), cursor.get("walk")
        if unfinished:
            self._walk(intake, anchors, max(0, unfinished["offset"] - PAGE_SIZE), unfinished["anchors"])
            anchors = unfinished["anchors"]
        self._walk(intake, anchors)

    def _walk(self, intake: Intake, anchors: Sequence[str], start: int = 0, top: list[str] | None = None) -> None:
        """From ``start`` down to the anchors, or to the end of the archive when none is left.

        An anchor alone does not prove it: archived anew, it may stand above messages that are new. So does the last
        row of a page, if we have it.
        """
        reached = False
        for page in self._pages(start):
            ids = [row.msg_id for row in page.rows]
            top = ids if top is None else top
            known = self._known(ids) | intake.set_aside
            reached = reached or not set(anchors).isdisjoint(ids)
            done = reached and (not ids or ids[-1] in known)
            going_on = {"anchors": anchors, "walk": {"anchors": top, "offset": page.end}}
            intake.take(self._wanted(page, known, intake.set_aside), {"anchors": top} if done else going_on)
            if done:
                return
        intake.take([], {"anchors": top or []})

    def _known(self, ids: Sequence[str]) -> set[str]:
        with self._context.database.session() as session:
            return services.known_messages(session, self._list, ids)

    def _wanted(self, page: IndexPage, known: Collection[str], set_aside: Collection[str]) -> list[IndexRow]:
        """Unknown rows, and recent ones that may have been edited since. What is dated ahead of time is not recent."""
        now = self._context.clock()
        since = now - timedelta(days=self._context.settings.mailing_list_reread_days)
        return [
            row
            for row in page.rows
            if row.msg_id not in known
            or (row.date is not None and since <= row.date <= now and row.msg_id not in set_aside)
        ]

    def _pages(self, offset: int = 0) -> Iterator[IndexPage]:
        with closing(self._archive.pages(self._list, offset)) as pages:
            for page in pages:
                if self._context.stop.is_set():
                    raise TransientError(f"asked to stop while reading {self._list}")
                self._counts.add("messages_seen", len(page.rows))
                yield page
