"""Roles that do not own the database: one can collect and no more, the other can read and no more."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import make_url, text
from sqlalchemy.exc import ProgrammingError

from boost_collectors import registry
from boost_collectors.core.database import Database
from boost_collectors.core.errors import CommandError
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from include.sandbox import Sandbox
from tests.cppa_user_tracker.population import Generator, store

PASSWORD = secrets.token_hex(8)
PAPERS = "wg21_paper_tracker_wg21paper"


@pytest.fixture
def roles(database: Database) -> Iterator[tuple[str, str]]:
    """Two roles that may do nothing yet; they are gone afterwards, as the server is everybody's."""
    names = (f"collector-{secrets.token_hex(4)}", f"reader-{secrets.token_hex(4)}")
    with database.engine.begin() as connection:
        for name in names:
            connection.execute(text(f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{PASSWORD}'"))
    yield names
    with database.engine.begin() as connection:
        for name in names:
            connection.execute(text(f'DROP OWNED BY "{name}"'))
            connection.execute(text(f'DROP ROLE "{name}"'))


def grant(settings: Settings, *arguments: str) -> None:
    execute(registry.find("grant_roles"), Request(arguments), settings=settings)


@pytest.fixture
def granted(
    roles: tuple[str, str],
    database_url: str,
    make_settings: Callable[..., Settings],
    capsys: pytest.CaptureFixture[str],
) -> dict[str, str]:
    """The URL of each role, after the command."""
    owner = make_settings(DATABASE_URL=database_url)
    grant(owner, "--collector", roles[0], "--reader", roles[1])
    grant(owner, "--collector", roles[0])  # again: harmless
    assert f'GRANT USAGE ON SCHEMA "public" TO "{roles[1]}";' in capsys.readouterr().out
    urls = [
        make_url(database_url).set(username=role, password=PASSWORD).render_as_string(hide_password=False)
        for role in roles
    ]
    return dict(zip(("collector", "reader"), urls, strict=True))


def refused(url: str, *statements: str) -> list[str]:
    """Those of the statements that the role may not run."""
    found = []
    with Database(url) as database:
        for statement in statements:
            try:
                with database.session() as session:
                    session.execute(text(statement))
            except ProgrammingError as error:
                if not isinstance(error.orig, InsufficientPrivilege):
                    raise
                found.append(statement)
    return found


def test_collectors_run_as_a_role_that_owns_nothing(
    granted: dict[str, str], database: Database, make_settings: Callable[..., Settings]
) -> None:
    with Sandbox() as sandbox:
        settings = make_settings(**sandbox.environment(), DATABASE_URL=granted["collector"])
        assert execute(registry.find("run_wg21_paper_tracker"), Request(), settings=settings).success
        store(database, Generator(40).accounts())
        assert execute(registry.find("run_cppa_user_tracker"), Request(), settings=settings).success
    with database.session() as session:
        assert session.execute(text(f"SELECT count(*) FROM {PAPERS}")).scalar_one() > 0


def test_who_collects_changes_no_table_and_sees_no_others(granted: dict[str, str], database: Database) -> None:
    with database.session() as session:
        session.execute(text("CREATE TABLE connection (password text)"))
    allowed = f"DELETE FROM {PAPERS}"
    forbidden = [
        f"DROP TABLE {PAPERS}",
        f"ALTER TABLE {PAPERS} ADD COLUMN more int",
        f"TRUNCATE {PAPERS} CASCADE",
        "CREATE TABLE mine (id int)",
        "SELECT * FROM connection",
    ]
    assert refused(granted["collector"], allowed, *forbidden) == forbidden


def test_who_reads_only_reads(granted: dict[str, str]) -> None:
    allowed = [f"SELECT * FROM {PAPERS}", "SELECT * FROM core_alembic_version", "CREATE TEMPORARY TABLE own (id int)"]
    forbidden = [f"DELETE FROM {PAPERS}", f"UPDATE {PAPERS} SET title = ''", "INSERT INTO core_run DEFAULT VALUES"]
    assert refused(granted["reader"], *allowed, *forbidden) == forbidden


def test_roles_that_cannot_be_limited_are_refused(database_url: str, make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(DATABASE_URL=database_url)
    owner = make_url(database_url).username or ""
    with pytest.raises(CommandError, match="nothing can be kept from it"):
        grant(settings, "--reader", owner)
    with pytest.raises(CommandError, match=r'CREATE ROLE "nobody; here" LOGIN'):
        grant(settings, "--reader", "nobody; here")
    with pytest.raises(CommandError, match="--collector or --reader"):
        grant(settings)
