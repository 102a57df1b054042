"""The one way in which collected rows reach their tables: COPY into a temporary table, then one merging statement.

    with stage(session, "commit", {"hash": Text, "email": Text}, key=["hash"]) as staging:
        staging.copy(rows)
        merge(session, GitCommit, select(...).join(...), key=["repo_id", "commit_hash"])

A row that is stored already, with the same values, is neither written nor locked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Join,
    Select,
    Table,
    and_,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import Insert, distinct_on, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from boost_collectors.core.database.base import Base
from boost_collectors.core.database.staging import POSITION, Staging, stage
from boost_collectors.core.errors import SourceError

__all__ = ["MergeResult", "Staging", "bulk_merge", "merge", "stage"]

Target = Table | type[Base]


@dataclass(frozen=True, slots=True)
class MergeResult:
    """What a merge did, in distinct keys: ``inserted + updated + unchanged`` is the number of distinct keys given."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: MergeResult) -> MergeResult:
        return MergeResult(
            self.inserted + other.inserted, self.updated + other.updated, self.unchanged + other.unchanged
        )


def bulk_merge(
    session: Session,
    target: Target,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    key: Sequence[str],
    update: Sequence[str] | None = None,
    touch: Mapping[str, ColumnElement[Any]] | None = None,
    strip_nul: bool = False,
) -> MergeResult:
    """``stage`` and ``merge`` in one, for rows that need no look-up and hold their values as ``columns`` says."""
    table = _table(target)
    with stage(session, table.name, {name: table.c[name].type for name in columns}, key) as staging:
        staging.copy(rows, strip_nul=strip_nul)
        return merge(session, table, staging, key=key, update=update, touch=touch)


def merge(
    session: Session,
    target: Target,
    source: Select[*tuple[Any, ...]] | Staging,
    *,
    key: Sequence[str],
    update: Sequence[str] | None = None,
    touch: Mapping[str, ColumnElement[Any]] | None = None,
) -> MergeResult:
    """Insert the rows of ``source`` and update those that are stored with other values.

    ``source`` names its columns as the target does. ``key``: the columns of a unique constraint. ``update``: the
    columns to change on rows that exist (None: all but the key; empty: none); the others are only inserted.
    ``touch``: further columns to set on rows that change, such as ``updated_at``.

    Of rows with the same key the one that was copied last wins. For that a Select must have the staging table in its
    own FROM or JOIN; one that groups is given as ``select(grouped.subquery())`` and has unique keys of itself.
    Raises SourceError for a key that is null. Any number of writers may merge at once: counts stay exact, and of two
    writers of one row the later wins.
    """
    session.flush()
    if isinstance(source, Staging):
        source.analyze()
    plan = _plan(_table(target), source, key, update, touch or {})
    _refuse_null_keys(session, plan)
    return _insert_new(session, plan) or _upsert(session, plan)


@dataclass(frozen=True, slots=True)
class _Plan:
    table: Table
    rows: FromClause
    latest: Select[Any]
    key: Sequence[str]
    changing: Sequence[str]
    touch: Mapping[str, ColumnElement[Any]]

    @property
    def names(self) -> list[str]:
        return list(self.latest.selected_columns.keys())

    def is_stored(self, stored: FromClause, rows: FromClause) -> ColumnElement[bool]:
        return and_(*(stored.c[name] == rows.c[name] for name in self.key))


def _plan(
    table: Table,
    source: Select[*tuple[Any, ...]] | Staging,
    key: Sequence[str],
    update: Sequence[str] | None,
    touch: Mapping[str, ColumnElement[Any]],
) -> _Plan:
    rows, names, positions = _ordered(source)
    # Sorted by key: concurrent writers lock rows in the same order, and the unique index is filled in its own order.
    latest = (
        select(*(rows.c[name] for name in names))
        .ext(distinct_on(*(rows.c[name] for name in key)))
        .order_by(*(rows.c[name] for name in key), *(rows.c[name].desc() for name in positions))
    )
    changing = [name for name in names if name not in key] if update is None else list(update)
    return _Plan(table, rows, latest, key, changing, touch)


def _table(target: Target) -> Table:
    table = target if isinstance(target, Table) else target.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{target} is not a table")
    return table


def _ordered(source: Select[*tuple[Any, ...]] | Staging) -> tuple[FromClause, list[str], list[str]]:
    """The source as something to select from, its columns, and the columns that say which row came later."""
    if isinstance(source, Staging):
        return source.table, source.names, [POSITION]
    names = list(source.selected_columns.keys())
    staged = [table for part in source.get_final_froms() for table in _staging_tables(part)]
    numbered = {f"{POSITION}_{index}": table.c[POSITION] for index, table in enumerate(staged)}
    rows = source.add_columns(*(column.label(name) for name, column in numbered.items())).subquery("given")
    return rows, names, list(numbered)


def _staging_tables(part: FromClause) -> Iterator[Table]:
    if isinstance(part, Join):
        yield from _staging_tables(part.left)
        yield from _staging_tables(part.right)
    elif isinstance(part, Table) and POSITION in part.c:
        yield part


def _refuse_null_keys(session: Session, plan: _Plan) -> None:
    # A null equals nothing: such a row would be inserted again by every run. NOT NULL columns refuse it themselves.
    nullable = [name for name in plan.key if plan.table.c[name].nullable]
    is_null = or_(false(), *(plan.rows.c[name].is_(None) for name in nullable))
    if nullable and session.scalar(select(exists().where(is_null))):
        raise SourceError(f"{plan.table.name}: a row has no {' or '.join(nullable)}, which is part of its key")


def _insert_new(session: Session, plan: _Plan) -> MergeResult | None:
    """Insert rows of which none is stored yet, or return None: ON CONFLICT takes nearly twice as long."""
    if session.scalar(select(exists().where(plan.is_stored(plan.table, plan.rows)))):
        return None
    try:
        with session.begin_nested():
            statement = insert(plan.table).from_select(plan.names, plan.latest)
            done = session.connection().execute(statement, execution_options={"preserve_rowcount": True})
    except IntegrityError as error:
        if isinstance(error.orig, psycopg.errors.UniqueViolation):
            return None  # another writer came between; if it is another constraint, the next statement says so
        raise
    return MergeResult(inserted=done.rowcount)


def _upsert(session: Session, plan: _Plan) -> MergeResult:
    latest = plan.latest.cte("latest")
    # ON CONFLICT alone would lock, and so write, every unchanged row: they are kept away from it.
    stored = plan.table.alias("stored")
    same = exists().where(plan.is_stored(stored, latest))
    if plan.changing:
        same = same.where(_values(stored.c, plan.changing).is_not_distinct_from(_values(latest.c, plan.changing)))
    # Sorted once more, because the join that finds them may have mixed them: see _plan.
    writing = select(latest).where(~same).order_by(*(latest.c[name] for name in plan.key))
    statement = insert(plan.table).from_select(plan.names, writing)
    # A new row version carries no locker, a version made by ON CONFLICT does.
    is_new = (literal_column("xmax") == literal_column("0")).label("is_new")
    written = _on_conflict(statement, plan).returning(is_new).cte("written")
    return _counted(session, latest, written)


def _on_conflict(statement: Insert, plan: _Plan) -> Insert:
    if not plan.changing:
        return statement.on_conflict_do_nothing(index_elements=plan.key)
    given = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=plan.key,
        set_={**{name: given[name] for name in plan.changing}, **plan.touch},
        where=_values(plan.table.c, plan.changing).is_distinct_from(_values(given, plan.changing)),
    )


def _values(columns: ReadOnlyColumnCollection[str, Any], names: Sequence[str]) -> ColumnElement[Any]:
    return tuple_(*(columns[name] for name in names))


def _counted(session: Session, latest: CTE, written: CTE) -> MergeResult:
    is_new = written.c.is_new
    keys = select(func.count()).select_from(latest).scalar_subquery()
    counts = select(keys, func.count().filter(is_new), func.count().filter(~is_new)).select_from(written)
    total, inserted, updated = session.execute(counts).one()
    return MergeResult(inserted, updated, total - inserted - updated)
