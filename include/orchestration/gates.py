"""Why a task of a run is skipped before it starts: not chosen in the form, not due on the date, no new release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException

from boost_collectors.runner.schedule import Task, why_not_due
from include.orchestration.windows import RunDates, run_moment


def refuse_unless_selected(task: Task, params: Mapping[str, Any]) -> None:
    """Raise AirflowSkipException if the trigger form names commands and this task is not among them."""
    chosen = params.get("commands") or ()
    if chosen and task.id not in chosen:
        raise AirflowSkipException(f"not chosen: this run is only for {', '.join(chosen)}")


def refuse_unless_due(task: Task, run: RunDates, params: Mapping[str, Any]) -> None:
    """Raise AirflowSkipException with the reason if the task does not run on the run's date; ``force`` runs it."""
    reason = why_not_due(task, run_moment(run).date())
    if reason and not params.get("force"):
        raise AirflowSkipException(f"not due: {reason}")
