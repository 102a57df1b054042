"""What parsing the DAG file costs, against Airflow building the same bare DAGs by hand.

Every figure is taken in fresh processes in which Airflow's parser is loaded and nothing of ours is, because that is
how Airflow parses: a new process for each parse and for each task. Processor time, the best of several processes: what
else the machine does can only add to it. The bare DAGs are as many, of eight EmptyOperators each; there both files are
executed the second time in their process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Figure

ROOT = Path(__file__).resolve().parents[1]
PROCESSES = 4
GROUPS, TASKS = 500, 8
COMMANDS = ("run_wg21_paper_tracker", "run_boost_mailing_list_tracker", "run_boost_github_activity_tracker")

# The heap is frozen as Airflow does before it forks a parser, so that no collection walks through what it holds.
_MEASURE = """
import gc, json, runpy, sys, time
from airflow.dag_processing.dagbag import DagBag
import airflow.sdk.execution_time.task_runner
gc.collect()
gc.freeze()
started = time.process_time()
names = runpy.run_path(sys.argv[1])
first = time.process_time() - started
from airflow.sdk import DAG
dags = sum(isinstance(value, DAG) for value in names.values())
started = time.process_time()
runpy.run_path(sys.argv[1])
print(json.dumps({"first": first * 1000, "again": (time.process_time() - started) * 1000, "dags": dags}))
"""

_BARE = f"""
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, CronTriggerTimetable, chain
for number in range({GROUPS}):
    with DAG(f"bare_{{number}}", schedule=CronTriggerTimetable("5 0 * * *", timezone="UTC"), catchup=False) as dag:
        chain(*[EmptyOperator(task_id=f"t{{task}}") for task in range({TASKS})])
    globals()[dag.dag_id] = dag
"""


def measure(file: Path, folder: Path, **environment: str) -> dict[str, float]:
    """Milliseconds of the file's first and of its second execution in one process, and how many DAGs it holds."""
    given = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        # Nothing listens there: parsing needs no database.
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://nobody@127.0.0.1:1/none",
        # As installed: with bytecode.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        **environment,
    }
    runs = [_one(file, given) for _ in range(PROCESSES + 1)][1:]  # the first one compiles
    return {name: min(run[name] for run in runs) for name in runs[0]}


def _one(file: Path, environment: dict[str, str]) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(file)],
        env=environment,
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def large_schedule(path: Path) -> Path:
    """A schedule file of 500 groups with eight tasks each, every third one a mapped command."""
    tasks = "\n".join(
        f"      - {{command: {COMMANDS[number % len(COMMANDS)]}, schedule: monthly, on: {number + 1}}}"
        for number in range(TASKS)
    )
    groups = [f'  group_{number}:\n    default_time: "00:05"\n    tasks:\n{tasks}' for number in range(GROUPS)]
    path.write_text("groups:\n" + "\n".join(groups) + "\n", encoding="utf-8")
    return path


def run() -> list[Figure]:
    """Milliseconds of the shipped schedule and of a large one, whole and for one DAG."""
    dag_file = ROOT / "dags" / "collector_groups.py"
    with tempfile.TemporaryDirectory(prefix="dag-file-") as name:
        folder = Path(name)
        bare = folder / "bare.py"
        bare.write_text(_BARE, encoding="utf-8")
        large = {"BOOST_COLLECTOR_SCHEDULE_YAML": str(large_schedule(folder / "large.yaml"))}
        shipped = measure(dag_file, folder)
        single = measure(dag_file, folder, _AIRFLOW_PARSING_CONTEXT_DAG_ID="mailing_list")
        many = measure(dag_file, folder, **large)
        one_of_many = measure(dag_file, folder, _AIRFLOW_PARSING_CONTEXT_DAG_ID="group_250", **large)
        floor = measure(bare, folder)
    return [
        Figure("shipped", f"the shipped schedule, {shipped['dags']:.0f} DAGs", shipped["first"], "ms", at_most=100),
        Figure("one", "one DAG of it", single["first"], "ms", at_most=30),
        Figure("each_of_many", f"a DAG of {GROUPS} groups", many["first"] / many["dags"], "ms", at_most=3),
        Figure("one_of_many", f"one DAG asked of {GROUPS} groups", one_of_many["first"], "ms"),
        Figure(
            "time", f"time for {GROUPS} groups", many["again"] / floor["again"], baseline="bare DAGs", better="less"
        ),
    ]
