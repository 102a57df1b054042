"""on_release tasks in whole DAG runs, with the tags of the sandbox's Boost repository (1.84.0, 1.85.0 and 1.86.0)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from boost_collectors.boost_library_tracker.release_check import Consumer, Release, unseen
from boost_collectors.core.database import Database
from boost_collectors.runner import services
from boost_collectors.runner.schedule import ScheduleKind, Task
from include.orchestration.announcement import ANNOUNCE_TASK
from include.orchestration.releases import finished_well
from include.orchestration.verdict import VERDICT_TASK
from include.sandbox.server import Sandbox

HTTPX_WARNING = "ignore:Using `httpx` with `starlette.testclient` is deprecated"
RELEASES = [Release("boost-1.84.0", "a"), Release("boost-1.85.0", "b"), Release("boost-1.86.0", "c")]
MONDAY = datetime(2026, 11, 2, 6, tzinfo=UTC)


@pytest.fixture
def git_host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        for name, value in sandbox.environment().items():
            monkeypatch.setenv(name, value)
        yield sandbox


def on_release(command: str = "sample", units: str = "fine") -> str:
    return f"command: {command}, schedule: on_release, args: ['--units', '{units}']"


def new_to(airflow: Any, database: Database, command: str, units: str) -> list[str]:
    with database.session() as session:
        consumer = Consumer(airflow.group, command, ("--units", units))
        return [release.tag for release in unseen(session, consumer, RELEASES)]


@pytest.mark.airflow
@pytest.mark.filterwarnings(HTTPX_WARNING)
@pytest.mark.parametrize("command", ["sample", "mapped"])
def test_a_release_is_handled_once_by_each_task(
    airflow: Any, git_host: Sandbox, database: Database, command: str
) -> None:
    first = airflow.run(on_release(command), date=MONDAY)
    assert set(first.states.values()) == {"success"}
    assert len(airflow.notes()) == 1
    assert new_to(airflow, database, command, "fine") == []

    second = airflow.run(on_release(command), date=datetime(2026, 11, 3, 6, tzinfo=UTC))
    assert {state for task, state in second.states.items() if task != VERDICT_TASK} == {"skipped"}
    assert len(airflow.notes()) == 1
    with database.session() as session:
        status = services.list_group_statuses(session)[airflow.group]
        assert status.last_exit_code == 0


@pytest.mark.airflow
@pytest.mark.filterwarnings(HTTPX_WARNING)
@pytest.mark.parametrize("command", ["sample", "mapped"])
def test_a_release_that_was_not_handled_stays_new(
    airflow: Any, git_host: Sandbox, database: Database, command: str
) -> None:
    run = airflow.run(on_release(command, "fine,broken"), date=MONDAY)
    assert run.state == "failed"
    assert new_to(airflow, database, command, "fine,broken") == ["boost-1.84.0", "boost-1.85.0", "boost-1.86.0"]


@pytest.mark.airflow
@pytest.mark.filterwarnings(HTTPX_WARNING)
def test_a_check_that_fails_fails_only_its_own_task(airflow: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_GIT_URL", "http://127.0.0.1:1/git")
    daily = "command: other, schedule: daily"
    run = airflow.run(on_release("sample"), daily, date=MONDAY)
    assert run.states == {"sample": "failed", "other": "success", ANNOUNCE_TASK: "failed", VERDICT_TASK: "failed"}
    assert run.instances["sample"].try_number == 2


@pytest.mark.airflow
@pytest.mark.filterwarnings(HTTPX_WARNING)
def test_a_backfill_follows_no_release_unless_forced(airflow: Any, git_host: Sandbox, database: Database) -> None:
    run = airflow.run(on_release(), date=MONDAY, run_type="backfill")
    assert run.states["sample"] == "skipped"
    forced = airflow.run(on_release(), date=MONDAY, run_type="backfill", conf={"force": True})
    assert forced.states["sample"] == "success"
    assert new_to(airflow, database, "sample", "fine") == ["boost-1.84.0", "boost-1.85.0", "boost-1.86.0"]


@pytest.mark.parametrize(
    ("states", "well"),
    [
        ({"task": "success"}, True),
        ({"task": "failed"}, False),
        ({"task": "skipped"}, False),
        ({"task_0": "success", "task_1": "success"}, True),
        ({"task_0": "success", "task_1": "failed"}, False),
        ({"task__plan": "success", "another_task": "failed"}, False),
        ({}, False),
    ],
)
def test_only_a_task_that_succeeded_in_all_its_parts_finished_well(states: dict[str, str], well: bool) -> None:
    task = Task("g", "task", ScheduleKind.ON_RELEASE, id="task")
    assert finished_well(task, states) is well
