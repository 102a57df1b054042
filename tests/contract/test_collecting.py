"""What every collector must do with a well-behaved source."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from boost_collectors.core.commands import CommandSpec
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, plan_units
from boost_collectors.core.settings import Settings
from boost_collectors.core.window import Window, WindowMode
from tests.contract.conftest import moment
from tests.contract.content import Content, content, versions

Span = tuple[datetime, datetime]
EARLY, LATE = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.mark.reads_a_source
def test_runs_on_the_sandbox_and_fills_its_tables(spec: CommandSpec, collect: Any, project: Database) -> None:
    result = collect()
    assert result.success
    assert result.counts["units"] > 0
    found = content(project)
    assert [table for table in spec.tables if not found.get(table)] == []


def test_a_second_run_writes_nothing(spec: CommandSpec, collect: Any, project: Database) -> None:
    collect()
    before = versions(project)
    second = collect()
    assert versions(project) == before
    written = {key: n for key, n in second.counts.items() if key.endswith(("_inserted", "_updated")) and n}
    assert written == {}


def test_a_full_run_over_the_same_source_changes_nothing(spec: CommandSpec, collect: Any, project: Database) -> None:
    collect()
    before = content(project)
    assert collect(window=Window(WindowMode.FULL)).success
    assert content(project) == before


def test_a_backfill_reads_its_window_and_moves_no_checkpoint(
    spec: CommandSpec, collect: Any, project: Database, window: Span
) -> None:
    assert collect(window=Window(WindowMode.BACKFILL, *window)).success
    inside, outside = _inside_and_outside(spec, project, window)
    assert inside > 0
    assert outside == 0
    assert _checkpoints(project) == []


def test_a_backfill_after_a_run_changes_neither_rows_nor_checkpoints(
    spec: CommandSpec, collect: Any, project: Database, window: Span
) -> None:
    collect()
    rows, checkpoints = content(project), _checkpoints(project)
    collect(window=Window(WindowMode.BACKFILL, *window))
    assert content(project) == rows
    assert _checkpoints(project) == checkpoints


def test_backfills_of_the_parts_make_what_one_run_makes(
    spec: CommandSpec, collect: Any, project: Database, undisturbed: Content, window: Span
) -> None:
    for since, until in (window, (EARLY, window[0]), (window[1], LATE)):
        collect(window=Window(WindowMode.BACKFILL, since, until))
    found = content(project)
    assert {table: found.get(table) for table in spec.tables} == {
        table: undisturbed.get(table) for table in spec.tables
    }


def test_a_dry_run_writes_nothing(spec: CommandSpec, collect: Any, project: Database, sandbox_settings: Any) -> None:
    before = content(project)
    assert collect(dry_run=True).success
    assert content(project) == before
    assert _checkpoints(project) == []


@pytest.mark.reads_a_source
def test_only_restricts_a_run_to_its_units(spec: CommandSpec, collect: Any, sandbox_settings: Settings) -> None:
    whole = collect(dry_run=True)
    units = plan_units(spec, Request(), settings=sandbox_settings)
    assert len(units) == whole.counts["units"]
    assert collect(only=(units[0].key,)).counts["units"] == 1


def test_the_run_log_tells_what_happened(spec: CommandSpec, collect: Any, project: Database) -> None:
    result = collect(group="contract", run_id="manual__contract")
    with project.engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM core_run")).mappings().one()
    assert (row["command"], row["group_id"], row["run_id"]) == (spec.name, "contract", "manual__contract")
    assert row["status"] == "success"
    assert row["counts"] == dict(result.counts)
    assert row["started_at"] <= row["finished_at"]


def _inside_and_outside(spec: CommandSpec, database: Database, window: Span) -> tuple[int, int]:
    """Rows whose time, in the column that the registry names, lies inside and outside the window."""
    table, _, column = spec.window_column.partition(".")
    with database.engine.connect() as connection:
        values = connection.execute(text(f'SELECT "{column}" FROM "{table}"')).scalars().all()
    inside = [value for value in values if window[0] <= moment(value) < window[1]]
    return len(inside), len(values) - len(inside)


def _checkpoints(database: Database) -> list[tuple[Any, ...]]:
    with database.engine.connect() as connection:
        rows = connection.execute(text("SELECT command, unit, cursor::text FROM core_checkpoint ORDER BY 1, 2"))
        return [tuple(row) for row in rows]
