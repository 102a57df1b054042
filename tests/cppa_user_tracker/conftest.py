"""A session on a fresh database, and what it wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from sqlalchemy import Connection, event, func, select
from sqlalchemy.orm import Session

from boost_collectors.core.database import Base, Database


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.session() as session:
        yield session


@pytest.fixture
def count(session: Session) -> Callable[[type[Base]], int]:
    """``count(Model)``: how many rows its table has."""

    def count(model: type[Base]) -> int:
        return session.scalar(select(func.count()).select_from(model.__table__)) or 0

    return count


Statements = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def statements(database: Database) -> Statements:
    """``with statements() as sent``: the SQL that went to the server within the block."""

    @contextmanager
    def recording() -> Iterator[list[str]]:
        sent: list[str] = []

        def note(_conn: Connection, _cursor: object, statement: str, *_: object) -> None:
            sent.append(statement)

        event.listen(database.engine, "before_cursor_execute", note)
        yield sent
        event.remove(database.engine, "before_cursor_execute", note)

    return recording
