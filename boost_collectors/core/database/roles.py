"""What roles of the database may do that do not own it: the one who collects, and those who only read."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from boost_collectors.core.database.database import Database
from boost_collectors.core.errors import CommandError

COLLECTS, READS = "SELECT, INSERT, UPDATE, DELETE", "SELECT"

# Airflow's tables, with the connections in them, may lie in the same schema: only our own count.
_TABLES = text("""
    SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND c.relname = ANY(:tables)
    ORDER BY c.relname
""")
_SEQUENCES = text("""
    SELECT s.relname FROM pg_class s
    JOIN pg_depend d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
    JOIN pg_class c ON c.oid = d.refobjid
    WHERE s.relkind = 'S' AND c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(:tables)
    ORDER BY s.relname
""")
_ROLE = text("SELECT rolsuper OR pg_has_role(rolname, current_user, 'MEMBER') FROM pg_roles WHERE rolname = :name")


def grant(database: Database, tables: Sequence[str], *, collector: str = "", reader: str = "") -> list[str]:
    """Let one role collect into these tables, and another one read them; returns the statements that were run.

    What the roles could do to these tables before is taken from them first. All of it is one transaction. Raises
    CommandError for a role that does not exist, or that may do everything anyway.
    """
    with database.engine.begin() as connection:
        statements: list[str] = []
        for role, rights in ((collector, COLLECTS), (reader, READS)):
            if role:
                _refuse(connection, role)
                statements += _grants(connection, list(tables), role, rights)
        for statement in statements:
            connection.exec_driver_sql(statement)
    return statements


def _refuse(connection: Connection, role: str) -> None:
    mighty = connection.execute(_ROLE, {"name": role}).scalar()
    if mighty is None:
        raise CommandError(
            f"there is no role {role!r}: an administrator makes it by "
            f"CREATE ROLE {_quoted(connection, role)} LOGIN PASSWORD '...'"
        )
    if mighty:
        raise CommandError(f"the role {role!r} owns the tables or everything: nothing can be kept from it")


def _grants(connection: Connection, tables: list[str], role: str, rights: str) -> list[str]:
    def quoted(names: Sequence[str]) -> str:
        return ", ".join(_quoted(connection, name) for name in names)

    to = _quoted(connection, role)
    own = connection.execute(_TABLES, {"tables": tables}).scalars().all()
    sequences = connection.execute(_SEQUENCES, {"tables": tables}).scalars().all()
    if not own:
        raise CommandError("the database has none of our tables: run migrate first")
    schema = _quoted(connection, str(connection.execute(text("SELECT current_schema()")).scalar_one()))
    name = _quoted(connection, str(connection.execute(text("SELECT current_database()")).scalar_one()))
    found = [
        f"REVOKE ALL ON {quoted(own)} FROM {to}",
        f"REVOKE CREATE ON SCHEMA {schema} FROM {to}",
        f"GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {to}",
        f"GRANT USAGE ON SCHEMA {schema} TO {to}",
        f"GRANT {rights} ON {quoted(own)} TO {to}",
    ]
    if sequences and rights is COLLECTS:
        found.append(f"GRANT USAGE ON SEQUENCE {quoted(sequences)} TO {to}")
    return found


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)
