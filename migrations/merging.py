"""Merging duplicate rows without losing what they say or what points to them.

A duplicate goes into the row that is kept: everything that references it is moved over, duplicates that arise among
the moved rows are merged in turn, and the removed row itself is kept as JSON in ``core_mergedrow``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import count
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    MetaData,
    SelectBase,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    cast,
    column,
    delete,
    func,
    insert,
    inspect,
    literal,
    select,
    table,
    text,
    update,
)

# What the kept row takes from its duplicates when it has nothing itself. Not more: for most columns nothing means
# something (not closed, not deleted).
FILLED = {
    "cppa_user_tracker_baseprofile": ("identity_id",),
    "cppa_user_tracker_githubaccount": ("username", "display_name", "avatar_url"),
    "github_activity_tracker_githubrepository": (
        "description",
        "repo_created_at",
        "repo_pushed_at",
        "repo_updated_at",
    ),
    "github_activity_tracker_gitcommit": ("comment",),
    "github_activity_tracker_githubfile": ("previous_filename_id",),
    "github_activity_tracker_gitcommitfilechange": ("patch",),
}

_MERGED = table("core_mergedrow", column("table_name"), column("kept_id"), column("row"))


class Merger:
    """Merges rows of one database. Foreign keys must be deferrable; they are checked when the transaction ends."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._metadata = MetaData()
        self._numbers = count(1)

    def merge(self, name: str, pairs: SelectBase) -> None:
        """Merge rows of a table. ``pairs`` selects (key of the duplicate, key of the row to keep)."""
        rows = self._table(name)
        with self._pairs(rows, pairs) as mapping:
            if mapping is None:
                return
            self._repoint(rows, mapping)
            self._fill(rows, mapping)
            self._archive(rows, mapping)
            self._connection.execute(delete(rows).where(_key(rows) == mapping.c.old_key))

    def drop(self, name: str, condition: str) -> None:
        """Remove rows that say nothing, keeping a copy as for merged ones."""
        rows, where = self._table(name), text(condition)
        source = select(literal(name), cast(None, Text), func.to_jsonb(rows.table_valued())).where(where)
        self._connection.execute(insert(_MERGED).from_select(["table_name", "kept_id", "row"], source))
        self._connection.execute(delete(rows).where(where))

    def _table(self, name: str) -> Table:
        return Table(name, self._metadata, autoload_with=self._connection, resolve_fks=False)

    @cached_property
    def _references(self) -> dict[str, list[tuple[str, str]]]:
        """Per table, the (table, column) of every foreign key that names it."""
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for (_, child), keys in inspect(self._connection).get_multi_foreign_keys().items():
            for key in keys:
                found[key["referred_table"]].append((child, key["constrained_columns"][0]))
        return found

    @contextmanager
    def _pairs(self, rows: Table, pairs: SelectBase) -> Iterator[Table | None]:
        """The pairs as a temporary table; None when there are none."""
        kind = _key(rows).type
        mapping = Table(
            f"merging_{next(self._numbers)}",
            MetaData(),
            Column("old_key", kind, primary_key=True),
            Column("new_key", kind),
            prefixes=["TEMPORARY"],
        )
        mapping.create(self._connection)
        self._connection.execute(insert(mapping).from_select(["old_key", "new_key"], pairs))
        yield mapping if self._connection.scalar(select(func.count()).select_from(mapping)) else None
        mapping.drop(self._connection)

    def _repoint(self, rows: Table, mapping: Table) -> None:
        """Let every reference to a duplicate name the kept row instead."""
        for child_name, column_name in self._references[rows.name]:
            child = self._table(child_name)
            reference = child.c[column_name]
            for unique, condition in _unique_keys(child):
                if reference in unique:
                    self.merge(child_name, _collisions(child, reference, unique, condition, mapping))
            if reference.primary_key:
                self._repoint(child, mapping)
            moved = update(child).values({column_name: mapping.c.new_key}).where(reference == mapping.c.old_key)
            self._connection.execute(moved)

    def _fill(self, rows: Table, mapping: Table) -> None:
        for name in FILLED.get(rows.name, ()):
            duplicate = rows.alias()
            known = (
                select(duplicate.c[name])
                .join(mapping, mapping.c.old_key == _key(duplicate))
                .where(mapping.c.new_key == _key(rows), _given(duplicate.c[name]))
                .order_by(_key(duplicate))
                .limit(1)
                .scalar_subquery()
            )
            kept = _key(rows).in_(select(mapping.c.new_key))
            filled = update(rows).values({name: known}).where(kept, ~_given(rows.c[name]), known.is_not(None))
            self._connection.execute(filled)

    def _archive(self, rows: Table, mapping: Table) -> None:
        source = select(
            literal(rows.name), cast(mapping.c.new_key, Text), func.to_jsonb(rows.table_valued())
        ).join_from(rows, mapping, mapping.c.old_key == _key(rows))
        self._connection.execute(insert(_MERGED).from_select(["table_name", "kept_id", "row"], source))


def repair(connection: Connection) -> None:
    """Merge all duplicates that the unique keys of the next revision forbid; the lowest id is kept."""
    connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    merger = Merger(connection)
    merger.merge(
        "cppa_user_tracker_baseprofile",
        _equal("cppa_user_tracker_githubaccount", "baseprofile_ptr_id", "github_account_id"),
    )
    _repair_emails(connection, merger)
    relation = "cppa_user_tracker_tempprofileidentityrelation"
    merger.merge(relation, _equal(relation, "id", "base_profile_id, target_identity_id"))
    _repair_files(connection, merger)
    refused = "cppa_pinecone_sync_pineconefaillist"
    merger.merge(refused, _equal(refused, "id", "app_type, failed_id"))
    # Checked here: a table with pending checks cannot be altered by the next revision.
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def _repair_emails(connection: Connection, merger: Merger) -> None:
    emails = "cppa_user_tracker_email"
    merger.drop(emails, "btrim(email) = ''")
    connection.execute(
        text("""
            UPDATE cppa_user_tracker_email AS kept
            SET is_primary = flags.is_primary, is_active = flags.is_active
            FROM (
                SELECT min(id) AS id, bool_or(is_primary) AS is_primary, bool_or(is_active) AS is_active
                FROM cppa_user_tracker_email GROUP BY base_profile_id, lower(email) HAVING count(*) > 1
            ) AS flags
            WHERE kept.id = flags.id
        """)
    )
    merger.merge(emails, _equal(emails, "id", "base_profile_id, lower(email)"))
    connection.execute(
        text("""
            UPDATE cppa_user_tracker_email SET is_primary = false
            WHERE is_primary AND EXISTS (
                SELECT FROM cppa_user_tracker_email AS first
                WHERE first.base_profile_id = cppa_user_tracker_email.base_profile_id
                  AND first.is_primary AND first.id < cppa_user_tracker_email.id
            )
        """)
    )


def _repair_files(connection: Connection, merger: Merger) -> None:
    files = "github_activity_tracker_githubfile"
    connection.execute(
        text("""
            UPDATE github_activity_tracker_githubfile AS kept
            SET is_deleted = all_rows.is_deleted
            FROM (
                SELECT min(id) AS id, bool_and(is_deleted) AS is_deleted
                FROM github_activity_tracker_githubfile GROUP BY repo_id, filename HAVING count(*) > 1
            ) AS all_rows
            WHERE kept.id = all_rows.id
        """)
    )
    merger.merge(files, _equal(files, "id", "repo_id, filename"))
    connection.execute(
        text(
            "UPDATE github_activity_tracker_githubfile SET previous_filename_id = NULL WHERE previous_filename_id = id"
        )
    )


def _equal(name: str, key: str, columns: str) -> SelectBase:
    """Pairs of rows that are equal in these columns."""
    return text(
        f"SELECT {key}, kept FROM (SELECT {key}, min({key}) OVER (PARTITION BY {columns}) AS kept FROM {name}) AS rows"  # noqa: S608 - constants of this module
        f" WHERE {key} <> kept"
    ).columns(column(key), column("kept"))


def _collisions(
    child: Table, reference: Column[Any], unique: list[Column[Any]], condition: str | None, mapping: Table
) -> SelectBase:
    """Rows of ``child`` that a unique key would not allow beside each other once ``reference`` is moved."""
    moved = func.coalesce(mapping.c.new_key, reference)
    partition: list[ColumnElement[Any]] = [moved if part is reference else part for part in unique]
    kept = func.min(_key(child)).over(partition_by=partition)
    touched = select(mapping.c.old_key).union(select(mapping.c.new_key))
    groups = (
        select(_key(child).label("key"), kept.label("kept"))
        .join_from(child, mapping, mapping.c.old_key == reference, isouter=True)
        .where(reference.in_(touched), and_(*[part.is_not(None) for part in unique]))
    )
    if condition:
        groups = groups.where(text(condition))
    rows = groups.subquery()
    return select(rows.c.key, rows.c.kept).where(rows.c.key != rows.c.kept)


def _unique_keys(rows: Table) -> Iterator[tuple[list[Column[Any]], str | None]]:
    """Columns and condition of every unique key, the primary key first."""
    yield list(rows.primary_key.columns), None
    for index in rows.indexes:
        if index.unique:
            condition = index.dialect_options["postgresql"]["where"]
            yield list(index.columns), None if condition is None else str(condition)
    for constraint in rows.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield list(constraint.columns), None


def _key(rows: FromClause) -> ColumnElement[Any]:
    (key,) = rows.primary_key
    return key


def _given(value: ColumnElement[Any]) -> ColumnElement[bool]:
    return cast(value, Text) != "" if isinstance(value.type, String) else value.is_not(None)
