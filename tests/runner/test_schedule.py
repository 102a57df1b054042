"""What is due on a date, and what groups say about their tasks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from boost_collectors.core.errors import ConfigurationError
from boost_collectors.runner.schedule import (
    Group,
    LoadedSchedule,
    Problem,
    ScheduleConfigurationError,
    ScheduleKind,
    Task,
    due,
    why_not_due,
)

SUNDAY = date(2026, 11, 22)


def make(schedule: ScheduleKind, *, enabled: bool = True, **timing: int | str) -> Task:
    return Task("g", "run_one", schedule, enabled=enabled, **timing)  # type: ignore[arg-type]  # one of three fields


@pytest.mark.parametrize(
    "task",
    [
        make(ScheduleKind.DAILY),
        make(ScheduleKind.ON_RELEASE),
        make(ScheduleKind.INTERVAL, minutes=60),
        make(ScheduleKind.WEEKLY, weekday="sunday"),
        make(ScheduleKind.MONTHLY, day=22),
    ],
    ids=lambda task: task.schedule,
)
def test_due(task: Task) -> None:
    assert due(task, SUNDAY)
    assert why_not_due(task, SUNDAY) is None


def test_a_weekly_task_says_why_it_is_not_due() -> None:
    task = make(ScheduleKind.WEEKLY, weekday="monday")
    assert not due(task, SUNDAY)
    assert why_not_due(task, SUNDAY) == "weekly on monday; 2026-11-22 is a sunday"


def test_a_monthly_task_says_why_it_is_not_due() -> None:
    assert why_not_due(make(ScheduleKind.MONTHLY, day=31), SUNDAY) == "monthly on day 31; 2026-11-22 is day 22 of 30"


@pytest.mark.parametrize(
    ("day", "when", "expected"),
    [
        (31, date(2023, 2, 28), True),
        (31, date(2024, 2, 28), False),
        (31, date(2024, 2, 29), True),
        (30, date(2024, 2, 29), True),
        (31, date(2024, 4, 30), True),
        (30, date(2024, 1, 31), False),
        (31, date(2024, 1, 31), True),
        (15, date(2024, 3, 15), True),
        (15, date(2024, 3, 16), False),
    ],
)
def test_a_short_month_ends_early(day: int, when: date, expected: bool) -> None:
    assert due(make(ScheduleKind.MONTHLY, day=day), when) is expected


def test_a_weekly_task_is_due_once_in_any_seven_days() -> None:
    task = make(ScheduleKind.WEEKLY, weekday="friday")
    assert [day for day in range(1, 15) if due(task, date(2026, 11, day))] == [6, 13]


def test_a_group_parts_its_batch_from_its_intervals() -> None:
    daily, off = make(ScheduleKind.DAILY), make(ScheduleKind.DAILY, enabled=False)
    hourly, often = make(ScheduleKind.INTERVAL, minutes=60), make(ScheduleKind.INTERVAL, minutes=5)
    release = make(ScheduleKind.ON_RELEASE)
    group = Group("g", 4, 5, (off, hourly, daily, often, release))
    assert group.enabled_tasks == (hourly, daily, often, release)
    assert group.batch_tasks == (daily, release)
    assert group.interval_tasks == {5: (often,), 60: (hourly,)}
    assert list(group.interval_tasks) == [5, 60]
    assert group.time == "04:05"


def test_a_group_of_disabled_interval_tasks_has_no_intervals() -> None:
    assert Group("g", 0, 0, (make(ScheduleKind.INTERVAL, minutes=5, enabled=False),)).interval_tasks == {}


def test_problems_of_the_file_and_of_a_group() -> None:
    whole = Problem(1, None, None, None, "whole")
    mine, other = Problem(2, "mine", None, None, "mine"), Problem(3, "other", None, None, "other")
    schedule = LoadedSchedule({}, (whole, mine, other), path=Path("s.yaml"))
    assert schedule.problems_of("mine") == (whole, mine)
    with pytest.raises(ScheduleConfigurationError, match=r"^s\.yaml: line 1: whole; line 2: mine; line 3: other$"):
        schedule.require()
    with pytest.raises(ScheduleConfigurationError) as caught:
        schedule.require("mine")
    assert caught.value.problems == (whole, mine)
    assert isinstance(caught.value, ConfigurationError)
    assert isinstance(caught.value, ValueError)


def test_a_schedule_without_problems_is_returned() -> None:
    schedule = LoadedSchedule({}, (Problem(2, "other", None, None, "other"),))
    assert schedule.require("mine") is schedule
