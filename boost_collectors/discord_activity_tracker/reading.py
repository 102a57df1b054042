"""Which messages of a channel a run asks for.

A cursor says up to which id a channel is stored (``read_to``), which newest message the server named then (``seen``),
and when the messages of the last days were last read again (``swept_at``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import NetworkError, TransientError
from boost_collectors.core.window import WindowMode
from boost_collectors.discord_activity_tracker.intake import Intake, Place
from boost_collectors.discord_activity_tracker.snowflakes import MAX_ID, first_id_at
from boost_collectors.discord_activity_tracker.source import PAGE_SIZE, DiscordApi, number_of

SWEEP_EVERY = timedelta(days=1)
_THREAD_CREATED = 18

Message = Mapping[str, Any]
Cursor = Mapping[str, Any]


@dataclass(slots=True)
class Reading:
    """What a run has for all its channels: the API, the cursors as they were, the instant at which it began."""

    context: RunContext
    api: DiscordApi
    cursors: Mapping[str, Cursor]
    counts: Counts
    now: datetime

    @property
    def recent(self) -> int:
        """The first id of the days whose messages are read again."""
        return first_id_at(self.now - timedelta(days=self.context.settings.discord_reread_days))

    def refuse_to_go_on(self) -> None:
        """Raise TransientError when the run was asked to stop."""
        if self.context.stop.is_set():
            raise TransientError("the run was asked to stop")


@dataclass(slots=True)
class ChannelReader:
    """Reads channels and threads of one unit into its intake."""

    reading: Reading
    intake: Intake
    threads_seen: set[int] = field(default_factory=set)
    """Threads that messages read here speak of."""

    def read(self, place: Place, last_message_id: int, *, archived: bool = False) -> None:
        """Read what the run's window asks for of one channel. ``last_message_id`` is 0 when it never had a message.

        An incremental run asks for nothing when the server names no new message and those stored are too old, or
        (in an ``archived`` thread) unable, to change. Raises as the API does.
        """
        window = self.reading.context.window
        cursor = self.reading.cursors.get(str(place.channel_id))
        if not last_message_id:
            return
        if window.mode is WindowMode.BACKFILL:
            after = first_id_at(window.since) - 1 if window.since else 0
            self._forward(place, after, first_id_at(window.until) if window.until else MAX_ID, compare=True)
        elif window.mode is WindowMode.FULL or cursor is None:
            done = {"read_to": 0, "seen": last_message_id, "swept_at": self.reading.now.isoformat()}
            self._read_all(place, done, compare=window.mode is WindowMode.FULL)
        elif cursor.get("seen") != last_message_id or not (archived or last_message_id < self.reading.recent):
            self._catch_up(place, cursor, last_message_id)

    def _read_all(self, place: Place, done: Cursor, *, compare: bool) -> None:
        if not self._forward(place, 0, MAX_ID, compare=compare, done=done):
            self._note_empty(place)

    def _forward(
        self, place: Place, after: int, before: int, *, compare: bool = False, done: Cursor | None = None
    ) -> bool:
        """Read ``after < id < before``, oldest first; False if the first page is empty.

        ``compare``: mark what is stored there and does not come. ``done``: the cursor at the end; the pages before
        get one that only says how far they reach.
        """
        start = after
        while True:
            page = self._page(place, after=after)
            if not page and after == start:
                return False
            wanted = [message for message in page if number_of(message.get("id")) < before]
            is_last = len(page) < PAGE_SIZE or len(wanted) < len(page)
            reached = number_of(page[-1].get("id")) if page else after
            if not is_last and reached <= after:
                raise NetworkError(f"the messages of {place.name} do not go on after {after}")
            span = (after, before if is_last else reached + 1) if compare else None
            self.intake.add(place, wanted, span=span, cursor=_moved(done, reached, is_last=is_last))
            if is_last:
                return True
            after = reached

    def _catch_up(self, place: Place, cursor: Cursor, last_message_id: int) -> None:
        """Read the newest page, what lies between it and what is stored, and now and then the last days again."""
        page = self._page(place)
        if not page:
            self._note_empty(place)
            return
        oldest, newest = (number_of(page[index].get("id")) for index in (0, -1))
        read_to = int(cursor["read_to"])
        if len(page) == PAGE_SIZE and oldest > read_to:
            self._forward(place, read_to, oldest, done={"read_to": 0})
        moved = {**cursor, "read_to": max(read_to, newest), "seen": last_message_id}
        span = (oldest - 1 if len(page) == PAGE_SIZE else 0, MAX_ID)
        self.intake.add(place, page, span=span, cursor=self._changed(place, moved))
        if self._is_sweep_due(cursor):
            self._sweep(place, page)
            self.intake.add(place, [], cursor={**moved, "swept_at": self.reading.now.isoformat()})

    def _sweep(self, place: Place, page: Sequence[Message]) -> None:
        """Read backwards from a page through the days that are read again."""
        oldest = number_of(page[0].get("id"))
        while len(page) == PAGE_SIZE and oldest > self.reading.recent:
            before, page = oldest, self._page(place, before=oldest)
            oldest = number_of(page[0].get("id")) if page else 0
            if oldest >= before:
                raise NetworkError(f"the messages of {place.name} do not go on before {before}")
            self.intake.add(place, page, span=(oldest - 1 if len(page) == PAGE_SIZE else 0, before))

    def _is_sweep_due(self, cursor: Cursor) -> bool:
        swept_at = cursor.get("swept_at")
        return not swept_at or self.reading.now - datetime.fromisoformat(swept_at) >= SWEEP_EVERY

    def _changed(self, place: Place, cursor: Cursor) -> Cursor | None:
        return None if cursor == self.reading.cursors.get(str(place.channel_id)) else cursor

    def _page(self, place: Place, *, after: int | None = None, before: int | None = None) -> list[dict[str, Any]]:
        self.reading.refuse_to_go_on()
        page = self.reading.api.messages(place.channel_id, after=after, before=before)
        self.threads_seen.update(thread for message in page if (thread := _thread_of(message)))
        return page

    def _note_empty(self, place: Place) -> None:
        # Discord answers with an empty list, not a refusal, where the bot may see a channel but not its history.
        self.reading.counts.add("channels_without_messages")
        self.reading.context.log.warning(
            "Discord shows no message of %s, which has had some: all were deleted, or the bot lacks the permission "
            "Read Message History there; nothing is marked as deleted",
            place.name,
        )


def _moved(done: Cursor | None, reached: int, *, is_last: bool) -> Cursor | None:
    if done is None:
        return None
    return {**done, "read_to": reached} if is_last else {"read_to": reached}


def _thread_of(message: Message) -> int:
    """The thread that a message started, or tells of; 0 when there is none."""
    thread, reference = message.get("thread"), message.get("message_reference")
    if isinstance(thread, Mapping):
        return number_of(thread.get("id"))
    if message.get("type") == _THREAD_CREATED and isinstance(reference, Mapping):
        return number_of(reference.get("channel_id"))
    return 0
