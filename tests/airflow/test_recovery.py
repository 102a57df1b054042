"""Whatever happens to a run, its rows end up the same: on a running Airflow, with real processes killed."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import psutil
import pytest
from sqlalchemy import text

from boost_collectors import registry
from boost_collectors.core.database import Database
from boost_collectors.core.database.embedded import EmbeddedPostgres
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.models import RunStatus
from boost_collectors.core.settings import Settings
from boost_collectors.core.window import Window, WindowMode
from include.stack.processes import members
from include.stack.runtime import METADATA
from tests.airflow.fixtures import A_DAY_OF_ALL
from tests.airflow.local_stack import LocalStack, eventually
from tests.conftest import DatabaseServer
from tests.contract.content import Content, content

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

GROUP = "everything"
MAILING_LISTS = "run_boost_mailing_list_tracker"
COMMANDS = ("run_boost_github_activity_tracker", MAILING_LISTS, "run_wg21_paper_tracker")
TASKS = {"run_boost_github_activity_tracker__plan", "run_boost_github_activity_tracker[0]", *COMMANDS[1:], "verdict"}
# A request in the middle of a task: of three mailing lists, one is stored when the second is asked for.
SECOND_LIST = "/archives/api/list/boost-users*"
DAY = timedelta(days=1)
FIRST_DAY = A_DAY_OF_ALL - DAY
PER_SOURCE = {
    "github_activity_tracker_gitcommit",
    "boost_mailing_list_tracker_mailinglistmessage",
    "wg21_paper_tracker_wg21paper",
}

Directly = Callable[..., Content]


@pytest.fixture(scope="module")
def directly(
    running_stack: LocalStack, database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory
) -> Directly:
    """``directly(window, ...)``: what the group's commands store when each is run for those windows without Airflow."""

    def collect(*windows: Window) -> Content:
        running_stack.sandbox.faults.clear()
        with database_server.database() as url, Database(url) as database:
            folder = tmp_path_factory.mktemp("direct")
            given = {"DATABASE_URL": url, "WORKSPACE_DIR": str(folder), **running_stack.sandbox.environment()}
            settings = Settings.load(given, env_file=None)
            for window in windows:
                for command in COMMANDS:
                    execute(registry.find(command), Request(window=window), settings=settings)
            return content(database)

    return collect


@pytest.fixture(scope="module")
def undisturbed(directly: Directly) -> Content:
    """What one run of each command makes of the sandbox on an empty database."""
    return directly(Window())


def hanging(stack: LocalStack) -> str:
    """Trigger the group and wait until it hangs in the middle of its second task; returns the run's id."""
    stack.sandbox.faults.add(SECOND_LIST, "latency", seconds=300)
    run_id = stack.api.ask_for(GROUP)
    eventually("the second list is asked for", lambda: stack.sandbox.faults.list()[0]["seen"])
    return run_id


def without_a_run_of_the_schedule(stack: LocalStack, tick: datetime) -> None:
    """See to it that the schedule has nothing to make up for.

    After a backfill of a DAG that never ran, Airflow also starts the run of the latest past tick, unless there is one.
    """
    stack.run(GROUP, logical_date=tick - DAY, commands=COMMANDS[-1:], dry_run=True)


def finished_backfills(stack: LocalStack, count: int) -> list[dict[str, Any]]:
    """The group's backfill runs, once there are that many and all are over."""
    runs = [run for run in stack.api.dag_runs(GROUP) if run["run_type"] == "backfill"]
    return runs if len(runs) == count and all(run["state"] in ("success", "failed") for run in runs) else []


def windows(stack: LocalStack, run_id: str) -> list[tuple[str, Window]]:
    """Which command read which window, in this order."""
    return [
        (row.command, Window(WindowMode(row.window_mode), row.window_since, row.window_until))
        for row in stack.run_log(run_id)
    ]


def secrets_told_to_airflow(stack: LocalStack) -> list[tuple[str, str]]:
    """Where in Airflow's database (rendered fields, XComs, serialized DAGs, its log …) and in the logs one stands."""
    settings = Settings.load(stack.environment, env_file=None)
    secrets = [secret for secret in settings.secret_values() if len(secret) > 8]
    assert secrets
    found = []
    metadata = Database(EmbeddedPostgres(stack.folder.root / "postgres").url(METADATA))
    with metadata, metadata.engine.connect() as connection:
        tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars()
        for table in tables.all():
            rows = "\n".join(connection.execute(text(f'SELECT t::text FROM "{table}" t')).scalars())
            found += [(table, secret) for secret in secrets if secret in rows]
    for log in (path for path in stack.folder.logs.rglob("*") if path.is_file()):
        content = log.read_text(encoding="utf-8", errors="replace")
        found += [(log.name, secret) for secret in secrets if secret in content]
    return found


def statuses(stack: LocalStack, run_id: str, command: str) -> list[str]:
    return [row.status for row in stack.run_log(run_id) if row.command == command]


def test_an_undisturbed_run_stores_what_the_commands_do(stack: LocalStack, undisturbed: Content) -> None:
    run = stack.run(GROUP)
    assert run["state"] == "success"
    assert stack.api.states(GROUP, run["dag_run_id"]) == dict.fromkeys(TASKS, "success")
    assert stack.content() == undisturbed
    assert secrets_told_to_airflow(stack) == []


def test_a_backfill_of_three_days_a_run_and_cleared_tasks_end_with_the_same_rows(
    stack: LocalStack, quiet_time: datetime, undisturbed: Content, directly: Directly
) -> None:
    without_a_run_of_the_schedule(stack, quiet_time)
    days = [Window.between(FIRST_DAY + number * DAY, FIRST_DAY + (number + 1) * DAY) for number in range(3)]
    stack.api.backfill(GROUP, FIRST_DAY, FIRST_DAY + 3 * DAY - timedelta(minutes=1))
    runs = eventually("the three days are collected", lambda: finished_backfills(stack, 3), 120)
    assert [run["state"] for run in runs] == ["success"] * 3
    assert {run["dag_run_id"]: windows(stack, run["dag_run_id"]) for run in runs} == {
        run["dag_run_id"]: [(command, day) for command in COMMANDS] for run, day in zip(runs, days, strict=True)
    }
    assert stack.content() == directly(*days)
    assert stack.content().keys() >= PER_SOURCE

    assert stack.run(GROUP)["state"] == "success"
    assert stack.content() == undisturbed

    second_day = runs[1]["dag_run_id"]
    cleared = ["run_boost_github_activity_tracker", MAILING_LISTS, "verdict"]
    assert set(stack.api.clear(GROUP, second_day, cleared)) == set(cleared)
    assert stack.ended(GROUP, second_day)["state"] == "success"
    assert windows(stack, second_day)[len(COMMANDS) :] == [(command, days[1]) for command in cleared[:2]]
    assert stack.content() == undisturbed


def test_a_killed_task_process_is_tried_again_and_ends_with_the_same_rows(
    stack: LocalStack, undisturbed: Content
) -> None:
    run_id = hanging(stack)
    task = psutil.Process(stack.api.task(GROUP, run_id, MAILING_LISTS)["pid"])
    assert stack.component("scheduler") in task.parents()
    task.send_signal(signal.SIGKILL)

    assert stack.ended(GROUP, run_id)["state"] == "success"
    assert stack.api.task(GROUP, run_id, MAILING_LISTS)["try_number"] == 2
    assert statuses(stack, run_id, MAILING_LISTS) == [RunStatus.INTERRUPTED, RunStatus.SUCCESS]
    assert stack.content() == undisturbed


def test_a_killed_scheduler_ends_the_stack_and_the_next_start_finishes_the_run(
    stack: LocalStack, undisturbed: Content
) -> None:
    run_id = hanging(stack)
    before = stack.content()
    stack.component("scheduler").send_signal(signal.SIGKILL)
    assert stack.wait() == 1
    assert "Error: scheduler was killed by signal 9." in stack.said()
    assert f"The end of {stack.folder.logs}/scheduler.log:" in stack.said()
    assert list(members(stack.folder.root)) == []
    assert not EmbeddedPostgres(stack.folder.root / "postgres").is_running

    stack.start()
    assert stack.ended(GROUP, run_id)["state"] == "success"
    assert statuses(stack, run_id, MAILING_LISTS) == [RunStatus.INTERRUPTED, RunStatus.SUCCESS]
    assert stack.content() == undisturbed
    assert before != undisturbed
