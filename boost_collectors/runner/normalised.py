"""The schedule as plain dicts, the way the earlier system's functions return it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from boost_collectors.runner.loading import configured_path, load_config
from boost_collectors.runner.schedule import Task
from boost_collectors.runner.selection import Selection
from boost_collectors.runner.validation import validate
from boost_collectors.runner.yaml_reader import Document

_Pair = tuple[Task, dict[str, Any]]


def get_groups_and_tasks(data: Mapping[str, Any] | None = None) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """``(group id, HH:MM, enabled tasks)`` in file order, groups without enabled tasks left out.

    Each task is a copy with ``enabled``, ``_group_id`` and its resolved ``day_of_week``, ``day_of_month`` or
    ``minutes``. Without ``data`` the configured file is read. Raises as ``load_config``.
    """
    return [(group_id, time, [plain for _task, plain in pairs]) for group_id, time, pairs in _groups(data)]


def get_tasks_for_schedule(
    schedule_kind: str,
    day_of_week: str | None = None,
    day_of_month: int | None = None,
    interval_minutes: int | None = None,
    group_id: str | None = None,
    month: int | None = None,
    year: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> list[tuple[str, dict[str, Any]]]:
    """``(group id, task)`` pairs in file order, tasks as ``get_groups_and_tasks`` gives them.

    Raises ValueError for an argument that makes no sense; an unknown group gives an empty list. Without ``data``
    the configured file is read.
    """
    selection = Selection.checked(
        schedule_kind,
        day_of_week=day_of_week,
        day_of_month=day_of_month,
        interval_minutes=interval_minutes,
        month=month,
        year=year,
    )
    return [
        (group, plain)
        for group, _time, pairs in _groups(data)
        if group_id in (None, group)
        for task, plain in pairs
        if selection.matches(task)
    ]


def _groups(data: Mapping[str, Any] | None) -> list[tuple[str, str, list[_Pair]]]:
    data = load_config(configured_path()) if data is None else data
    groups = validate(Document(dict(data))).require().groups.values()
    paired = [(group, zip(group.tasks, data["groups"][group.id]["tasks"], strict=True)) for group in groups]
    enabled = [(group, [(task, _plain(task, raw)) for task, raw in pairs if task.enabled]) for group, pairs in paired]
    return [(group.id, group.time, pairs) for group, pairs in enabled if pairs]


def _plain(task: Task, raw: Mapping[str, Any]) -> dict[str, Any]:
    resolved = {"day_of_week": task.weekday, "day_of_month": task.day, "minutes": task.minutes}
    known = {key: value for key, value in resolved.items() if value is not None}
    return {**raw, "enabled": True, "_group_id": task.group, **known}
