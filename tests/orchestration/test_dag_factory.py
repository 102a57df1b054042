"""The DAGs that a schedule file asks for: their ids, order, gates and what Airflow stores of them."""

from __future__ import annotations

import itertools
import random
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from airflow.sdk import DAG, CronTriggerTimetable, DeltaTriggerTimetable, TriggerRule
from airflow.sdk.definitions.mappedoperator import MappedOperator
from airflow.serialization.serialized_objects import DagSerialization

from boost_collectors import registry
from boost_collectors.core.settings import PROJECT_ROOT, Settings
from boost_collectors.runner.schedule import LoadedSchedule
from boost_collectors.runner.schedule_config import load_schedule, parse_schedule
from include.orchestration.announcement import ANNOUNCE_TASK
from include.orchestration.dag_factory import TASK_DEFAULTS, build_dags
from include.orchestration.operators import CollectorOperator, PlanOperator
from include.orchestration.verdict import VERDICT_TASK

SCHEDULE = """
groups:
  github:
    default_time: "00:05"
    tasks:
      - {command: run_boost_github_activity_tracker, schedule: daily}
      - {command: run_wg21_paper_tracker, schedule: weekly, "on": monday}
      - {command: run_wg21_paper_tracker, schedule: on_release, args: [--from-date, 2026-01]}
      - {command: run_boost_mailing_list_tracker, schedule: monthly, "on": 31}
      - {command: run_boost_mailing_list_tracker, schedule: daily, enabled: false}
  mail:
    default_time: "23:59"
    deadline_minutes: 90
    tasks:
      - {command: run_boost_mailing_list_tracker, schedule: interval, minutes: 45}
      - {command: run_wg21_paper_tracker, schedule: interval, minutes: 60}
      - {command: run_boost_mailing_list_tracker, schedule: interval, minutes: 60}
"""


def _schedule(text: str = SCHEDULE) -> LoadedSchedule:
    return parse_schedule(text).require()


def _dags(text: str = SCHEDULE) -> dict[str, DAG]:
    return build_dags(_schedule(text))


def _order(dag: DAG) -> list[str]:
    return [task.task_id for task in dag.topological_sort()]


def test_there_is_a_dag_per_group_and_one_per_period() -> None:
    assert list(_dags()) == ["github", "mail__every_45min", "mail__every_60min"]


def test_a_group_runs_daily_at_its_time_without_catching_up() -> None:
    dag = _dags()["github"]
    assert dag.timetable == CronTriggerTimetable("5 0 * * *", timezone="UTC")
    assert (dag.catchup, dag.max_active_runs, dag.start_date) == (False, 1, None)
    assert dag.is_paused_upon_creation is False


def test_a_groups_deadline_is_that_of_all_its_dags() -> None:
    dags = _dags()
    assert dags["github"].deadline is None
    for dag_id in ("mail__every_45min", "mail__every_60min"):
        (alert,) = dags[dag_id].deadline
        assert alert.interval == timedelta(minutes=90)
        assert alert.callback.path == "include.orchestration.deadlines.tell_late"
        assert "deadline_minutes: 90" in dags[dag_id].doc_md


def test_tasks_that_work_on_what_is_stored_say_on_which_tables() -> None:
    text = """
groups:
  g:
    default_time: "00:05"
    tasks:
      - {command: run_boost_mailing_list_tracker, schedule: daily}
      - command: run_cppa_pinecone_sync
        schedule: daily
        args: [--app-type=m, --namespace=m, --preprocessor=boost_mailing_list_tracker.preprocessor.preprocess]
      - {command: run_boost_library_usage_dashboard, schedule: daily}
      - {command: sync_cppa_slack_documents, schedule: daily}
"""
    tasks = _dags(text)["g"].task_dict
    inlets = {name: {asset.name for asset in task.inlets} for name, task in tasks.items()}
    assert inlets["run_boost_mailing_list_tracker"] == set()
    assert inlets["run_cppa_pinecone_sync"] == {asset.name for asset in tasks["run_boost_mailing_list_tracker"].outlets}
    assert "cppa_slack_tracker_slackmessage" in inlets["sync_cppa_slack_documents"]
    filled = {table for spec in registry.COMMANDS.values() for table in spec.tables}
    folder = PROJECT_ROOT / "boost_collectors" / "boost_library_usage_dashboard"
    code = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    named = set(re.findall(r"\b[a-z_0-9]+\b", code))
    assert inlets["run_boost_library_usage_dashboard"] == named & filled


def test_interval_tasks_run_by_their_period_in_file_order() -> None:
    dag = _dags()["mail__every_60min"]
    assert dag.timetable == DeltaTriggerTimetable(timedelta(minutes=60))
    assert _order(dag) == ["run_wg21_paper_tracker", "run_boost_mailing_list_tracker__interval_60min", VERDICT_TASK]


def test_tasks_are_chained_in_file_order_and_go_on_after_a_failure() -> None:
    dag = _dags()["github"]
    order = [task_id for task_id in _order(dag) if task_id != ANNOUNCE_TASK]
    assert order == [
        "run_boost_github_activity_tracker__plan",
        "run_boost_github_activity_tracker",
        "run_wg21_paper_tracker__weekly",
        "run_wg21_paper_tracker__on_release",
        "run_boost_mailing_list_tracker__monthly",
        VERDICT_TASK,
    ]
    for before, after in itertools.pairwise(order[1:-1]):
        assert after in dag.get_task(before).downstream_task_ids
        assert dag.get_task(after).trigger_rule == TriggerRule.ALL_DONE


def test_the_verdict_waits_for_every_task() -> None:
    for dag in _dags().values():
        verdict = dag.get_task(VERDICT_TASK)
        assert verdict.upstream_task_ids == set(dag.task_ids) - {VERDICT_TASK}
        assert verdict.trigger_rule == TriggerRule.ALL_DONE
        assert dag.leaves == [verdict]


def test_a_command_with_many_units_is_planned_and_then_mapped() -> None:
    dag = _dags()["github"]
    plan = dag.get_task("run_boost_github_activity_tracker__plan")
    batches = dag.get_task("run_boost_github_activity_tracker")
    assert isinstance(plan, PlanOperator)
    assert isinstance(batches, MappedOperator)
    assert batches.operator_class is CollectorOperator
    assert batches.upstream_task_ids == {plan.task_id}
    # Without a plan there is nothing to do: the batches must not run after a failed or skipped one.
    assert batches.trigger_rule == TriggerRule.ALL_SUCCESS


def test_tasks_carry_their_pool_their_tables_and_the_retry_rules() -> None:
    for dag in _dags().values():
        for operator in dag.tasks:
            if operator.task_id in (VERDICT_TASK, ANNOUNCE_TASK) or operator.task_id.endswith("__plan"):
                continue
            partial = getattr(operator, "partial_kwargs", {})
            spec = registry.find((partial.get("entry") or operator.entry).command)
            assert operator.pool == spec.pool
            assert [asset.name for asset in operator.outlets] == list(spec.tables)
            assert operator.has_retry_policy
            assert operator.retries == TASK_DEFAULTS["retries"] > 0
            assert operator.execution_timeout is not None


@pytest.mark.parametrize("seed", range(5))
def test_ids_do_not_depend_on_the_order_of_the_file(seed: int) -> None:
    head, *tasks = SCHEDULE.split("  mail:")[0].split("      - ")
    random.Random(seed).shuffle(tasks)
    shuffled = "      - ".join([head, *tasks])
    before, after = _dags()["github"], _dags(shuffled)["github"]
    assert set(before.task_ids) == set(after.task_ids)
    for task_id in ("run_wg21_paper_tracker__weekly", "run_wg21_paper_tracker__on_release"):
        assert before.get_task(task_id).entry == after.get_task(task_id).entry


@pytest.mark.parametrize("dag_id", ["github", "mail__every_45min"])
def test_asked_for_one_dag_it_builds_just_that_one(dag_id: str) -> None:
    built = build_dags(_schedule(), only=dag_id)
    assert list(built) == [dag_id]
    assert built[dag_id].task_ids == _dags()[dag_id].task_ids


def test_asked_for_a_dag_that_is_not_there_it_builds_none() -> None:
    assert build_dags(_schedule(), only="mail") == {}


def test_airflow_can_store_every_dag_and_stores_the_same_twice() -> None:
    stored = {dag_id: DagSerialization.to_dict(dag) for dag_id, dag in _dags().items()}
    assert stored == {dag_id: DagSerialization.to_dict(dag) for dag_id, dag in _dags().items()}
    for dag_id, data in stored.items():
        assert DagSerialization.from_dict(data).task_ids == _dags()[dag_id].task_ids


def test_the_trigger_form_starts_with_valid_values_and_knows_the_commands() -> None:
    dag = _dags()["mail__every_60min"]
    assert dag.params.validate() == {
        "mode": None,
        "since": None,
        "until": None,
        "commands": None,
        "only": None,
        "dry_run": False,
        "force": False,
    }
    choices = dag.params.get_param("commands").schema["items"]["enum"]
    assert set(choices) == set(dag.task_ids) - {VERDICT_TASK}


def test_the_form_is_not_shared_between_dags() -> None:
    first, second = _dags()["mail__every_45min"], _dags()["mail__every_60min"]
    first.params["force"] = True
    assert second.params["force"] is False


def test_the_documentation_shows_the_groups_part_of_the_file() -> None:
    document = _dags()["github"].doc_md
    assert document is not None
    shown = document.split("```yaml\n")[1].split("```")[0]
    enabled = parse_schedule(shown).require()
    # Without the disabled tasks a command may no longer repeat, and then its id is shorter.
    without_ids = [replace(task, id="") for task in _schedule().groups["github"].batch_tasks]
    assert [replace(task, id="") for task in enabled.groups["github"].batch_tasks] == without_ids


def test_the_shipped_schedule_gives_dags_for_all_its_groups() -> None:
    schedule = load_schedule(Settings.load({}, env_file=None).boost_collector_schedule_yaml, strict=True)
    dags = build_dags(schedule)
    assert dags
    assert {group.id for group in schedule.groups.values() if group.batch_tasks} <= set(dags)
    for dag in dags.values():
        assert DagSerialization.from_dict(DagSerialization.to_dict(dag)).task_ids == dag.task_ids


def _run(lines: Sequence[str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], cwd=PROJECT_ROOT, check=True, capture_output=True, text=True
    )
    return done.stdout


def test_parsing_imports_no_collector_and_nothing_heavy() -> None:
    output = _run(
        [
            "import sys, runpy",
            "from airflow.dag_processing.dagbag import DagBag",
            "before = set(sys.modules)",
            "runpy.run_path('dags/collector_groups.py')",
            "print(*sorted(set(sys.modules) - before))",
        ]
    )
    imported = set(output.split())
    ours = {name.split(".")[1] for name in imported if name.startswith("boost_collectors.")}
    assert ours == {"core", "registry", "runner"}
    rooms = ("database", "http", "execution", "collectors", "git", "settings.model")
    assert not imported & {f"boost_collectors.core.{room}" for room in rooms}
    assert not {name.partition(".")[0] for name in imported} & {"psycopg", "lxml", "bs4", "rich", "tenacity", "flask"}


def test_the_dag_files_are_small_and_found_by_airflows_safe_mode() -> None:
    for path in Path(PROJECT_ROOT, "dags").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) < 30
        assert "airflow" in text.lower()
        assert "dag" in text.lower()
