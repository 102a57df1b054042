"""The recurring triggers that a schedule asks for, under the names the earlier scheduler gave them.

Airflow's DAGs are made from the same groups by ``include/orchestration``; this table is for diagnostics and for
whoever runs the batches by another scheduler.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from boost_collectors.runner.loading import configured_path, is_schedule_strict, load_schedule
from boost_collectors.runner.schedule import Group, ScheduleConfigurationError
from boost_collectors.runner.selection import DEFAULT_GROUP_BATCH_SCHEDULE_KIND
from boost_collectors.runner.validation import validate
from boost_collectors.runner.yaml_reader import Document

TASK_NAME = "boost_collector_runner.tasks.run_scheduled_collectors_task"
"""The callable's Tier A name; the code is ``boost_collectors.runner.tasks``."""

logger = logging.getLogger(__name__)


def get_beat_schedule(strict: bool | None = None, yaml_path: Path | str | None = None) -> dict[str, dict[str, Any]]:
    """The triggers by key: ``task``, ``schedule`` as a five-field cron text or ``{"minutes": n}``, and ``kwargs``.

    A file that cannot be used is a warning and no triggers, or, when strict (see ``is_schedule_strict``),
    ScheduleConfigurationError.
    """
    path = Path(yaml_path) if yaml_path is not None else configured_path()
    try:
        groups = load_schedule(path, strict=True).groups
    except ScheduleConfigurationError as error:
        if is_schedule_strict(strict):
            logger.error("No triggers: %s", error)
            raise
        logger.warning("No triggers: %s", error)
        return {}
    return beat_entries(groups.values())


def iter_beat_schedule_entry_keys(data: Mapping[str, Any]) -> Iterator[str]:
    """The keys ``get_beat_schedule`` has for this data. Raises ScheduleConfigurationError when it is not valid."""
    yield from beat_entries(validate(Document(dict(data))).require().groups.values())


def beat_entries(groups: Iterable[Group]) -> dict[str, dict[str, Any]]:
    """One daily trigger per group that has a batch, one recurring trigger per period across all groups."""
    groups = tuple(groups)
    entries = {
        f"boost-collector-group-{group.id}-{group.hour:02d}-{group.minute:02d}": _entry(
            f"{group.minute} {group.hour} * * *",
            schedule_kind=DEFAULT_GROUP_BATCH_SCHEDULE_KIND,
            group_id=group.id,
        )
        for group in groups
        if group.batch_tasks
    }
    for minutes in sorted({minutes for group in groups for minutes in group.interval_tasks}):
        entries[f"boost-collector-interval-{minutes}min"] = _entry(
            {"minutes": minutes}, schedule_kind="interval", interval_minutes=minutes
        )
    return entries


def _entry(schedule: str | dict[str, int], **kwargs: Any) -> dict[str, Any]:
    return {"task": TASK_NAME, "schedule": schedule, "kwargs": kwargs}
