"""GitHub's published limits: hourly buckets of each user, and the secondary limits against bursts.

Published rules: 5,000 REST requests and 5,000 GraphQL points an hour, 30 searches and 10 code searches a minute, all of
them per user whatever the number of tokens; 60 an hour without a token; a 304 costs nothing. Besides these at most 100
requests at once, 900 points a minute for one REST endpoint and 2,000 for GraphQL, where a GET or a query is one point
and a write five.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from typing import Any

from include.sandbox.github.clock import Clock

ANONYMOUS = ""
MINUTE = 60


@dataclass(frozen=True)
class LimitOptions:
    """The numbers; None switches a limit off.

    ``retry_after`` is the value of that header on a secondary limit, None leaves it out. ``secondary_status`` and
    ``primary_status`` are 403 or 429. ``timeout_nodes``: GraphQL gives up (502) on a query for more nodes than this.
    ``timeout_results``: a search for more results than this runs out of time and shows only so many.
    ``strict``: only tokens that were declared are known.
    """

    core: int | None = 5000
    graphql: int | None = 5000
    search: int | None = 30
    code_search: int | None = 10
    anonymous: int | None = 60
    points_rest: int | None = 900
    points_graphql: int | None = 2000
    concurrent: int | None = 100
    retry_after: int | None = 60
    primary_status: int = 403
    secondary_status: int = 403
    timeout_nodes: int | None = None
    timeout_results: int | None = None
    strict: bool = False

    def changed(self, values: dict[str, Any]) -> LimitOptions:
        """These options with some replaced. Raises ValueError for a name that is none."""
        unknown = set(values) - {each.name for each in fields(self)}
        if unknown:
            raise ValueError(f"no such limit: {', '.join(sorted(unknown))}")
        return replace(self, **values)


@dataclass
class Window:
    """One bucket of one user in its present window."""

    limit: int
    reset: int
    used: int = 0

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


class PrimaryLimit(Exception):
    """The bucket is empty."""


class SecondaryLimit(Exception):
    """Too much at once or in one minute."""


@dataclass
class Limits:
    """What every user has spent. Safe to use from many threads."""

    clock: Clock
    options: LimitOptions = field(default_factory=LimitOptions)
    peak: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    _windows: dict[tuple[str, str], Window] = field(default_factory=dict)
    _points: dict[tuple[str, str], deque[tuple[float, int]]] = field(default_factory=dict)
    _running: Counter[str] = field(default_factory=Counter)
    _held_until: dict[str, float] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def configure(self, **values: Any) -> None:
        """Change some options from now on; a smaller limit counts for what was spent already."""
        self.options = self.options.changed(values)
        with self._lock:
            for (user, bucket), window in self._windows.items():
                window.limit = self._limit(user, bucket)

    def clear(self) -> None:
        """Every bucket is full again and nobody is held back."""
        with self._lock:
            self._windows.clear()
            self._points.clear()
            self._held_until.clear()
            self.refused.clear()

    def window(self, user: str, bucket: str) -> Window:
        """The present window of a user's bucket; a new one starts with the first request after the reset."""
        with self._lock:
            now = self.clock.now()
            window = self._windows.get((user, bucket))
            if window is None or now >= window.reset:
                length = MINUTE if bucket in ("search", "code_search") else 60 * MINUTE
                window = Window(self._limit(user, bucket), int(now) + length)
                self._windows[user, bucket] = window
            return window

    def spend(self, user: str, bucket: str, points: int) -> Window:
        """Take points from a bucket. Raises PrimaryLimit when it is empty; the last points may be overdrawn."""
        with self._lock:
            window = self.window(user, bucket)
            if window.remaining == 0:
                self.refused[bucket] += 1
                raise PrimaryLimit(bucket)
            window.used += points
            return window

    def give_back(self, user: str, bucket: str, points: int) -> None:
        """Return points: a conditional request that changed nothing is free."""
        with self._lock:
            window = self.window(user, bucket)
            window.used = max(0, window.used - points)

    def hold(self, user: str, seconds: float) -> None:
        """Answer with a secondary limit for so long."""
        self._held_until[user] = self.clock.now() + seconds

    @contextmanager
    def running(self, user: str, endpoint: str, points: int) -> Iterator[None]:
        """Count a request while it is answered. Raises SecondaryLimit before it begins."""
        with self._lock:
            self._check(user, endpoint, points)
            self._running[user] += 1
            self.peak = max(self.peak, self._running[user])
        try:
            yield
        finally:
            with self._lock:
                self._running[user] -= 1

    def _check(self, user: str, endpoint: str, points: int) -> None:
        now = self.clock.now()
        spent = self._points.setdefault((user, endpoint), deque())
        while spent and spent[0][0] <= now - MINUTE:
            spent.popleft()
        most = self.options.points_graphql if endpoint == "graphql" else self.options.points_rest
        too_many = most is not None and sum(cost for _at, cost in spent) + points > most
        crowded = self.options.concurrent is not None and self._running[user] >= self.options.concurrent
        if too_many or crowded or now < self._held_until.get(user, 0):
            self.refused["secondary"] += 1
            raise SecondaryLimit(endpoint)
        spent.append((now, points))

    def _limit(self, user: str, bucket: str) -> int:
        limit = self.options.anonymous if user == ANONYMOUS and bucket == "core" else getattr(self.options, bucket)
        return 10**9 if limit is None else int(limit)
