"""Values of the program as rows of a statement, for batches too small to be worth a temporary table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, FromClause, any_, cast, column, func, literal
from sqlalchemy.types import TypeEngine


def rows_of(columns: Mapping[str, tuple[TypeEngine[Any], Sequence[Any]]]) -> FromClause:
    """Values as something to select from: any number of rows in one statement, each column sent as one array."""
    arrays = [cast(literal(list(values), ARRAY(kind)), ARRAY(kind)) for kind, values in columns.values()]
    named = [column(name, kind) for name, (kind, _) in columns.items()]
    return func.unnest(*arrays).table_valued(*named, name="given").render_derived()


def among(key: ColumnElement[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """True where the column holds one of any number of values, sent as one array."""
    return key == any_(cast(literal(list(values), ARRAY(key.type)), ARRAY(key.type)))
