"""What a schedule file says, as plain objects: groups of tasks, and on which dates a task is due."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from boost_collectors.core.errors import ConfigurationError

INTERVAL_MINUTES_MAX = 180
DEADLINE_MINUTES_MAX = 7 * 24 * 60
GROUP_ID_MAX = 64
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class ScheduleKind(StrEnum):
    """The five values of a task's ``schedule`` key."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    ON_RELEASE = "on_release"
    INTERVAL = "interval"


@dataclass(frozen=True, slots=True)
class Task:
    """One command of a group, and when it is due.

    ``id`` names the task within its group and does not depend on its place in the file. ``weekday`` is a full
    lower-case English name (weekly), ``day`` a day of the month 1-31 (monthly), ``minutes`` a period (interval);
    each is None for the other kinds.
    """

    group: str
    command: str
    schedule: ScheduleKind
    id: str = ""
    args: tuple[str, ...] = ()
    enabled: bool = True
    weekday: str | None = None
    day: int | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A batch of tasks that runs daily at ``hour``:``minute`` UTC, in the order of ``tasks`` (disabled ones too).

    People are told of a run that is not over ``deadline`` after it began; None: of no such run.
    """

    id: str
    hour: int
    minute: int
    tasks: tuple[Task, ...]
    deadline: timedelta | None = None

    @property
    def time(self) -> str:
        """The time of the daily batch as ``HH:MM``, UTC."""
        return f"{self.hour:02d}:{self.minute:02d}"

    @property
    def enabled_tasks(self) -> tuple[Task, ...]:
        """Everything that may run, in file order."""
        return tuple(task for task in self.tasks if task.enabled)

    @property
    def batch_tasks(self) -> tuple[Task, ...]:
        """The enabled tasks of the daily batch: all but the interval ones."""
        return tuple(task for task in self.enabled_tasks if task.schedule is not ScheduleKind.INTERVAL)

    @property
    def interval_tasks(self) -> dict[int, tuple[Task, ...]]:
        """The enabled interval tasks by their period in minutes, shortest first."""
        tasks = [task for task in self.enabled_tasks if task.minutes is not None]
        periods = sorted({task.minutes for task in tasks if task.minutes is not None})
        return {period: tuple(task for task in tasks if task.minutes == period) for period in periods}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a schedule file, and where. ``line`` counts from 1; None when there is no text.

    ``group``, ``command`` and ``key`` are None where the problem is not inside one.
    """

    line: int | None
    group: str | None
    command: str | None
    key: str | None
    message: str

    def __str__(self) -> str:
        return self.message if self.line is None else f"line {self.line}: {self.message}"


class ScheduleConfigurationError(ConfigurationError, ValueError):
    """The schedule is missing or wrong. ``problems`` has every error found, in the order of the file."""

    def __init__(self, problems: tuple[Problem, ...], path: Path | None = None) -> None:
        where = f"{path}: " if path else ""
        super().__init__(where + "; ".join(str(problem) for problem in problems))
        self.problems = problems
        self.path = path


@dataclass(frozen=True, slots=True)
class LoadedSchedule:
    """What could be read of a schedule file.

    ``groups`` holds the groups without errors, in file order. ``problems`` are the errors, ``warnings`` what is
    odd but usable. ``declared`` names every group of the file, broken ones included. A problem of the whole file
    (``Problem.group`` is None) leaves ``groups`` empty.
    """

    groups: dict[str, Group]
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    declared: tuple[str, ...] = ()
    path: Path | None = None

    def problems_of(self, group: str) -> tuple[Problem, ...]:
        """What keeps this group from running: its own problems and those of the whole file."""
        return tuple(problem for problem in self.problems if problem.group in (None, group))

    def require(self, group: str | None = None) -> LoadedSchedule:
        """Itself, or ScheduleConfigurationError with all problems (with ``group``: only those that touch it)."""
        problems = self.problems if group is None else self.problems_of(group)
        if problems:
            raise ScheduleConfigurationError(problems, self.path)
        return self


def days_in_month(day: date) -> int:
    """How many days the month of this date has."""
    return monthrange(day.year, day.month)[1]


def due(task: Task, day: date) -> bool:
    """True if the task belongs to a run for this UTC date. Releases and periods are not a matter of the date."""
    return why_not_due(task, day) is None


def why_not_due(task: Task, day: date) -> str | None:
    """Why the task does not run on this UTC date, as a person would say it; None when it is due.

    A monthly task set to a day that the month does not have runs on the month's last day.
    """
    if task.weekday is not None and task.weekday != WEEKDAYS[day.weekday()]:
        return f"weekly on {task.weekday}; {day} is a {WEEKDAYS[day.weekday()]}"
    if task.day is not None and min(task.day, days_in_month(day)) != day.day:
        return f"monthly on day {task.day}; {day} is day {day.day} of {days_in_month(day)}"
    return None
