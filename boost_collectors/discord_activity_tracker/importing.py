"""Storing the messages of an export file, in batches of one transaction each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import SourceError, TransientError
from boost_collectors.core.read_ahead import read_ahead
from boost_collectors.discord_activity_tracker import services
from boost_collectors.discord_activity_tracker.export_file import Envelope, ExportFile
from boost_collectors.discord_activity_tracker.intake import add_stored
from boost_collectors.discord_activity_tracker.records import MessageRecord, message_of

BATCH = 10_000
MOST_NAMED = 5

Keep = Callable[[Envelope, list[Any]], object]
"""Is given the messages of a batch as they came, before they are stored."""


@dataclass(slots=True)
class _Batch:
    """Messages as records, those that are none as problems, and all as they came where that is wanted."""

    records: list[MessageRecord] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    raws: list[Any] = field(default_factory=list)


class FileImporter:
    """Imports export files. Adds what it does to ``counts``; ``messages`` are those that were stored."""

    def __init__(self, context: RunContext, counts: Counts) -> None:
        self._context, self._counts = context, counts

    def run(self, path: Path, envelope: Envelope, keep: Keep | None = None) -> int:
        """Store every message of the file; returns how many were stored.

        A message that cannot be a row never stops the others. Raises SourceError that names such messages when all
        others are stored, ExportFileError for a file that breaks off (what stood before is stored),
        TransientError when the run is asked to stop.
        """
        rows, authors = self._channel_rows(envelope), services.AuthorIds()
        stored, problems = 0, list[str]()
        for batch in read_ahead(_batches(ExportFile(path), envelope.channel.channel_id, with_raws=keep is not None)):
            if self._context.stop.is_set():
                raise TransientError(f"asked to stop while importing {path.name}")
            if keep is not None:
                keep(envelope, batch.raws)
            refused = self._store(batch.records, rows, authors, envelope)
            stored += len(batch.records) - len(refused)
            problems += [*batch.problems, *refused]
        if problems:
            total = stored + len(problems)
            shown = "; ".join(problems[:MOST_NAMED])
            raise SourceError(f"{len(problems)} of {total} messages cannot be stored: {shown}")
        return stored

    def _channel_rows(self, envelope: Envelope) -> dict[int, int]:
        with self._context.database.session() as session:
            server_row = services.store_server(session, envelope.server)
            merged, rows = services.store_channels(session, server_row, [envelope.channel], archived=True)
        self._counts.merged("channels", merged)
        return rows

    def _store(
        self, records: list[MessageRecord], rows: dict[int, int], authors: services.AuthorIds, envelope: Envelope
    ) -> list[str]:
        """Store a batch; returns what the database refused, with the reasons."""
        with self._context.database.session() as session:
            result = services.store_messages(
                session, records, rows, authors=authors, archived=True, archived_at=envelope.exported_at
            )
        add_stored(self._counts, result)
        self._counts.add("messages", len(records) - len(result.refused))
        return [f"message {record.message_id}: {reason}" for record, reason in result.refused]


def _batches(file: ExportFile, channel_id: int, *, with_raws: bool) -> Iterator[_Batch]:
    messages = file.messages()
    while True:
        batch = _Batch()
        for raw in islice(messages, BATCH):
            if with_raws:
                batch.raws.append(raw)
            try:
                batch.records.append(message_of(raw, channel_id))
            except ValueError as error:
                key = raw.get("id") if isinstance(raw, dict) else None
                batch.problems.append(f"message {key!r:.40}: {error}")
        if not batch.records and not batch.problems:
            return
        yield batch
