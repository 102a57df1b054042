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


@contextmanager
def killer(project: Path, logs: Path) -> Iterator[RunKilled]:
    """``run_killed(number, command, environment, *arguments)``: whether the run came to that commit, and so was killed.

    ``logs`` is the folder for what the runs say. See ``tests.contract.killed_run``.
    """
    runs = subprocess.Popen(
        [sys.executable, "-m", "tests.contract.killed_run"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def run(number: int, command: str, environment: Mapping[str, str], *arguments: str) -> bool:
        assert runs.stdin is not None
        assert runs.stdout is not None
        log = logs / f"{command} {number}"
        asked = {"number": number, "command": command, "arguments": arguments, "environment": dict(environment)}
        runs.stdin.write(json.dumps(asked | {"log": str(log)}) + "\n")
        runs.stdin.flush()
        ended = int(runs.stdout.readline())
        assert ended in (0, -signal.SIGKILL), log.read_text(encoding="utf-8")
        return ended != 0

    with runs:  # which closes its input, at whose end it ends
        yield run
