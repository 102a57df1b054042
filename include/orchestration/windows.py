"""Which span of time a task of a DAG run reads. This is the only place that looks at a run's dates."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol

from boost_collectors.core.options import parse_instant
from boost_collectors.core.window import Window, WindowMode
from boost_collectors.runner.schedule import ScheduleKind, Task

BACKFILL_RUN = "backfill"


class RunDates(Protocol):
    """The part of Airflow's DagRun that a window depends on. ``logical_date`` is None for many manual runs."""

    @property
    def logical_date(self) -> datetime | None: ...

    @property
    def run_after(self) -> datetime: ...

    @property
    def run_type(self) -> str: ...


def run_moment(run: RunDates) -> datetime:
    """The instant a run is for, aware UTC. Never the data interval, which is wrong or absent for manual runs."""
    return (run.logical_date or run.run_after).astimezone(UTC)


def resolve_window(params: Mapping[str, Any], run: RunDates, task: Task) -> Window | None:
    """The window of a task: the trigger form's mode and bounds, else by run type; None leaves it to the task's args.

    A backfill run, or ``mode: backfill`` without bounds, reads the span that the task covers up to the run's date;
    scheduled and manual runs continue from the checkpoint. Raises CommandError for bounds that are no span.
    """
    since, until = (_bound(params, name) for name in ("since", "until"))
    mode = _mode(params, run, bounded=bool(since or until))
    if mode is WindowMode.BACKFILL and not (since or until):
        since, until = covered_span(task, run_moment(run))
    return None if mode is None else Window(mode, since, until)


def covered_span(task: Task, moment: datetime) -> tuple[datetime, datetime]:
    """The half-open span that a task's run at ``moment`` is for; the spans of successive due dates tile.

    Daily and on_release: the moment's day. Weekly: the seven days that end with it. Monthly: from the day after the
    previous month's due date to its end. Interval: the task's minutes before the moment.
    """
    if task.minutes is not None:
        return moment - timedelta(minutes=task.minutes), moment
    day = first = moment.date()
    if task.schedule is ScheduleKind.WEEKLY:
        first = day - timedelta(days=6)
    elif task.schedule is ScheduleKind.MONTHLY:
        first = _previous_month(day, task.day or day.day) + timedelta(days=1)
    return _midnight(first), _midnight(day + timedelta(days=1))


def _mode(params: Mapping[str, Any], run: RunDates, *, bounded: bool) -> WindowMode | None:
    if params.get("mode"):
        return WindowMode(params["mode"])
    return WindowMode.BACKFILL if bounded or run.run_type == BACKFILL_RUN else None


def _bound(params: Mapping[str, Any], name: str) -> datetime | None:
    return parse_instant(params[name], name) if params.get(name) else None


def _previous_month(day: date, due_day: int) -> date:
    last_of_previous = day.replace(day=1) - timedelta(days=1)
    days = monthrange(last_of_previous.year, last_of_previous.month)[1]
    return last_of_previous.replace(day=min(due_day, days))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
