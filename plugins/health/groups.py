"""How fresh each schedule group is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from boost_collectors.runner.schedule_config import load_schedule


class GroupStatus(Protocol):
    """The row of a group's last runs, as the runner's services return it."""

    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_run_at: datetime | None
    last_exit_code: int | None


def daily_groups(path: Path) -> list[str]:
    """Ids of the groups that have an enabled daily task: those that must succeed every day.

    Raises ValueError when the file cannot be read or any of it is wrong.
    """
    schedule = load_schedule(path)
    if schedule.problems:
        raise ValueError("; ".join(str(problem) for problem in schedule.problems))
    return [
        group.id
        for group in schedule.groups.values()
        if any(task.enabled and task.schedule == "daily" for task in group.tasks)
    ]


def group_entries(
    daily: Iterable[str], statuses: Mapping[str, GroupStatus], oldest_success: datetime
) -> dict[str, dict[str, Any]]:
    """One entry per daily group and per other group that ever ran; only daily groups are judged stale."""
    daily = list(daily)
    entries = {group_id: _entry(group_id, statuses.get(group_id), oldest_success) for group_id in daily}
    for group_id in sorted(set(statuses) - set(daily)):
        entries[group_id] = _entry(group_id, statuses[group_id], None)
    return entries


def _entry(group_id: str, status: GroupStatus | None, oldest_success: datetime | None) -> dict[str, Any]:
    success = status.last_success_at if status else None
    stale = None if oldest_success is None else success is None or success < oldest_success
    entry: dict[str, Any] = {"last_success_at": _iso(success), "stale": stale}
    if status is not None:
        entry |= {"last_failure_at": _iso(status.last_failure_at), "last_exit_code": status.last_exit_code}
    if stale:
        entry["repair"] = f"airflow dags trigger {group_id}"
    return entry


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
