"""A first load that is killed at fifty random points, and resumed each time, leaves what an undisturbed one does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from include.sandbox import Sandbox
from include.sandbox.github.generated import GeneratedOrganization
from include.sandbox.github.limits import LimitOptions
from tests.contract.content import content
from tests.github_activity_tracker import killed_load

KILLS = 50
ORGANIZATION = GeneratedOrganization(
    name="boostorg-like", superproject="boost", repositories=6, commits=1200, issues=160, pull_requests=110, accounts=60
)
PREFIX = "github_activity_tracker_"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    # A killed run takes the quota that it had leased with it, for some minutes.
    with Sandbox(generated=[ORGANIZATION], limits=LimitOptions(core=None, graphql=None)) as server:
        yield server


def test_fifty_deaths_of_a_first_load_leave_no_trace(
    sandbox: Sandbox, database_server: Any, make_settings: Any, pytestconfig: Any, tmp_path: Path
) -> None:
    common = sandbox.environment() | {"BOOST_GITHUB_OWNER": ORGANIZATION.name, "PATH": os.environ["PATH"]}
    with database_server.database() as whole, database_server.database() as killed:
        loads = {
            name: common | {"DATABASE_URL": url, "WORKSPACE_DIR": str(tmp_path / name)}
            for name, url in (("whole", whole), ("killed", killed))
        }
        told = _killed(loads, pytestconfig.rootpath)
        assert sum(told["deaths"].values()) == KILLS
        assert min(told["deaths"].get(kind, 0) for kind in killed_load.KINDS) >= 3
        before = _stored(killed)
        execute(killed_load.COMMAND, Request(killed_load.ARGUMENTS), settings=make_settings(**loads["killed"]))
        assert 0.2 * _stored(whole) < before < _stored(whole)
        with Database(whole) as expected, Database(killed) as found:
            assert content(found) == content(expected)
        assert _archive(tmp_path / "killed") == _archive(tmp_path / "whole")


def _killed(loads: dict[str, dict[str, str]], root: Path) -> dict[str, Any]:
    given = json.dumps({"kills": KILLS, "seed": 20_261_127, **loads})
    command = [sys.executable, "-m", "tests.github_activity_tracker.killed_load", given]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _stored(url: str) -> int:
    names = ("gitcommit", "issue", "pullrequest")
    with Database(url) as database, database.session() as session:
        return sum(session.execute(text(f"SELECT count(*) FROM {PREFIX}{name}")).scalar_one() for name in names)


def _archive(workspace: Path) -> dict[str, bytes]:
    files = (workspace / "raw").rglob("*.json")
    found = {str(path.relative_to(workspace)): path.read_bytes() for path in files}
    assert found
    return found
