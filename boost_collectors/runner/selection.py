"""Which tasks a run is for: those of a kind that fall on its weekday, day, month or period."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from boost_collectors.runner.schedule import (
    INTERVAL_MINUTES_MAX,
    WEEKDAYS,
    Group,
    ScheduleKind,
    Task,
    days_in_month,
)
from boost_collectors.runner.validation import normalise_weekday, to_integer

DEFAULT_GROUP_BATCH_SCHEDULE_KIND = "default"
"""The kind of a group's daily batch: everything due on the date except interval tasks. Not allowed in the file."""

SELECTION_KINDS = (*(kind.value for kind in ScheduleKind), DEFAULT_GROUP_BATCH_SCHEDULE_KIND)


@dataclass(frozen=True, slots=True)
class Selection:
    """A checked question to the schedule.

    ``last_day`` is the length of the month asked about: a monthly task set to a later day counts as set to that
    one. None takes the task's day as it is.
    """

    kind: str
    weekday: str | None = None
    day: int | None = None
    minutes: int | None = None
    last_day: int | None = None

    @classmethod
    def checked(
        cls,
        kind: str,
        *,
        day_of_week: Any = None,
        day_of_month: Any = None,
        interval_minutes: Any = None,
        month: int | None = None,
        year: int | None = None,
    ) -> Selection:
        """The selection for arguments as a person gives them; raises ValueError naming the bad one.

        Arguments that the kind has no use for are not looked at. ``default`` takes the day as it takes the weekday:
        without them no weekly or monthly task is selected.
        """
        if kind not in SELECTION_KINDS:
            raise ValueError(f"schedule kind must be one of {', '.join(SELECTION_KINDS)}, found {kind!r}")
        batch = kind == DEFAULT_GROUP_BATCH_SCHEDULE_KIND
        weekly, monthly = kind == ScheduleKind.WEEKLY, kind == ScheduleKind.MONTHLY
        last_day = days_in_month(date(year, month, 1)) if month is not None and year is not None else None
        return cls(
            kind,
            _weekday(day_of_week) if weekly or (batch and day_of_week is not None) else None,
            _day(day_of_month) if monthly or (batch and day_of_month is not None) else None,
            _minutes(interval_minutes) if kind == ScheduleKind.INTERVAL else None,
            last_day,
        )

    @classmethod
    def batch(cls, day: date) -> Selection:
        """A group's whole daily batch for this UTC date."""
        weekday = WEEKDAYS[day.weekday()]
        return cls(DEFAULT_GROUP_BATCH_SCHEDULE_KIND, weekday, day.day, None, days_in_month(day))

    def matches(self, task: Task) -> bool:
        """True if the task, enabled or not, is part of the answer."""
        if self.kind not in (task.schedule, DEFAULT_GROUP_BATCH_SCHEDULE_KIND):
            return False
        match task.schedule:
            case ScheduleKind.WEEKLY:
                return task.weekday == self.weekday
            case ScheduleKind.MONTHLY:
                return self._effective_day(task) == self.day
            case ScheduleKind.INTERVAL:
                return self.minutes is not None and task.minutes == self.minutes
        return True

    def _effective_day(self, task: Task) -> int | None:
        return task.day if task.day is None or self.last_day is None else min(task.day, self.last_day)


def select_tasks(groups: Iterable[Group], selection: Selection, group_id: str | None = None) -> list[Task]:
    """The enabled tasks of the selection in file order, of one group or of all."""
    return [
        task
        for group in groups
        if group_id in (None, group.id)
        for task in group.enabled_tasks
        if selection.matches(task)
    ]


def _weekday(value: Any) -> str:
    weekday = normalise_weekday(value)
    if weekday is None:
        raise ValueError(f"day_of_week must be monday..sunday or mon..sun, found {value!r}")
    return weekday


def _day(value: Any) -> int:
    return _integer(value, "day_of_month", 31)


def _minutes(value: Any) -> int:
    return _integer(value, "interval_minutes", INTERVAL_MINUTES_MAX)


def _integer(value: Any, name: str, highest: int) -> int:
    number = to_integer(value)
    if number is None:
        raise ValueError(f"{name} must be an integer, found {value!r}")
    if not 1 <= number <= highest:
        raise ValueError(f"{name} must be 1-{highest}, found {number}")
    return number
