"""Starting a stack's processes, noticing when one dies, and ending them all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from include.stack.errors import ComponentDied, StackError, StopRequested, tail
from include.stack.folder import Folder
from include.stack.processes import MARKER, kill, members
from include.stack.signals import Signals

POLL_SECONDS = 0.5
STOP_SECONDS = 20.0


class Supervisor:
    """The components of one folder, each in a session of its own, so that only we decide when they end.

    Its caller waits only by :meth:`pause`, which raises as soon as the stack has to end.
    """

    def __init__(self, folder: Folder, signals: Signals, *, stop_seconds: float = STOP_SECONDS) -> None:
        self._folder, self._signals, self._stop_seconds = folder, signals, stop_seconds
        self._parent = os.getppid()
        self._components: dict[str, subprocess.Popen[bytes]] = {}
        self._watched: dict[str, tuple[Callable[[], bool], Path]] = {}

    def remove_leftovers(self) -> int:
        """End what a killed supervisor of this folder left running; returns how many processes that were."""
        return kill(members(self._folder.root))

    def start(self, name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a Python module (``arguments`` as after ``python -m``) as a component that runs until the end."""
        self._components[name] = self._spawn(name, arguments, environment)

    def watch(self, name: str, lives: Callable[[], bool], log: Path) -> None:
        """Treat something that is no child of ours, such as the database server, as a component that must live."""
        self._watched[name] = (lives, log)

    @contextmanager
    def running(self, name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> Iterator[None]:
        """Run a Python module beside the block and wait for its end.

        Raises StackError with the end of its log when it fails.
        """
        process = self._spawn(name, arguments, environment)
        yield
        while process.poll() is None:
            self.pause(0.05)
        if process.returncode:
            raise StackError(f"{name} failed with code {process.returncode}.\n{tail(self._folder.log(name))}")

    def _spawn(self, name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        variables = {**environment, MARKER: str(self._folder.root)}
        # Airflow renames its processes; this keeps the new name from overwriting the environment that marks them.
        variables["SPT_NOENV"] = "1"
        with self._folder.log(name).open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=variables,
                start_new_session=True,
            )

    def pause(self, seconds: float) -> None:
        """Wait. Raises StopRequested or ComponentDied."""
        deadline = time.monotonic() + seconds
        while True:
            self._check()
            left = deadline - time.monotonic()
            if left <= 0:
                return
            self._signals.wait(min(left, POLL_SECONDS))

    def _check(self) -> None:
        if self._signals.received:
            number = self._signals.received[0]
            raise StopRequested(f"received {signal.Signals(number).name}", number)
        if os.getppid() != self._parent:
            raise StopRequested("the process that started this one is gone")
        for name, process in self._components.items():
            if process.poll() is not None:
                raise ComponentDied(name, process.returncode, self._folder.log(name))
        for name, (lives, log) in self._watched.items():
            if not lives():
                raise ComponentDied(name, None, log)

    def stop(self) -> None:
        """End everything: by SIGTERM, and after some seconds, or at another signal from the user, by SIGKILL."""
        for process in self._components.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        patience = len(self._signals.received) + 1
        deadline = time.monotonic() + self._stop_seconds
        while self._lives() and time.monotonic() < deadline and len(self._signals.received) < patience:
            self._signals.wait(0.1)
        while kill(members(self._folder.root)):
            self._signals.wait(0.05)
        for process in self._components.values():
            process.wait()
        self._components.clear()

    def _lives(self) -> bool:
        running = [process.poll() is None for process in self._components.values()]
        return any(running) or any(True for _ in members(self._folder.root))
