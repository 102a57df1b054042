"""Killed late in a run, past the commits that the contract suite reaches: among searches and transcripts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from boost_collectors import registry
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from include.sandbox import Sandbox
from tests.contract.content import content
from tests.contract.killing import killer

SPEC = registry.find("run_cppa_youtube_script_tracker")


def test_killed_late_and_rerun_gives_the_same_rows_and_files(
    tmp_path: Path, database_server: Any, make_settings: Any, pytestconfig: pytest.Config
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    with Sandbox() as sandbox, killer(pytestconfig.rootpath, logs) as run_killed:
        whole = None
        for number in (0, 24, 32, 36):
            with database_server.database() as url:
                folder = tmp_path / str(number)
                variables = {**sandbox.environment(), "DATABASE_URL": url, "WORKSPACE_DIR": str(folder)}
                if number:
                    assert run_killed(number, SPEC.name, variables)
                execute(SPEC, Request(), settings=make_settings(**variables))
                with Database(url) as database:
                    found = content(database), _files(folder)
            whole = whole or found
            assert found == whole, f"killed before commit {number}"


def _files(folder: Path) -> dict[str, bytes]:
    """The transcripts that are kept."""
    return {path.name: path.read_bytes() for path in folder.rglob("*.vtt")}
