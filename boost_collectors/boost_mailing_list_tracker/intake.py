"""Downloading messages of one list, several at a time, and storing them with the checkpoint they are due to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy.orm import Session

from boost_collectors.boost_mailing_list_tracker import services
from boost_collectors.boost_mailing_list_tracker.normalise import MessageRecord, normalise
from boost_collectors.boost_mailing_list_tracker.raw_archive import RawArchive
from boost_collectors.boost_mailing_list_tracker.source import PAGE_SIZE, Archive, IndexRow
from boost_collectors.core import checkpoints, pending
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import (
    CollectorError,
    NotFoundError,
    RateLimited,
    SourceError,
    TransientError,
    classify_failure,
)

MAX_ATTEMPTS = 5
MOST_RETRIES = 1000
OUTAGE = 10
"""So many messages of a page, none of which can be read, mean that the archive is down, not that they are bad."""


@dataclass(frozen=True, slots=True)
class _Download:
    """What became of one message: the record, or why there is none."""

    row: IndexRow
    record: MessageRecord | None = None
    error: Exception | None = None


class Intake:
    """A context manager, because it owns the download threads. Adds what it does to ``counts``."""

    def __init__(self, context: RunContext, archive: Archive, list_name: str, counts: Counts) -> None:
        self._context = context
        self._archive = archive
        self._list = list_name
        self._raw = RawArchive(context.workspace, list_name)
        self._counts = counts
        self._limit: RateLimited | None = None
        self._pool = ThreadPoolExecutor(context.settings.mailing_list_parallel_downloads)
        self.failed = 0
        """Messages that could not be read and will be tried again."""
        with context.database.session() as session:
            self.set_aside = pending.keys(session, context.command, list_name)
            """Ids of messages that could not be read, those in quarantine included."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def retry(self) -> None:
        """Try the messages again that earlier runs could not read."""
        with self._context.database.session() as session:
            due = pending.due(session, self._context.command, self._list, MOST_RETRIES)
            rows = [IndexRow(item.key, item.payload["url"]) for item in due]
        for start in range(0, len(rows), PAGE_SIZE):
            # Those that nobody can read must not keep the run from what is new, however many they are.
            self.take(rows[start : start + PAGE_SIZE], may_be_outage=False)

    def take(
        self, rows: Sequence[IndexRow], cursor: Mapping[str, Any] | None = None, *, may_be_outage: bool = True
    ) -> None:
        """Download the rows and store them in one transaction with the cursor; a dry run only counts them.

        What could not be read is set aside. But when the archive is down, asks us to wait, or the run is to end, what
        was read is stored, the cursor stays where it was, and that is raised.
        """
        if self._context.dry_run:
            self._counts.add("messages_to_fetch", len(rows))
            return
        downloads = list(self._pool.map(self._download, rows))
        end = self._reason_to_end() or (_outage(self._list, downloads) if may_be_outage else None)
        with self._context.database.session() as session:
            self._store(session, [item.record for item in downloads if item.record])
            if end is None:
                self._note_failures(session, downloads)
                if cursor is not None:
                    checkpoints.save(session, self._context.command, self._list, cursor)
        if end is not None:
            raise end

    def _download(self, row: IndexRow) -> _Download:
        if self._limit is not None:
            return _Download(row, error=self._limit)
        try:
            payload = self._archive.message(row)
            self._raw.save(row.msg_id, payload)
            record = normalise(payload, list_name=self._list)
            if record.msg_id != row.msg_id:
                raise SourceError(f"{row.url} is message {record.msg_id[:80]!r}, not {row.msg_id[:80]!r}")
            return _Download(row, record=record)
        except RateLimited as limit:
            self._limit = limit
            return _Download(row, error=limit)
        except Exception as error:
            return _Download(row, error=error)

    def _reason_to_end(self) -> CollectorError | None:
        if self._limit is None and self._context.stop.is_set():
            return TransientError(f"asked to stop while reading {self._list}")
        return self._limit

    def _store(self, session: Session, records: Sequence[MessageRecord]) -> None:
        stored = services.store_messages(session, records, lists=self._context.settings.boost_mailing_lists)
        self._counts.add("messages_fetched", len(records))
        self._counts.merged("messages", stored.messages)
        for record, reason in stored.refused:
            self._quarantine(session, record.msg_id, reason)
        refused = {record.msg_id for record, _ in stored.refused}
        for msg_id in self.set_aside.intersection(record.msg_id for record in records) - refused:
            self._forget(session, msg_id)

    def _note_failures(self, session: Session, downloads: Sequence[_Download]) -> None:
        for item in downloads:
            if isinstance(item.error, NotFoundError):
                self._forget(session, item.row.msg_id)
                self._counts.add("messages_gone")
            elif item.error is not None:
                self._set_aside(session, item.row, item.error)

    def _set_aside(self, session: Session, row: IndexRow, error: Exception) -> None:
        """Remember a message that could not be read, to be tried again by later runs, but not for ever."""
        reason = f"{classify_failure(error).value}: {error}"
        attempts = pending.add(session, self._context.command, self._list, row.msg_id, reason, {"url": row.url})
        if attempts >= MAX_ATTEMPTS:
            self._quarantine(session, row.msg_id, reason)
            return
        self._context.log.warning("Message %s of %s will be tried again: %s", row.msg_id, self._list, reason)
        self.set_aside.add(row.msg_id)
        self.failed += 1
        self._counts.add("messages_pending")

    def _quarantine(self, session: Session, msg_id: str, reason: str) -> None:
        self._context.log.error("Message %s of %s goes into quarantine: %s", msg_id[:80], self._list, reason)
        pending.quarantine(session, self._context.command, self._list, msg_id, reason)
        self.set_aside.add(msg_id)
        self._counts.add("messages_quarantined")

    def _forget(self, session: Session, msg_id: str) -> None:
        pending.done(session, self._context.command, self._list, msg_id)
        self.set_aside.discard(msg_id)


def _outage(list_name: str, downloads: Sequence[_Download]) -> CollectorError | None:
    errors = [item.error for item in downloads if item.error and not isinstance(item.error, NotFoundError)]
    if len(downloads) < OUTAGE or len(errors) < len(downloads):
        return None
    return TransientError(f"none of {len(errors)} messages of {list_name} could be read: {errors[0]}")
