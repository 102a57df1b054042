"""Taking over a database of the earlier system without losing a row.

The earlier schema is built beside the database's own, in temporary tables, and both are compared through the catalog:
names of constraints and indexes do not matter, what they say does. Everything happens in one transaction, so a refusal
or a failure leaves the database as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.sql.expression import column, table

from boost_collectors.core.database.catalog import TableFacts, read_tables
from boost_collectors.core.database.comparison import Comparison, compare
from boost_collectors.core.database.migrations import (
    EARLIER,
    PROJECT,
    Upgrade,
    connected,
    current_revision,
    stamp_on,
    upgrade_on,
)
from boost_collectors.core.errors import ConfigurationError, TransientError

_EARLIER_SCHEMA = PROJECT / "migrations" / "sql" / "0001_earlier_schema.sql"


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Rows of a table before and after adoption, and how many duplicates were merged into others."""

    before: int
    after: int
    merged: int


@dataclass(frozen=True, slots=True)
class Adoption:
    """What adoption did. Without ``tables`` the database had been adopted before."""

    upgrade: Upgrade
    notes: tuple[str, ...] = ()
    tables: Mapping[str, RowCounts] = field(default_factory=dict)


def adopt(url: str, *, lock_seconds: int = 10) -> Adoption:
    """Check a database of the earlier system, take it over and upgrade it; harmless when done already.

    Raises ConfigurationError naming every difference that matters, or when there is nothing to adopt, and
    TransientError while the earlier system works on the database for ``lock_seconds``. Nothing is written then.
    """
    with connected(url) as connection:
        if current_revision(connection) is not None:
            return Adoption(upgrade_on(connection), ("the database was adopted (or made by migrate) before",))
        return _take_over(connection, lock_seconds)


def _take_over(connection: Connection, lock_seconds: int) -> Adoption:
    expected = earlier_tables(connection)
    found = read_tables(connection, _own_schema(connection), only=expected)
    if not found:
        raise ConfigurationError(
            "there is no table of the earlier system to adopt", repair="python -m boost_collectors migrate"
        )
    comparison = compare(expected, found)
    if comparison.problems:
        raise ConfigurationError(_refusal(comparison))
    _lock(connection, expected, lock_seconds)
    before = _count(connection, expected)
    for statement in comparison.changes:
        connection.exec_driver_sql(statement)
    stamp_on(connection, EARLIER)
    done = upgrade_on(connection)
    tables = _prove(connection, before)
    return Adoption(done, tuple(comparison.notes), tables)


def earlier_tables(connection: Connection) -> dict[str, TableFacts]:
    """The facts of the earlier schema, read from a throw-away copy made of revision 0001."""
    scratch = connection.begin_nested()
    connection.exec_driver_sql("SET LOCAL search_path TO pg_temp")
    sql = _EARLIER_SCHEMA.read_text(encoding="utf-8")
    connection.execution_options(no_parameters=True).exec_driver_sql(sql)
    schema = connection.scalar(text("SELECT nspname FROM pg_namespace WHERE oid = pg_my_temp_schema()"))
    tables = read_tables(connection, str(schema))
    scratch.rollback()
    return tables


def _own_schema(connection: Connection) -> str:
    schema = connection.scalar(text("SELECT current_schema()"))
    if schema is None:
        raise ConfigurationError("the database has no schema to create tables in; check search_path and grants")
    return str(schema)


def _refusal(comparison: Comparison) -> str:
    lines = [f"  {problem}" for problem in comparison.problems]
    return "\n".join(
        [f"the database differs from the earlier system's schema in {len(lines)} ways; nothing was changed:", *lines]
    )


def _lock(connection: Connection, names: Mapping[str, TableFacts], seconds: int) -> None:
    """Keep the earlier system out until the end of the transaction."""
    quote = connection.dialect.identifier_preparer.quote
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{seconds}s'")
    try:
        connection.exec_driver_sql(f"LOCK TABLE {', '.join(quote(name) for name in names)} IN ACCESS EXCLUSIVE MODE")
    except OperationalError as error:
        raise TransientError(
            "the earlier system still works on the database: stop it, then adopt; nothing was changed"
        ) from error


def _count(connection: Connection, names: Mapping[str, object]) -> dict[str, int]:
    return {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}


def _prove(connection: Connection, before: Mapping[str, int]) -> dict[str, RowCounts]:
    """The counts of every table. Raises when a row is neither there nor kept as merged: the transaction rolls back."""
    archive = table("core_mergedrow", column("table_name"))
    counted = connection.execute(select(archive.c.table_name, func.count()).group_by(archive.c.table_name))
    merged: dict[str, int] = {row[0]: row[1] for row in counted}
    after = _count(connection, before)
    counts = {name: RowCounts(before[name], after[name], merged.get(name, 0)) for name in before}
    lost = [name for name, rows in counts.items() if rows.before != rows.after + rows.merged]
    if lost:
        raise ConfigurationError(f"adoption would lose rows of {', '.join(lost)}; nothing was changed")
    return counts
