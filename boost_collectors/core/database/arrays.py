"""Values of the program as rows of a statement, for batches too small to be worth a temporary table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, FromClause, any_, bindparam, cast, column, func, literal
from sqlalchemy.types import TypeEngine


def rows_of(columns: Mapping[str, tuple[TypeEngine[Any], Sequence[Any]]]) -> FromClause:
    """Values as something to select from: any number of rows in one statement, each column sent as one array."""
    kinds = {name: kind for name, (kind, _) in columns.items()}
    return _unnested(kinds, [literal(list(values), ARRAY(kind)) for kind, values in columns.values()])


def rows_to_come(name: str, columns: Mapping[str, TypeEngine[Any]]) -> FromClause:
    """``rows_of`` for a statement that is built once: each execution is given its own ``values_to_come``."""
    return _unnested(columns, [bindparam(_argument(name, key), type_=ARRAY(kind)) for key, kind in columns.items()])


def values_to_come(name: str, columns: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """The arguments for ``rows_to_come`` of that name."""
    return {_argument(name, key): list(values) for key, values in columns.items()}


def _argument(name: str, key: str) -> str:
    # Unlike any column: an argument of that name would be taken for a value to be written.
    return f"rows__{name}__{key}"


def _unnested(columns: Mapping[str, TypeEngine[Any]], values: Sequence[ColumnElement[Any]]) -> FromClause:
    arrays = [cast(each, ARRAY(kind)) for each, kind in zip(values, columns.values(), strict=True)]
    named = [column(name, kind) for name, kind in columns.items()]
    return func.unnest(*arrays).table_valued(*named, name="given").render_derived()


def among(key: ColumnElement[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """True where the column holds one of any number of values, sent as one array."""
    return key == any_(cast(literal(list(values), ARRAY(key.type)), ARRAY(key.type)))
