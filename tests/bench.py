"""A collector in a test: on a sandbox that the test prepares, with a real database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from sqlalchemy import Engine, event, text

from boost_collectors.core.commands import CommandSpec
from boost_collectors.core.database import Database
from boost_collectors.core.errors import CollectorError
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from include.sandbox import Sandbox


class CollectorBench:
    """Runs one command and looks at what became of it. ``variables`` are settings beside those of the sandbox."""

    spec: ClassVar[CommandSpec]

    def __init__(
        self, sandbox: Sandbox, database: Database, database_url: str, make_settings: Any, **variables: str
    ) -> None:
        self.sandbox = sandbox
        self.database = database
        # How requests are repeated is tested where the transport is.
        impatient = {"DATABASE_URL": database_url, "HTTP_MAX_ATTEMPTS": "1"}
        self._variables = {**sandbox.environment(), **impatient, **variables}
        self._make_settings = make_settings

    def settings(self, **variables: str) -> Settings:
        settings: Settings = self._make_settings(**{**self._variables, **variables})
        return settings

    def collect(self, *arguments: str, settings: Settings | None = None, **request: Any) -> Mapping[str, int]:
        """Run the command and return what it counted. ``sandbox.requests`` holds the requests of this run only."""
        self.sandbox.requests.clear()
        result = execute(self.spec, Request(arguments=arguments, **request), settings=settings or self.settings())
        assert result is not None
        return dict(result.counts)

    def fail(self, *arguments: str, settings: Settings | None = None, **request: Any) -> CollectorError:
        """Run the command, which must fail; returns the error. Its ``result`` says what was counted."""
        try:
            self.collect(*arguments, settings=settings, **request)
        except CollectorError as error:
            return error
        raise AssertionError("the run succeeded")

    def rows(self, query: str) -> list[Any]:
        """What a query answers: values when it has one column, else tuples."""
        with self.database.engine.connect() as connection:
            found = [tuple(row) for row in connection.execute(text(query))]
        return [row[0] if len(row) == 1 else row for row in found]

    @property
    def pending(self) -> dict[str, tuple[str, int]]:
        """Status and attempts of the items that were set aside."""
        return {key: (status, n) for key, status, n in self.rows("SELECT key, status, attempts FROM core_pendingitem")}


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL statements executed inside the block, without transaction control (and without COPY)."""
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.lstrip().upper().startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)
