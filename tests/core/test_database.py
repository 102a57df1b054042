"""Sessions, connection settings and the embedded default of ``Database``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from boost_collectors.core.database import Database
from boost_collectors.core.database.embedded import EmbeddedPostgres
from boost_collectors.core.settings import Settings


def test_a_session_commits_at_the_end_of_its_block(database: Database) -> None:
    with database.session() as session:
        session.execute(text("CREATE TABLE fruit (name text)"))
        session.execute(text("INSERT INTO fruit VALUES ('apple')"))
    with database.session() as session:
        assert session.scalar(text("SELECT count(*) FROM fruit")) == 1


def test_a_session_that_raises_leaves_nothing(database: Database) -> None:
    with database.session() as session:
        session.execute(text("CREATE TABLE fruit (name text PRIMARY KEY)"))

    def write() -> None:
        with database.session() as session:
            for _ in range(2):
                session.execute(text("INSERT INTO fruit VALUES ('apple')"))

    with pytest.raises(IntegrityError):
        write()
    with database.session() as session:
        assert session.scalar(text("SELECT count(*) FROM fruit")) == 0


def test_every_connection_speaks_utc_and_tells_its_name(database: Database) -> None:
    with database.engine.connect() as first, database.engine.connect() as second:
        for connection in (first, second):
            connection.rollback()
            assert connection.scalar(text("SHOW timezone")) == "UTC"
            assert connection.scalar(text("SHOW application_name")) == "boost_collectors"


def test_a_connection_that_the_server_closed_is_replaced(database: Database) -> None:
    with database.session() as session:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
    with Database(database.url) as other, other.session() as session:
        session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    with database.session() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) != pid


def test_nothing_connects_before_the_first_use(make_settings: Callable[..., Settings]) -> None:
    with Database.from_settings(make_settings(DATABASE_URL="postgres://nobody@192.0.2.1:1/nothing")) as database:
        assert database.url == "postgresql+psycopg://nobody@192.0.2.1:1/nothing"


@pytest.fixture
def embedded_settings(make_settings: Callable[..., Settings], tmp_path: Path) -> Iterator[Settings]:
    folder = tmp_path / "postgres"
    yield make_settings(DATABASE_URL="", EMBEDDED_POSTGRES_DIR=str(folder))
    EmbeddedPostgres(folder).remove()


def test_without_a_url_the_embedded_server_starts_on_first_use(embedded_settings: Settings) -> None:
    folder = embedded_settings.embedded_postgres_dir
    with Database.from_settings(embedded_settings):
        assert not folder.exists()

    with Database.from_settings(embedded_settings) as database, database.session() as session:
        session.execute(text("CREATE TABLE fruit AS SELECT 7 AS price"))
    assert EmbeddedPostgres(folder).is_running
    with Database.from_settings(embedded_settings) as database, database.session() as session:
        assert session.scalar(text("SELECT price FROM fruit")) == 7
        assert session.scalar(text("SELECT lower('ÄÉ') || current_database()")) == "äéboost_dashboard"
