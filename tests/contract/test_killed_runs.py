"""Killed at any commit point and run again, every collector makes the same rows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

from boost_collectors.core.commands import CommandSpec
from boost_collectors.core.database import Database
from boost_collectors.core.settings import Settings
from tests.contract.content import Content, content
from tests.contract.prerequisites import prepare

# Enough to pass every kind of commit of a small run; a run with more commits repeats itself.
MOST_KILLS = 12


def test_killed_at_each_commit_and_rerun_gives_the_same_rows(
    spec: CommandSpec,
    collect: Any,
    sandbox: Any,
    make_settings: Any,
    database_server: Any,
    undisturbed: Content,
    pytestconfig: Any,
    tmp_path: Any,
) -> None:
    for number in range(1, MOST_KILLS + 1):
        with database_server.database() as url:
            prepare(spec, url)
            environment = sandbox.environment() | {"DATABASE_URL": url, "WORKSPACE_DIR": str(tmp_path / str(number))}
            killed = _run_killed(number, spec.name, environment, pytestconfig.rootpath)
            database_server.end_sessions(url)
            settings: Settings = make_settings(**environment)
            collect(settings)
            with Database(url) as database:
                assert content(database) == undisturbed, f"killed before commit {number}"
        if not killed:
            break
    assert number > 2


def _run_killed(number: int, command: str, environment: dict[str, str], root: Any) -> bool:
    done = subprocess.run(
        [sys.executable, "-m", "tests.contract.killed_run", str(number), command],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0
