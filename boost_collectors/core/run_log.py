"""One row for each run of a command: what it was asked, how it ended, what it counted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import Connection, Integer, cast, func, insert, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from boost_collectors.core.errors import CollectionSkipped, ConfigurationError, RateLimited, classify_failure
from boost_collectors.core.locks import connection_of_its_own
from boost_collectors.core.models import Run, RunStatus
from boost_collectors.core.redaction import Redactor
from boost_collectors.core.version import __version__

if TYPE_CHECKING:
    from boost_collectors.core.context import RunContext
    from boost_collectors.core.protocols import TrackerResult

logger = logging.getLogger(__name__)

_LIVING = 0x626F6F73
"""The class of the advisory locks by which a run shows that its process lives; the object is the row's id."""
_LOCK_NUMBERS = 2**31
_LONGEST_TEXT = 10_000
_MOST_ERRORS = 1000


@dataclass(slots=True)
class Entry:
    """The row of the run that is going on. ``result`` is set by the one who runs it."""

    result: TrackerResult | None = None


@contextmanager
def record(context: RunContext) -> Iterator[Entry]:
    """Write the run's row at the start of the block (``running``) and its outcome at the end, whatever it is.

    What the block raises goes on unchanged. Rows of earlier runs whose process has died are closed as
    ``interrupted``. Raises ConfigurationError when the database has no such table.
    """
    entry = Entry()
    with connection_of_its_own(context.database) as connection:
        number = _begin(context, connection)
        try:
            yield entry
        except BaseException as error:
            _end(context, number, entry.result or getattr(error, "result", None), _failed(error))
            raise
        _end(context, number, entry.result, _succeeded(entry))


def latest_runs(session: Session, group: str | None = None) -> Sequence[Run]:
    """The newest run of every command, in alphabetical order; with ``group`` only among the runs of that group."""
    query = select(Run).ext(distinct_on(Run.command)).order_by(Run.command, Run.started_at.desc(), Run.id.desc())
    return session.scalars(query if group is None else query.where(Run.group_id == group)).all()


def last_successes(session: Session) -> dict[str, datetime]:
    """When each command last ended well; one that never did is left out."""
    query = select(Run.command, func.max(Run.finished_at)).where(Run.status == RunStatus.SUCCESS)
    return {command: at for command, at in session.execute(query.group_by(Run.command)) if at is not None}


def latest_of(session: Session, command: str, run_id: str, units: Sequence[str] = ()) -> Run | None:
    """The newest row that a command left in this run, if any; with ``units`` the one that was bound to just these."""
    query = select(Run).where(Run.command == command, Run.run_id == run_id)
    if units:
        query = query.where(Run.units == list(units))
    return session.scalars(query.order_by(Run.started_at.desc(), Run.id.desc()).limit(1)).first()


def _begin(context: RunContext, connection: Connection) -> int:
    try:
        with context.database.session() as session:
            _close_dead_runs(session, context)
            asked = insert(Run).values(**_asked(context), status=RunStatus.RUNNING, started_at=context.clock())
            number: int = session.execute(asked.returning(Run.id)).scalar_one()
            # Before the row can be seen, so that nobody takes this run for dead.
            connection.execute(select(func.pg_advisory_lock(_LIVING, number % _LOCK_NUMBERS)))
            return number
    except ProgrammingError as error:
        if isinstance(error.orig, psycopg.errors.UndefinedTable):
            message = "the project database has not the tables of this version"
            raise ConfigurationError(message, repair="python -m boost_collectors migrate") from error
        raise


def _close_dead_runs(session: Session, context: RunContext) -> None:
    is_dead = func.pg_try_advisory_xact_lock(_LIVING, cast(Run.id % _LOCK_NUMBERS, Integer))
    dead = update(Run).where(Run.command == context.command, Run.status == RunStatus.RUNNING, is_dead)
    session.execute(dead.values(status=RunStatus.INTERRUPTED, message="its process died", finished_at=context.clock()))


def _asked(context: RunContext) -> dict[str, Any]:
    window = context.window
    return {
        "command": context.command,
        "group_id": context.group,
        "run_id": context.run_id,
        "window_mode": window.mode,
        "window_since": window.since,
        "window_until": window.until,
        "units": list(context.only),
        "version": __version__,
        "counts": {},
        "errors": [],
        "message": "",
    }


def _succeeded(entry: Entry) -> dict[str, Any]:
    failed = entry.result is not None and not entry.result.success
    return {"status": RunStatus.FAILED if failed else RunStatus.SUCCESS}


def _failed(error: BaseException) -> dict[str, Any]:
    outcome: dict[str, Any] = {"status": RunStatus.FAILED, "message": str(error) or type(error).__name__}
    if isinstance(error, CollectionSkipped):
        return outcome | {"status": RunStatus.SKIPPED}
    if isinstance(error, RateLimited):
        outcome |= {"status": RunStatus.RATE_LIMITED, "retry_at": error.retry_at}
    elif not isinstance(error, Exception):
        outcome |= {"status": RunStatus.INTERRUPTED, "message": f"{type(error).__name__}: {error}"}
    return outcome | {"failure_category": classify_failure(error)}


def _end(context: RunContext, number: int, result: TrackerResult | None, outcome: dict[str, Any]) -> None:
    try:
        with context.database.session() as session:
            changes = _collected(context, result) | outcome | {"finished_at": context.clock()}
            changes["message"] = _clean(context)(changes.get("message", ""))
            session.execute(update(Run).where(Run.id == number).values(changes))
    except Exception:
        # What the run did is done, and its own error matters more than the note about it.
        logger.exception("The end of run %s of %s could not be noted", number, context.command)


def _collected(context: RunContext, result: TrackerResult | None) -> dict[str, Any]:
    if result is None:
        return {}
    return {"counts": dict(result.counts), "errors": list(map(_clean(context), result.errors[:_MOST_ERRORS]))}


def _clean(context: RunContext) -> Callable[[object], str]:
    redactor = Redactor(context.settings.secret_values())
    return lambda value: redactor.redact(str(value).replace("\0", ""))[:_LONGEST_TEXT]
