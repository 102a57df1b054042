"""Killed at any commit point and run again, every collector makes the same rows."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.commands import CommandSpec
from boost_collectors.core.database import Database
from boost_collectors.core.settings import Settings
from tests.contract.content import Content, content
from tests.contract.prerequisites import prepare

# Enough to pass every kind of commit of a small run; a run with more commits repeats itself.
MOST_KILLS = 12

RunKilled = Callable[[int, str, dict[str, str]], bool]


@pytest.fixture(scope="session")
def run_killed(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunKilled]:
    """``run_killed(number, command, environment)``: whether the run came to that commit, and so was killed."""
    logs = tmp_path_factory.mktemp("killed")
    runs = subprocess.Popen(
        [sys.executable, "-m", "tests.contract.killed_run"],
        cwd=pytestconfig.rootpath,
        env={**os.environ, "PYTHONPATH": str(pytestconfig.rootpath)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def run(number: int, command: str, environment: dict[str, str]) -> bool:
        assert runs.stdin is not None
        assert runs.stdout is not None
        log = logs / f"{command} {number}"
        asked = {"number": number, "command": command, "environment": environment, "log": str(log)}
        runs.stdin.write(json.dumps(asked) + "\n")
        runs.stdin.flush()
        ended = int(runs.stdout.readline())
        assert ended in (0, -signal.SIGKILL), log.read_text(encoding="utf-8")
        return ended != 0

    with runs:  # which closes its input, at whose end it ends
        yield run


def test_killed_at_each_commit_and_rerun_gives_the_same_rows(
    spec: CommandSpec,
    collect: Any,
    sandbox: Any,
    make_settings: Any,
    database_server: Any,
    undisturbed: Content,
    run_killed: RunKilled,
    tmp_path: Path,
) -> None:
    for number in range(1, MOST_KILLS + 1):
        with database_server.database() as url:
            prepare(spec, url)
            environment = sandbox.environment() | {"DATABASE_URL": url, "WORKSPACE_DIR": str(tmp_path / str(number))}
            killed = run_killed(number, spec.name, environment)
            database_server.end_sessions(url)
            settings: Settings = make_settings(**environment)
            collect(settings)
            with Database(url) as database:
                assert content(database) == undisturbed, f"killed before commit {number}"
        if not killed:
            break
    assert number > 2
