"""The last task of every run: a run is green only if nothing in it failed, and the group's status says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import BaseOperator, TriggerRule
from airflow.sdk.exceptions import AirflowFailException

from boost_collectors.runner.schedule import Task
from include.orchestration.notifications import Outcome
from include.orchestration.params import is_partial
from include.orchestration.releases import RELEASES_KEY, finished_well, mark_releases
from include.orchestration.task_settings import hide_secrets
from include.orchestration.windows import BACKFILL_RUN

VERDICT_TASK = "verdict"
_FAILED = frozenset({"failed", "upstream_failed"})
_PART = re.compile(r"_\d+$")
_RAN = _FAILED | {"success"}


def failed_tasks(states: Mapping[str, str | None]) -> list[str]:
    """The tasks that failed, by their ids (mapped ones as ``id_index``), sorted."""
    return sorted(task_id for task_id, state in states.items() if state in _FAILED and task_id != VERDICT_TASK)


def anything_ran(states: Mapping[str, str | None]) -> bool:
    """False if every task was skipped: such a run says nothing about the group."""
    return any(state in _RAN for task_id, state in states.items() if task_id != VERDICT_TASK)


def succeeded_tasks(states: Mapping[str, str | None], task_ids: Iterable[str]) -> tuple[str, ...]:
    """Of these tasks those that ran and did not fail, mapped ones in any of their parts; sorted."""
    found = []
    for task_id in task_ids:
        own = [state for name, state in states.items() if name == task_id or _PART.sub("", name) == task_id]
        if "success" in own and not _FAILED.intersection(own) and task_id != VERDICT_TASK:
            found.append(task_id)
    return tuple(sorted(found))


class VerdictOperator(BaseOperator):
    """Waits for every task, records the group's status after a whole batch, and fails if any task failed.

    A partial run (trigger form), a backfill of the past and a run whose tasks were all skipped record no status.
    ``releases`` are the on_release tasks by the id of the task that looked for releases.
    """

    ui_color = "#f4f1ea"
    outcome: Outcome | None = None
    """For the notifiers, which run in the process of this task after it."""

    def __init__(
        self, *, group: str, records_status: bool, releases: Mapping[str, Task] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(task_id=VERDICT_TASK, trigger_rule=TriggerRule.ALL_DONE, **kwargs)
        self.group = group
        self.records_status = records_status
        self.releases = dict(releases or {})

    def execute(self, context: Any) -> None:
        """Judge the run. Raises AirflowFailException naming the failed tasks."""
        run, ti = context["dag_run"], context["ti"]
        states = ti.get_task_states(dag_id=run.dag_id, run_ids=[run.run_id])[run.run_id]
        failed = failed_tasks(states)
        whole = self._is_whole_batch(run, context["params"])
        self.outcome = Outcome(tuple(failed), succeeded_tasks(states, context["dag"].task_ids), whole)
        if failed:
            self.log.error("Failed in %s: %s", run.run_id, ", ".join(failed))
        handled = self._handled_releases(ti, states)
        status = whole and self.records_status and anything_ran(states)
        if handled or status:
            self._write(handled, success=not failed if status else None)
        if failed:
            raise AirflowFailException(f"{len(failed)} failed: {', '.join(failed)}")

    def _is_whole_batch(self, run: Any, params: Mapping[str, Any]) -> bool:
        return run.run_type != BACKFILL_RUN and not is_partial(params)

    def _handled_releases(self, ti: Any, states: Mapping[str, str | None]) -> list[tuple[Task, list[list[str]]]]:
        done = {looked: task for looked, task in self.releases.items() if finished_well(task, states)}
        found = {looked: ti.xcom_pull(task_ids=looked, key=RELEASES_KEY) for looked in done}
        return [(task, found[looked]) for looked, task in done.items() if found[looked]]

    def _write(self, handled: list[tuple[Task, list[list[str]]]], *, success: bool | None) -> None:
        from boost_collectors.core.database import Database
        from boost_collectors.core.settings import Settings
        from boost_collectors.runner import services

        with Database.from_settings(hide_secrets(Settings.load())) as database:
            for task, releases in handled:
                mark_releases(database, task, releases)
            if success is None:
                return
            record = services.record_group_success if success else services.record_group_failure
            with database.session() as session:
                record(session, self.group, when=datetime.now(UTC))
