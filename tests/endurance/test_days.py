"""Months of the shipped schedule in minutes: days on which things go wrong, and rows as if nothing had.

Every day the sandbox's world grows, and every group is run for that day as the schedule has it. At random, from a
seed, a run is killed before one of its commits, or the sources fail; then it is run again, as Airflow would. Twice the
clock is wrong: it is set back, so that a day is run twice, and it jumps ahead, so that a day is run late. In the end
the database is what one undisturbed run over the last day's world makes, and the run log has what was due, no more.
"""

from __future__ import annotations

import logging
import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import text

from boost_collectors import registry
from boost_collectors.core.database import Database
from include.sandbox import Sandbox
from include.sandbox.github.limits import LimitOptions
from include.sandbox.server import SAMPLES
from tests.contract.content import content
from tests.contract.killing import ForkedRun, forked_runs

pytestmark = [pytest.mark.long, pytest.mark.timeout(3600)]

logger = logging.getLogger(__name__)

DAYS = int(os.environ.get("ENDURANCE_DAYS", "72"))
SEED = int(os.environ.get("ENDURANCE_SEED", "20261127"))
FIRST = date(2026, 1, 20)
"""So that two firsts of a month are among the days."""
SCHEDULE = Path("include/schedule/boost_collector_schedule.yaml")
MOST_TRIES = 6
KILLED, FAULTY = 0.2, 0.2
FAULTS = (
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503, "retry_after": 1},
    {"kind": "status", "status": 429, "retry_after": 1},
    {"kind": "truncated"},
    {"kind": "dropped"},
)
LISTS = ("boost@lists.boost.org", "boost-users@lists.boost.org")
REPOSITORIES = ("boostorg/json", "boostorg/system", "llvm/llvm-project")


@dataclass(slots=True)
class World:
    """The sandbox, and what happens in it from day to day."""

    sandbox: Sandbox
    samples: Path
    random: random.Random
    messages: int = 0

    def pass_day(self, day: date) -> None:
        """Somebody writes to a list, opens an issue, comments on one, changes one."""
        self._write_mail(day)
        changes = self.sandbox.github.changes
        repository = self.random.choice(REPOSITORIES)
        item = changes.add_item(repository, f"Seen on {day}", body="It fails.", pull=self.random.random() < 0.4)
        changes.add_comment(repository, item.number, f"So it does, on {day}.")
        changes.edit_item(repository, self.random.randint(1, item.number), body=f"Edited on {day}.")

    def _write_mail(self, day: date) -> None:
        self.messages += 1
        sender = f"Endurance Tester <tester{self.messages % 7}@days.example>"
        when = datetime(day.year, day.month, day.day, 12).astimezone()
        letter = (
            f"From tester@days.example {when:%a %b %d %H:%M:%S %Y}\n"
            f"From: {sender}\nMessage-ID: <day-{self.messages}@days.example>\nDate: {format_datetime(when)}\n"
            f"Subject: [days] number {self.messages}\n\nA message of {day}, with enough words to be worth finding.\n\n"
        )
        with (self.samples / "mailing_list" / f"{self.random.choice(LISTS)}.mbox").open("a", encoding="utf-8") as mbox:
            mbox.write(letter)

    def go_wrong(self) -> None:
        """Let some of the next requests fail."""
        fault: Any = self.random.choice(FAULTS)
        self.sandbox.faults.add("*", times=self.random.randint(1, 3), after=self.random.randint(0, 20), **fault)


@dataclass(slots=True)
class Operation:
    """The schedule, driven day by day."""

    fork: ForkedRun
    world: World
    environment: dict[str, str]
    random: random.Random
    kills: int = 0
    failures: int = 0
    longest: int = field(default=0)

    def run(self, group: str, day: date, tasks: list[dict[str, Any]], *, calm: bool = False) -> None:
        """Everything that the group has for the day, again until it ends well."""
        kinds = [("--schedule", "default")] if any(task["schedule"] != "interval" for task in tasks) else []
        minutes = sorted({task["minutes"] for task in tasks if task["schedule"] == "interval"})
        kinds += [("--schedule", "interval", "--interval-minutes", str(each)) for each in minutes]  # type: ignore[misc]
        for kind in kinds:
            for attempt in range(1, MOST_TRIES + 1):
                if self._attempt(group, day, kind, disturbed=not calm and attempt < MOST_TRIES - 1) == 0:
                    break
            else:
                pytest.fail(f"{group} on {day} does not end well")
            self.longest = max(self.longest, attempt)

    def _attempt(self, group: str, day: date, kind: tuple[str, ...], *, disturbed: bool) -> int:
        number = 0
        if disturbed and self.random.random() < FAULTY:
            self.world.go_wrong()
        if disturbed and self.random.random() < KILLED:
            number = self.random.randint(1, 40)
        arguments = (*kind, "--group", group, "--date", day.isoformat())
        ended = self.fork(number, "run_scheduled_collectors", self.environment, *arguments, run_id=f"{day}/{group}")
        self.world.sandbox.faults.clear()
        self.kills += ended < 0
        self.failures += ended > 0
        return ended


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    samples = tmp_path / "samples"
    shutil.copytree(SAMPLES, samples)
    # A day lasts a second here: limits of a minute would be limits of months.
    unhurried = LimitOptions(search=100_000, code_search=100_000, core=1_000_000, graphql=1_000_000)
    with Sandbox(samples=samples, cache=tmp_path / "cache", limits=unhurried) as sandbox:
        yield World(sandbox, samples, random.Random(SEED))


def test_every_due_task_runs_on_its_day_and_no_row_is_lost_or_doubled(
    world: World,
    database_server: Any,
    make_settings: Callable[..., Any],
    pytestconfig: pytest.Config,
    tmp_path: Path,
) -> None:
    groups: dict[str, list[dict[str, Any]]] = {
        name: group["tasks"] for name, group in yaml.safe_load(SCHEDULE.read_text(encoding="utf-8"))["groups"].items()
    }
    days = [FIRST + timedelta(days=number) for number in range(DAYS)]
    chance = random.Random(SEED)
    set_back, missed = days[DAYS // 3], days[2 * DAYS // 3]
    logs = tmp_path / "logs"
    logs.mkdir()
    with database_server.database() as url, forked_runs(pytestconfig.rootpath, logs) as fork, Database(url) as database:
        operation = Operation(fork, world, _environment(world, url, tmp_path / "workspace"), chance)
        late: list[date] = []
        for day in days:
            world.pass_day(day)
            if day == missed:
                late.append(day)  # the clock jumped over it
                continue
            for today in (day, *late, *([set_back] if day == set_back + timedelta(days=1) else [])):
                for group, tasks in groups.items():
                    operation.run(group, today, tasks)
            late.clear()
        for group, tasks in groups.items():
            operation.run(group, days[-1], tasks, calm=True)
        found = content(database)
        _check_run_log(database, groups, days)
        _check_nothing_hangs(database, tmp_path / "workspace")
    logger.info("Seed %d, %d days: %d kills, %d failed runs", SEED, DAYS, operation.kills, operation.failures)
    assert operation.kills > DAYS / 4
    assert operation.failures > DAYS / 8

    with database_server.database() as url, forked_runs(pytestconfig.rootpath, logs) as fork, Database(url) as database:
        undisturbed = Operation(fork, world, _environment(world, url, tmp_path / "undisturbed"), chance)
        for _ in range(2):  # the second time with what groups that came later have brought
            for group, tasks in groups.items():
                undisturbed.run(group, days[-1], tasks, calm=True)
        expected = content(database)
    compared = sorted({table for spec in registry.COMMANDS.values() if spec.remote for table in spec.tables})
    assert {table: found.get(table) for table in compared} == {table: expected.get(table) for table in compared}


def _environment(world: World, url: str, workspace: Path) -> dict[str, str]:
    impatient = {"HTTP_MAX_ATTEMPTS": "2", "HTTP_MAX_WAIT_SECONDS": "0.05"}
    ours = {"DATABASE_URL": url, "WORKSPACE_DIR": str(workspace), "VECTOR_STORE": "local"}
    return {**world.sandbox.environment(), **impatient, **ours, "BOOST_COLLECTOR_SCHEDULE_YAML": str(SCHEDULE)}


def _due(task: dict[str, Any], day: date) -> bool:
    on = task.get("on", task.get(True))  # YAML takes a bare ``on`` for a truth
    if task["schedule"] == "weekly":
        return f"{day:%A}".lower().startswith(str(on).lower()[:3])
    return task["schedule"] != "monthly" or day.day == on


def _check_run_log(database: Database, groups: dict[str, list[dict[str, Any]]], days: list[date]) -> None:
    """What was due on a day, and does collect, succeeded on it; what was not due did not run."""
    with database.engine.connect() as connection:
        rows = connection.execute(text("SELECT run_id, command, status FROM core_run")).all()
    ran = {(row.run_id, row.command) for row in rows}
    well = {(row.run_id, row.command) for row in rows if row.status == "success"}
    released = {"collect_boost_libraries", "run_boost_library_docs_tracker"}
    for day in days:
        for group, tasks in groups.items():
            commands = {task["command"] for task in tasks if registry.COMMANDS[task["command"]].collects}
            due = {task["command"] for task in tasks if _due(task, day)} & commands
            assert {command for command in due - released if (f"{day}/{group}", command) not in well} == set()
            assert {command for command in commands - due if (f"{day}/{group}", command) in ran} == set()
    for command in released:  # once, when the release was new, and again only where a run was disturbed
        assert len({run for run, each in well if each == command}) == 1


def _check_nothing_hangs(database: Database, workspace: Path) -> None:
    with database.engine.connect() as connection:
        hanging = connection.execute(text("SELECT count(*) FROM core_run WHERE status = 'running'")).scalar()
        locks = connection.execute(
            text(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        ).scalar()
    assert (hanging, locks) == (0, 0)
    assert [path for path in workspace.rglob("*") if path.suffix in (".part", ".swp")] == []
