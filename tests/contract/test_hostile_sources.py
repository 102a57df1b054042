"""What every collector must do when its source misbehaves: lose nothing, and say what the caller should do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from boost_collectors.core.commands import CommandSpec
from boost_collectors.core.database import Database
from boost_collectors.core.errors import CollectorError, PermanentError, RateLimited, TransientError
from include.sandbox import Sandbox
from tests.contract.content import Content, content

pytestmark = pytest.mark.reads_a_source

FAULTS: dict[str, dict[str, Any]] = {
    # Stands for every 5xx: the transports, whose own tests try each, treat none but this one in a way of its own.
    "bad_gateway": {"kind": "status", "status": 502},
    "truncated": {"kind": "truncated"},
    "malformed": {"kind": "malformed"},
    "dropped": {"kind": "dropped"},
    "throttled": {"kind": "status", "status": 429},
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_source_that_is_down_fails_the_run_and_loses_nothing(
    spec: CommandSpec,
    collect: Any,
    sandbox: Sandbox,
    project: Database,
    undisturbed: Content,
    time_passes: Any,
    name: str,
) -> None:
    sandbox.faults.add("*", times=None, after=2, **FAULTS[name])
    with pytest.raises(CollectorError) as failure:
        collect()
    assert isinstance(failure.value, TransientError | RateLimited | PermanentError)
    if name != "malformed":
        assert not isinstance(failure.value, PermanentError)
    sandbox.faults.clear()
    time_passes()
    assert collect().success
    assert content(project) == undisturbed


@pytest.mark.parametrize("name", FAULTS)
def test_a_passing_fault_is_survived(
    spec: CommandSpec,
    collect: Any,
    sandbox: Sandbox,
    project: Database,
    undisturbed: Content,
    time_passes: Any,
    name: str,
) -> None:
    sandbox.faults.add("*", times=1, after=3, **FAULTS[name])
    try:
        collect()
    except CollectorError:
        time_passes()
        collect()
    assert content(project) == undisturbed


@pytest.mark.parametrize("kind", ["repeated_page", "shifted_page"])
def test_pages_that_move_lose_nothing(
    spec: CommandSpec, collect: Any, sandbox: Sandbox, project: Database, undisturbed: Content, kind: str
) -> None:
    sandbox.faults.add("*", kind, times=1, after=1)
    try:
        collect()
    except TransientError:
        collect()
    assert content(project) == undisturbed


def test_a_long_ban_says_when_to_come_back(spec: CommandSpec, collect: Any, sandbox: Sandbox) -> None:
    sandbox.faults.add("*", "status", status=429, retry_after=3600, times=None)
    with pytest.raises(RateLimited) as limit:
        collect()
    wait = (limit.value.retry_at - datetime.now(UTC)).total_seconds()
    assert 600 < wait <= 3600  # git does not show what the host asked for, and waits its own time
