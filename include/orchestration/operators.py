"""The operators: one command of the registry as a task, or as a plan followed by one task per batch of its units."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.triggers.temporal import DateTimeTrigger
from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from boost_collectors import registry
from boost_collectors.core.errors import CollectionSkipped, CommandError, RateLimited
from boost_collectors.runner.schedule import ScheduleKind, Task
from include.orchestration import metrics
from include.orchestration.assets import annotate
from include.orchestration.batches import balance
from include.orchestration.gates import refuse_unless_due, refuse_unless_selected
from include.orchestration.links import RunLogLink
from include.orchestration.releases import RELEASES_KEY, refuse_without_release
from include.orchestration.shown_errors import without_secrets_of
from include.orchestration.task_settings import settings_for
from include.orchestration.windows import resolve_window

if TYPE_CHECKING:
    from boost_collectors.core.commands import CommandSpec
    from boost_collectors.core.execution import Request
    from boost_collectors.core.settings import Settings

# A source that names a reset time in the past would otherwise make the task spin between worker and triggerer.
SHORTEST_WAIT = timedelta(seconds=5)


class CommandOperator(BaseOperator):
    """Runs a command of the registry for the run's date and window; subclasses say which part of it.

    ``batch`` binds the task to these units; empty: those of the trigger form, or all. The run is skipped with its
    reason when it is not due, not selected in the trigger form, or has nothing to do. A rate limit frees the worker
    until the source's reset time and does not count as a try.
    """

    ui_color = "#e8eef7"
    operator_extra_links = (RunLogLink(),)

    def __init__(self, *, entry: Task, batch: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.entry = entry
        self.batch = tuple(batch)

    @abstractmethod
    def work(self, spec: CommandSpec, request: Request, settings: Settings) -> Any:
        """Do this task's part of the command; what it returns becomes the task's XCom."""

    def execute(self, context: Any) -> Any:
        """Run now. Raises AirflowSkipException with the reason, or the collector's own error."""
        return self._guarded(context)

    def resume(self, context: Any, event: Any = None) -> Any:
        """Run again after the wait for a rate limit; the checkpoint says where to go on."""
        self.log.info("The wait is over (%s); going on from the checkpoint", event)
        return self._guarded(context)

    def on_kill(self) -> None:
        """Ask the running command to end at its next safe point."""
        if self._stop is not None:
            self._stop.set()

    _stop: threading.Event | None = None

    def _guarded(self, context: Any) -> Any:
        # Imported here: a DAG file must not pay for the logging libraries behind it.
        from include.orchestration.task_log import name_in_every_line

        self._stop = threading.Event()
        name_in_every_line(self.entry)
        spec = registry.find(self.entry.command)
        try:
            refuse_unless_selected(self.entry, context["params"])
            refuse_unless_due(self.entry, context["dag_run"], context["params"])
            request = self._request(context, self._stop)
            settings = settings_for(spec)
            if self._follows_releases(request, context["params"]):
                new = refuse_without_release(self.entry, context["dag_run"], settings, self._stop)
                context["ti"].xcom_push(key=RELEASES_KEY, value=new)
            with without_secrets_of(settings):
                result = self.work(spec, request, settings)
        except CollectionSkipped as reason:
            raise AirflowSkipException(str(reason)) from reason
        except RateLimited as limit:
            return self._defer_until(limit)
        annotate(context["outlet_events"], self.outlets, {"counts": result, "dry_run": request.dry_run})
        return result

    def _follows_releases(self, request: Request, params: Mapping[str, Any]) -> bool:
        if self.batch:  # its plan has already looked
            return False
        return self.entry.schedule is ScheduleKind.ON_RELEASE and not (request.dry_run or params.get("force"))

    def _request(self, context: Any, stop: threading.Event) -> Request:
        # Imported here: a DAG file must not pay for the database and HTTP libraries behind it.
        from boost_collectors.core.execution import Request

        params, run = context["params"], context["dag_run"]
        return Request(
            arguments=self.entry.args,
            window=resolve_window(params, run, self.entry),
            only=self.batch or self._only(params, context),
            dry_run=bool(params.get("dry_run")),
            group=self.entry.group,
            run_id=run.run_id,
            stop=stop,
        )

    def _only(self, params: Mapping[str, Any], context: Any) -> tuple[str, ...]:
        only = tuple(params.get("only") or ())
        tasks = {task.entry.id for task in context["dag"].tasks if isinstance(task, CommandOperator)}
        if only and len(params.get("commands") or tasks) > 1:
            raise CommandError(f"'only' ({', '.join(only)}) names units of one command: choose it in 'commands'")
        return only

    def _defer_until(self, limit: RateLimited) -> Any:
        moment = max(limit.retry_at, datetime.now(UTC) + SHORTEST_WAIT)
        self.log.warning("Rate limited, waiting until %s: %s", moment.isoformat(), limit)
        return self.defer(trigger=DateTimeTrigger(moment=moment), method_name="resume")


class CollectorOperator(CommandOperator):
    """Runs a command, or its batch of units, and returns the counts."""

    @property
    def batch_label(self) -> str:
        """What the UI shows instead of the map index: the first unit and how many follow."""
        more = len(self.batch) - 1
        return f"{self.batch[0]} +{more}" if more > 0 else "".join(self.batch)

    def work(self, spec: CommandSpec, request: Request, settings: Settings) -> dict[str, int] | None:
        """Run the command; its counts also go with the asset events of its tables."""
        from boost_collectors.core.execution import execute

        begun = datetime.now(UTC)
        try:
            result = execute(spec, request, settings=settings)
        finally:
            metrics.tell(spec, request, settings, begun)
        if result is None:
            return None
        counts = dict(result.counts)
        self.log.info("%s: %s", spec.name, counts)
        return counts


class PlanOperator(CommandOperator):
    """Asks a command for its units and returns them in balanced batches, one mapped task each."""

    def work(self, spec: CommandSpec, request: Request, settings: Settings) -> list[list[str]]:
        """The batches. Without units the mapped task is skipped by Airflow."""
        from boost_collectors.core.execution import plan_units

        batches = balance(plan_units(spec, request, settings=settings))
        self.log.info("%s: %d units in %d batches", spec.name, sum(map(len, batches)), len(batches))
        return batches
