"""What an operator does beside running its command: which failures are tried again, and ending early."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
import sqlalchemy.exc
from airflow.providers.standard.triggers.temporal import DateTimeTrigger
from airflow.sdk.definitions.retry_policy import RetryAction
from airflow.sdk.exceptions import AirflowTaskTimeout, TaskDeferred

from boost_collectors.core.errors import (
    AlreadyRunning,
    AuthenticationError,
    CommandError,
    ConfigurationError,
    NetworkError,
    PermanentError,
    RateLimited,
    TransientError,
)
from boost_collectors.runner.schedule import ScheduleKind, Task
from include.orchestration.operators import SHORTEST_WAIT, CollectorOperator
from include.orchestration.retries import ByFailureCategory
from include.orchestration.verdict import anything_ran, failed_tasks

TASK = Task("g", "run_wg21_paper_tracker", ScheduleKind.DAILY, id="run_wg21_paper_tracker")


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (TransientError("later"), RetryAction.DEFAULT),
        (NetworkError("no answer"), RetryAction.DEFAULT),
        (AlreadyRunning("locked"), RetryAction.DEFAULT),
        (ConnectionResetError("reset"), RetryAction.DEFAULT),
        (TimeoutError("slow"), RetryAction.DEFAULT),
        (AirflowTaskTimeout("12 h"), RetryAction.DEFAULT),
        (sqlalchemy.exc.OperationalError("select 1", {}, Exception("server closed")), RetryAction.DEFAULT),
        (psycopg.errors.DeadlockDetected("deadlock"), RetryAction.DEFAULT),
        (sqlalchemy.exc.ProgrammingError("selct 1", {}, Exception("syntax error")), RetryAction.FAIL),
        (PermanentError("no"), RetryAction.FAIL),
        (CommandError("wrong flag"), RetryAction.FAIL),
        (ConfigurationError("wrong file"), RetryAction.FAIL),
        (AuthenticationError("rejected"), RetryAction.FAIL),
        (ZeroDivisionError("a bug"), RetryAction.FAIL),
    ],
)
def test_only_what_may_succeed_later_is_tried_again(error: BaseException, action: RetryAction) -> None:
    decision = ByFailureCategory().evaluate(error, try_number=1, max_tries=3)
    assert decision.action is action
    assert decision.reason


class Stopping(CollectorOperator):
    """Runs no command: tells what the one who would run it is given."""

    def work(self, spec: Any, request: Any, settings: Any) -> bool:
        self.on_kill()
        return bool(request.stop.is_set())


class Limited(CollectorOperator):
    retry_at: datetime

    def work(self, spec: Any, request: Any, settings: Any) -> Any:
        raise RateLimited("later", retry_at=self.retry_at)


def _context(**params: Any) -> dict[str, Any]:
    run = SimpleNamespace(
        run_id="r", run_type="manual", logical_date=None, run_after=datetime(2026, 11, 2, tzinfo=UTC), dag_id="g"
    )
    return {"params": params, "dag_run": run, "outlet_events": {}, "dag": SimpleNamespace(tasks=[])}


def test_killing_a_task_asks_the_running_command_to_stop() -> None:
    operator = Stopping(task_id="t", entry=TASK)
    operator.on_kill()  # before it runs: nothing to stop, no error
    assert operator.resume(_context()) is True
    assert isinstance(operator._stop, threading.Event)


@pytest.mark.parametrize("wait", [timedelta(hours=1), timedelta(seconds=-10)])
def test_a_rate_limit_defers_until_its_end_and_never_spins(wait: timedelta) -> None:
    operator = Limited(task_id="t", entry=TASK)
    operator.retry_at = datetime.now(UTC) + wait
    with pytest.raises(TaskDeferred) as deferred:
        operator.resume(_context())
    trigger = deferred.value.trigger
    assert isinstance(trigger, DateTimeTrigger)
    assert deferred.value.method_name == "resume"
    assert trigger.moment >= max(operator.retry_at, datetime.now(UTC) + SHORTEST_WAIT - timedelta(seconds=2))


def test_a_batch_is_labelled_by_its_first_unit() -> None:
    labels = {
        CollectorOperator(task_id="t", entry=TASK, batch=batch).batch_label for batch in (["a"], ["a", "b", "c"], [])
    }
    assert labels == {"a", "a +2", ""}


def test_the_verdict_sees_failed_parts_and_not_itself() -> None:
    states = {"a": "success", "b_1": "failed", "b_0": "success", "c": "upstream_failed", "verdict": "failed", "d": None}
    assert failed_tasks(states) == ["b_1", "c"]
    assert anything_ran(states)
    assert not anything_ran({"a": "skipped", "verdict": "running", "b": None})
