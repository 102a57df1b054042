"""From messages as they come to rows: checked, authors resolved, stored in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from boost_collectors.core import pending
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import PermanentError
from boost_collectors.core.utils.storable import storable
from boost_collectors.cppa_slack_tracker import services
from boost_collectors.cppa_slack_tracker.normalise import MembershipChange, MessageRecord, normalise
from boost_collectors.cppa_slack_tracker.payloads import SlackPayloadError
from boost_collectors.cppa_slack_tracker.people import People

MOST_NAMED = 5
Located = tuple[int, Any, str]
"""A channel's primary key, a message of it as it came, and the JSON it was spelled in (empty when not at hand)."""


@dataclass(slots=True)
class Batch:
    """Messages ready to be stored, and those that cannot be, by key with reason and payload; ``seen`` of both."""

    seen: int = 0
    postings: list[services.Posting] = field(default_factory=list)
    changes: list[services.Change] = field(default_factory=list)
    refused: dict[str, tuple[str, Any]] = field(default_factory=dict)


class Intake:
    """Of one unit. Adds what it does to ``counts``. A message that cannot be stored waits in quarantine."""

    def __init__(self, context: RunContext, people: People, unit: str, counts: Counts) -> None:
        self._context, self._people, self._unit, self._counts = context, people, unit, counts
        with context.database.session() as session:
            self._set_aside = pending.keys(session, context.command, unit)
        self._failed: dict[str, str] = {}

    def prepare(self, located: Iterable[Located], keep: Callable[[datetime], bool] | None = None) -> Batch:
        """Check messages and find their authors; asks Slack for unknown ones.

        ``keep`` chooses messages by when they were written.
        """
        batch = Batch()
        found: list[tuple[int, MessageRecord | MembershipChange]] = []
        for channel, payload, spelled in located:
            batch.seen += 1
            try:
                normalised = normalise(payload, spelled)
            except SlackPayloadError as error:
                batch.refused[_key(payload)] = (str(error), payload)
                continue
            if normalised is not None and (keep is None or keep(normalised.at)):
                found.append((channel, normalised))
        self._locate(batch, found)
        return batch

    def _locate(self, batch: Batch, found: Sequence[tuple[int, MessageRecord | MembershipChange]]) -> None:
        profiles = self._people.resolve({item.user for _, item in found})
        for channel, item in found:
            if isinstance(item, MessageRecord):
                batch.postings.append(services.Posting(channel, profiles.get(item.user), item))
            else:
                batch.changes.append(services.Change(channel, profiles[item.user], item.at, item.joined))

    def store(self, session: Session, batch: Batch, *, only_newer: bool = False) -> None:
        """Write a batch, and note what could not be written."""
        stored = services.store_messages(session, batch.postings, only_newer=only_newer)
        self._counts.merged("messages", stored.messages)
        self._counts.merged("reactions", stored.reactions)
        self._counts.merged("files", stored.files)
        self._counts.add("messages", len(batch.postings) - len(stored.refused))
        self._counts.merged("membership_changes", services.store_changes(session, batch.changes))
        refused = dict(batch.refused)
        refused |= {posting.record.ts: (reason, {"ts": posting.record.ts}) for posting, reason in stored.refused}
        self._note(session, refused)
        self._forget(session, batch, refused)

    def _note(self, session: Session, refused: dict[str, tuple[str, Any]]) -> None:
        for key, (reason, payload) in refused.items():
            if key in self._set_aside:
                continue
            self._context.log.error("Message %s of %s goes into quarantine: %s", key, self._unit, reason)
            kept = {"message": storable(repr(payload))}
            pending.quarantine(session, self._context.command, self._unit, key, storable(reason), kept)
            self._failed[key] = reason
            self._counts.add("message_errors")

    def _forget(self, session: Session, batch: Batch, refused: dict[str, tuple[str, Any]]) -> None:
        healed = self._set_aside.intersection(posting.record.ts for posting in batch.postings) - refused.keys()
        for key in healed:
            pending.done(session, self._context.command, self._unit, key)
        self._set_aside -= healed

    def raise_failures(self) -> None:
        """Raise PermanentError that names messages which went into quarantine in this run, if there were any."""
        if not self._failed:
            return
        named = "; ".join(f"{key}: {reason}" for key, reason in list(self._failed.items())[:MOST_NAMED])
        raise PermanentError(f"{len(self._failed)} messages of {self._unit} went into quarantine: {named}")


def _key(payload: Any) -> str:
    ts = payload.get("ts") if isinstance(payload, dict) else None
    if isinstance(ts, str) and 0 < len(ts) <= 50:
        return storable(ts)
    return f"no-ts-{sha256(repr(payload).encode('utf-8', 'replace')).hexdigest()[:16]}"
