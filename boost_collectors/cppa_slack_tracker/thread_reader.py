"""Reading the replies of threads, several threads to a transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import CollectorError, NotFoundError, SourceError, TransientError
from boost_collectors.cppa_slack_tracker import services
from boost_collectors.cppa_slack_tracker.intake import Intake
from boost_collectors.cppa_slack_tracker.raw_archive import RawArchive
from boost_collectors.cppa_slack_tracker.source import SlackSource

REPLIES_AT_A_TIME = 1000
THREADS_AT_A_TIME = 200


class ThreadReader:
    """Of one channel. A thread that cannot be read does not keep the others from being read."""

    def __init__(
        self,
        context: RunContext,
        source: SlackSource,
        intake: Intake,
        archive: RawArchive,
        channel: services.ChannelRow,
        counts: Counts,
    ) -> None:
        self._context, self._source, self._intake, self._archive = context, source, intake, archive
        self._channel, self._counts = channel, counts
        self._states: list[services.ThreadState] = []
        self._replies: list[Any] = []

    def read(
        self,
        threads: Sequence[services.ThreadState],
        *,
        remember: bool = True,
        keep: Callable[[datetime], bool] | None = None,
    ) -> None:
        """Store the replies of these threads, and mark stored ones that are gone.

        ``keep`` chooses replies by when they were written. ``remember`` notes that the threads were read as far as
        their states say. What was read is stored in any case; then the error is raised that ended the reading, or the
        first of those that concern single threads.
        """
        failed: CollectorError | None = None
        try:
            for state in threads:
                try:
                    self._read_one(state)
                except SourceError as error:
                    failed = failed or error
                if len(self._replies) >= REPLIES_AT_A_TIME or len(self._states) >= THREADS_AT_A_TIME:
                    self._store(remember, keep)
        finally:
            self._store(remember, keep)
        if failed is not None:
            raise failed

    def _read_one(self, state: services.ThreadState) -> None:
        if self._context.stop.is_set():
            raise TransientError(f"asked to stop while reading threads of {self._channel.name}")
        replies: list[Any] = []
        try:
            for page in self._source.replies(self._channel.channel_id, state.ts):
                # What began the thread, and replies that the channel shows, are stored as its history tells them.
                replies += [item for item in page if not _is_in_history(item, state.ts)]
        except NotFoundError:
            replies = []
        self._replies += replies
        self._states.append(state)

    def _store(self, remember: bool, keep: Callable[[datetime], bool] | None) -> None:
        if not self._states:
            return
        self._archive.save(self._replies)
        batch = self._intake.prepare(((self._channel.id, reply, "") for reply in self._replies), keep)
        present = [
            reply["ts"] for reply in self._replies if isinstance(reply, dict) and isinstance(reply.get("ts"), str)
        ]
        with self._context.database.session() as session:
            self._intake.store(session, batch)
            threads = [state.ts for state in self._states]
            gone = services.mark_vanished_replies(session, self._channel.id, threads, present)
            self._counts.add("messages_removed", gone)
            if remember:
                services.remember_threads(session, self._channel.id, self._states)
        self._counts.add("threads_read", len(self._states))
        self._states, self._replies = [], []


def _is_in_history(reply: Any, thread: str) -> bool:
    return isinstance(reply, dict) and (
        reply.get("ts") == thread or reply.get("subtype") in ("thread_broadcast", "reply_broadcast")
    )
