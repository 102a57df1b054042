"""The way to the project database: one URL, one pool of connections, transactions as context managers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session

from boost_collectors.core.database.embedded import EmbeddedPostgres

if TYPE_CHECKING:
    from boost_collectors.core.settings import Settings

EMBEDDED_NAME = "boost_dashboard"
"""The project database on the embedded server; the name the earlier system used by default."""

_CONNECT = {
    "application_name": "boost_collectors",
    "connect_timeout": 10,
    # A run may hold its lock for hours without a word; gateways drop connections that are silent for minutes.
    "keepalives_idle": 60,
    "keepalives_interval": 20,
    "keepalives_count": 5,
}
# Staging tables stay in memory up to temp_buffers, which cannot be set after the first of them; sorts up to work_mem.
_SESSION_SETUP = "SET TIME ZONE 'UTC'; SET temp_buffers = '32MB'; SET work_mem = '32MB'"


class Database:
    """A PostgreSQL database. Nothing connects, and no server starts, before the first use.

    ``url`` is a SQLAlchemy URL with the driver ``postgresql+psycopg``, or a function that finds it.
    """

    def __init__(self, url: str | Callable[[], str]) -> None:
        self._find_url = url if callable(url) else lambda: url

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The database of ``DATABASE_URL``; the embedded server's when that is not set, started on first use.

        Errors come at first use: ConfigurationError when the embedded server cannot run where it is told to.
        """
        return cls(settings.database_url or (lambda: embedded_url(settings)))

    @cached_property
    def url(self) -> str:
        """The URL, password included: not for logs."""
        return self._find_url()

    @cached_property
    def engine(self) -> Engine:
        engine = create_engine(self.url, pool_pre_ping=True, connect_args=_CONNECT)
        event.listen(engine, "connect", _set_up)
        return engine

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction: committed at the end of the block, rolled back when the block raises."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close the connections. The object may be used again."""
        if "engine" in self.__dict__:
            self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def embedded_url(settings: Settings) -> str:
    """Start the embedded server when it does not run; the URL of the project database on it."""
    server = EmbeddedPostgres(settings.embedded_postgres_dir)
    server.start()
    server.ensure_database(EMBEDDED_NAME)
    return server.url(EMBEDDED_NAME)


def _set_up(connection: Any, _record: object) -> None:
    # Outside a transaction, so that no rollback undoes it.
    connection.autocommit = True
    connection.execute(_SESSION_SETUP)
    connection.autocommit = False
