"""A file or folder that only one process of this machine may change at a time."""

from __future__ import annotations

import fcntl
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
    with lock.open("w") as handle:
        deadline = time.monotonic() + wait
        while not _try_lock(handle.fileno()):
            if time.monotonic() > deadline or stop.wait(_SECONDS_BETWEEN_TRIES):
                raise TransientError(f"{what} is in use by another process")
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
