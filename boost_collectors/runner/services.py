"""The status of schedule groups: the only writer of its table. Nothing here commits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from boost_collectors.runner.models import CollectorGroupRunStatus


def record_group_success(session: Session, group_id: str, *, when: datetime | None = None) -> CollectorGroupRunStatus:
    """Note that the group's batch ended well at ``when`` (aware; now when None). The last failure stays."""
    moment = when or datetime.now(UTC)
    return _record(session, group_id, last_success_at=moment, last_run_at=moment, last_exit_code=0)


def record_group_failure(
    session: Session, group_id: str, *, exit_code: int = 1, when: datetime | None = None
) -> CollectorGroupRunStatus:
    """Note that the group's batch failed at ``when`` (aware; now when None). The last success stays."""
    moment = when or datetime.now(UTC)
    return _record(session, group_id, last_failure_at=moment, last_run_at=moment, last_exit_code=exit_code)


def get_group_status(session: Session, group_id: str) -> CollectorGroupRunStatus | None:
    """The group's status, or None if its batch never ran."""
    return session.get(CollectorGroupRunStatus, group_id)


def list_group_statuses(session: Session) -> dict[str, CollectorGroupRunStatus]:
    """The status of every group that ever ran, by group id."""
    rows = session.scalars(select(CollectorGroupRunStatus).order_by(CollectorGroupRunStatus.group_id))
    return {row.group_id: row for row in rows}


def _record(session: Session, group_id: str, **values: Any) -> CollectorGroupRunStatus:
    statement = (
        insert(CollectorGroupRunStatus)
        .values(group_id=group_id, updated_at=func.now(), **values)
        .on_conflict_do_update(index_elements=["group_id"], set_={**values, "updated_at": func.now()})
        .returning(CollectorGroupRunStatus)
        .execution_options(populate_existing=True)
    )
    return session.scalars(statement).one()
