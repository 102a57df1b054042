"""Progress: bars on a terminal, few log lines elsewhere, and never a failed run."""

from __future__ import annotations

import io
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from rich.console import Console

from boost_collectors.core.progress import BarProgress, LogProgress, make_progress


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class BrokenTerminal(Terminal):
    def write(self, text: str) -> int:
        raise OSError("the terminal went away")


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.INFO]


def terminal(stream: io.StringIO) -> BarProgress:
    return BarProgress(Console(file=stream, force_terminal=True, width=100))


class TestChoice:
    def test_log_lines_where_there_is_no_terminal(self) -> None:
        assert isinstance(make_progress(io.StringIO()), LogProgress)

    def test_bars_on_a_terminal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TERM", "xterm-256color")
        assert isinstance(make_progress(Terminal()), BarProgress)

    def test_no_bars_on_a_terminal_that_cannot_move(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TERM", "dumb")
        assert isinstance(make_progress(Terminal()), LogProgress)


class TestLogLines:
    def test_at_most_one_in_ten_seconds(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        clock = Clock()
        progress = LogProgress(clock=clock)
        with progress.task("mail", total=100) as task, progress.task("other") as other:
            for _ in range(25):
                clock.now += 1
                task.advance(2, label="boost")
                other.advance()
        assert lines(caplog) == ["mail: 20 of 100 done, last boost", "mail: 40 of 100 done, last boost"]

    def test_an_open_end_and_no_label(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        clock = Clock()
        with LogProgress(clock=clock).task("commits") as task:
            clock.now = 10
            task.advance(0.5)
        assert lines(caplog) == ["commits: 0.5 done"]

    def test_short_work_leaves_no_line(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        with LogProgress(clock=Clock()).task("mail", total=1) as task:
            task.advance()
        assert lines(caplog) == []

    def test_threads_are_counted(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        clock = Clock()
        with LogProgress(clock=clock).task("mail") as task:
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda _: task.advance(), range(400)))
            clock.now = 60
            task.advance()
        assert lines(caplog) == ["mail: 401 done"]

    def test_a_failing_clock_fails_no_run(self) -> None:
        calls = iter([0.0])
        with LogProgress(clock=lambda: next(calls)).task("mail") as task:
            task.advance()


class TestBars:
    def test_name_and_count_and_label_are_shown(self) -> None:
        stream = Terminal()
        progress = terminal(stream)
        with progress.task("mail [bold]", total=3) as task:
            task.advance(2, label="[/x]")
            with progress.task("another"):  # a new bar draws all of them
                pass
        assert "mail [bold]" in stream.getvalue()
        assert "2/3" in stream.getvalue()
        assert "[/x]" in stream.getvalue()

    def test_tasks_in_one_another_and_one_after_the_other(self) -> None:
        stream = Terminal()
        progress = terminal(stream)
        with progress.task("outer", total=1) as outer:
            with progress.task("inner") as inner:
                inner.advance()
            outer.advance()
        with progress.task("second"):
            pass
        assert "outer" in stream.getvalue()
        assert "second" in stream.getvalue()
        for thread in threading.enumerate():
            if "Refresh" in type(thread).__name__:
                thread.join(10)
                assert not thread.is_alive()

    def test_a_broken_terminal_fails_no_run(self) -> None:
        done = False
        with terminal(BrokenTerminal()).task("mail", total=2) as task:
            task.advance()
            done = True
        assert done

    def test_an_error_of_the_run_goes_through(self) -> None:
        with pytest.raises(ValueError, match="of the run"), terminal(Terminal()).task("mail"):
            raise ValueError("of the run")
