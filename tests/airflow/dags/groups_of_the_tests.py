"""An Airflow DAG file like dags/collector_groups.py, for a stack under test.

It holds the groups of the configured schedule and those of ``samples.yaml`` beside it, whose commands are samples that
write nothing but their row of the run log. A failed try is repeated at once, and of deadlines minutes are seconds.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from airflow.sdk import get_parsing_context

from boost_collectors import registry
from boost_collectors.core.settings import schedule_source
from boost_collectors.runner.schedule_config import load_schedule
from include.orchestration.dag_factory import TASK_DEFAULTS, build_dags
from tests.orchestration.sample_commands import sample_specs

registry.COMMANDS.update(sample_specs())
defaults = {**TASK_DEFAULTS, "retry_delay": timedelta(0), "max_retry_delay": timedelta(seconds=1)}
only = get_parsing_context().dag_id
for path in (schedule_source().path, schedule_source().path.with_name("samples.yaml")):
    schedule = load_schedule(path, strict=True)
    for name, group in schedule.groups.items():
        if group.deadline:
            schedule.groups[name] = replace(group, deadline=group.deadline / 60)
    globals().update(build_dags(schedule, only=only, task_defaults=defaults))
