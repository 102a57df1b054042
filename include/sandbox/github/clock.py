"""The sandbox GitHub's own time: it runs with the machine's, until a test sets or moves it."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

Stamp = str
"""A time as GitHub writes it: ``2024-01-02T10:00:00Z``. The order of the text is the order of the times."""


def stamp(seconds: float) -> Stamp:
    """A Unix time as GitHub writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def seconds(moment: Stamp) -> int:
    """The Unix time of any ISO 8601 time with an offset. Raises ValueError."""
    parsed = datetime.fromisoformat(moment)
    if parsed.utcoffset() is None:
        raise ValueError(f"{moment} has no offset")
    return int(parsed.timestamp())


def normal(moment: Stamp | datetime) -> Stamp:
    """Any ISO 8601 time with an offset, in GitHub's own form. Raises ValueError."""
    return stamp(moment.timestamp() if isinstance(moment, datetime) else seconds(moment))


class Clock:
    """``now()`` in Unix seconds. ``set`` stops the clock at a time, ``advance`` moves it on, ``run`` lets it go."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stopped: float | None = None
        self._offset = 0.0

    def now(self) -> float:
        stopped = self._stopped
        return time.time() + self._offset if stopped is None else stopped

    def stamp(self) -> Stamp:
        """Now, as GitHub writes it."""
        return stamp(self.now())

    def set(self, moment: float | str | datetime) -> None:
        """Stop the clock at a Unix time, an ISO 8601 text or an aware datetime."""
        if isinstance(moment, datetime):
            moment = moment.astimezone(UTC).timestamp()
        self._stopped = float(seconds(moment)) if isinstance(moment, str) else float(moment)

    def advance(self, by: float) -> None:
        """Move the clock ``by`` seconds, stopped or running."""
        with self._lock:
            if self._stopped is None:
                self._offset += by
            else:
                self._stopped += by

    def run(self) -> None:
        """Let the machine's clock rule again."""
        self._stopped, self._offset = None, 0.0
