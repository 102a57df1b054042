"""Items that could not be read or stored. Later runs try them again; what never works waits in quarantine.

Nothing here commits: an item is noted in the transaction that moves the checkpoint past it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from boost_collectors.core.models import PendingItem, PendingStatus

_MOST_DOUBLED = 6


def add(
    session: Session, command: str, unit: str, key: str, reason: str, payload: Mapping[str, Any] | None = None
) -> int:
    """Note that an item failed. Returns how often it has failed now. An item in quarantine stays there.

    ``payload`` is what is needed to try again (JSON); None keeps what was noted before.
    """
    return _note(session, PendingStatus.PENDING, (command, unit, key), reason, payload)


def quarantine(
    session: Session, command: str, unit: str, key: str, reason: str, payload: Mapping[str, Any] | None = None
) -> int:
    """Note that an item failed and is not to be tried again by itself. Returns how often it has failed now."""
    return _note(session, PendingStatus.QUARANTINED, (command, unit, key), reason, payload)


def due(
    session: Session, command: str, unit: str, limit: int, *, now: datetime | None = None, wait: timedelta | None = None
) -> Sequence[PendingItem]:
    """Items to try again, those that failed longest ago first.

    With ``wait`` an item rests so long after its first failure, twice as long after each further one up to 64 times,
    and only those are given whose rest was over at ``now``.
    """
    query = select(PendingItem).where(_of(command, unit), PendingItem.status == PendingStatus.PENDING)
    if now is not None and wait is not None:
        rest = wait * func.power(2, func.least(PendingItem.attempts - 1, _MOST_DOUBLED))
        query = query.where(PendingItem.last_failed_at + rest <= now)
    order = (PendingItem.last_failed_at, PendingItem.id)
    return session.scalars(query.order_by(*order).limit(limit).execution_options(populate_existing=True)).all()


def units(session: Session, command: str) -> set[str]:
    """The units of a command that have items to try again."""
    waiting = select(PendingItem.unit).where(
        PendingItem.command == command, PendingItem.status == PendingStatus.PENDING
    )
    return set(session.scalars(waiting.distinct()))


def keys(session: Session, command: str, unit: str) -> set[str]:
    """The keys of all items of the unit, those in quarantine included."""
    return set(session.scalars(select(PendingItem.key).where(_of(command, unit))))


def done(session: Session, command: str, unit: str, key: str) -> None:
    """Forget an item: it was stored, or the source does not have it any more."""
    session.execute(delete(PendingItem).where(_of(command, unit), PendingItem.key == key))


def move(session: Session, command: str, unit: str, to: str) -> None:
    """Hand over the items of a unit to the name it bears from now on, except those that are noted there already."""
    there = select(PendingItem.key).where(_of(command, to))
    session.execute(
        update(PendingItem)
        .where(_of(command, unit), PendingItem.key.not_in(there))
        .values(unit=to)
        .execution_options(synchronize_session=False)
    )


def _note(
    session: Session,
    status: PendingStatus,
    item: tuple[str, str, str],
    reason: str,
    payload: Mapping[str, Any] | None,
) -> int:
    command, unit, key = item
    statement = insert(PendingItem).values(
        command=command,
        unit=unit,
        key=key,
        reason=reason.replace("\0", ""),
        payload=dict(payload or {}),
        attempts=1,
        status=status.value,
    )
    changes: dict[str, Any] = {
        "reason": statement.excluded.reason,
        "attempts": PendingItem.attempts + 1,
        "last_failed_at": func.clock_timestamp(),
    }
    if payload is not None:
        changes["payload"] = statement.excluded.payload
    if status is PendingStatus.QUARANTINED:
        changes["status"] = status.value
    upsert = statement.on_conflict_do_update(
        index_elements=[PendingItem.command, PendingItem.unit, PendingItem.key], set_=changes
    )
    return session.execute(upsert.returning(PendingItem.attempts)).scalar_one()


def _of(command: str, unit: str) -> ColumnElement[bool]:
    return and_(PendingItem.command == command, PendingItem.unit == unit)
