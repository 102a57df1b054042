"""The process that runs commands and kills them, as tests talk to it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

RunKilled = Callable[..., bool]
ForkedRun = Callable[..., int]


@contextmanager
def killer(project: Path, logs: Path) -> Iterator[RunKilled]:
    """``run_killed(number, command, environment, *arguments)``: whether the run came to that commit, and so was killed.

    A run that ends otherwise, and not well, fails the test.
    """
    with forked_runs(project, logs) as fork:

        def run(number: int, command: str, environment: Mapping[str, str], *arguments: str) -> bool:
            ended = fork(number, command, environment, *arguments)
            assert ended in (0, -signal.SIGKILL), (logs / f"{command} {number}").read_text(encoding="utf-8")
            return ended != 0

        yield run


@contextmanager
def forked_runs(project: Path, logs: Path) -> Iterator[ForkedRun]:
    """``fork(number, command, environment, *arguments, run_id=…)``: how a run ended that is killed before its commit
    ``number`` (0: never): 0 well, 1 not well, -9 killed.

    ``logs`` is the folder for what the runs say, in a file named after the ``run_id``, or else the command and number.
    See ``tests.contract.killed_run``.
    """
    runs = subprocess.Popen(
        [sys.executable, "-m", "tests.contract.killed_run"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def run(number: int, command: str, environment: Mapping[str, str], *arguments: str, run_id: str = "") -> int:
        assert runs.stdin is not None
        assert runs.stdout is not None
        log = logs / (run_id or f"{command} {number}").replace("/", " ")
        asked = {"number": number, "command": command, "arguments": arguments, "environment": dict(environment)}
        runs.stdin.write(json.dumps(asked | {"run_id": run_id, "log": str(log)}) + "\n")
        runs.stdin.flush()
        return int(runs.stdout.readline())

    with runs:  # which closes its input, at whose end it ends
        yield run
