"""``run_scheduled_collectors``: flags, order, exit codes, releases. What it records: test_group_status."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from sqlalchemy import select

from boost_collectors import registry
from boost_collectors.core import __version__, locks
from boost_collectors.core.database import Database
from boost_collectors.core.errors import CommandError
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.models import Run
from boost_collectors.core.settings import PROJECT_ROOT, Settings
from boost_collectors.runner.command import TasksFailed
from tests.runner.schedules import MIXED, daily, exit_code, group

if TYPE_CHECKING:
    from tests.runner.conftest import BoostRepository, Runner, Status

MONDAY = datetime(2026, 11, 23, 0, 5, tzinfo=UTC)
RELEASES = """\
groups:
  early:
    default_time: 0:05
    tasks:
      - {command: one, schedule: daily}
      - {command: docs, schedule: on_release, args: ["--say", "early"]}
  late:
    default_time: 16:20
    tasks:
      - {command: docs, schedule: on_release, args: ["--say", "late"]}
"""


@pytest.mark.parametrize(
    ("arguments", "token"),
    [
        (["--schedule", "default"], "default requires --group"),
        (["--schedule", "weekly"], "weekly requires --day-of-week"),
        (["--schedule", "weekly", "--day-of-week", ""], "weekly requires --day-of-week"),
        (["--schedule", "monthly"], "monthly requires --day-of-month"),
        (["--schedule", "interval"], "interval requires --interval-minutes"),
        (["--schedule", "weekly", "--day-of-week", "xx"], "day_of_week must be monday..sunday or mon..sun"),
        (["--schedule", "monthly", "--day-of-month", "0"], "day_of_month must be 1-31"),
        (["--schedule", "monthly", "--day-of-month", "32"], "day_of_month must be 1-31"),
        (["--schedule", "interval", "--interval-minutes", "0"], "interval_minutes must be 1-180"),
        (["--schedule", "interval", "--interval-minutes", "181"], "interval_minutes must be 1-180"),
        (["--schedule", "daily", "--date", "yesterday"], "--date"),
        (["--schedule", "daily", "--date", "20261122"], "not a day as YYYY-MM-DD"),
        (["--schedule", "daily", "--date", ""], "--date"),
        (["--schedule", "daily", "--group", "githb"], "Unknown group 'githb'; the schedule has: github, other"),
        (["--schedule", "daily", "--group", ""], "Unknown group ''; the schedule has: github, other"),
        (["--schedule", "default", "--group", ""], "Unknown group ''; the schedule has: github, other"),
    ],
)
def test_flags_that_make_no_sense_run_nothing(runner: Runner, arguments: list[str], token: str) -> None:
    runner.schedule(MIXED)
    with pytest.raises(CommandError, match=re.escape(token)) as caught:
        runner(*arguments)
    assert caught.value.returncode == 1
    assert runner.calls == []


@pytest.mark.parametrize(
    "arguments",
    [[], ["--schedule", "hourly"], ["--schedule", "monthly", "--day-of-month", "x"], ["--schedule", "daily", "--what"]],
)
def test_the_parser_refuses_what_it_does_not_know(runner: Runner, arguments: list[str]) -> None:
    with pytest.raises(click.UsageError) as caught:
        runner(*arguments)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--schedule", "daily"], ["one", "two"]),
        (["--schedule", "daily", "--group", "other"], ["two"]),
        (["--schedule", "daily", "--day-of-month", "99"], ["one", "two"]),
        (["--schedule", "weekly", "--day-of-week", "mon"], ["two weekly"]),
        (["--schedule", "weekly", "--date", "2026-11-23"], ["two weekly"]),
        (["--schedule", "weekly", "--date", "2026-11-22", "--day-of-week", "monday"], ["two weekly"]),
        (["--schedule", "monthly", "--day-of-month", "30"], ["three monthly"]),
        (["--schedule", "monthly", "--date", "2024-02-29"], ["three monthly"]),
        (["--schedule", "monthly", "--date", "2024-01-30", "--day-of-month", "31"], ["three monthly"]),
        (["--schedule", "interval", "--interval-minutes", "60"], ["one hourly", "three"]),
        (["--schedule", "interval", "--interval-minutes", "60", "--group", "github"], ["one hourly"]),
        (["--schedule", "default", "--group", "github"], ["one"]),
        (["--schedule", "default", "--group", "github", "--day-of-week", "monday"], ["one"]),
        (["--schedule", "default", "--group", "github", "--date", "2026-11-23"], ["one", "two weekly"]),
        (
            ["--schedule", "default", "--group", "github", "--date", "2026-11-30"],
            ["one", "two weekly", "three monthly"],
        ),
    ],
    ids=" ".join,
)
def test_what_runs_on_a_sunday_the_22nd(runner: Runner, arguments: list[str], expected: list[str]) -> None:
    runner.schedule(MIXED)
    runner(*arguments)
    assert runner.calls == expected


def test_a_batch_goes_by_the_utc_date(runner: Runner) -> None:
    runner.schedule(MIXED)
    runner.now = MONDAY
    runner("--schedule", "default", "--group", "github")
    assert runner.calls == ["one", "two weekly"]


def test_the_version_is_logged_first(runner: Runner, caplog: pytest.LogCaptureFixture) -> None:
    runner.schedule(MIXED)
    with caplog.at_level(logging.INFO, "boost_collectors.runner"):
        runner("--schedule", "daily")
    first: Any = caplog.records[0]
    assert __version__ in first.getMessage()
    assert first.collector_version == __version__


@pytest.mark.parametrize(
    ("text", "token"),
    [
        (None, "Schedule YAML not found"),
        ("groups: [", "Invalid YAML"),
        ("groups: {}", "Schedule YAML must have 'groups' (dict)"),
        (group("command: one, schedule: hourly", name="github"), "'schedule' must be one of"),
    ],
)
@pytest.mark.parametrize("strict", [[], ["--strict"]])
def test_a_file_that_cannot_be_used(runner: Runner, text: str | None, token: str, strict: list[str]) -> None:
    if text is not None:
        runner.schedule(text)
    with pytest.raises(CommandError, match="Schedule YAML cannot be used") as caught:
        runner("--schedule", "daily", "--group", "github", *strict)
    assert token in str(caught.value)


@pytest.mark.parametrize("strict", [[], ["--strict"]])
def test_a_folder_in_place_of_the_file(runner: Runner, strict: list[str]) -> None:
    runner.settings.boost_collector_schedule_yaml.mkdir()
    with pytest.raises(CommandError, match="Schedule YAML cannot be read"):
        runner("--schedule", "daily", *strict)


def test_a_broken_group_stops_the_others_only_when_strict(runner: Runner) -> None:
    runner.schedule(MIXED + "  broken: []\n")
    runner("--schedule", "daily", "--group", "other")
    assert runner.calls == ["two"]
    for arguments in (["--group", "other", "--strict"], ["--group", "broken"], []):
        with pytest.raises(CommandError, match="Group 'broken' must be a dict"):
            runner("--schedule", "daily", *arguments)
    assert runner.calls == ["two"]


def test_warnings_of_the_schedule_are_logged(runner: Runner, caplog: pytest.LogCaptureFixture) -> None:
    runner.schedule(group("command: one, schedule: daily, enabel: true"))
    runner("--schedule", "daily")
    assert "did you mean 'enabled'?" in caplog.text


@pytest.mark.parametrize("where", [[], ["--group", "github"]])
def test_nothing_to_run_is_a_warning_on_stdout(
    runner: Runner, where: list[str], capsys: pytest.CaptureFixture[str], status: Status
) -> None:
    runner.schedule(MIXED)
    runner("--schedule", "on_release", *where)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("Warning: ")
    assert "on_release" in line
    assert status("github") is None


def test_an_empty_batch_writes_no_status(runner: Runner, status: Status) -> None:
    runner.schedule(group("command: one, schedule: interval, minutes: 5"))
    runner("--schedule", "default", "--group", "g")
    assert status("g") is None


def test_the_runner_exits_as_its_task(runner: Runner) -> None:
    runner.schedule(group(daily("one", "exit", "--code", "5")))
    assert exit_code(runner, "--schedule", "daily") == 5


def test_the_last_failure_decides(runner: Runner) -> None:
    runner.schedule(group(daily("one", "exit", "--code", "5"), daily("two", "boom"), daily("three")))
    assert exit_code(runner, "--schedule", "daily") == 1
    assert runner.calls == ["one", "two", "three"]


def test_a_result_that_is_no_success_fails_the_run(runner: Runner, status: Status) -> None:
    runner.schedule(group(daily("one", "failed-result"), daily("two")))
    assert exit_code(runner, "--schedule", "default", "--group", "g") == 1
    row = status("g")
    assert row is not None
    assert (row.last_success_at, row.last_exit_code) == (None, 1)


def test_the_error_names_each_failed_task_and_why(runner: Runner, caplog: pytest.LogCaptureFixture) -> None:
    runner.schedule(group(daily("one", "command-error"), daily("two"), daily("three", "boom")))
    summary = "1 succeeded, 2 failed: one (command error: told to fail); three (exception ZeroDivisionError: boom)"
    with pytest.raises(TasksFailed, match=re.escape(summary)):
        runner("--schedule", "daily")
    (record,) = [record for record in caplog.records if summary in record.getMessage()]
    assert record.levelno == logging.WARNING


def test_the_summary_of_a_good_run_is_an_info(runner: Runner, caplog: pytest.LogCaptureFixture) -> None:
    runner.schedule(MIXED)
    with caplog.at_level(logging.INFO):
        runner("--schedule", "daily")
    (record,) = [record for record in caplog.records if "2 succeeded, 0 failed" in record.getMessage()]
    assert record.levelno == logging.INFO


def test_stop_on_failure_names_what_does_not_run(runner: Runner, caplog: pytest.LogCaptureFixture) -> None:
    runner.schedule(
        group(
            daily("one", "exit", "--code", "3"),
            daily("two"),
            "command: docs, schedule: on_release",
            daily("three"),
        )
    )
    assert exit_code(runner, "--schedule", "default", "--group", "g", "--stop-on-failure") == 3
    assert runner.calls == ["one"]
    skipped = [record.getMessage() for record in caplog.records if record.getMessage().startswith("Skipping")]
    assert skipped == [
        "Skipping two of group g: one failed (exit code 3)",
        "Skipping three of group g: one failed (exit code 3)",
    ]


def test_a_stop_ends_the_run_after_the_current_task(
    runner: Runner, caplog: pytest.LogCaptureFixture, status: Status
) -> None:
    runner.schedule(group(daily("one", "stop"), daily("two")))
    with pytest.raises(TasksFailed, match="1 succeeded, 0 failed: the run was asked to stop"):
        runner("--schedule", "default", "--group", "g")
    assert runner.calls == ["one"]
    assert "Skipping two of group g: the run was asked to stop" in caplog.text
    row = status("g")
    assert row is not None
    assert row.last_exit_code == 1


def test_each_group_gets_each_release_whatever_the_order(
    runner: Runner, boost_repository: BoostRepository, status: Status
) -> None:
    runner.schedule(RELEASES)
    boost_repository.tag("boost-1.85.0")
    for name in ("early", "late", "early", "late"):
        runner("--schedule", "default", "--group", name)
    assert runner.calls == ["one", "docs early", "docs late", "one"]
    boost_repository.tag("boost-1.86.0")
    for name in ("late", "early"):
        runner("--schedule", "on_release", "--group", name)
    assert runner.calls[4:] == ["docs late", "docs early"]
    row = status("late")
    assert row is not None
    assert row.last_exit_code == 0


def test_no_release_runs_nothing_and_records_nothing(runner: Runner, status: Status) -> None:
    runner.schedule(RELEASES)
    runner("--schedule", "default", "--group", "late")
    assert runner.calls == []
    assert status("late") is None


@pytest.mark.parametrize("end", ["boom", "command-error", "failed-result", "skip"])
def test_a_release_stays_new_until_the_work_is_done(
    runner: Runner, boost_repository: BoostRepository, end: str
) -> None:
    boost_repository.tag("boost-1.85.0")
    for attempt in (end, "well", "well"):
        runner.schedule(group(f'command: docs, schedule: on_release, args: ["--end={attempt}"]'))
        with suppress(TasksFailed):
            runner("--schedule", "on_release")
    # Other arguments are another consumer, so the first two runs are one each; the third has seen the release.
    assert runner.calls == ["docs", "docs"]
    runner.schedule(group(f'command: docs, schedule: on_release, args: ["--end={end}"]'))
    with suppress(TasksFailed):
        runner("--schedule", "on_release")
    assert runner.calls == ["docs", "docs", "docs"]


def test_a_failed_release_check_skips_only_its_tasks(
    runner: Runner, boost_repository: BoostRepository, status: Status, caplog: pytest.LogCaptureFixture
) -> None:
    runner.schedule(RELEASES)
    boost_repository.folder.rename(boost_repository.folder.with_name("gone"))
    with pytest.raises(TasksFailed, match="1 succeeded, 0 failed: Failed to check for new Boost release"):
        runner("--schedule", "default", "--group", "early")
    assert runner.calls == ["one"]
    with pytest.raises(TasksFailed, match="0 succeeded, 0 failed: Failed to check for new Boost release"):
        runner("--schedule", "default", "--group", "late")
    for name in ("early", "late"):
        row = status(name)
        assert row is not None
        assert row.last_exit_code == 1
    assert "so docs did not run" in caplog.text


def test_without_on_release_tasks_nobody_asks_for_releases(runner: Runner, boost_repository: BoostRepository) -> None:
    runner.schedule(RELEASES)
    boost_repository.folder.rename(boost_repository.folder.with_name("gone"))
    runner("--schedule", "daily")
    assert runner.calls == ["one"]


def test_a_stop_before_the_first_task_runs_nothing(runner: Runner) -> None:
    runner.schedule(group(daily("one")))
    stop = threading.Event()
    stop.set()
    with pytest.raises(TasksFailed, match="asked to stop"):
        runner("--schedule", "daily", stop=stop)
    assert runner.calls == []


def test_a_collector_runs_under_the_group_and_the_id_of_the_run(runner: Runner, database: Database) -> None:
    runner.commands = {name: replace(spec, collects=True) for name, spec in runner.commands.items()}
    runner.schedule(group(daily("one"), daily("two", "boom")))
    with pytest.raises(TasksFailed):
        runner("--schedule", "daily", run_id="the run")
    with database.session() as session:
        rows = session.execute(select(Run.command, Run.group_id, Run.run_id, Run.status).order_by(Run.id)).all()
    assert [tuple(row) for row in rows] == [("one", "g", "the run", "success"), ("two", "g", "the run", "failed")]


def test_a_collector_that_runs_elsewhere_fails_its_task_only(runner: Runner, database: Database) -> None:
    runner.commands = {name: replace(spec, collects=True) for name, spec in runner.commands.items()}
    runner.schedule(group(daily("one"), daily("two")))
    with (
        locks.hold(database, "one"),
        pytest.raises(TasksFailed, match=r"1 succeeded, 1 failed: one \(exception AlreadyRunning"),
    ):
        runner("--schedule", "daily")
    assert runner.calls == ["two"]


def shell(tmp_path: Path, text: str, *arguments: str, url: str) -> subprocess.CompletedProcess[str]:
    path = tmp_path / "schedule.yaml"
    path.write_text(text)
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": url,
        "BOOST_COLLECTOR_SCHEDULE_YAML": str(path),
        "WORKSPACE_DIR": str(tmp_path / "workspace"),
        "LOG_DIR": str(tmp_path / "logs"),
    }
    command = [sys.executable, "-m", "boost_collectors", "run_scheduled_collectors", *arguments]
    return subprocess.run(command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=False)


def test_from_the_shell(tmp_path: Path, database_url: str, status: Status) -> None:
    good = "groups: {g: {default_time: 0:05, tasks: [{command: migrate, schedule: daily}]}}"
    done = shell(tmp_path, good, "--schedule", "default", "--group", "g", url=database_url)
    assert done.returncode == 0, done.stderr
    bad = good.replace("schedule: daily", "schedule: daily, args: [--what]")
    failed = shell(tmp_path, bad, "--schedule", "default", "--group", "g", url=database_url)
    assert failed.returncode == 2
    assert "No such option '--what'" in failed.stderr
    assert shell(tmp_path, good, url=database_url).returncode == 2
    row = status("g")
    assert row is not None
    assert (row.last_exit_code, row.last_success_at is None) == (2, False)


def test_the_registered_command_is_this_one(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    settings = make_settings(BOOST_COLLECTOR_SCHEDULE_YAML=str(tmp_path / "none.yaml"))
    with pytest.raises(CommandError, match="Schedule YAML not found"):
        execute(
            registry.find("run_scheduled_collectors"),
            Request(arguments=("--schedule", "daily", "--strict")),
            settings=settings,
        )
