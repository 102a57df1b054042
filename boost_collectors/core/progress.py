"""How far a run is: a bar on a terminal, a log line now and then elsewhere. It never fails a run."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TextIO, TypeVar

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as RichBars
    from rich.progress import TaskID

logger = logging.getLogger(__name__)

T = TypeVar("T")

SECONDS_BETWEEN_LINES = 10.0


class Task(Protocol):
    """One piece of work whose progress is told."""

    def advance(self, amount: float = 1, label: str = "") -> None:
        """``amount`` more is done; ``label`` names what was done last. Threads may call it."""


class Progress(Protocol):
    """Tells somebody how far things are."""

    def task(self, name: str, total: float | None = None) -> AbstractContextManager[Task]:
        """A task that ends with the context; ``total`` None means that its end is not known."""


def make_progress(stream: TextIO | None = None) -> Progress:
    """Bars when ``stream`` (stderr by default) is a terminal, log lines otherwise."""
    stream = sys.stderr if stream is None else stream
    return (_quietly(lambda: _bars_on(stream)) if stream.isatty() else None) or LogProgress()


def _bars_on(stream: TextIO) -> Progress | None:
    from rich.console import Console

    console = Console(file=stream)
    return BarProgress(console) if console.is_terminal and not console.is_dumb_terminal else None


class BarProgress:
    """Bars at the bottom of a terminal; they go when the last task ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.Lock()
        self._bars: RichBars | None = None
        self._tasks = 0

    @contextmanager
    def task(self, name: str, total: float | None = None) -> Iterator[Task]:
        bars = self._open()
        number = None if bars is None else _quietly(lambda: bars.add_task(name, total=total, label=""))
        try:
            yield _NoBar() if bars is None or number is None else _Bar(bars, number)
        finally:
            if bars is not None and number is not None:
                _quietly(lambda: bars.remove_task(number))
            self._close()

    def _open(self) -> RichBars | None:
        with self._lock:
            self._tasks += 1
            if self._bars is None:
                self._bars = _quietly(self._start)
            return self._bars

    def _close(self) -> None:
        with self._lock:
            self._tasks -= 1
            if self._tasks == 0 and self._bars is not None:
                _quietly(self._bars.stop)
                self._bars = None

    def _start(self) -> RichBars:
        from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichBars

        bars = RichBars(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[label]}", markup=False),
            console=self._console,
            transient=True,
        )
        bars.start()
        return bars


class _Bar:
    def __init__(self, bars: RichBars, number: TaskID) -> None:
        self._bars, self._number = bars, number

    def advance(self, amount: float = 1, label: str = "") -> None:
        fields: dict[str, Any] = {"label": label} if label else {}
        _quietly(lambda: self._bars.update(self._number, advance=amount, **fields))


class _NoBar:
    def advance(self, amount: float = 1, label: str = "") -> None:
        """Nothing can be shown."""


class LogProgress:
    """A log line at most every ``seconds``, whatever the number of tasks; short work leaves none.

    ``clock`` gives seconds that never go back.
    """

    def __init__(self, *, seconds: float = SECONDS_BETWEEN_LINES, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._last = clock()

    @contextmanager
    def task(self, name: str, total: float | None = None) -> Iterator[Task]:
        yield _Lines(self, name, total)

    def is_due(self) -> bool:
        """True if a line may be written now, which the caller then does."""
        with self._lock:
            now = self._clock()
            if now - self._last < self._seconds:
                return False
            self._last = now
            return True


class _Lines:
    def __init__(self, progress: LogProgress, name: str, total: float | None) -> None:
        self._progress, self._name, self._total = progress, name, total
        self._lock = threading.Lock()
        self._done: float = 0

    def advance(self, amount: float = 1, label: str = "") -> None:
        _quietly(lambda: self._advance(amount, label))

    def _advance(self, amount: float, label: str) -> None:
        with self._lock:
            self._done += amount
            done = self._done
        if self._progress.is_due():
            of = "" if self._total is None else f" of {self._total:g}"
            logger.info("%s: %s%s done%s", self._name, f"{done:g}", of, f", last {label}" if label else "")


def _quietly(action: Callable[[], T]) -> T | None:
    """The action's result; None, and a line at DEBUG, when telling about progress fails."""
    try:
        return action()
    except Exception:
        logger.debug("Progress could not be shown", exc_info=True)
        return None
