"""Everything about the schedule file in one place. Cheap to import: Airflow does it each time it parses the DAG file.

schedule = load_schedule(path)      # never raises: healthy groups, and what is wrong with the others
load_schedule(path, strict=True)    # ScheduleConfigurationError with every problem
"""

from __future__ import annotations

import logging
from pathlib import Path

from boost_collectors.runner.loading import (
    configured_path,
    is_schedule_strict,
    load_config,
    load_schedule,
    parse_schedule,
)
from boost_collectors.runner.normalised import get_groups_and_tasks, get_tasks_for_schedule
from boost_collectors.runner.schedule import (
    INTERVAL_MINUTES_MAX,
    Group,
    LoadedSchedule,
    Problem,
    ScheduleConfigurationError,
    ScheduleKind,
    Task,
    due,
    why_not_due,
)
from boost_collectors.runner.selection import DEFAULT_GROUP_BATCH_SCHEDULE_KIND
from boost_collectors.runner.triggers import beat_entries, get_beat_schedule, iter_beat_schedule_entry_keys

__all__ = [
    "DEFAULT_GROUP_BATCH_SCHEDULE_KIND",
    "INTERVAL_MINUTES_MAX",
    "Group",
    "LoadedSchedule",
    "Problem",
    "ScheduleConfigurationError",
    "ScheduleKind",
    "Task",
    "due",
    "ensure_schedule_yaml_loaded",
    "get_beat_schedule",
    "get_groups_and_tasks",
    "get_tasks_for_schedule",
    "is_schedule_strict",
    "iter_beat_schedule_entry_keys",
    "load_config",
    "load_schedule",
    "parse_schedule",
    "why_not_due",
]

logger = logging.getLogger(__name__)

SCHEDULE_STARTUP_OK: bool | None = None
"""What ``ensure_schedule_yaml_loaded`` found in this process: None until it ran."""


def ensure_schedule_yaml_loaded(path: Path | str | None = None) -> bool:
    """Log once per process what the schedule holds, or the error it has; never raises. True when it is usable."""
    global SCHEDULE_STARTUP_OK
    if SCHEDULE_STARTUP_OK is None:
        SCHEDULE_STARTUP_OK = _log_summary(path)
    return SCHEDULE_STARTUP_OK


def _log_summary(path: Path | str | None) -> bool:
    try:
        schedule = load_schedule(path or configured_path(), strict=True)
    except Exception as error:
        logger.error("The schedule cannot be used: %s", error)
        return False
    batches = [group.enabled_tasks for group in schedule.groups.values() if group.enabled_tasks]
    triggers = sorted(beat_entries(schedule.groups.values()))
    logger.info(
        "Schedule %s: %d groups, %d tasks, %d triggers: %s",
        schedule.path,
        len(batches),
        sum(map(len, batches)),
        len(triggers),
        ", ".join(triggers),
    )
    for warning in schedule.warnings:
        logger.warning("Schedule %s: %s", schedule.path, warning)
    return True
