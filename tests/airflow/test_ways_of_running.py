"""Scheduled, manual, backfilled, cleared, failed, limited and skipped runs on a running Airflow.

What a task was asked is read from the run log of the project database, which the commands themselves write.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from boost_collectors.boost_mailing_list_tracker.models import MailingListMessage
from boost_collectors.core.models import Run, RunStatus
from boost_collectors.runner import services
from tests.airflow.fixtures import A_DAY_OF_ALL
from tests.airflow.local_stack import LocalStack, eventually

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

GROUP = "everything"
GIT = "run_boost_github_activity_tracker"
MAILING_LISTS = "run_boost_mailing_list_tracker"
PAPERS = "run_wg21_paper_tracker"
ANY_LIST = "/archives/*"
DAY = timedelta(days=1)
SUNDAY_THE_FIRST = datetime(2026, 11, 1, 6, tzinfo=UTC)

Asked = tuple[str, str, str | None, str | None]


def asked(rows: list[Run]) -> list[Asked]:
    """Command, mode and bounds of each row, the bounds as dates."""
    return [(row.command, row.window_mode, date(row.window_since), date(row.window_until)) for row in rows]


def date(moment: datetime | None) -> str | None:
    return moment and f"{moment:%Y-%m-%d}"


def incremental(*commands: str) -> list[Asked]:
    return [(command, "incremental", None, None) for command in commands]


def dates_of_messages(stack: LocalStack) -> set[str | None]:
    with stack.database.session() as session:
        return {date(moment) for moment in session.scalars(select(MailingListMessage.sent_at))}


def has_group_status(stack: LocalStack) -> bool:
    with stack.database.session() as session:
        return GROUP in services.list_group_statuses(session)


def test_a_manual_run_without_a_date_continues_from_the_checkpoints(stack: LocalStack) -> None:
    run_id = stack.run(GROUP)["dag_run_id"]
    rows = stack.run_log(run_id)
    assert asked(rows) == incremental(GIT, MAILING_LISTS, PAPERS)
    assert {(row.group_id, row.run_id, row.status) for row in rows} == {(GROUP, run_id, RunStatus.SUCCESS)}
    assert rows[0].units == ["boostorg/boost", "boostorg/config", "boostorg/system", "boostorg/json"]
    assert has_group_status(stack)


def test_a_manual_run_with_a_date_runs_what_is_due_then(stack: LocalStack) -> None:
    run = stack.run("calendar", logical_date=SUNDAY_THE_FIRST)
    assert run["state"] == "success"
    assert stack.api.states("calendar", run["dag_run_id"]) == {
        "sample": "success",
        "other": "skipped",  # on Mondays
        "mapped__plan": "success",
        "mapped[0]": "success",
        "forgetful": "success",
        "verdict": "success",
    }
    assert asked(stack.run_log(run["dag_run_id"])) == incremental("sample", "mapped", "forgetful")


@pytest.mark.parametrize(
    ("form", "window"),
    [
        ({"mode": "full"}, ("full", None, None)),
        ({"since": "2024-09-04T00:00:00Z", "until": "2024-09-06T00:00:00Z"}, ("backfill", "2024-09-04", "2024-09-06")),
    ],
    ids=["full", "window"],
)
def test_the_form_chooses_command_unit_and_window(
    stack: LocalStack, form: dict[str, Any], window: tuple[str, str | None, str | None]
) -> None:
    chosen = {"commands": [MAILING_LISTS], "only": ["boost@lists.boost.org"]}
    run = stack.run(GROUP, **chosen, **form)
    assert run["state"] == "success"
    assert stack.api.states(GROUP, run["dag_run_id"]) == {
        f"{GIT}__plan": "skipped",
        GIT: "skipped",
        MAILING_LISTS: "success",
        PAPERS: "skipped",
        "verdict": "success",
    }
    (row,) = stack.run_log(run["dag_run_id"])
    assert asked([row]) == [(MAILING_LISTS, *window)]
    assert row.units == ["boost@lists.boost.org"]
    in_window = {"2024-09-04", "2024-09-05"}
    assert dates_of_messages(stack) >= in_window
    assert (dates_of_messages(stack) == in_window) is (window[0] == "backfill")
    assert not has_group_status(stack)


def test_a_dry_run_writes_nothing(stack: LocalStack) -> None:
    run = stack.run(GROUP, dry_run=True)
    assert run["state"] == "success"
    assert set(stack.api.states(GROUP, run["dag_run_id"]).values()) == {"success"}
    assert stack.run_log(run["dag_run_id"]) == []
    assert stack.content() == {}
    assert stack.sandbox.requests


def test_a_backfill_reads_the_span_of_each_cadence_and_a_cleared_task_reads_it_again(stack: LocalStack) -> None:
    first = SUNDAY_THE_FIRST.replace(hour=0)
    stack.api.backfill("calendar", first, first + 2 * DAY - timedelta(minutes=1))
    sunday, monday = eventually("two days are collected", lambda: backfilled(stack, 2), 90)
    a_month = ("mapped", "backfill", "2026-10-02", "2026-11-02")
    assert asked(stack.run_log(sunday)) == [("sample", "backfill", "2026-11-01", "2026-11-02"), a_month]
    assert asked(stack.run_log(monday)) == [
        ("sample", "backfill", "2026-11-02", "2026-11-03"),
        ("other", "backfill", "2026-10-27", "2026-11-03"),
    ]
    assert stack.api.states("calendar", monday)["forgetful"] == "skipped"  # its source has no past

    assert set(stack.api.clear("calendar", sunday, ["mapped", "verdict"])) == {"mapped", "verdict"}
    assert stack.ended("calendar", sunday)["state"] == "success"
    assert asked(stack.run_log(sunday))[-2:] == [a_month, a_month]
    assert {row.run_id for row in stack.run_log(sunday)} == {sunday}


def backfilled(stack: LocalStack, count: int) -> list[str]:
    """The ids of the calendar's backfill runs, once there are that many and all are over."""
    runs = [run for run in stack.api.dag_runs("calendar") if run["run_type"] == "backfill"]
    over = len(runs) == count and all(run["state"] == "success" for run in runs)
    return [run["dag_run_id"] for run in runs] if over else []


def test_a_failed_task_stops_nobody_and_the_run_and_health_say_so(stack: LocalStack) -> None:
    stack.sandbox.faults.add(ANY_LIST, "status", status=404, times=None)
    run = stack.run(GROUP)
    assert run["state"] == "failed"
    states = stack.api.states(GROUP, run["dag_run_id"])
    assert {task for task, state in states.items() if state == "failed"} == {MAILING_LISTS, "verdict"}
    assert {states[f"{GIT}[0]"], states[PAPERS]} == {"success"}
    assert [row.status for row in stack.run_log(run["dag_run_id"])] == ["success", "failed", "success"]
    assert f"1 failed: {MAILING_LISTS}" in stack.api.log(GROUP, run["dag_run_id"], "verdict")

    def told() -> dict[str, Any]:
        group = stack.api.health("").json()["checks"]["collector_groups"][GROUP]
        return group if group["last_run"]["run_id"] == run["dag_run_id"] else {}

    group = eventually("the health check tells of the run", told, 10)
    assert (group["last_run"]["state"], group["last_exit_code"]) == ("failed", 1)
    assert group["last_failure_at"] is not None


def test_a_rate_limit_frees_the_worker_until_the_source_is_ready(stack: LocalStack) -> None:
    stack.sandbox.faults.add(ANY_LIST, "status", status=429, retry_after=12)
    run_id = stack.api.ask_for(GROUP)
    limited = eventually("the task waits", lambda: deferred(stack, run_id))
    eventually("its process is gone", lambda: limited["pid"] not in task_processes(stack), 10)
    assert deferred(stack, run_id)
    assert stack.ended(GROUP, run_id)["state"] == "success"
    rows = [row for row in stack.run_log(run_id) if row.command == MAILING_LISTS]
    assert [row.status for row in rows] == [RunStatus.RATE_LIMITED, RunStatus.SUCCESS]
    retry_at, second_start = rows[0].retry_at, rows[1].started_at
    assert retry_at is not None
    assert second_start >= retry_at
    assert stack.api.task(GROUP, run_id, MAILING_LISTS)["try_number"] == 1
    assert date(A_DAY_OF_ALL) in dates_of_messages(stack)


def task_processes(stack: LocalStack) -> set[int]:
    return {process.pid for process in stack.component("scheduler").children(recursive=True)}


def deferred(stack: LocalStack, run_id: str) -> dict[str, Any]:
    task = stack.api.task(GROUP, run_id, MAILING_LISTS)
    return task if task["state"] == "deferred" else {}


def test_a_source_without_credentials_is_skipped_and_says_which_variable(stack: LocalStack) -> None:
    run = stack.run("poor")
    assert run["state"] == "success"
    assert stack.api.states("poor", run["dag_run_id"]) == {
        "needy": "skipped",
        "sample": "success",
        "verdict": "success",
    }
    assert "needy needs GITHUB_TOKEN: not set" in stack.api.log("poor", run["dag_run_id"], "needy")


def test_scheduled_runs_come_by_themselves_and_continue_from_the_checkpoints(
    stack: LocalStack, clockwork_time: datetime
) -> None:
    interval = scheduled(stack, "clockwork__every_180min")
    daily = scheduled(stack, "clockwork")
    assert datetime.fromisoformat(daily["logical_date"]) == clockwork_time
    for run, command in ((interval, "other"), (daily, "sample")):
        rows = stack.run_log(run["dag_run_id"])
        assert asked(rows) == incremental(command)
        assert {row.group_id for row in rows} == {"clockwork"}


def scheduled(stack: LocalStack, dag_id: str) -> dict[str, Any]:
    """The one scheduled run of a DAG, once it has come and succeeded."""

    def come() -> dict[str, Any]:
        runs = stack.api.dag_runs(dag_id)
        assert all(run["run_type"] == "scheduled" for run in runs)
        return runs[0] if runs and runs[0]["state"] == "success" else {}

    return eventually(f"a scheduled run of {dag_id} succeeds", come, 180)
