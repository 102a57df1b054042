"""One run over one list: which messages to download, and what to store with which checkpoint.

The archive can only be read newest archived first, so a run walks from the top down to where the last complete walk
began. The checkpoint of a list holds

``anchors``  ids of the newest messages when the last complete walk began: all that is archived below one of them is
             stored. A removed message is no loss while one anchor remains; without any the walk reads on to the end.
``walk``     an unfinished walk: its own anchors and the offset it had reached. A killed run goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from boost_collectors.boost_mailing_list_tracker import services
from boost_collectors.boost_mailing_list_tracker.normalise import MessageRecord, normalise
from boost_collectors.boost_mailing_list_tracker.raw_archive import RawArchive
from boost_collectors.boost_mailing_list_tracker.source import PAGE_SIZE, Archive, IndexPage, IndexRow
from boost_collectors.core import checkpoints, pending
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import NotFoundError, RateLimited, TransientError, classify_failure
from boost_collectors.core.window import WindowMode

MAX_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class _Download:
    """What became of one message: the record, or why there is none."""

    row: IndexRow
    record: MessageRecord | None = None
    error: Exception | None = None


class ArchiveWalk:
    """Reads one list as the run's window asks, page by page; each page and its checkpoint are one transaction."""

    def __init__(self, context: RunContext, archive: Archive, list_name: str) -> None:
        self._context = context
        self._archive = archive
        self._list = list_name
        self._raw = RawArchive(context.workspace, list_name)
        self._counts = Counts()
        self._failed = 0

    def run(self) -> Counts:
        """Walk, store, and return what was done. Raises TransientError when messages are left to be tried again."""
        with ThreadPoolExecutor(self._context.settings.mailing_list_parallel_downloads) as pool:
            if not self._context.dry_run and self._context.window.moves_checkpoint:
                self._retry_pending(pool)
            if self._context.window.mode is WindowMode.BACKFILL:
                self._walk_window(pool)
            else:
                self._walk_to_anchors(pool)
        if self._failed:
            raise TransientError(f"{self._failed} messages of {self._list} could not be read; they will be tried again")
        return self._counts

    def _walk_window(self, pool: ThreadPoolExecutor) -> None:
        """Messages dated inside the window. As the archive is not in date order, only a whole page below it ends it."""
        window = self._context.window
        for page in self._pages(0):
            rows = [row for row in page.rows if row.date is not None and window.contains(row.date)]
            self._take(pool, rows, None)
            dated = [row.date for row in page.rows if row.date is not None]
            if window.since and dated and all(date < window.since for date in dated):
                return

    def _walk_to_anchors(self, pool: ThreadPoolExecutor) -> None:
        with self._context.database.session() as session:
            cursor = checkpoints.load(session, self._context.command, self._list) or {}
        full = self._context.window.mode is WindowMode.FULL
        anchors = set() if full else set(cursor.get("anchors", ()))
        walk = None if full else cursor.get("walk")
        start = max(0, walk["offset"] - PAGE_SIZE) if walk else 0
        top: list[str] | None = walk["anchors"] if walk else None
        present: set[str] = set()
        for page in self._pages(start):
            ids = [row.msg_id for row in page.rows]
            top = ids if top is None else top
            if full:
                present.update(ids)
            done = bool(anchors.intersection(ids))
            self._take(pool, self._wanted(page, full), self._cursor(cursor, top, page, done=done))
            if done:
                return
        # The walk met the end of the archive: everything there is has been read.
        self._take(pool, [], {"anchors": top or []})
        if full and present and not self._context.dry_run:
            with self._context.database.session() as session:
                self._counts.add("messages_removed", services.mark_gone(session, self._list, present))

    def _cursor(self, before: Mapping[str, Any], top: Sequence[str], page: IndexPage, *, done: bool) -> dict[str, Any]:
        if done:
            return {"anchors": top}
        return {"anchors": before.get("anchors", []), "walk": {"anchors": top, "offset": page.end}}

    def _pages(self, offset: int) -> Iterator[IndexPage]:
        with closing(self._archive.pages(self._list, offset)) as pages:
            for page in pages:
                if self._context.stop.is_set():
                    raise TransientError(f"asked to stop while reading {self._list}")
                self._counts.add("messages_seen", len(page.rows))
                yield page

    def _wanted(self, page: IndexPage, full: bool) -> list[IndexRow]:
        """Rows to download: unknown ones, and recent ones that may have been edited since; with ``full`` all."""
        if full:
            return list(page.rows)
        edited_since = self._context.clock() - timedelta(days=self._context.settings.mailing_list_reread_days)
        with self._context.database.session() as session:
            known = services.known_messages(session, self._list, [row.msg_id for row in page.rows])
            known |= pending.keys(session, self._context.command, self._list)
        return [row for row in page.rows if row.msg_id not in known or (row.date and row.date >= edited_since)]

    def _take(self, pool: ThreadPoolExecutor, rows: Sequence[IndexRow], cursor: Mapping[str, Any] | None) -> None:
        """Download the rows and store them with the cursor; a rate limit keeps the cursor where it was."""
        if self._context.dry_run:
            self._counts.add("messages_to_fetch", len(rows))
            return
        downloads = list(pool.map(self._download, rows))
        limited = next((item.error for item in downloads if isinstance(item.error, RateLimited)), None)
        with self._context.database.session() as session:
            self._store(session, downloads)
            if cursor is not None and limited is None:
                checkpoints.save(session, self._context.command, self._list, cursor)
        if limited is not None:
            raise limited

    def _download(self, row: IndexRow) -> _Download:
        try:
            payload = self._archive.message(row)
            self._raw.save(row.msg_id, payload)
            return _Download(row, record=normalise(payload, list_name=self._list))
        except Exception as exc:
            return _Download(row, error=exc)

    def _store(self, session: Session, downloads: Sequence[_Download]) -> None:
        stored = services.store_messages(session, [item.record for item in downloads if item.record])
        self._counts.add("messages_fetched", len(downloads))
        self._counts.merged("messages", stored.messages)
        for record, reason in stored.refused:
            pending.quarantine(session, self._context.command, self._list, record.msg_id[:255], reason)
            self._counts.add("messages_quarantined")
        for item in downloads:
            if item.error is not None and not isinstance(item.error, RateLimited):
                self._set_aside(session, item.row, item.error)

    def _set_aside(self, session: Session, row: IndexRow, error: Exception) -> None:
        """Remember a message that could not be read: gone ones are counted, others are tried again by later runs."""
        command = self._context.command
        if isinstance(error, NotFoundError):
            pending.done(session, command, self._list, row.msg_id)
            self._counts.add("messages_gone")
            return
        self._context.log.warning("Message %s of %s: %s", row.msg_id, self._list, error)
        date = row.date.isoformat() if row.date else None
        attempts = pending.add(
            session,
            command,
            self._list,
            row.msg_id,
            f"{classify_failure(error).value}: {error}",
            {"url": row.url, "date": date},
        )
        if attempts >= MAX_ATTEMPTS:
            pending.quarantine(session, command, self._list, row.msg_id, str(error))
            self._counts.add("messages_quarantined")
        else:
            self._failed += 1
            self._counts.add("messages_pending")

    def _retry_pending(self, pool: ThreadPoolExecutor) -> None:
        """Messages that earlier runs could not read."""
        with self._context.database.session() as session:
            due = pending.due(session, self._context.command, self._list, PAGE_SIZE)
            rows = [IndexRow(item.key, item.payload["url"], None) for item in due if "url" in item.payload]
        if rows:
            self._take(pool, rows, None)
            self._forget_stored(rows)

    def _forget_stored(self, rows: Sequence[IndexRow]) -> None:
        with self._context.database.session() as session:
            for msg_id in services.known_messages(session, self._list, [row.msg_id for row in rows]):
                pending.done(session, self._context.command, self._list, msg_id)
