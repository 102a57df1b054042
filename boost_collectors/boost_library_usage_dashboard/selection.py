"""Choosing and ordering rows for a short list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def select_rows(
    rows: Iterable[Row],
    fields: Sequence[str],
    *,
    sort_by: str,
    descending: bool = False,
    condition: tuple[str, int, float] | None = None,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """The rows with these fields alone, and those that choose and order them.

    ``condition`` is a field, a sign (above zero: greater, below: less, zero: equal) and a value. What is missing or
    none counts as 0. ``limit`` None or 0 means all.
    """
    kept = [row for row in rows if condition is None or _holds(row, *condition)]
    kept.sort(key=lambda row: _value(row, sort_by), reverse=descending)
    names = dict.fromkeys([*fields, *([condition[0]] if condition else []), sort_by])
    return [{name: row.get(name) for name in names} for row in kept[: limit or None]]


def _holds(row: Row, field: str, sign: int, value: float) -> bool:
    found = _value(row, field)
    if sign == 0:
        return bool(found == value)
    return bool(found > value) if sign > 0 else bool(found < value)


def _value(row: Row, field: str) -> Any:
    found = row.get(field)
    return 0 if found is None else found
