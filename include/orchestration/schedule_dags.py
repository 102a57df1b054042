"""What a DAG file asks for: the DAGs of the configured schedule, or the import error that shows what is wrong with it.

An exception in a DAG file makes Airflow mark every DAG of that file as broken. So the healthy groups' DAGs and the
errors of the others come from two files: ``dags/collector_groups.py`` and ``dags/schedule_problems.py``.
"""

from __future__ import annotations

import logging

from airflow.sdk import DAG

from boost_collectors.core.settings import schedule_source
from boost_collectors.runner.schedule import LoadedSchedule
from boost_collectors.runner.schedule_config import load_schedule
from include.orchestration.dag_factory import build_dags

logger = logging.getLogger(__name__)


def configured_dags(only: str | None = None) -> dict[str, DAG]:
    """The DAGs of the configured schedule file by id; with ``only`` just that one.

    Raises ScheduleConfigurationError with every problem in strict mode, so that nothing new is scheduled. A worker
    asks for one DAG: a healthy group's running batch goes on whatever is wrong elsewhere in the file.
    """
    source = schedule_source()
    schedule = load_schedule(source.path)
    if only is None:
        _warn(schedule)
        if source.strict:
            schedule.require()
    return build_dags(schedule, only=only)


def refuse_broken_groups() -> None:
    """Raise ScheduleConfigurationError with every problem unless strict mode already does so in the other file."""
    source = schedule_source()
    if not source.strict:
        load_schedule(source.path).require()


def _warn(schedule: LoadedSchedule) -> None:
    for warning in schedule.warnings:
        logger.warning("%s: %s", schedule.path, warning)
