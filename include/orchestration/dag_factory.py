"""DAGs from the schedule file: one per group, and one per group and period for interval tasks.

A DAG's id is the group's id, or ``<group>__every_<N>min``. Task ids come from the schedule and do not depend on the
order of the file, so that history and cleared runs survive an edit.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, CronTriggerTimetable, DeltaTriggerTimetable, TriggerRule

from boost_collectors import registry
from boost_collectors.runner.schedule import Group, LoadedSchedule, ScheduleKind, Task
from include.orchestration.announcement import ANNOUNCER, ReleaseAnnouncer
from include.orchestration.assets import table_assets
from include.orchestration.deadlines import deadline
from include.orchestration.notifications import FailureNotifier, SuccessNotifier
from include.orchestration.operators import CollectorOperator, PlanOperator
from include.orchestration.params import trigger_form
from include.orchestration.retries import ByFailureCategory
from include.orchestration.verdict import VerdictOperator

TAG = "boost"

TASK_DEFAULTS: Mapping[str, Any] = {
    "owner": "boost_collectors",
    "retries": 3,
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=15),
    "execution_timeout": timedelta(hours=12),
}
"""What every task gets: one attempt may last half a day (a first load), waits for a rate limit not counted."""


_NOTIFIED: Mapping[str, Any] = {"on_failure_callback": FailureNotifier()}


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What is known of a DAG before it is built: enough to choose, cheap enough to make for every group."""

    dag_id: str
    group: Group
    tasks: tuple[Task, ...]
    minutes: int | None = None


def interval_dag_id(group: str, minutes: int) -> str:
    """The id of the DAG that runs a group's tasks of one period."""
    return f"{group}__every_{minutes}min"


def blueprints(schedule: LoadedSchedule) -> Iterator[Blueprint]:
    """Every DAG that the schedule's healthy groups ask for, in file order."""
    for group in schedule.groups.values():
        if group.batch_tasks:
            yield Blueprint(group.id, group, group.batch_tasks)
        for minutes, tasks in group.interval_tasks.items():
            yield Blueprint(interval_dag_id(group.id, minutes), group, tasks, minutes)


def build_dags(
    schedule: LoadedSchedule, *, only: str | None = None, task_defaults: Mapping[str, Any] = TASK_DEFAULTS
) -> dict[str, DAG]:
    """The DAGs by id; with ``only`` just that one, which is what a worker asks for. Reads nothing but its arguments."""
    return {
        blueprint.dag_id: build_dag(blueprint, task_defaults)
        for blueprint in blueprints(schedule)
        if only in (None, blueprint.dag_id)
    }


def build_dag(blueprint: Blueprint, task_defaults: Mapping[str, Any] = TASK_DEFAULTS) -> DAG:
    """One DAG: its tasks in file order, each going on whatever became of the one before, and the verdict after all.

    Beside a group's on_release tasks stands the one that tells of new releases.

    It has no start date, so that any past date can be run and a first deployment does not catch up on the past.
    """
    with DAG(
        blueprint.dag_id,
        schedule=_timetable(blueprint),
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,
        tags=[TAG, _cadence_tag(blueprint)],
        description=_description(blueprint),
        doc_md=group_document(blueprint),
        deadline=deadline(blueprint.group.deadline) if blueprint.group.deadline else None,
    ) as dag:
        steps = [_step(task, task_defaults) for task in blueprint.tasks]
        releases = _release_tasks(blueprint.tasks, steps)
        announcements = [_announcement(task_defaults)] if releases else []
        verdict = VerdictOperator(
            group=blueprint.group.id,
            records_status=blueprint.minutes is None,
            releases=releases | {task.task_id: ANNOUNCER for task in announcements},
            on_success_callback=SuccessNotifier(),
            **_NOTIFIED,
            **task_defaults,
        )
        for before, after in itertools.pairwise(steps):
            before[-1] >> after[0]
        verdict.set_upstream([*itertools.chain.from_iterable(steps), *announcements])
    # Given to the DAG's constructor, form and defaults would be copied into every task: half of the parsing time.
    dag.params.update(trigger_form([task.id for task in blueprint.tasks]))
    return dag


def group_document(blueprint: Blueprint) -> str:
    """What the UI shows as the DAG's documentation: its part of the schedule file, as YAML."""
    tasks = "\n".join(f"      - {{{_entry(task)}}}" for task in blueprint.tasks)
    allowed = blueprint.group.deadline
    late = f"\n    deadline_minutes: {allowed / timedelta(minutes=1):g}" if allowed else ""
    head = f'  {blueprint.group.id}:\n    default_time: "{blueprint.group.time}"{late}\n    tasks:'
    return f"From the schedule file:\n\n```yaml\ngroups:\n{head}\n{tasks}\n```\n"


def _step(task: Task, defaults: Mapping[str, Any]) -> Sequence[Any]:
    spec = registry.find(task.command)
    common: dict[str, Any] = {
        **defaults,
        **_NOTIFIED,
        "entry": task,
        "retry_policy": ByFailureCategory(),
        "doc_md": spec.help,
        "inlets": list(table_assets(registry.tables_read(spec, task.args))),
        **({"pool": spec.pool} if spec.pool else {}),
    }
    outlets = list(table_assets(spec.tables))
    if not spec.mapped:
        return (CollectorOperator(task_id=task.id, trigger_rule=TriggerRule.ALL_DONE, outlets=outlets, **common),)
    # The grid cuts long names: what differs from the mapped task has to stand at the beginning.
    plan = PlanOperator(
        task_id=f"{task.id}__plan",
        task_display_name=f"plan: {task.id}",
        trigger_rule=TriggerRule.ALL_DONE,
        **common,
    )
    batches = CollectorOperator.partial(
        task_id=task.id, outlets=outlets, map_index_template="{{ task.batch_label }}", **common
    ).expand(batch=plan.output)
    return plan, batches


def _announcement(defaults: Mapping[str, Any]) -> ReleaseAnnouncer:
    return ReleaseAnnouncer(
        retry_policy=ByFailureCategory(),
        doc_md="Tells of new Boost releases by an asset event.",
        **_NOTIFIED,
        **defaults,
    )


def _release_tasks(tasks: Sequence[Task], steps: Sequence[Sequence[Any]]) -> dict[str, Task]:
    return {
        step[0].task_id: task
        for task, step in zip(tasks, steps, strict=True)
        if task.schedule is ScheduleKind.ON_RELEASE
    }


def _timetable(blueprint: Blueprint) -> CronTriggerTimetable | DeltaTriggerTimetable:
    if blueprint.minutes is not None:
        return DeltaTriggerTimetable(timedelta(minutes=blueprint.minutes))
    return CronTriggerTimetable(f"{blueprint.group.minute} {blueprint.group.hour} * * *", timezone="UTC")


def _cadence_tag(blueprint: Blueprint) -> str:
    return "daily batch" if blueprint.minutes is None else "interval"


def _description(blueprint: Blueprint) -> str:
    names = ", ".join(dict.fromkeys(task.command for task in blueprint.tasks))
    when = f"every {blueprint.minutes} min" if blueprint.minutes else f"daily at {blueprint.group.time} UTC"
    return f"{when}: {names}"


def _entry(task: Task) -> str:
    # JSON is YAML too, and ten times faster to write; this runs at every parse.
    given = {
        "schedule": task.schedule.value,
        "on": task.weekday or task.day,
        "minutes": task.minutes,
        "args": task.args,
    }
    pairs = [f"{key}: {json.dumps(value)}" for key, value in given.items() if value]
    return ", ".join([f"command: {task.command}", *pairs])
