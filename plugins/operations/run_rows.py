"""Rows of the run log that a reader asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from boost_collectors.core.models import Run
from plugins.operations.group_runs import BY_HAND

MOST = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows: each field that is not empty must be met. ``unit`` is one of the units that the run was bound to."""

    command: str = ""
    run_id: str = ""
    group: str = ""
    unit: str = ""


def find(session: Session, asked: Asked) -> Sequence[Run]:
    """The newest of those rows, newest first, detached from the session."""
    query = select(Run).order_by(Run.started_at.desc(), Run.id.desc()).limit(MOST)
    if asked.command:
        query = query.where(Run.command == asked.command)
    if asked.run_id:
        query = query.where(Run.run_id == asked.run_id)
    if asked.group:
        query = query.where(Run.group_id.is_(None) if asked.group == BY_HAND else Run.group_id == asked.group)
    if asked.unit:
        query = query.where(Run.units.contains([asked.unit]))
    runs = session.scalars(query).all()
    session.expunge_all()
    return runs
