"""Bringing a database to the newest schema. The revisions are in ``migrations/``, one chain, forwards only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, inspect, text

from boost_collectors.core.database.base import Base
from boost_collectors.core.errors import ConfigurationError

PACKAGE = Path(__file__).parents[2]
PROJECT = PACKAGE.parent
VERSION_TABLE = "core_alembic_version"
"""Not Alembic's default name: Airflow keeps its own in that, and may live in the same database."""
EARLIER = "0001"
"""The revision that is the earlier system's schema."""

_LOCK = "boost_collectors.migrations"


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What an upgrade did: the revisions it ran, oldest first, as (revision, what it does)."""

    before: str | None
    after: str
    applied: tuple[tuple[str, str], ...]


def upgrade(url: str, revision: str = "head") -> Upgrade:
    """Bring the database at ``url`` to a revision, all steps in one transaction; does nothing if it is there.

    Processes that upgrade at once wait for each other. Raises ConfigurationError for a database that holds tables of
    the earlier system but was not adopted, or that a newer version of this program has upgraded.
    """
    with connected(url) as connection:
        return upgrade_on(connection, revision)


def upgrade_on(connection: Connection, revision: str = "head") -> Upgrade:
    """``upgrade`` within the transaction that is open on the connection."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": _LOCK})
    before = current_revision(connection)
    _refuse_unknown(before)
    if before is None:
        _refuse_unadopted(connection)
    config = alembic_config(connection)
    command.upgrade(config, revision)
    after = current_revision(connection)
    if after is None:
        raise ConfigurationError(f"the migrations in {PROJECT / 'migrations'} lead to no revision")
    return Upgrade(before, after, _steps(config, before, after))


def stamp_on(connection: Connection, revision: str) -> None:
    """Record that the database is at a revision, without running anything."""
    command.stamp(alembic_config(connection), revision)


def current_revision(connection: Connection) -> str | None:
    """The revision that the database says it is at, or None for one that was never migrated."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration for this project; ``env.py`` works on the connection."""
    config = Config()
    config.set_main_option("script_location", str(PROJECT / "migrations").replace("%", "%%"))
    config.set_main_option("prepend_sys_path", str(PROJECT).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    return config


def all_tables() -> MetaData:
    """The tables of every ``models`` module or package of the project: what a database at the newest revision holds."""
    for path in sorted([*PACKAGE.rglob("models.py"), *PACKAGE.rglob("models/__init__.py")]):
        module = path.parent if path.name == "__init__.py" else path.with_suffix("")
        import_module(".".join(module.relative_to(PROJECT).parts))
    return Base.metadata


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A connection in one transaction, committed at the end of the block."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _refuse_unknown(revision: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
    if revision is not None and revision not in known:
        raise ConfigurationError(
            f"the database is at revision {revision}, which this version does not know: it was upgraded by a newer one"
        )


def _refuse_unadopted(connection: Connection) -> None:
    ours = {name for name in all_tables().tables if not name.startswith("core_")}
    found = sorted(ours & set(inspect(connection).get_table_names()))
    if found:
        raise ConfigurationError(
            f"the database already holds {len(found)} tables of the earlier system, such as {found[0]}",
            repair="python -m boost_collectors adopt",
        )


def _steps(config: Config, before: str | None, after: str) -> tuple[tuple[str, str], ...]:
    if before == after:
        return ()
    scripts = ScriptDirectory.from_config(config).iterate_revisions(after, before or "base")
    return tuple((script.revision, script.doc) for script in reversed(list(scripts)))
