"""Signals as something to wait for, so that the stack ends at points it has chosen."""

from __future__ import annotations

import os
import select
import signal
from contextlib import suppress
from types import FrameType
from typing import Self

HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """Counts SIGINT, SIGTERM and SIGHUP instead of dying of them; a context manager for the main thread."""

    def __init__(self) -> None:
        self.received: list[int] = []
        # A pipe, because a handler may run in the middle of anything: locks could block it for ever.
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)

    def __enter__(self) -> Self:
        self._previous = {number: signal.signal(number, self._handle) for number in HANDLED}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        os.close(self._reader)
        os.close(self._writer)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self.received.append(number)
        with suppress(BlockingIOError):
            os.write(self._writer, b"!")

    def wait(self, seconds: float) -> None:
        """Return after that time, or as soon as a signal has come that no earlier call reported."""
        if select.select([self._reader], [], [], seconds)[0]:
            os.read(self._reader, 1024)
