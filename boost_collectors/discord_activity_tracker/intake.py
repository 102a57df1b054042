"""What was read of the API, gathered until it is worth a transaction: rows, deletions and cursors together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from boost_collectors.core import checkpoints, pending
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.discord_activity_tracker import services
from boost_collectors.discord_activity_tracker.api_format import export_message
from boost_collectors.discord_activity_tracker.raw_archive import RawArchive
from boost_collectors.discord_activity_tracker.records import MessageRecord, message_of

BATCH = 1000
"""Messages of one transaction: ten requests' worth, so that statements cost little beside them."""


@dataclass(frozen=True, slots=True)
class Place:
    """A channel or thread that is read: its row, and how exports name it and its server."""

    channel_id: int
    channel_row: int
    name: str
    guild: Mapping[str, Any]
    channel: Mapping[str, Any]


@dataclass(slots=True)
class _Batch:
    records: list[MessageRecord] = field(default_factory=list)
    raws: dict[int, list[Any]] = field(default_factory=dict)
    places: dict[int, Place] = field(default_factory=dict)
    spans: list[services.Span] = field(default_factory=list)
    present: list[int] = field(default_factory=list)
    cursors: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    refused: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)


class Intake:
    """Stores pages of one unit of work, ``unit``; call ``flush`` at its end. Adds what it does to ``counts``."""

    def __init__(self, context: RunContext, unit: str, counts: Counts) -> None:
        self._context, self._unit, self._counts = context, unit, counts
        self._raw = RawArchive(context.workspace)
        self._authors = services.AuthorIds()
        self._batch = _Batch()
        self.newly_refused: list[str] = []
        """Messages that went into quarantine now, with the reason."""
        with context.database.session() as session:
            self._set_aside = pending.keys(session, context.command, unit)

    def add(
        self,
        place: Place,
        messages: Sequence[Mapping[str, Any]],
        *,
        span: tuple[int, int] | None = None,
        cursor: Mapping[str, Any] | None = None,
    ) -> None:
        """Take a page of message objects of the API.

        ``span``: ids (after, before) between which the page holds all that exists. ``cursor``: where the channel
        stands once this page, and all that was added before it, is stored.
        """
        batch = self._batch
        batch.places[place.channel_id] = place
        exported = [export_message(message) for message in messages]
        batch.raws.setdefault(place.channel_id, []).extend(exported)
        for message in exported:
            self._take(place, message)
        if span is not None:
            batch.spans.append(services.Span(place.channel_row, *span))
        if cursor is not None:
            batch.cursors[str(place.channel_id)] = cursor
        self._counts.add("messages_read", len(messages))
        if len(batch.records) >= BATCH:
            self.flush()

    def _take(self, place: Place, message: Mapping[str, Any]) -> None:
        batch, key = self._batch, str(message.get("id"))
        if key.isdigit():
            batch.present.append(int(key))
        try:
            batch.records.append(message_of(message, place.channel_id))
        except ValueError as error:
            batch.refused.append((key, str(error), message))

    def flush(self) -> None:
        """Store what was added, with its cursors, in one transaction."""
        batch, self._batch = self._batch, _Batch()
        if not batch.places:
            return
        for channel_id, messages in batch.raws.items():
            place = batch.places[channel_id]
            # Before the rows: a cursor must not stand beyond what is archived.
            self._raw.save(place.guild, place.channel, messages, self._context.clock())
        with self._context.database.session() as session:
            rows = {key: place.channel_row for key, place in batch.places.items()}
            result = services.store_messages(session, batch.records, rows, authors=self._authors)
            deleted = services.mark_deleted(session, batch.spans, batch.present)
            self._note_refused(session, batch, result)
            checkpoints.save_all(session, self._context.command, batch.cursors)
        add_stored(self._counts, result)
        self._counts.add("messages", len(batch.records) - len(result.refused))
        self._counts.add("messages_deleted", deleted)

    def _note_refused(self, session: Session, batch: _Batch, result: services.StoredMessages) -> None:
        refused = batch.refused + [(str(record.message_id), reason, {}) for record, reason in result.refused]
        for key, reason, message in refused:
            self._counts.add("messages_quarantined")
            if key not in self._set_aside:
                pending.quarantine(session, self._context.command, self._unit, key, reason, _storable(message))
                self._set_aside.add(key)
                self.newly_refused.append(f"message {key}: {reason}")
        back = self._set_aside.intersection(map(str, batch.present)) - {key for key, *_ in refused}
        for key in back:
            pending.done(session, self._context.command, self._unit, key)
            self._set_aside.discard(key)


def add_stored(counts: Counts, result: services.StoredMessages) -> None:
    """Count what became of a batch of messages."""
    counts.merged("messages", result.messages)
    counts.merged("reactions", result.reactions.merged)
    counts.add("reactions_removed", result.reactions.removed)
    counts.add("messages_stale", result.stale)


def _storable(message: Mapping[str, Any]) -> dict[str, Any]:
    """What of a refused message helps to find it: the rest stands in the raw archive."""
    return {name: message.get(name) for name in ("id", "timestamp", "type") if isinstance(message.get(name), str)}
