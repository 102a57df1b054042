"""What parsing the DAG file costs, against Airflow building the same bare DAGs by hand.

    python -m benchmarks.dag_file

Every figure is taken in fresh processes in which Airflow's parser is loaded and nothing of ours is, because that is
how Airflow parses: a new process for each parse and for each task. Processor time, the best of several processes: what
else the machine does can only add to it. Limits: 100 ms for the shipped schedule, 30 ms for one DAG of it, 3 ms per
DAG at 500 groups of eight tasks. The ratio is to the same number of DAGs with eight EmptyOperators each.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PROCESSES = 5
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


def run() -> bool:
    """Print the figures; True if all are within their limits."""
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
    within = [
        _line("shipped schedule", shipped, shipped["first"], 100),
        _line("one DAG of the shipped schedule", single, single["first"], 30),
        _line(f"per DAG at {GROUPS} groups of {TASKS} tasks", many, many["first"] / many["dags"], 3),
    ]
    _line(f"one DAG of {GROUPS} groups", one_of_many, one_of_many["first"], None)
    ratio = many["again"] / floor["again"]
    print(f"ratio to {GROUPS} bare DAGs of {TASKS} EmptyOperators (warm): {ratio:.2f}")
    return all(within)


def _line(what: str, found: dict[str, Any], figure: float, limit: float | None) -> bool:
    good = limit is None or figure <= limit
    allowed = "" if limit is None else f" (limit {limit} ms: {'within' if good else 'EXCEEDED'})"
    print(
        f"{what}: {figure:.1f} ms{allowed}; again in the same process {found['again']:.1f} ms, {found['dags']:.0f} DAGs"
    )
    return good


if __name__ == "__main__":
    sys.exit(0 if run() else 1)
