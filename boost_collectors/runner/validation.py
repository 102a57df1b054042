"""From plain data to groups and tasks, collecting every error on the way instead of stopping at the first."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches
from reprlib import repr as short
from typing import Any

from boost_collectors.runner.schedule import (
    DEADLINE_MINUTES_MAX,
    GROUP_ID_MAX,
    INTERVAL_MINUTES_MAX,
    WEEKDAYS,
    Group,
    LoadedSchedule,
    Problem,
    ScheduleKind,
    Task,
)
from boost_collectors.runner.task_ids import with_ids
from boost_collectors.runner.yaml_reader import Document

TOP_KEYS = ("groups",)
GROUP_KEYS = ("default_time", "tasks", "deadline_minutes")
TIMING_KEYS = {
    ScheduleKind.WEEKLY: ("on", "day_of_week"),
    ScheduleKind.MONTHLY: ("on", "day_of_month"),
    ScheduleKind.INTERVAL: ("minutes",),
}
TASK_KEYS = ("command", "schedule", "enabled", "args", "on", "day_of_week", "day_of_month", "minutes")

_WEEKDAY_NAMES = {name: day for day in WEEKDAYS for name in (day, day[:3])}
_KINDS = {kind.value: kind for kind in ScheduleKind}
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{1,2})")
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_GROUP_ID = re.compile(r"[A-Za-z0-9_.-]+")


def validate(document: Document, commands: Collection[str] | None = None) -> LoadedSchedule:
    """Everything the document says and everything wrong with it.

    ``commands`` are the names a task may use: an unknown one is an error in an enabled task and a warning in a
    disabled one. None accepts any name.
    """
    return _Validator(document, commands).schedule()


def normalise_weekday(value: Any) -> str | None:
    """The full lower-case weekday for ``monday``, ``Mon`` and the like; None for anything else."""
    return _WEEKDAY_NAMES.get(value.strip().lower()) if isinstance(value, str) else None


def to_integer(value: Any) -> int | None:
    """An integer from an integer or an integer-looking text; None for everything else, booleans and floats too."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value)
    return None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where we are in the document, as errors are to name it."""

    path: tuple[Any, ...] = ()
    group: str | None = None
    command: str | None = None

    def __str__(self) -> str:
        if not self.path:
            return "The file"
        if self.command is not None:
            return f"Task {self.command!r} in group {self.group!r}"
        return f"Group {self.group!r}" if len(self.path) < 3 else f"Task in group {self.group!r}"


@dataclass(slots=True)
class _Validator:
    document: Document
    commands: Collection[str] | None
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def schedule(self) -> LoadedSchedule:
        groups = self._groups_mapping()
        loaded: dict[str, Group] = {}
        if groups:
            repeated = self._repeated_groups()
            for key, raw in groups.items():
                group = self._group(key, raw)
                if group is not None and key not in repeated:
                    loaded[group.id] = group
        declared = tuple(key for key in groups if isinstance(key, str))
        return LoadedSchedule(loaded, _in_file_order(self.problems), _in_file_order(self.warnings), declared)

    def _groups_mapping(self) -> dict[Any, Any]:
        data = self.document.data
        top = _Place()
        if not isinstance(data, dict):
            self._error(top, None, f"Schedule YAML must be a dict with 'groups', found {_kind(data)}")
            return {}
        self._repeated_keys(top)
        self._unknown_keys(top, data, TOP_KEYS)
        groups = data.get("groups")
        if not isinstance(groups, dict) or not groups:
            self._error(top, "groups", f"Schedule YAML must have 'groups' (dict), found {_kind(groups)}")
        return groups if isinstance(groups, dict) and not self.problems else {}

    def _repeated_groups(self) -> set[Any]:
        repeats = self.document.repeats("groups")
        for repeat in repeats:
            message = f"Group {short(repeat.key)} is defined twice; the first is on line {repeat.first_line}"
            self.problems.append(Problem(repeat.line, str(repeat.key), None, None, message))
        return {repeat.key for repeat in repeats}

    def _group(self, key: Any, raw: Any) -> Group | None:
        place = _Place(("groups", key), key if isinstance(key, str) else str(key))
        before = len(self.problems)
        self._group_id(place, key)
        if not isinstance(raw, dict):
            self._error(place, None, f"{place} must be a dict, found {_kind(raw)}")
            return None
        self._repeated_keys(place)
        self._unknown_keys(place, raw, GROUP_KEYS)
        time = self._default_time(place, raw)
        tasks = self._tasks(place, raw)
        deadline = self._deadline(place, raw)
        if time is None or len(self.problems) > before:
            return None
        return Group(key, *time, with_ids(tasks), deadline)

    def _group_id(self, place: _Place, key: Any) -> None:
        if not isinstance(key, str) or not key.strip():
            self._error(place, None, f"Group id must be a non-empty string, found {short(key)} (quote a number)")
        elif not _GROUP_ID.fullmatch(key) or len(key) > GROUP_ID_MAX:
            self._error(
                place,
                None,
                f"Group id {short(key)} may have letters, digits, '_', '-' and '.' only, {GROUP_ID_MAX} at most",
            )

    def _default_time(self, place: _Place, raw: dict[Any, Any]) -> tuple[int, int] | None:
        value = raw.get("default_time")
        if not isinstance(value, str) or not value.strip():
            hint = "" if value is None else f", found {short(value)}: quote the time"
            self._error(place, "default_time", f"{place} must have 'default_time' ('HH:MM', 24 h, UTC){hint}")
            return None
        match = _TIME.fullmatch(value.strip())
        time = (int(match[1]), int(match[2])) if match else (99, 99)
        if time > (23, 59) or time[1] > 59:
            self._error(place, "default_time", f"{place}: Invalid time {short(value)} in 'default_time', not 'HH:MM'")
            return None
        return time

    def _deadline(self, place: _Place, raw: dict[Any, Any]) -> timedelta | None:
        if "deadline_minutes" not in raw:
            return None
        minutes = to_integer(raw["deadline_minutes"])
        if minutes is None or not 1 <= minutes <= DEADLINE_MINUTES_MAX:
            found = short(raw["deadline_minutes"])
            wanted = f"'deadline_minutes' must be a whole number, 1-{DEADLINE_MINUTES_MAX}"
            self._error(place, "deadline_minutes", f"{place}: {wanted}, found {found}")
            return None
        return timedelta(minutes=minutes)

    def _tasks(self, place: _Place, raw: dict[Any, Any]) -> list[Task]:
        items = raw.get("tasks")
        if not isinstance(items, list):
            self._error(place, "tasks", f"{place} must have 'tasks' (list), found {_kind(items)}")
            return []
        tasks: dict[int, Task] = {}
        for index, item in enumerate(items):
            task = self._task(_Place((*place.path, "tasks", index), place.group), item)
            if task is not None:
                tasks[index] = task
        self._repeated_tasks(place, tasks)
        return list(tasks.values())

    def _repeated_tasks(self, place: _Place, tasks: dict[int, Task]) -> None:
        first: dict[Any, int] = {}
        for index, task in tasks.items():
            same = (task.command, task.schedule, task.weekday, task.day, task.minutes, task.args)
            original = first.setdefault(same, index)
            if original != index:
                line = self.document.line(*place.path, "tasks", original)
                where = f"task {original + 1}" if line is None else f"the task on line {line}"
                at = _Place((*place.path, "tasks", index), place.group, task.command)
                self._error(at, None, f"{at} repeats {where}")

    def _task(self, place: _Place, raw: Any) -> Task | None:
        if not isinstance(raw, dict):
            self._error(place, None, f"{place} must be a dict, found {_kind(raw)}")
            return None
        before = len(self.problems)
        # A file that went through another YAML writer has the boolean true where a person wrote on.
        if True in raw:
            raw = {"on" if key is True else key: value for key, value in raw.items()}
        command = raw.get("command")
        if isinstance(command, str) and command:
            place = _Place(place.path, place.group, command)
        else:
            self._error(place, "command", f"{place} must have 'command' (non-empty string)")
        self._repeated_keys(place)
        self._unknown_keys(place, raw, TASK_KEYS)
        kind = self._kind(place, raw)
        task = Task(
            group=place.group or "",
            command=place.command or "",
            schedule=kind or ScheduleKind.DAILY,
            enabled=self._enabled(place, raw),
            args=self._args(place, raw),
            weekday=self._weekday(place, raw) if kind is ScheduleKind.WEEKLY else None,
            day=self._day(place, raw) if kind is ScheduleKind.MONTHLY else None,
            minutes=self._minutes(place, raw) if kind is ScheduleKind.INTERVAL else None,
        )
        self._registered(place, task.enabled)
        return task if len(self.problems) == before else None

    def _kind(self, place: _Place, raw: dict[Any, Any]) -> ScheduleKind | None:
        value = raw.get("schedule")
        kind = _KINDS.get(value) if isinstance(value, str) else None
        if kind is None:
            found = "" if value is None else f", found {short(value)}"
            self._error(place, "schedule", f"{place}: 'schedule' must be one of {', '.join(_KINDS)}{found}")
            return None
        for key in ("on", "day_of_week", "day_of_month", "minutes"):
            if key in raw and key not in TIMING_KEYS.get(kind, ()):
                self._warn(place, key, f"{place}: {key!r} means nothing with 'schedule: {kind}'")
        return kind

    def _weekday(self, place: _Place, raw: dict[Any, Any]) -> str | None:
        key = "on" if raw.get("on") else "day_of_week"
        weekday = normalise_weekday(raw.get(key))
        if weekday is None:
            found = f", found {short(raw[key])}" if key in raw else ""
            wanted = "'schedule: weekly' requires 'on' (monday..sunday or mon..sun)"
            self._error(place, key if key in raw else "on", f"{place}: {wanted}{found}")
        return weekday

    def _day(self, place: _Place, raw: dict[Any, Any]) -> int | None:
        key = "on" if "on" in raw or "day_of_month" not in raw else "day_of_month"
        day = to_integer(raw.get(key))
        if day is None or not 1 <= day <= 31:
            found = f", found {short(raw[key])}" if key in raw else ""
            self._error(place, key, f"{place}: 'schedule: monthly' requires 'on' (1-31, day of the month){found}")
            return None
        return day

    def _minutes(self, place: _Place, raw: dict[Any, Any]) -> int | None:
        value = raw.get("minutes")
        minutes = to_integer(value)
        if value is None:
            problem = f"'schedule: interval' requires 'minutes' (1-{INTERVAL_MINUTES_MAX})"
        elif minutes is None:
            problem = f"'minutes' must be an integer, found {short(value)}"
        elif not 1 <= minutes <= INTERVAL_MINUTES_MAX:
            problem = f"'minutes' must be 1-{INTERVAL_MINUTES_MAX}, found {minutes}"
        else:
            return minutes
        self._error(place, "minutes", f"{place}: {problem}")
        return None

    def _enabled(self, place: _Place, raw: dict[Any, Any]) -> bool:
        value = raw.get("enabled", True)
        if not isinstance(value, bool):
            self._error(place, "enabled", f"{place}: 'enabled' must be boolean, found {short(value)}")
        return value is not False

    def _args(self, place: _Place, raw: dict[Any, Any]) -> tuple[str, ...]:
        value = raw.get("args", [])
        if not isinstance(value, list):
            self._error(place, "args", f"{place}: 'args' must be a list of strings, found {_kind(value)}")
            return ()
        for index, item in enumerate(value):
            if not isinstance(item, str):
                at = _Place((*place.path, "args"), place.group, place.command)
                message = f"{place}: 'args[{index}]' must be a string, found {short(item)} (quote it)"
                self._error(at, index, message, key=f"args[{index}]")
        return tuple(item for item in value if isinstance(item, str))

    def _registered(self, place: _Place, enabled: bool) -> None:
        if self.commands is None or place.command is None or place.command in self.commands:
            return
        message = f"{place}: there is no command {place.command!r}{_nearest(place.command, self.commands)}"
        if enabled:
            self._error(place, "command", message)
        else:
            self._warn(place, "command", message)

    def _repeated_keys(self, place: _Place) -> None:
        for repeat in self.document.repeats(*place.path):
            message = f"{place} has {short(repeat.key)} twice; the first is on line {repeat.first_line}"
            self.problems.append(Problem(repeat.line, place.group, place.command, str(repeat.key), message))

    def _unknown_keys(self, place: _Place, raw: Mapping[Any, Any], known: Collection[str]) -> None:
        for key in raw:
            if key not in known:
                hint = _nearest(key, known) if isinstance(key, str) else ""
                self._warn(place, key, f"{place} has an unknown key {short(key)}{hint}")

    def _error(self, place: _Place, at: Any, message: str, *, key: str | None = None) -> None:
        self.problems.append(self._problem(place, at, message, key))

    def _warn(self, place: _Place, at: Any, message: str) -> None:
        self.warnings.append(self._problem(place, at, message, None))

    def _problem(self, place: _Place, at: Any, message: str, key: str | None) -> Problem:
        path = place.path if at is None else (*place.path, at)
        name = key or (None if at is None else str(at))
        return Problem(self.document.line(*path), place.group, place.command, name, message)


def _in_file_order(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: problem.line or 0))


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.75)
    return f"; did you mean {near[0]!r}?" if near else ""


def _kind(value: Any) -> str:
    names = {dict: "a mapping", list: "a list", str: "a text", type(None): "nothing", bool: "a boolean"}
    return names.get(type(value), "a number")
