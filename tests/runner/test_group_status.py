"""The group status that ``run_scheduled_collectors`` leaves, and when it leaves none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from boost_collectors.core.database import Database
from boost_collectors.core.errors import CommandError
from boost_collectors.runner.services import record_group_success
from tests.runner.schedules import MIXED, daily, exit_code, group

if TYPE_CHECKING:
    from tests.runner.conftest import Runner, Status

MONDAY = datetime(2026, 11, 23, 0, 5, tzinfo=UTC)


def test_a_whole_batch_is_recorded(runner: Runner, status: Status) -> None:
    runner.schedule(group(daily("one")))
    runner("--schedule", "default", "--group", "g")
    row = status("g")
    assert row is not None
    assert (row.last_success_at, row.last_run_at, row.last_exit_code) == (runner.now, runner.now, 0)
    runner.schedule(group(daily("one", "exit", "--code", "5")))
    runner.now = MONDAY
    assert exit_code(runner, "--schedule", "default", "--group", "g") == 5
    row = status("g")
    assert row is not None
    assert (row.last_failure_at, row.last_run_at, row.last_exit_code) == (MONDAY, MONDAY, 5)
    assert row.last_success_at is not None
    assert row.last_success_at < MONDAY


@pytest.mark.parametrize(
    "arguments",
    [
        ["--schedule", "daily", "--group", "github"],
        ["--schedule", "interval", "--interval-minutes", "60", "--group", "github"],
        ["--schedule", "daily"],
    ],
)
def test_a_partial_run_is_not_recorded(runner: Runner, arguments: list[str], status: Status) -> None:
    runner.schedule(MIXED)
    runner(*arguments)
    assert runner.calls
    assert status("github") is None


def test_a_batch_whose_tasks_were_all_skipped_is_not_recorded(runner: Runner, status: Status) -> None:
    runner.schedule(group(daily("one", "skip")))
    runner("--schedule", "default", "--group", "g")
    assert runner.calls == ["one"]
    assert status("g") is None


def test_an_interrupt_is_recorded_and_goes_through(runner: Runner, status: Status) -> None:
    runner.schedule(group(daily("one", "interrupt"), daily("two")))
    with pytest.raises(KeyboardInterrupt):
        runner("--schedule", "default", "--group", "g")
    row = status("g")
    assert row is not None
    assert row.last_exit_code == 1


def test_a_broken_group_is_recorded_as_failed(runner: Runner, status: Status) -> None:
    runner.schedule(MIXED + "  broken: []\n")
    with pytest.raises(CommandError):
        runner("--schedule", "default", "--group", "broken")
    row = status("broken")
    assert row is not None
    assert (row.last_failure_at, row.last_exit_code) == (runner.now, 1)


def test_without_a_file_only_a_group_that_ran_before_is_recorded(
    runner: Runner, status: Status, database: Database
) -> None:
    with database.session() as session:
        record_group_success(session, "known")
    for name in ("known", "typo"):
        with pytest.raises(CommandError, match="not found"):
            runner("--schedule", "default", "--group", name)
    row = status("known")
    assert row is not None
    assert row.last_exit_code == 1
    assert status("typo") is None


def test_an_unknown_group_leaves_no_row(runner: Runner, status: Status) -> None:
    runner.schedule(MIXED)
    with pytest.raises(CommandError, match="Unknown group"):
        runner("--schedule", "default", "--group", "githb")
    assert status("githb") is None


def test_a_status_that_cannot_be_written_does_not_hide_the_failure(
    runner: Runner, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with database.session() as session:
        session.execute(text("DROP TABLE boost_collector_runner_collectorgrouprunstatus"))
    runner.schedule(group(daily("one", "exit", "--code", "5")))
    assert exit_code(runner, "--schedule", "default", "--group", "g") == 5
    assert "The failure of group g could not be recorded" in caplog.text
    runner.schedule("groups: {broken: []}")
    with pytest.raises(CommandError, match="Group 'broken' must be a dict"):
        runner("--schedule", "default", "--group", "broken")


def test_a_success_that_cannot_be_written_is_an_error(runner: Runner, database: Database) -> None:
    with database.session() as session:
        session.execute(text("DROP TABLE boost_collector_runner_collectorgrouprunstatus"))
    runner.schedule(group(daily("one")))
    with pytest.raises(SQLAlchemyError):
        runner("--schedule", "default", "--group", "g")
