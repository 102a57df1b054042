"""One bad row among good ones."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from boost_collectors.core.database import Database
from boost_collectors.core.database.isolation import store_isolated

KEEP = text("INSERT INTO kept SELECT unnest(CAST(:values AS text[]))")
READ = text("SELECT value FROM kept ORDER BY value")


@pytest.fixture
def calls(database: Database) -> list[Sequence[str]]:
    with database.session() as session:
        session.execute(text("CREATE TABLE kept (value varchar(3) CHECK (value <> 'bad'))"))
    return []


def _store(
    session: Session, calls: list[Sequence[str]], items: Sequence[str]
) -> tuple[list[int], list[tuple[str, str]]]:
    def store(values: Sequence[str]) -> int:
        calls.append(values)
        session.execute(KEEP, {"values": list(values)})
        return len(values)

    return store_isolated(session, items, store)


def test_good_rows_are_stored_at_once(database: Database, calls: list[Sequence[str]]) -> None:
    with database.session() as session:
        assert _store(session, calls, ["a", "b", "c"]) == ([3], [])
    assert len(calls) == 1


def test_bad_rows_are_found_and_the_others_stored(database: Database, calls: list[Sequence[str]]) -> None:
    items = ["a", "bad", "b", "c", "long", "d"]
    with database.session() as session:
        stored, refused = _store(session, calls, items)
    assert sum(stored) == 4
    assert [item for item, _ in refused] == ["bad", "long"]
    assert "kept_value_check" in refused[0][1]
    assert "too long" in refused[1][1]
    assert all("INSERT" not in reason for _, reason in refused)
    with database.session() as session:
        assert list(session.scalars(READ)) == ["a", "b", "c", "d"]


def test_what_is_no_fault_of_the_rows_is_raised(database: Database, calls: list[Sequence[str]]) -> None:
    with database.session() as session:
        session.execute(text("DROP TABLE kept"))
    with pytest.raises(ProgrammingError, match="does not exist"), database.session() as session:
        _store(session, calls, ["a", "b"])
    assert len(calls) == 1
