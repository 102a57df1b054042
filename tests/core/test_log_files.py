"""The log file rotates without losing a line, whoever writes to it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from boost_collectors.core.log_files import ATTEMPTS, SafeRotatingFileHandler
from boost_collectors.core.settings import PROJECT_ROOT

_WRITER = """
import logging, sys
from pathlib import Path
from boost_collectors.core.log_files import SafeRotatingFileHandler
handler = SafeRotatingFileHandler(Path(sys.argv[1]), max_bytes=2000, backup_count=1000)
for number in range(300):
    handler.emit(logging.makeLogRecord({"msg": f"{sys.argv[2]} {number}"}))
handler.close()
"""


@contextmanager
def handler_for(path: Path, *, max_bytes: int = 100, backup_count: int = 1000) -> Iterator[SafeRotatingFileHandler]:
    handler = SafeRotatingFileHandler(path, max_bytes=max_bytes, backup_count=backup_count)
    try:
        yield handler
    finally:
        handler.close()


def write(handler: logging.Handler, text: str) -> None:
    handler.handle(logging.makeLogRecord({"msg": text}))


def all_lines(path: Path) -> list[str]:
    return [line for file in path.parent.glob(f"{path.name}*") for line in file.read_text().splitlines()]


def test_rotation_keeps_the_newest(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    with handler_for(path, max_bytes=10, backup_count=2) as handler:
        for text in ("one 45678", "two 45678", "three", "four", "five 5678"):
            write(handler, text)
    assert path.read_text() == "five 5678\n"
    assert (tmp_path / "app.log.1").read_text() == "four\n"
    assert (tmp_path / "app.log.2").read_text() == "three\n"
    assert not (tmp_path / "app.log.3").exists()


@pytest.mark.parametrize(("max_bytes", "backup_count"), [(0, 5), (10, 0)])
def test_zero_means_never(tmp_path: Path, max_bytes: int, backup_count: int) -> None:
    with handler_for(tmp_path / "app.log", max_bytes=max_bytes, backup_count=backup_count) as handler:
        for _ in range(20):
            write(handler, "a line")
    assert (tmp_path / "app.log").read_text() == "a line\n" * 20
    assert not (tmp_path / "app.log.1").exists()


def test_size_is_in_bytes(tmp_path: Path) -> None:
    with handler_for(tmp_path / "app.log", max_bytes=10) as handler:
        write(handler, "äää")
        write(handler, "ö")
    assert (tmp_path / "app.log").read_text() == "äää\nö\n"


def test_threads_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    with handler_for(path) as handler:

        def work(name: int) -> None:
            for number in range(100):
                write(handler, f"{name} {number}")

        threads = [threading.Thread(target=work, args=(name,)) for name in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(all_lines(path)) == sorted(f"{name} {number}" for name in range(5) for number in range(100))


def test_processes_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(path), str(name)], cwd=PROJECT_ROOT) for name in range(3)
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert sorted(all_lines(path)) == sorted(f"{name} {number}" for name in range(3) for number in range(300))
    assert (tmp_path / "app.log.2").exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_file_rotated_by_somebody_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    with handler_for(path) as handler:
        write(handler, "before")
        path.rename(tmp_path / "elsewhere")
        write(handler, "after")
        path.unlink()
        write(handler, "again")
    assert (tmp_path / "elsewhere").read_text() == "before\n"
    assert path.read_text() == "again\n"


class BusyHandler(SafeRotatingFileHandler):
    """As on Windows: the file is in use by another program for the first ``busy`` attempts."""

    pause_seconds = 0.0
    busy = 0
    attempts = 0

    def move(self, source: Path, target: Path) -> None:  # type: ignore[override]
        self.attempts += 1
        if self.attempts <= self.busy:
            error = PermissionError(13, "in use", str(source))
            error.winerror = 32  # type: ignore[attr-defined]
            raise error
        super().move(source, target)


def test_a_file_in_use_is_tried_again(tmp_path: Path) -> None:
    handler = BusyHandler(tmp_path / "app.log", max_bytes=5, backup_count=1)
    handler.busy = ATTEMPTS - 1
    write(handler, "first")
    write(handler, "second")
    handler.close()
    assert handler.attempts == ATTEMPTS
    assert (tmp_path / "app.log.1").read_text() == "first\n"
    assert (tmp_path / "app.log").read_text() == "second\n"


def test_a_file_in_use_for_long_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    handler = BusyHandler(tmp_path / "app.log", max_bytes=5, backup_count=1)
    handler.busy = ATTEMPTS
    write(handler, "first")
    write(handler, "second")
    handler.close()
    assert (tmp_path / "app.log").read_text() == "first\nsecond\n"
    assert capsys.readouterr().err == f"{tmp_path}/app.log is in use and was not rotated\n"
