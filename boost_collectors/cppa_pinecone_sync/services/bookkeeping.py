"""Which documents failed and wait for another try, and up to when a place is in step.

A function that is given only an ``app_type`` is about the public account and, as the earlier system did not tell
namespaces apart, all namespaces; given a :class:`Place` it is about just that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, DateTime, and_, delete, func, select, text, update
from sqlalchemy.orm import Session

from boost_collectors.core.database.arrays import among
from boost_collectors.core.database.bulk import bulk_merge
from boost_collectors.cppa_pinecone_sync.models import FailureState, PineconeFailList, PineconeSyncStatus
from boost_collectors.cppa_pinecone_sync.place import Place

Where = Place | str

LONGEST = 255
"""Characters of an id that the list holds."""

_KEY = ("app_type", "namespace", "instance")


def get_failed_ids(session: Session, where: Where) -> list[str]:
    """The source ids that wait for another try, oldest first."""
    query = (
        select(PineconeFailList.failed_id)
        .where(_of(PineconeFailList, where), PineconeFailList.state == FailureState.PENDING)
        .order_by(PineconeFailList.id)
    )
    return list(dict.fromkeys(session.scalars(query)))


def count_failures(session: Session) -> dict[str, int]:
    """How many documents of each application type failed and are not stored yet; types without any are left out."""
    query = select(PineconeFailList.app_type, func.count()).group_by(PineconeFailList.app_type)
    return {row[0]: row[1] for row in session.execute(query)}


def clear_failed_ids(session: Session, where: Where) -> int:
    """Forget all failures; returns how many there were."""
    gone = delete(PineconeFailList).where(_of(PineconeFailList, where)).returning(PineconeFailList.id)
    return len(session.scalars(gone).all())


def record_failed_ids(session: Session, where: Where, failures: Iterable[str] | Mapping[str, str]) -> list[str]:
    """Note source ids for another try, with the last error when a mapping is given; returns them without repetitions.

    An id that is listed already gets one more attempt and becomes pending again.
    """
    errors = dict(failures) if isinstance(failures, Mapping) else dict.fromkeys(failures, "")
    if not errors:
        return []
    place = _place(where)
    attempts = _attempts(session, place, errors)
    now = session.scalars(select(func.clock_timestamp(type_=DateTime(timezone=True)))).one()
    names = [*place.key, "failed_id", "state", "attempts", "last_error", "last_failed_at"]
    rows = (
        [*place.key.values(), name[:LONGEST], FailureState.PENDING, attempts.get(name[:LONGEST], 0) + 1, error, now]
        for name, error in errors.items()
    )
    bulk_merge(session, PineconeFailList, names, rows, key=[*_KEY, "failed_id"], strip_nul=True)
    return list(errors)


def settle_failures(
    session: Session, place: Place, *, offered: Collection[str], succeeded: Collection[str], failed: Mapping[str, str]
) -> None:
    """What became of a run: succeeded ids leave the list, failed ones stay or come, and what was offered but never
    came back from the preprocessor is kept as unresolved."""
    # The list is short, what succeeded may be everything there is.
    listed = set(session.scalars(select(PineconeFailList.failed_id).where(_of(PineconeFailList, place))))
    if listed:
        gone = {name for identifier in succeeded if (name := identifier[:LONGEST]) in listed}
        _delete(session, place, gone - {identifier[:LONGEST] for identifier in failed})
    answered = {*succeeded, *failed} if offered else set()
    lost = [identifier for identifier in offered if identifier not in answered]
    if lost:
        session.execute(
            update(PineconeFailList)
            .where(_of(PineconeFailList, place), among(PineconeFailList.failed_id.expression, lost))
            .values(state=FailureState.UNRESOLVED)
            .execution_options(synchronize_session=False)
        )
    if failed:
        record_failed_ids(session, place, failed)


def requeue_unresolved(session: Session, where: Where) -> int:
    """Offer unresolved failures to the preprocessor again; returns how many there are."""
    again = (
        update(PineconeFailList)
        .where(_of(PineconeFailList, where), PineconeFailList.state == FailureState.UNRESOLVED)
        .values(state=FailureState.PENDING)
        .returning(PineconeFailList.id)
    )
    return len(session.scalars(again).all())


def get_final_sync_at(session: Session, where: Where) -> datetime | None:
    """Up to when rows have been handed over; None before the first run that did."""
    return session.scalars(
        select(func.max(PineconeSyncStatus.final_sync_at)).where(_of(PineconeSyncStatus, where))
    ).one()


def update_sync_status(session: Session, where: Where, final_sync_at: datetime | None = None) -> None:
    """Set up to when rows have been handed over; None is now."""
    now = func.clock_timestamp(type_=DateTime(timezone=True))
    at = final_sync_at or session.scalars(select(now)).one()
    _write_status(session, _place(where), ["final_sync_at", "last_checked_at"], [at, at])


def note_checked(session: Session, place: Place, at: datetime) -> None:
    """Set when work was last looked for, whatever came of it."""
    _write_status(session, place, ["last_checked_at"], [at])


def oldest_writer(session: Session) -> datetime:
    """A time such that every row that carries it, or an earlier one, is visible: just before the start of the oldest
    transaction that is still writing to this database, else now."""
    running = text(
        "SELECT least(clock_timestamp(), min(xact_start) - interval '1 microsecond') FROM pg_stat_activity"
        " WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
    )
    started: datetime = session.scalars(running).one()
    return started


def _write_status(session: Session, place: Place, names: list[str], values: list[datetime]) -> None:
    key = place.key
    bulk_merge(
        session,
        PineconeSyncStatus,
        [*key, *names],
        [[*key.values(), *values]],
        key=_KEY,
        touch={"updated_at": func.now()},
    )


def _attempts(session: Session, place: Place, identifiers: Iterable[str]) -> dict[str, int]:
    query = select(PineconeFailList.failed_id, func.sum(PineconeFailList.attempts)).where(
        _of(PineconeFailList, place),
        among(PineconeFailList.failed_id.expression, [name[:LONGEST] for name in identifiers]),
    )
    return {row[0]: row[1] for row in session.execute(query.group_by(PineconeFailList.failed_id))}


def _delete(session: Session, place: Place, identifiers: Collection[str]) -> None:
    if identifiers:
        session.execute(
            delete(PineconeFailList)
            .where(_of(PineconeFailList, place), among(PineconeFailList.failed_id.expression, identifiers))
            .execution_options(synchronize_session=False)
        )


def _place(where: Where) -> Place:
    return where if isinstance(where, Place) else Place(where, "")


def _of(model: type[PineconeFailList | PineconeSyncStatus], where: Where) -> ColumnElement[bool]:
    if isinstance(where, str):
        return and_(model.app_type == where, model.instance == "public")
    # Rows of the earlier system name no namespace.
    return and_(
        model.app_type == where.app_type,
        model.instance == where.account,
        model.namespace.in_([where.namespace, ""]),
    )
