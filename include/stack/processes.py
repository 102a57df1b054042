"""Processes of the machine: which one a number means, and which belong to a stack."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped] # it ships no types

MARKER = "BOOST_COLLECTOR_STACK"
"""The variable, inherited by every process of a stack, that names its folder."""


def started_at(pid: int) -> float | None:
    """When the process started (seconds since the epoch), None if there is none: a number alone may be used again."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.Error:
        return None


def members(root: Path) -> Iterator[int]:
    """The living processes that carry the folder's marker, this one excepted."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(MARKER) == str(root):
                yield process.pid


def kill(pids: Iterator[int]) -> int:
    """End processes at once; returns how many there were."""
    killed = 0
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            killed += 1
    return killed


def end_politely(pid: int, seconds: float) -> None:
    """Ask a process to end, wait, and insist after that time."""
    started = started_at(pid)
    deadline = time.monotonic() + seconds
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        # Not a wait for its exit status: that is its parent's, which may take its time to ask.
        while started_at(pid) == started and started is not None:
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.1)
