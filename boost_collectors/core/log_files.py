"""A log file that threads and processes may share and that rotates by size."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import IO

if sys.platform != "win32":
    import fcntl

WINDOWS_FILE_IN_USE = 32
ATTEMPTS = 10


class SafeRotatingFileHandler(logging.FileHandler):
    """A rotating file that loses no record and mixes none.

    Threads take turns by the handler's own lock, processes by a lock on ``.<name>.lock`` beside the log (not on
    Windows). A process whose file was rotated away by another goes on in the new one. On Windows a file that is in
    use is tried again for some seconds; then one line goes to stderr and logging goes on in the unrotated file.

    ``backup_count`` 0 or ``max_bytes`` 0 means that the file only grows.
    """

    pause_seconds = 0.5

    def __init__(self, path: Path, *, max_bytes: int, backup_count: int) -> None:
        super().__init__(path, encoding="utf-8", errors="backslashreplace", delay=True)
        self.max_bytes = max_bytes if backup_count else 0
        self.backup_count = backup_count
        self._path = Path(self.baseFilename)
        self._lock_path = self._path.with_name(f".{self._path.name}.lock")
        self._lock_file: int | None = None

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record) + self.terminator
            with self._turn():
                self.stream = self._current_stream()
                if self._is_full(self.stream, len(line.encode("utf-8", "backslashreplace"))):
                    self.roll_over()
                self.stream.write(line)
                self.flush()
        except Exception:
            self.handleError(record)

    def roll_over(self) -> None:
        """Move ``app.log`` to ``app.log.1``, that to ``app.log.2`` and so on; the oldest is dropped."""
        if self.stream is not None:
            self.stream.close()
        try:
            for number in range(self.backup_count - 1, -1, -1):
                self._retried(self.move, self._backup(number), self._backup(number + 1))
        except OSError as error:
            if getattr(error, "winerror", None) != WINDOWS_FILE_IN_USE:
                raise
            sys.stderr.write(f"{self._path} is in use and was not rotated\n")
        finally:
            self.stream = self._open()

    def close(self) -> None:
        super().close()
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None

    @staticmethod
    def move(source: Path, target: Path) -> None:
        """Move one file of the chain over the next; a file that is not there does not matter."""
        with contextlib.suppress(FileNotFoundError):
            source.replace(target)

    def _retried(self, action: Callable[[Path, Path], None], source: Path, target: Path) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return action(source, target)
            except OSError as error:
                if getattr(error, "winerror", None) != WINDOWS_FILE_IN_USE or attempt == ATTEMPTS:
                    raise
                time.sleep(self.pause_seconds)
        return None

    def _backup(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}") if number else self._path

    def _is_full(self, stream: IO[str], more: int) -> bool:
        size = os.fstat(stream.fileno()).st_size
        return 0 < self.max_bytes < size + more and size > 0 and self._path.is_file()

    def _current_stream(self) -> TextIOWrapper:
        """The open file, or the new one when another process has rotated the open one away."""
        stream = self.stream
        if stream is not None:
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(self._path.stat(), os.fstat(stream.fileno())):
                    return stream
            stream.close()
        return self._open()

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        if sys.platform == "win32":
            yield
            return
        if self._lock_file is None:
            self._lock_file = os.open(self._lock_path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
        # Not flock: a forked process would share the lock instead of waiting for it.
        fcntl.lockf(self._lock_file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self._lock_file, fcntl.LOCK_UN)
