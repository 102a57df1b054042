"""What is checked about text before it is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import String, Table

from boost_collectors.core.database import Base


def table_of(model: type[Base]) -> Table:
    """The table of a model."""
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{model.__name__} has no table of its own")
    return table


def clean(value: str | None) -> str:
    """Text without what PostgreSQL cannot store (NUL) and without blanks around it; None is empty."""
    return (value or "").replace("\0", "").strip()


def fitting(model: type[Base], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as a dict. Raises ValueError naming the first field whose text is longer than its column."""
    columns = table_of(model).c
    for name, value in values.items():
        kind = columns[name].type
        limit = kind.length if isinstance(kind, String) else None
        if limit is not None and isinstance(value, str) and len(value) > limit:
            raise ValueError(f"{name} must not be longer than {limit} characters, but has {len(value)}")
    return dict(values)
