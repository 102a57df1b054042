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

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Join,
    Select,
    Table,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import Insert, insert
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
    """Write rows that need no look-up: ``stage`` and ``merge`` in one. ``rows`` holds values in the order of ``columns``."""
    table = _table(target)
    with stage(session, table.name, {name: table.c[name].type for name in columns}, key) as staging:
        staging.copy(rows, strip_nul=strip_nul)
        return merge(session, table, staging, key=key, update=update, touch=touch)


def merge(
    session: Session,
    target: Target,
    source: Select[Any] | Staging,
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
    table = _table(target)
    if isinstance(source, Staging):
        source.analyze()
    rows, names, positions = _ordered(source)
    _refuse_null_keys(session, table, rows, key)
    changing = [name for name in names if name not in key] if update is None else list(update)
    latest = (
        select(*(rows.c[name] for name in names))
        .distinct(*(rows.c[name] for name in key))
        .order_by(*(rows.c[name] for name in key), *(rows.c[name].desc() for name in positions))
        .cte("latest")
    )
    merged = _on_conflict(_insert(table, latest, key, changing), table, key, changing, touch or {})
    written = merged.returning((literal_column("xmax") == 0).label("is_new")).cte("written")
    return _counted(session, latest, written)


def _table(target: Target) -> Table:
    table = target if isinstance(target, Table) else target.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{target} is not a table")
    return table


def _ordered(source: Select[Any] | Staging) -> tuple[FromClause, list[str], list[str]]:
    """The source as something to select from, its columns, and the columns that say which row came later."""
    if isinstance(source, Staging):
        return source.table, [name for name in source.table.c.keys() if name != POSITION], [POSITION]
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


def _refuse_null_keys(session: Session, table: Table, rows: FromClause, key: Sequence[str]) -> None:
    # A null equals nothing: such a row would be inserted again by every run. NOT NULL columns refuse it themselves.
    nullable = [name for name in key if table.c[name].nullable]
    if nullable and session.scalar(select(exists().where(or_(*(rows.c[name].is_(None) for name in nullable))))):
        raise SourceError(f"{table.name}: a row has no {' or '.join(nullable)}, which is part of its key")


def _insert(table: Table, latest: CTE, key: Sequence[str], changing: Sequence[str]) -> Insert:
    """Insert what is not stored in the same shape; ON CONFLICT alone would lock every unchanged row."""
    stored = table.alias("stored")
    same = exists().where(*(stored.c[name] == latest.c[name] for name in key))
    if changing:
        same = same.where(_values(stored.c, changing).is_not_distinct_from(_values(latest.c, changing)))
    return insert(table).from_select(list(latest.c.keys()), select(latest).where(~same))


def _on_conflict(
    statement: Insert,
    table: Table,
    key: Sequence[str],
    changing: Sequence[str],
    touch: Mapping[str, ColumnElement[Any]],
) -> Insert:
    if not changing:
        return statement.on_conflict_do_nothing(index_elements=key)
    given = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=key,
        set_={**{name: given[name] for name in changing}, **touch},
        where=_values(table.c, changing).is_distinct_from(_values(given, changing)),
    )


def _values(columns: ReadOnlyColumnCollection[str, Any], names: Sequence[str]) -> ColumnElement[Any]:
    return tuple_(*(columns[name] for name in names))


def _counted(session: Session, latest: CTE, written: CTE) -> MergeResult:
    is_new = written.c.is_new
    keys = select(func.count()).select_from(latest).scalar_subquery()
    counts = select(keys, func.count().filter(is_new), func.count().filter(~is_new)).select_from(written)
    total, inserted, updated = session.execute(counts).one()
    return MergeResult(inserted, updated, total - inserted - updated)
