"""Sessions, connection settings and the embedded default of ``Database``."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from boost_collectors.core.database import Database


def test_a_session_commits_at_the_end_of_its_block(database: Database) -> None:
    with database.session() as session:
        session.execute(text("CREATE TABLE fruit (name text)"))
        session.execute(text("INSERT INTO fruit VALUES ('apple')"))
    with database.session() as session:
        assert session.scalar(text("SELECT count(*) FROM fruit")) == 1


def test_a_session_that_raises_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.session() as session:
        session.execute(text("CREATE TABLE fruit (name text)"))
        raise ZeroDivisionError
    with database.session() as session:
        assert session.scalar(text("SELECT to_regclass('fruit')")) is None
