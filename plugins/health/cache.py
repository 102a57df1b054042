"""A value that costs something to make, made once for a storm of readers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Calls ``make`` at most once per ``ttl`` seconds, and never twice at a time; readers meanwhile wait for it.

    A call that raises is not kept: the error goes to the readers that waited, the next reader tries again.
    """

    def __init__(self, make: Callable[[], T], ttl: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._make, self._ttl, self._clock = make, ttl, clock
        self._lock = threading.Lock()
        self._kept: tuple[float, T] | None = None

    def get(self) -> T:
        kept = self._kept
        if kept is not None and self._clock() < kept[0]:
            return kept[1]
        with self._lock:
            kept = self._kept
            if kept is not None and self._clock() < kept[0]:
                return kept[1]
            value = self._make()
            self._kept = (self._clock() + self._ttl, value)
            return value
