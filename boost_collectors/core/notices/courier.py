"""Notices sent by a thread of its own: who hands one over never waits, and the same is not sent again and again."""

from __future__ import annotations

import atexit
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from boost_collectors.core.notices.notice import Notice
from boost_collectors.core.notices.webhooks import DeliveryFailed, Webhook

WINDOW_SECONDS = 60.0
MOST_WAITING = 100
MOST_KEYS = 1000
DELIVERY_SECONDS = 30.0
CLOSING_SECONDS = 5.0


@dataclass(slots=True)
class _Kind:
    """Notices with one key: the newest that was not sent, how many were not, and until when none is."""

    notice: Notice | None = None
    suppressed: int = 0
    quiet_until: float = 0.0


class Courier:
    """Sends notices to one webhook, of each key one in ``window`` seconds.

    At the end of a window in which more came the newest of them is sent, and says how many others were not. A notice
    that could not be delivered counts as one of these. At most ``MOST_WAITING`` keys wait at once; others are dropped,
    so that a dead webhook costs neither time nor memory.
    """

    def __init__(
        self, webhook: Webhook, *, window: float = WINDOW_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._webhook, self._window, self._clock = webhook, window, clock
        self._kinds: OrderedDict[Hashable, _Kind] = OrderedDict()
        self._wake = threading.Condition()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self.dropped = 0

    def submit(self, key: Hashable, notice: Notice) -> None:
        """Take a notice over. Returns at once and never raises."""
        with self._wake:
            if self._closing.is_set():
                return
            kind = self._kinds.get(key)
            if kind is None:
                if sum(1 for known in self._kinds.values() if known.notice) >= MOST_WAITING:
                    self.dropped += 1
                    return
                kind = self._kinds[key] = _Kind()
                self._forget_old()
            if kind.notice is not None:
                kind.suppressed += 1
            kind.notice = notice
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=f"{self._webhook.service} notices", daemon=True)
                self._thread.start()
                atexit.register(self.close)
            self._wake.notify()

    def close(self, seconds: float = CLOSING_SECONDS) -> None:
        """Send what waits, for that time at most, and take no more."""
        with self._wake:
            self._closing.set()
            self._wake.notify()
        atexit.unregister(self.close)
        if self._thread is not None:
            self._thread.join(seconds)

    def _forget_old(self) -> None:
        now = self._clock()
        for key in [key for key, kind in self._kinds.items() if not kind.notice and kind.quiet_until <= now]:
            if len(self._kinds) <= MOST_KEYS:
                return
            del self._kinds[key]

    def _run(self) -> None:
        while True:
            with self._wake:
                due = self._due()
                while due is None:
                    if self._closing.is_set():
                        return
                    self._wake.wait(self._until_next())
                    due = self._due()
                kind, notice, suppressed = due
            if not self._deliver(kind, notice, suppressed) and self._closing.is_set():
                return

    def _due(self) -> tuple[_Kind, Notice, int] | None:
        now = self._clock()
        for kind in self._kinds.values():
            if kind.notice is not None and (kind.quiet_until <= now or self._closing.is_set()):
                taken = kind, kind.notice, kind.suppressed
                kind.notice, kind.suppressed, kind.quiet_until = None, 0, now + self._window
                return taken
        return None

    def _until_next(self) -> float | None:
        waiting = [kind.quiet_until for kind in self._kinds.values() if kind.notice is not None]
        return max(0.0, min(waiting) - self._clock()) if waiting else None

    def _deliver(self, kind: _Kind, notice: Notice, suppressed: int) -> bool:
        try:
            # While the process waits for its end there is one attempt.
            seconds = CLOSING_SECONDS if self._closing.is_set() else DELIVERY_SECONDS
            self._webhook.send(notice.repeated(suppressed), seconds=seconds, stop=self._closing)
        except Exception as error:
            reason = str(error) if isinstance(error, DeliveryFailed) else type(error).__name__
            sys.stderr.write(f"A notice did not reach {self._webhook.service}: {reason}\n")
            with self._wake:
                # Told with the next one of its kind, or, if none comes, at the end of the window.
                kind.suppressed += suppressed + (1 if kind.notice is not None else 0)
                kind.notice = kind.notice or notice
            return False
        return True
