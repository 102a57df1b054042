"""Two runs of one command on one database exclude each other, whoever starts them and on whichever machine.

The locks are PostgreSQL's session-level advisory locks on a connection of their own: they need no table, hold no
transaction open, and vanish with the process that held them.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from boost_collectors.core.database import Database
from boost_collectors.core.errors import AlreadyRunning

logger = logging.getLogger(__name__)


@contextmanager
def hold(database: Database, command: str, units: Sequence[str] = ()) -> Iterator[None]:
    """Keep other runs of the command away for the length of the block.

    Without ``units`` the run is alone. Runs restricted to units go side by side, except two of the same unit.
    Raises AlreadyRunning, without waiting, when another run is in the way.
    """
    with connection_of_its_own(database) as connection:
        _take(connection, command, units)
        yield


@contextmanager
def connection_of_its_own(database: Database) -> Iterator[Connection]:
    """A connection outside any transaction whose advisory locks last as long as the block."""
    with database.engine.connect() as pooled:
        connection = pooled.execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()  # closed, not given back: whatever happens, no lock stays behind
        try:
            yield connection
        finally:
            _unlock(connection)


def _take(connection: Connection, command: str, units: Sequence[str]) -> None:
    if not units:
        if not connection.scalar(select(func.pg_try_advisory_lock(_key(command)))):
            raise AlreadyRunning(f"{command} is already running on this database")
        return
    if not connection.scalar(select(func.pg_try_advisory_lock_shared(_key(command)))):
        raise AlreadyRunning(f"{command} is already running on this database, on all its units")
    for unit in sorted(set(units)):
        if not connection.scalar(select(func.pg_try_advisory_lock(_key(command, unit)))):
            raise AlreadyRunning(f"{command} is already running on {unit} on this database")


def _unlock(connection: Connection) -> None:
    # Closing would do as well, but the server notices that a moment later than the next run may come.
    try:
        connection.execute(select(func.pg_advisory_unlock_all()))
    except DBAPIError as error:
        logger.warning("The connection that held a lock was lost before its run ended: %s", error.orig)


def _key(*parts: str) -> int:
    digest = hashlib.blake2b("\0".join(("boost_collectors", *parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
