"""A file or folder that only one process of this machine may change at a time."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from boost_collectors.core.errors import TransientError

_SECONDS_BETWEEN_TRIES = 0.2


@contextmanager
def alone(lock: Path, what: str, *, wait: float, stop: threading.Event) -> Iterator[None]:
    """Keep other processes out of the block by a lock on the file ``lock``, which vanishes with the process.

    Raises TransientError that names ``what`` after ``wait`` seconds, and when the run is asked to stop.
    """
    deadline = time.monotonic() + wait
    while (descriptor := _try_lock(lock)) is None:
        if time.monotonic() > deadline or stop.wait(_SECONDS_BETWEEN_TRIES):
            raise TransientError(f"{what} is in use by another process")
    try:
        yield
    finally:
        os.close(descriptor)


def _try_lock(lock: Path) -> int | None:
    descriptor = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The file may have been cleared away between the two: a lock on it would keep nobody out.
        if lock.exists() and lock.stat().st_ino == os.fstat(descriptor).st_ino:
            return descriptor
    except BlockingIOError:
        pass
    os.close(descriptor)
    return None
