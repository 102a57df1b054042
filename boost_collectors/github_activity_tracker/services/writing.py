"""How items and what hangs below them are written: one statement a table, whatever their number.

A page has a few dozen items, too few to be worth a temporary table for each of eight tables: rows are sent as arrays.
A row that is stored with the same values is neither written nor locked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    Delete,
    FromClause,
    Integer,
    Select,
    String,
    Table,
    Text,
    Update,
    delete,
    exists,
    false,
    func,
    literal,
    literal_column,
    select,
    true,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from boost_collectors.core.counts import Counts
from boost_collectors.core.database.arrays import rows_to_come, values_to_come
from boost_collectors.core.database.base import Base
from boost_collectors.core.database.bulk import MergeResult

NUMBER = "number"
"""The column of given rows that holds the number of the item they belong to."""


class Below:
    """A table of what hangs below an item. ``parent`` is its column with the item's row, ``name`` is for counts."""

    def __init__(self, model: type[Base], parent: str, name: str) -> None:
        self.table = table_of(model)
        self.parent = parent
        self.name = name
        self.lasts = "gone_at" in self.table.c
        """Whether rows are kept when they vanish at the source."""


class Change(NamedTuple):
    """How many rows of an item were written."""

    number: int
    inserted: int
    updated: int
    gone: int


@dataclass(slots=True)
class Written:
    """What calls did: ``counts`` by name, and the numbers of the items that changed, they or what is below them."""

    counts: Counts = field(default_factory=Counts)
    changed: set[int] = field(default_factory=set)

    def __iadd__(self, other: Written) -> Written:
        self.counts += other.counts
        self.changed |= other.changed
        return self

    def note(self, name: str, given: int, changes: Sequence[Change]) -> None:
        """Add what became of ``given`` rows called ``name``."""
        inserted, updated = sum(each.inserted for each in changes), sum(each.updated for each in changes)
        self.counts.merged(name, MergeResult(inserted, updated, given - inserted - updated))
        gone = sum(each.gone for each in changes)
        if gone:
            self.counts.add(f"{name}_gone", gone)
        self.changed.update(each.number for each in changes)


class Given:
    """Rows on their way to a table, values in the order of ``names``.

    Text is made fit: NUL and lone surrogates go, and what is longer than its column is cut and counted as
    ``texts_cut``. Names that the table does not have are integers.
    """

    def __init__(self, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]], counts: Counts) -> None:
        self._table = table
        self._names = list(names)
        self._counts = counts
        self._rows = [tuple(map(self._fit, self._names, row)) for row in rows]

    def __len__(self) -> int:
        return len(self._rows)

    def keep_last(self, key: Sequence[str]) -> None:
        """Of rows with the same values of ``key`` keep the one given last."""
        places = [self._names.index(name) for name in key]
        self._rows = list({tuple(row[place] for place in places): row for row in self._rows}.values())

    def arguments(self, name: str) -> dict[str, list[Any]]:
        """The rows for one execution of a statement that has ``given_rows`` of that name."""
        columns = zip(*self._rows, strict=True) if self._rows else [()] * len(self._names)
        return values_to_come(name, dict(zip(self._names, columns, strict=True)))

    def _fit(self, name: str, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        limit = getattr(self._table.c[name].type, "length", None)
        text = storable(value)
        if limit is not None and len(text) > limit:
            self._counts.add("texts_cut")
            return text[:limit]
        return text


def given_rows(table: Table, names: Sequence[str], name: str) -> CTE:
    """Rows that come when the statement is executed, see ``Given.arguments``, as something to select from."""
    given = rows_to_come(name, {column: _type(table, column) for column in names})
    return select(*(given.c[column] for column in names)).cte(name)


def _type(table: Table, name: str) -> TypeEngine[Any]:
    kind = table.c[name].type if name in table.c else Integer()
    return Text() if isinstance(kind, String) else kind


def table_of(model: type[Base]) -> Table:
    """The table of a model."""
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{model.__name__} has no table of its own")
    return table


def storable(value: str) -> str:
    """Text that PostgreSQL can take: without NUL, and with lone surrogates as question marks."""
    return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def upsert(table: Table, rows: Select[Any], *, key: Sequence[str], owner: str, name: str) -> CTE:
    """The part of a statement that inserts ``rows`` and updates those stored with other values.

    Gives ``owner``, the column of that name, and ``is_new`` of each row written. ``name`` tells the parts of a
    statement apart.
    """
    given = rows.cte(f"wanted_{name}")
    names = list(given.c.keys())
    changing = [column for column in names if column not in key]
    stored = table.alias("stored")
    same = exists().where(*(stored.c[column] == given.c[column] for column in key))
    if changing:
        same = same.where(values_of(stored, changing).is_not_distinct_from(values_of(given, changing)))
    # In the order of the key, so that two writers lock in the same order.
    writing = select(given).where(~same).order_by(*(given.c[column] for column in key))
    statement = _on_conflict(insert(table).from_select(names, writing), table, key, changing)
    is_new = (literal_column("xmax") == literal_column("0")).label("is_new")
    return statement.returning(table.c[owner].label("owner"), is_new).cte(f"written_{name}")


def _on_conflict(statement: Insert, table: Table, key: Sequence[str], changing: Sequence[str]) -> Insert:
    if not changing:
        return statement.on_conflict_do_nothing(index_elements=key)
    values: dict[str, ColumnElement[Any]] = {name: statement.excluded[name] for name in changing}
    if "updated_at" in table.c:
        values["updated_at"] = func.now()
    return statement.on_conflict_do_update(
        index_elements=key,
        set_=values,
        where=values_of(table, changing).is_distinct_from(tuple_(*(statement.excluded[name] for name in changing))),
    )


def values_of(rows: FromClause, names: Sequence[str]) -> ColumnElement[Any]:
    """Several columns as one value to compare."""
    return tuple_(*(rows.c[name] for name in names))


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that hang below items. The first value of each is the number of its item, the second its key; ``names`` are
    the columns of all but the first. Of a table that keeps what vanishes, ``gone_at`` must be among them."""

    below: Below
    names: tuple[str, ...]
    rows: Iterable[Sequence[Any]]


def write_below(
    session: Session, items: CTE, arguments: Mapping[str, Any], batches: Sequence[Batch], written: Written
) -> None:
    """Make what hangs below items equal to the rows of the batches, in one statement.

    ``items``, executed with ``arguments``, gives ``id`` and ``number`` of every item concerned. The statement is built
    once for every such object and shape of batches. Rows that are stored but not given get ``gone_at`` where the table
    has it, and are removed where it has not.
    """
    given = [_given(batch, written.counts) for batch in batches]
    values = dict(arguments)
    for batch, rows in zip(batches, given, strict=True):
        values |= rows.arguments(_name_of(batch.below))
    statement = _writing_below(items, tuple((batch.below, batch.names) for batch in batches))
    found: dict[str, list[Change]] = {}
    for name, *change in session.execute(statement, values):
        found.setdefault(name, []).append(Change(*change))
    for batch, rows in zip(batches, given, strict=True):
        written.note(batch.below.name, len(rows), found.get(batch.below.name, []))


@cache
def _writing_below(items: CTE, shape: tuple[tuple[Below, tuple[str, ...]], ...]) -> Select[Any]:
    parts = [
        part
        for below, names in shape
        for part in _parts(below, items, given_rows(below.table, [NUMBER, *names], _name_of(below)), names)
    ]
    return _changes(items, parts)


def _name_of(below: Below) -> str:
    return f"given_{below.name}"


def _given(batch: Batch, counts: Counts) -> Given:
    given = Given(batch.below.table, [NUMBER, *batch.names], batch.rows, counts)
    # GitHub's own id where the rows have one; else what is unique within an item.
    given.keep_last([batch.names[0]] if batch.below.lasts else [NUMBER, batch.names[0]])
    return given


def _parts(below: Below, items: CTE, given: CTE, names: Sequence[str]) -> list[Select[Any]]:
    """Who owns the rows written and the rows that vanished, and which of the two they are."""
    joined = select(items.c.id.label(below.parent), *(given.c[name] for name in names)).join_from(
        given, items, items.c.number == given.c.number
    )
    key = [names[0]] if below.lasts else [below.parent, names[0]]
    written = upsert(below.table, joined, key=key, owner=below.parent, name=below.name)
    vanished = _vanished(below, items, given, names[0])
    table = literal(below.name, Text).label("table_name")
    return [
        select(table, written.c.owner, written.c.is_new, false().label("is_gone")),
        select(table, vanished.c.owner, false(), true()),
    ]


def _vanished(below: Below, items: CTE, staged: CTE, key: str) -> CTE:
    table, parent = below.table, below.table.c[below.parent]
    given = select(staged.c[key]).where(staged.c[key] == table.c[key])
    if below.lasts:
        missing = ~given.correlate(table).exists()
        values = dict.fromkeys({"gone_at", "updated_at"} & set(table.c.keys()), func.now())
        statement: Update | Delete = update(table).values(values).where(table.c.gone_at.is_(None))
    else:
        missing = ~given.where(staged.c.number == items.c.number).correlate(table, items).exists()
        statement = delete(table)
    return statement.where(parent == items.c.id, missing).returning(parent.label("owner")).cte(f"vanished_{below.name}")


def _changes(items: CTE, parts: Sequence[Select[Any]]) -> Select[Any]:
    rows = union_all(*parts).subquery("rows")
    table, owner, is_new, is_gone = rows.c
    return (
        select(
            table,
            items.c.number,
            func.count().filter(is_new),
            func.count().filter(~is_new, ~is_gone),
            func.count().filter(is_gone),
        )
        .join_from(rows, items, items.c.id == owner)
        .group_by(table, items.c.number)
    )
