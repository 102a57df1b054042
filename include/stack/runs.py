"""Running every DAG once and waiting for the ends, with a line for each task as it ends."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import shorten
from typing import Any

from rich.console import Console

from include.stack.api import moment
from include.stack.errors import StackError
from include.stack.runtime import Stack

PARSE_SECONDS = 120.0
POLL_SECONDS = 0.5
REASON_LENGTH = 400
READERS = ("boost_library_docs", "people")
"""Groups that read what others have collected, as their hour of the day has it: they run after them."""
FINAL = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})


@dataclass
class Run:
    """One run of a DAG that we wait for."""

    dag_id: str
    run_id: str
    state: str = "queued"
    told: set[str] = field(default_factory=set)

    @property
    def is_over(self) -> bool:
        return self.state in ("success", "failed")


def run_every_dag(stack: Stack, console: Console) -> bool:
    """Run each DAG once and wait; True if all succeeded and every DAG file could be loaded."""
    _end_old_runs(stack)
    dag_ids = [str(dag["dag_id"]) for dag in _parsed_dags(stack, console)]
    first = [dag_id for dag_id in dag_ids if dag_id not in READERS]
    runs = _run_all(stack, first, console) + _run_all(stack, [name for name in dag_ids if name in READERS], console)
    loaded = not _fresh_import_errors(stack)
    return loaded and all(run.state == "success" for run in runs)


def _run_all(stack: Stack, dag_ids: Sequence[str], console: Console) -> list[Run]:
    """Run these DAGs side by side and wait for all of them."""
    for dag_id in dag_ids:
        stack.api.unpause(dag_id)
    # An interval DAG may have started by itself when it was first seen: that run is as good as ours.
    begun = {run["dag_id"]: run["dag_run_id"] for run in stack.api.unfinished_runs()}
    runs = [Run(dag_id, begun.get(dag_id) or stack.api.trigger(dag_id)) for dag_id in dag_ids]
    with console.status("") as status:
        while open_runs := [run for run in runs if not run.is_over]:
            status.update(f"running: {', '.join(run.dag_id for run in open_runs)}")
            for run in open_runs:
                _follow(stack, run, console)
            stack.supervisor.pause(POLL_SECONDS)
    return runs


def _end_old_runs(stack: Stack) -> None:
    # Their processes died with the stack that began them, but each would keep its DAG's new run waiting.
    for run in stack.api.unfinished_runs():
        if moment(run["queued_at"]) < stack.started:
            stack.api.fail_run(run["dag_id"], run["dag_run_id"])


def _parsed_dags(stack: Stack, console: Console) -> list[dict[str, Any]]:
    """The DAGs as this stack has parsed them, not as an earlier one left them. Raises StackError without any."""
    deadline = time.monotonic() + PARSE_SECONDS
    while time.monotonic() < deadline:
        dags = [dag for dag in stack.api.dags() if moment(dag["last_parsed_time"]) >= stack.started]
        errors = _fresh_import_errors(stack)
        if dags or errors:
            for error in errors:
                console.print(f"{error['filename']} could not be loaded:\n{error['stack_trace']}", markup=False)
            return dags
        stack.supervisor.pause(POLL_SECONDS)
    raise StackError(f"No DAG was found in {stack.profile.dags}; see {stack.folder.log('dag-processor')}.")


def _fresh_import_errors(stack: Stack) -> list[dict[str, Any]]:
    return [error for error in stack.api.import_errors() if moment(error["timestamp"]) >= stack.started]


def _follow(stack: Stack, run: Run, console: Console) -> None:
    # The state is read before the tasks: a run that is over has told of all of them.
    run.state = stack.api.run_state(run.dag_id, run.run_id)
    for key, task in _ended(stack.api.tasks(run.dag_id, run.run_id)):
        if key not in run.told:
            run.told.add(key)
            seconds = f"{task['duration']:.1f} s" if task["duration"] else ""
            console.print(f"{task['state']:<16} {run.dag_id}  {key}  {seconds}".rstrip(), markup=False)
            if task["state"] == "failed":
                log = _log(stack, run, task)
                console.print(f"  {_reason(log)}\n  log: {log}", markup=False)


def _ended(tasks: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for task in tasks:
        if task["state"] in FINAL:
            index = task["map_index"]
            label = task.get("rendered_map_index") or index
            yield task["task_id"] + (f" [{label}]" if index >= 0 else ""), task


def _reason(log: Path) -> str:
    """The last exception that a task's log tells of, in one line. The log holds a JSON object a line."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    for line in reversed(lines):
        with suppress(ValueError, KeyError, TypeError, IndexError):
            error = json.loads(line)["error_detail"][-1]
            return shorten(f"{error['exc_type']}: {error['exc_value']}", REASON_LENGTH)
    return "no reason in its log"


def _log(stack: Stack, run: Run, task: dict[str, Any]) -> Path:
    mapped = f"map_index={task['map_index']}" if task["map_index"] >= 0 else ""
    folder = stack.folder.airflow_home / "logs" / f"dag_id={run.dag_id}" / f"run_id={run.run_id}"
    return folder / f"task_id={task['task_id']}" / mapped / f"attempt={task['try_number']}.log"
