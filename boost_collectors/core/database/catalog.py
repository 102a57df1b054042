"""What PostgreSQL's catalog says about tables, in a form that two schemas can be compared in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

_COLUMNS = text(
    """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
           a.attidentity <> '' OR a.atthasdef
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = to_regnamespace(:schema) AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY c.relname, a.attnum
""".replace(":schema::regnamespace", "to_regnamespace(:schema)")
)

# Constraints of type n are NOT NULL, which the columns tell (and only PostgreSQL 18 lists).
_CONSTRAINTS = text("""
    SELECT c.relname, k.conname, pg_get_constraintdef(k.oid)
    FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid
    WHERE c.relnamespace = to_regnamespace(:schema) AND c.relkind IN ('r', 'p') AND k.contype <> 'n'
    ORDER BY c.relname, k.conname
""")

_INDEXES = text("""
    SELECT c.relname, i.relname, pg_get_indexdef(x.indexrelid), x.indisunique, x.indisvalid
    FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
    WHERE c.relnamespace = to_regnamespace(:schema) AND c.relkind IN ('r', 'p')
      AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.conrelid = c.oid)
    ORDER BY c.relname, i.relname
""")


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A column: its type with length, and whether it may be null or fills itself (a default or an identity)."""

    type: str
    not_null: bool
    fills_itself: bool


@dataclass(frozen=True, slots=True)
class IndexFacts:
    """An index apart from those of constraints. ``definition`` is what follows the table's name."""

    definition: str
    unique: bool
    valid: bool


@dataclass(slots=True)
class TableFacts:
    """A table: columns by name, constraint definitions by name, other indexes by name."""

    columns: dict[str, ColumnFacts] = field(default_factory=dict)
    constraints: dict[str, str] = field(default_factory=dict)
    indexes: dict[str, IndexFacts] = field(default_factory=dict)


def read_tables(connection: Connection, schema: str, only: Collection[str] | None = None) -> dict[str, TableFacts]:
    """The tables of a schema; with ``only`` just those names. Other tables in foreign keys are named without schema."""
    values = {"schema": schema}
    tables: dict[str, TableFacts] = {}
    for name, column, kind, not_null, fills_itself in connection.execute(_COLUMNS, values):
        facts = ColumnFacts(kind, not_null, fills_itself)
        tables.setdefault(name, TableFacts()).columns[column] = facts
    for name, constraint, definition in connection.execute(_CONSTRAINTS, values):
        tables[name].constraints[constraint] = definition.replace(f" {schema}.", " ")
    for name, index, definition, unique, valid in connection.execute(_INDEXES, values):
        tables[name].indexes[index] = IndexFacts(definition.split(" USING ", 1)[1], unique, valid)
    return {name: facts for name, facts in tables.items() if only is None or name in only}
