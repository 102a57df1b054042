"""A value that costs something to make, made once for a storm of readers."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Calls ``make`` at most once per ``ttl`` seconds and never twice at a time.

    For ``grace`` seconds after that the old value is still given, while a thread makes the new one: under steady
    reading nobody waits. Readers of a value that is older, or that is not there yet, wait for it. A call that raises
    is not kept: the error goes to the readers that waited, the next reader tries again.
    """

    def __init__(
        self, make: Callable[[], T], ttl: float, grace: float = 0.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._make, self._ttl, self._grace, self._clock = make, ttl, grace, clock
        self._lock = threading.Lock()
        self._kept: tuple[float, T] | None = None

    def get(self) -> T:
        """The value, at most ``ttl`` and ``grace`` seconds old."""
        kept = self._kept
        if kept is not None and self._clock() < kept[0] + self._grace:
            if self._clock() >= kept[0]:
                self._renew_beside()
            return kept[1]
        with self._lock:
            return self._current()

    def _renew_beside(self) -> None:
        # Whoever gets the lock starts the thread, which gives it back when the value is there.
        if not self._lock.acquire(blocking=False):
            return
        try:
            threading.Thread(target=self._renew, name="health-check", daemon=True).start()
        except RuntimeError:  # no thread to be had
            self._lock.release()
            raise

    def _renew(self) -> None:
        try:
            self._current()
        except Exception:
            logger.exception("The value could not be renewed; the next reader that has to wait tries again")
        finally:
            self._lock.release()

    def _current(self) -> T:
        """The value if it is still good, else a new one. The caller holds the lock."""
        kept = self._kept
        if kept is not None and self._clock() < kept[0]:
            return kept[1]
        value = self._make()
        self._kept = (self._clock() + self._ttl, value)
        return value
