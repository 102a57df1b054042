"""Where a command stands in each unit of its source. A checkpoint is saved in the transaction of the rows it covers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from boost_collectors.core.models import Checkpoint


def load(session: Session, command: str, unit: str) -> dict[str, Any] | None:
    """The cursor saved last, or None when the unit was never finished."""
    return session.scalar(select(Checkpoint.cursor).where(Checkpoint.command == command, Checkpoint.unit == unit))


def load_all(session: Session, command: str) -> dict[str, dict[str, Any]]:
    """The cursors of all units of a command, by unit."""
    rows = session.execute(select(Checkpoint.unit, Checkpoint.cursor).where(Checkpoint.command == command))
    return {row[0]: row[1] for row in rows}


def save(session: Session, command: str, unit: str, cursor: Mapping[str, Any]) -> None:
    """Replace the unit's cursor, a JSON object of the collector's own. Does not commit."""
    save_all(session, command, {unit: cursor})


def save_all(session: Session, command: str, cursors: Mapping[str, Mapping[str, Any]]) -> None:
    """Replace the cursors of any number of units, in one statement. Does not commit."""
    if not cursors:
        return
    rows = [{"command": command, "unit": unit, "cursor": dict(cursor)} for unit, cursor in sorted(cursors.items())]
    statement = insert(Checkpoint).values(rows)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[Checkpoint.command, Checkpoint.unit],
            set_={"cursor": statement.excluded.cursor, "updated_at": func.now()},
        )
    )


def newest(session: Session) -> dict[str, datetime]:
    """When each command last moved a checkpoint of any of its units."""
    query = select(Checkpoint.command, func.max(Checkpoint.updated_at)).group_by(Checkpoint.command)
    return {row[0]: row[1] for row in session.execute(query)}


def move(session: Session, command: str, unit: str, to: str) -> int:
    """Hand over the cursors of a unit, and of its parts (``unit#part``), to the name it bears from now on.

    Cursors that stand under the new name already stay, and so do those they leave no room for. Returns how many moved.
    """
    there = aliased(Checkpoint)
    renamed = func.overlay(Checkpoint.unit, to, 1, len(unit))
    taken = select(there.unit).where(there.command == command, there.unit == renamed).correlate(Checkpoint)
    moved = session.execute(
        update(Checkpoint)
        .where(Checkpoint.command == command, _of(unit), ~taken.exists())
        .values(unit=renamed)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(moved, "rowcount", 0))


def _of(unit: str) -> ColumnElement[bool]:
    return or_(Checkpoint.unit == unit, Checkpoint.unit.startswith(f"{unit}#", autoescape=True))
