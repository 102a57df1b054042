"""Which threads and forum posts of a channel a run looks at.

The server names its active threads in one answer. Archived ones have to be asked for per channel, which an incremental
run only does where something tells that there may be new ones, and otherwise once a day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from boost_collectors.core.errors import NotFoundError
from boost_collectors.core.utils.datetime_parsing import ensure_aware_utc, parse_iso_datetime_lenient
from boost_collectors.core.window import WindowMode
from boost_collectors.discord_activity_tracker.reading import SWEEP_EVERY, Reading
from boost_collectors.discord_activity_tracker.source import ThreadPage, number_of

Thread = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FoundThreads:
    """Threads to look at, ids of those that the server no longer has, and the cursor that stands for having looked."""

    threads: list[Thread]
    gone: list[int]
    cursor: Mapping[str, Any] | None


def cursor_key(channel_id: int) -> str:
    """Under which a channel's list of threads has its checkpoint."""
    return f"{channel_id}/threads"


def find_threads(
    reading: Reading,
    channel_id: int,
    active: Collection[Thread],
    hints: Collection[int],
    *,
    is_forum: bool,
    has_private: bool = False,
) -> FoundThreads:
    """The threads of a channel: the active ones, and the archived ones that the run has to look at.

    ``hints`` are threads that messages spoke of. A forum has nothing but threads, so its archive is asked for by every
    run. ``has_private``: threads may also be private, which have an archive of their own. Raises as the API does.
    """
    known = {number_of(thread.get("id")): thread for thread in active}
    return _Finder(reading, channel_id, known, has_private).find(hints, is_forum)


class _Finder:
    def __init__(self, reading: Reading, channel_id: int, active: dict[int, Thread], has_private: bool) -> None:
        self._reading, self._channel_id, self._active = reading, channel_id, active
        self._has_private = has_private
        self._incremental = reading.context.window.mode is WindowMode.INCREMENTAL
        self._known: Mapping[str, Any] = reading.cursors.get(cursor_key(channel_id), {}) if self._incremental else {}

    def find(self, hints: Collection[int], is_forum: bool) -> FoundThreads:
        left = set(self._known.get("active", ())) - self._active.keys()
        unknown = {hint for hint in hints if hint not in self._active and str(hint) not in self._reading.cursors}
        if self._known and not (is_forum or left or unknown or self._is_due()):
            return FoundThreads(list(self._active.values()), [], self._cursor(self._known["until"], looked=False))
        archived = {number_of(thread.get("id")): thread for thread in self._archived()}
        newest = max(filter(None, map(archived_at, archived.values())), default=None)
        until = newest.isoformat() if newest else self._known.get("until")
        found, gone = self._one_by_one(left - archived.keys())
        threads = {**archived, **found, **self._active}
        threads.pop(0, None)
        return FoundThreads(list(threads.values()), gone, self._cursor(until, looked=True))

    def _archived(self) -> Iterator[Thread]:
        api = self._reading.api
        yield from self._as_far_as_known(api.archived_threads(self._channel_id))
        if self._has_private:
            yield from self._as_far_as_known(api.private_archived_threads(self._channel_id))

    def _as_far_as_known(self, pages: Iterator[ThreadPage]) -> Iterator[Thread]:
        until = _moment(self._known.get("until"))
        for page in pages:
            self._reading.refuse_to_go_on()
            yield from page.threads
            oldest = _moment(page.archived_at)
            if until and oldest and oldest < until:
                return

    def _one_by_one(self, thread_ids: Collection[int]) -> tuple[dict[int, Thread], list[int]]:
        """Threads that are neither active nor in an archive any more: those hidden from the bot, and those deleted."""
        found: dict[int, Thread] = {}
        gone: list[int] = []
        for thread_id in sorted(thread_ids):
            try:
                found[thread_id] = self._reading.api.channel(thread_id)
            except NotFoundError:
                gone.append(thread_id)
        return found, gone

    def _is_due(self) -> bool:
        return self._reading.now - datetime.fromisoformat(self._known["listed_at"]) >= SWEEP_EVERY

    def _cursor(self, until: str | None, *, looked: bool) -> Mapping[str, Any] | None:
        """The new cursor; None when it is as it was, save for the time of looking, which alone is worth no write."""
        listed_at = self._reading.now.isoformat() if looked else self._known["listed_at"]
        cursor = {"until": until, "active": sorted(self._active), "listed_at": listed_at}
        same = self._known and {**cursor, "listed_at": self._known["listed_at"]} == self._known
        return None if same and not self._is_due() else cursor


def archived_at(thread: Thread) -> datetime | None:
    """When a thread was archived; None for one that is active."""
    metadata = thread.get("thread_metadata")
    if not isinstance(metadata, Mapping) or not metadata.get("archived"):
        return None
    return _moment(metadata.get("archive_timestamp"))


def _moment(value: object) -> datetime | None:
    return ensure_aware_utc(parse_iso_datetime_lenient(value)) if isinstance(value, str) else None
