"""Killed at any commit point and run again, every collector makes the same rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from boost_collectors.core.commands import CommandSpec
from boost_collectors.core.database import Database
from boost_collectors.core.settings import Settings
from tests.contract.content import Content, content
from tests.contract.killing import RunKilled
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
