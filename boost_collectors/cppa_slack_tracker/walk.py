"""One run over one channel: which part of its history to read.

History is read newest first. The checkpoint of a channel holds

``head``      the newest ``ts`` that was seen: what is younger is new.
``holes``     spans ``[oldest, latest]`` that killed or limited runs left unread below the head.
``reread_at`` when the last days were last read again, by our clock.
``rotation``  down to where older pages have been read again since the last round began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from boost_collectors.core import checkpoints
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import NetworkError, TransientError
from boost_collectors.core.window import WindowMode
from boost_collectors.cppa_slack_tracker import services
from boost_collectors.cppa_slack_tracker.intake import Intake
from boost_collectors.cppa_slack_tracker.normalise import moment, ts_of
from boost_collectors.cppa_slack_tracker.raw_archive import RawArchive
from boost_collectors.cppa_slack_tracker.source import HistoryPage, SlackSource
from boost_collectors.cppa_slack_tracker.thread_reader import ThreadReader

START = "0.000000"
END = "9999999999.999999"
"""Before the first and after the last message that there can be."""

Cursor = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """A page and the part of the history that it covers: what is older than ``latest`` down to ``low``.

    ``since`` is where that begins, inclusive. ``newest`` is the page's youngest ``ts``.
    """

    page: HistoryPage
    low: str
    since: datetime
    latest: str
    newest: str | None

    @property
    def is_last(self) -> bool:
        return not self.page.has_more or self.newest is None


class ChannelWalk:
    """Reads one channel as the run's window asks; each page and its checkpoint are one transaction."""

    def __init__(
        self,
        context: RunContext,
        source: SlackSource,
        intake: Intake,
        archive: RawArchive,
        channel: services.ChannelRow,
        unit: str,
        counts: Counts,
    ) -> None:
        self._context, self._source, self._intake, self._archive = context, source, intake, archive
        self._channel, self._unit, self._counts = channel, unit, counts
        self._threads = ThreadReader(context, source, intake, archive, channel, counts)
        self._settings = context.settings
        with context.database.session() as session:
            self._cursor: Cursor = checkpoints.load(session, context.command, unit) or {}

    def run(self) -> None:
        """Read, store, and count what was done."""
        match self._context.window.mode:
            case WindowMode.BACKFILL:
                self._read_window()
            case WindowMode.FULL:
                self._read_everything()
            case WindowMode.INCREMENTAL:
                self._read_news()

    def _read_window(self) -> None:
        """Messages of the window, and the replies of the window to whatever is older."""
        window = self._context.window
        until = ts_of(window.until) if window.until else END
        # A message at the very start belongs to the window; Slack's bounds are exclusive.
        since = ts_of(window.since - timedelta(microseconds=1)) if window.since else START
        for span in self._spans(START, until):
            self._store(span, window.contains)
            replied = [state for state in _threads_of(span) if _later(state.latest_reply or END, since)]
            self._threads.read(replied, remember=False, keep=window.contains)

    def _read_everything(self) -> None:
        top: str | None = None
        for span in self._spans(START, END):
            top = top or span.newest
            self._store(span)
            self._threads.read(_threads_of(span))
        self._keep({"head": top or START, "holes": [], "reread_at": self._context.clock().isoformat()})

    def _read_news(self) -> None:
        due = self._is_reread_due()
        again = due and "reread_at" in self._cursor
        self._read_top(self._cursor.get("head") or START, due)
        for low, latest in list(self._cursor["holes"]):
            self._read_hole(low, latest)
        if again:
            self._rotate()
        self._read_threads(active=again)
        if due:
            self._keep({**self._cursor, "reread_at": self._context.clock().isoformat()})

    def _read_top(self, head: str, due: bool) -> None:
        """From the newest message down to the head, and down to the last days' beginning when they are due.

        A page is read in any case: it shows what was edited or deleted, and which threads moved, among the newest.
        """
        recent = ts_of(self._context.clock() - timedelta(days=self._settings.slack_reread_days))
        goal = min(head, recent, key=_moment) if due else head
        holes = list(self._cursor.get("holes", []))
        top: str | None = None
        for span in self._spans(START, END):
            top = top or span.newest
            done = span.is_last or not _later(span.low, head)
            unread = holes if done else [[head, span.low], *holes]
            self._store(span, cursor={**self._cursor, "head": top or head, "holes": unread})
            if done and not _later(span.low, goal):
                return

    def _read_hole(self, low: str, latest: str) -> None:
        others = [hole for hole in self._cursor["holes"] if hole != [low, latest]]
        for span in self._spans(low, latest):
            rest = others if span.is_last else [*others, [low, span.low]]
            self._store(span, cursor={**self._cursor, "holes": rest})

    def _rotate(self) -> None:
        """Read some of the older pages again: in the course of the runs, each of them."""
        spans = self._spans(START, self._cursor.get("rotation", END))
        for span in islice(spans, self._settings.slack_reread_pages):
            self._store(span, cursor={**self._cursor, "rotation": END if span.is_last else span.low})

    def _read_threads(self, *, active: bool) -> None:
        recent = self._context.clock() - timedelta(days=self._settings.slack_reread_days)
        with self._context.database.session() as session:
            threads = services.threads_to_read(session, self._channel.id, recent if active else None)
        self._threads.read(threads)

    def _is_reread_due(self) -> bool:
        last = self._cursor.get("reread_at")
        hours = timedelta(hours=self._settings.slack_reread_hours)
        return last is None or self._context.clock() - datetime.fromisoformat(last) >= hours

    def _spans(self, oldest: str, latest: str) -> Iterator[Span]:
        """The history between two exclusive bounds, newest first, page by page."""
        while True:
            if self._context.stop.is_set():
                raise TransientError(f"asked to stop while reading {self._channel.name}")
            page = self._source.history(self._channel.channel_id, oldest, latest)
            span = _span(page, oldest, latest)
            if span.newest is not None and not _later(latest, span.newest):
                raise NetworkError(f"the history of {self._channel.name} goes back to what was read before {latest}")
            yield span
            if span.is_last:
                return
            latest = span.low

    def _store(self, span: Span, keep: Callable[[datetime], bool] | None = None, cursor: Cursor | None = None) -> None:
        messages = span.page.messages
        self._archive.save(messages)
        batch = self._intake.prepare(((self._channel.id, item, "") for item in messages), keep)
        present = {item["ts"] for item in messages if isinstance(item, dict) and isinstance(item.get("ts"), str)}
        with self._context.database.session() as session:
            self._intake.store(session, batch)
            gone = services.mark_vanished(session, self._channel.id, present, span.since, _moment(span.latest))
            self._counts.add("messages_removed", gone)
            if cursor is not None:
                self._save(session, cursor)
        self._counts.add("messages_seen", len(messages))

    def _keep(self, cursor: Cursor) -> None:
        with self._context.database.session() as session:
            self._save(session, cursor)

    def _save(self, session: Any, cursor: Cursor) -> None:
        if cursor != self._cursor:
            checkpoints.save(session, self._context.command, self._unit, cursor)
            self._cursor = cursor


def _span(page: HistoryPage, oldest: str, latest: str) -> Span:
    known = sorted((ts for item in page.messages if (ts := _ts(item))), key=_moment)
    newest = known[-1] if known else None
    if known and (page.has_more or page.is_limited):
        return Span(page, known[0], _moment(known[0]), latest, newest)
    # What a plan hides below the last page is not gone.
    low = latest if page.is_limited else oldest
    return Span(page, low, _moment(low) + timedelta(microseconds=1), latest, newest)


def _ts(item: Any) -> str | None:
    ts = item.get("ts") if isinstance(item, dict) else None
    return ts if isinstance(ts, str) and moment(ts) else None


def _threads_of(span: Span) -> list[services.ThreadState]:
    return [state for item in span.page.messages if (state := _thread_of(item))]


def _thread_of(item: Any) -> services.ThreadState | None:
    if not isinstance(item, dict) or not isinstance(item.get("reply_count"), int) or item["reply_count"] < 1:
        return None
    ts = _ts(item)
    return services.ThreadState(ts, item["reply_count"], str(item.get("latest_reply") or "")) if ts else None


def _moment(ts: str) -> datetime:
    return moment(ts) or datetime.min.replace(tzinfo=UTC)


def _later(ts: str, than: str) -> bool:
    return _moment(ts) > _moment(than)
