"""Whole DAG runs: real operators, trigger rules, XComs and states on a real metadata database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from boost_collectors.core.database import Database
from boost_collectors.runner import services
from include.orchestration.verdict import VERDICT_TASK

pytestmark = [
    pytest.mark.airflow,
    # Airflow's own code on the way to a task: the test client of its in-process API server.
    pytest.mark.filterwarnings("ignore:Using `httpx` with `starlette.testclient` is deprecated"),
]

SUNDAY_THE_FIRST = datetime(2026, 11, 1, 6, tzinfo=UTC)
MONDAY = datetime(2026, 11, 2, 6, tzinfo=UTC)


def daily(command: str = "sample", units: str = "fine") -> str:
    return f"command: {command}, schedule: daily, args: ['--units', '{units}']"


def test_a_group_runs_its_tasks_and_records_its_success(airflow: Any, database: Database) -> None:
    run = airflow.run(daily("sample"), daily("other"), date=MONDAY)
    assert run.state == "success"
    assert run.states == {"sample": "success", "other": "success", VERDICT_TASK: "success"}
    assert [(note["command"], note["group"], note["mode"]) for note in airflow.notes()] == [
        ("other", airflow.group, "incremental"),
        ("sample", airflow.group, "incremental"),
    ]
    with database.session() as session:
        status = services.list_group_statuses(session)[airflow.group]
        assert (status.last_exit_code, status.last_failure_at) == (0, None)


def test_a_failed_task_stops_nobody_and_the_run_is_not_green(airflow: Any, database: Database) -> None:
    run = airflow.run(daily("sample", "broken"), daily("other"), date=MONDAY)
    assert run.states == {"sample": "failed", "other": "success", VERDICT_TASK: "failed"}
    assert run.state == "failed"
    with database.session() as session:
        status = services.list_group_statuses(session)[airflow.group]
        assert (status.last_exit_code, status.last_success_at) == (1, None)


def test_a_permanent_failure_is_not_tried_again_and_a_transient_one_is(airflow: Any) -> None:
    run = airflow.run(daily("sample", "broken"), daily("other", "flaky"), date=MONDAY)
    assert run.states["other"] == "success"
    assert run.instances["sample"].try_number == 1
    assert run.instances["other"].try_number == 2


WHEN_DUE = (
    "command: sample, schedule: weekly, 'on': monday",
    "command: other, schedule: monthly, 'on': 1",
    daily("forgetful"),
)


@pytest.mark.parametrize(
    ("date", "skipped"),
    [(SUNDAY_THE_FIRST, {"sample"}), (MONDAY, {"other"}), (datetime(2026, 11, 3, tzinfo=UTC), {"sample", "other"})],
)
@pytest.mark.parametrize("run_type", ["manual", "scheduled"])
def test_the_runs_date_decides_what_is_due(airflow: Any, date: datetime, skipped: set[str], run_type: str) -> None:
    run = airflow.run(*WHEN_DUE, date=date, run_type=run_type)
    assert run.state == "success"
    assert {task for task, state in run.states.items() if state == "skipped"} == skipped


def test_force_runs_what_is_not_due(airflow: Any) -> None:
    run = airflow.run(*WHEN_DUE, date=datetime(2026, 11, 3, tzinfo=UTC), conf={"force": True})
    assert set(run.states.values()) == {"success"}


def test_a_run_without_a_logical_date_is_for_today(airflow: Any) -> None:
    run = airflow.run(daily(), date=None)
    assert run.dag_run.logical_date is None
    assert run.states["sample"] == "success"


def test_a_backfill_reads_each_cadences_span_and_says_nothing_about_the_group(airflow: Any, database: Database) -> None:
    run = airflow.run(*WHEN_DUE, date=MONDAY, run_type="backfill")
    assert run.states == {
        "sample": "success",
        "other": "skipped",
        "forgetful": "skipped",  # its source has no past
        VERDICT_TASK: "success",
    }
    (note,) = airflow.notes()
    assert (note["mode"], note["since"], note["until"]) == (
        "backfill",
        "2026-10-27T00:00:00+00:00",
        "2026-11-03T00:00:00+00:00",
    )
    with database.session() as session:
        assert services.list_group_statuses(session) == {}


def test_the_form_chooses_commands_window_units_and_dry_run(airflow: Any, database: Database) -> None:
    conf = {
        "commands": ["other"],
        "since": "2026-01-01T00:00:00Z",
        "until": "2026-02-01T00:00:00Z",
        "only": ["fine-2"],
        "dry_run": True,
    }
    run = airflow.run(daily("sample"), daily("other", "fine-1,fine-2"), date=MONDAY, conf=conf)
    assert run.states == {"sample": "skipped", "other": "success", VERDICT_TASK: "success"}
    (note,) = airflow.notes()
    assert (note["command"], note["unit"], note["dry_run"], note["mode"]) == ("other", "fine-2", True, "backfill")
    assert (note["since"], note["until"]) == ("2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00")
    with database.session() as session:
        assert services.list_group_statuses(session) == {}


def test_units_without_their_command_fail_the_run(airflow: Any) -> None:
    run = airflow.run(daily("sample"), daily("other"), date=MONDAY, conf={"only": ["fine"]})
    assert run.states == {"sample": "failed", "other": "failed", VERDICT_TASK: "failed"}
    assert airflow.notes() == []


def test_a_command_without_its_token_is_skipped_and_an_all_skipped_run_records_nothing(
    airflow: Any, database: Database
) -> None:
    run = airflow.run(daily("needy"), daily("sample", "nothing-to-do"), date=MONDAY)
    assert run.states == {"needy": "skipped", "sample": "skipped", VERDICT_TASK: "success"}
    with database.session() as session:
        assert services.list_group_statuses(session) == {}


def test_a_required_setting_may_stand_in_an_airflow_variable(airflow: Any) -> None:
    from airflow.models import Variable

    Variable.set("github_token", "from-airflow")
    try:
        run = airflow.run(daily("needy"), date=MONDAY)
    finally:
        Variable.delete("github_token")
    assert run.states["needy"] == "success"


def test_a_rate_limit_frees_the_worker_and_costs_no_try(airflow: Any) -> None:
    run = airflow.run(daily("sample", "fine,limited"), date=MONDAY)
    assert run.states["sample"] == "success"
    assert run.instances["sample"].try_number == 1
    assert [note["unit"] for note in airflow.notes()] == ["fine", "fine", "limited", "limited"]


def test_many_units_are_spread_over_mapped_tasks(airflow: Any) -> None:
    units = ",".join(f"fine-{number}" for number in range(25))
    run = airflow.run(daily("mapped", units), daily("other"), date=MONDAY)
    assert run.states == {
        "mapped__plan": "success",
        "mapped[0]": "success",
        "mapped[1]": "success",
        "mapped[2]": "success",
        "other": "success",
        VERDICT_TASK: "success",
    }
    done = [note["unit"] for note in airflow.notes() if note["command"] == "mapped"]
    assert sorted(done) == sorted(units.split(","))
    assert run.instances["mapped[0]"].rendered_map_index.startswith("fine-0 +")


def test_a_failed_batch_stops_neither_the_others_nor_the_next_task_and_fails_the_run(
    airflow: Any, database: Database
) -> None:
    units = ",".join([f"fine-{number}" for number in range(14)] + ["broken"])
    run = airflow.run(daily("mapped", units), daily("other"), date=MONDAY)
    assert sorted([run.states["mapped[0]"], run.states["mapped[1]"]]) == ["failed", "success"]
    assert (run.states["other"], run.states[VERDICT_TASK], run.state) == ("success", "failed", "failed")
    assert len({note["unit"] for note in airflow.notes() if note["command"] == "mapped"}) == 15
    with database.session() as session:
        assert services.list_group_statuses(session)[airflow.group].last_exit_code == 1


@pytest.mark.parametrize(
    ("units", "plan", "batches", "end"),
    [
        ("unplannable", "failed", "upstream_failed", "failed"),
        ("nothing-to-do", "skipped", "skipped", "success"),
        ("", "success", "skipped", "success"),
    ],
)
def test_without_a_plan_there_are_no_batches_and_the_next_task_runs(
    airflow: Any, units: str, plan: str, batches: str, end: str
) -> None:
    run = airflow.run(daily("mapped", units), daily("other"), date=MONDAY)
    assert (run.states["mapped__plan"], run.states["mapped"], run.states["other"]) == (plan, batches, "success")
    assert run.states[VERDICT_TASK] == run.state == end


def test_a_success_tells_its_tables_and_counts_as_asset_events(airflow: Any) -> None:
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session
    from sqlalchemy import select

    run = airflow.run(daily("sample", "fine-1,fine-2"), date=MONDAY)
    with create_session() as session:
        events = session.scalars(select(AssetEvent).where(AssetEvent.source_run_id == run.dag_run.run_id)).all()
        told = {
            (event.asset.name, event.extra["counts"]["things_inserted"], event.extra["dry_run"]) for event in events
        }
    assert told == {("sample_table", 4, False)}


def test_an_interval_run_has_a_verdict_but_says_nothing_about_the_group(airflow: Any, database: Database) -> None:
    task = "command: sample, schedule: interval, minutes: 30, args: [--units, broken]"
    run = airflow.run(task, date=MONDAY, minutes=30)
    assert run.states == {"sample": "failed", VERDICT_TASK: "failed"}
    with database.session() as session:
        assert services.list_group_statuses(session) == {}
