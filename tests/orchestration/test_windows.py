"""What a task reads, for every way a run can come about."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boost_collectors.core.errors import CommandError
from boost_collectors.core.window import Window, WindowMode
from boost_collectors.runner.schedule import WEEKDAYS, ScheduleKind, Task, due
from include.orchestration.windows import covered_span, resolve_window, run_moment

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
EMPTY: dict[str, Any] = {
    "mode": None, "since": None, "until": None, "commands": None, "only": None, "dry_run": False, "force": False,
}  # fmt: skip


@dataclass
class Run:
    run_type: str = "scheduled"
    logical_date: datetime | None = None
    run_after: datetime = NOW


def task(schedule: ScheduleKind = ScheduleKind.DAILY, **fields: Any) -> Task:
    return Task("g", "run_it", schedule, id="run_it", **fields)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize("run_type", ["scheduled", "manual", "asset_triggered", "operator_triggered"])
@pytest.mark.parametrize("logical_date", [None, utc(2026, 11, 1, 6)])
def test_a_run_without_bounds_leaves_the_window_to_the_checkpoint(run_type: str, logical_date: datetime) -> None:
    assert resolve_window(EMPTY, Run(run_type, logical_date), task()) is None
    assert resolve_window({}, Run(run_type, logical_date), task()) is None


def test_a_backfill_reads_the_day_of_its_date() -> None:
    window = resolve_window(EMPTY, Run("backfill", utc(2026, 11, 3, 6)), task())
    assert window == Window(WindowMode.BACKFILL, utc(2026, 11, 3), utc(2026, 11, 4))


def test_the_date_of_a_run_is_in_utc_whatever_its_zone() -> None:
    late = datetime(2026, 11, 3, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert run_moment(Run(logical_date=late)) == utc(2026, 11, 4, 4, 30)
    window = resolve_window(EMPTY, Run("backfill", late), task())
    assert window is not None
    assert window.since == utc(2026, 11, 4)


def test_without_a_logical_date_the_run_is_for_the_moment_it_may_start() -> None:
    assert run_moment(Run("manual", None)) == NOW
    window = resolve_window({"mode": "backfill"}, Run("manual", None), task())
    assert window == Window(WindowMode.BACKFILL, utc(2026, 11, 22), utc(2026, 11, 23))


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"since": "2026-01-01"}, Window(WindowMode.BACKFILL, utc(2026, 1, 1), None)),
        ({"until": "2026-01-01T06:00:00+02:00"}, Window(WindowMode.BACKFILL, None, utc(2026, 1, 1, 4))),
        (
            {"since": "2026-01-01", "until": "2026-01-02", "mode": "backfill"},
            Window(WindowMode.BACKFILL, utc(2026, 1, 1), utc(2026, 1, 2)),
        ),
        ({"mode": "full"}, Window(WindowMode.FULL)),
        ({"mode": "incremental"}, Window(WindowMode.INCREMENTAL)),
    ],
)
@pytest.mark.parametrize("run_type", ["manual", "backfill"])
def test_the_form_wins_over_the_run_type(params: dict[str, Any], expected: Window, run_type: str) -> None:
    assert resolve_window({**EMPTY, **params}, Run(run_type, utc(2026, 11, 3)), task()) == expected


@pytest.mark.parametrize(
    "params",
    [
        {"since": "2026-01-02", "until": "2026-01-01"},
        {"since": "soon"},
        {"mode": "full", "since": "2026-01-01"},
        {"mode": "incremental", "until": "2026-01-01"},
    ],
)
def test_bounds_that_are_no_span_are_refused(params: dict[str, Any]) -> None:
    with pytest.raises(CommandError):
        resolve_window({**EMPTY, **params}, Run("manual"), task())


@pytest.mark.parametrize(
    ("asked", "moment", "since", "until"),
    [
        (task(ScheduleKind.WEEKLY, weekday="monday"), utc(2026, 11, 2, 6), utc(2026, 10, 27), utc(2026, 11, 3)),
        (task(ScheduleKind.MONTHLY, day=1), utc(2026, 11, 1, 6), utc(2026, 10, 2), utc(2026, 11, 2)),
        (task(ScheduleKind.MONTHLY, day=31), utc(2023, 2, 28), utc(2023, 2, 1), utc(2023, 3, 1)),
        (task(ScheduleKind.MONTHLY, day=30), utc(2023, 2, 28), utc(2023, 1, 31), utc(2023, 3, 1)),
        (task(ScheduleKind.ON_RELEASE), utc(2026, 11, 2, 6), utc(2026, 11, 2), utc(2026, 11, 3)),
        (
            task(ScheduleKind.INTERVAL, minutes=45),
            utc(2026, 11, 2, 6),
            utc(2026, 11, 2, 5, 15),
            utc(2026, 11, 2, 6),
        ),
    ],
)
def test_each_cadence_covers_its_own_span(asked: Task, moment: datetime, since: datetime, until: datetime) -> None:
    assert covered_span(asked, moment) == (since, until)


ASKED = st.one_of(
    st.just(task()),
    st.sampled_from([task(ScheduleKind.WEEKLY, weekday=day) for day in WEEKDAYS]),
    st.builds(lambda day: task(ScheduleKind.MONTHLY, day=day), st.integers(1, 31)),
)


@given(ASKED, st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_the_spans_of_successive_due_dates_leave_no_gap_and_no_overlap(asked: Task, start: date) -> None:
    days = [start + timedelta(days=offset) for offset in range(130)]
    spans = [covered_span(asked, datetime.combine(day, NOW.timetz())) for day in days if due(asked, day)]
    assert len(spans) >= 4
    assert all(before[1] == after[0] for before, after in itertools.pairwise(spans))
