"""Reading data that may lack things: what is missing or of another kind counts as nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

logger = logging.getLogger(__name__)


def mapping(value: Any, *names: str) -> dict[str, Any]:
    """The object at the end of a path of names."""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return dict(value) if isinstance(value, Mapping) else {}


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects in a list."""
    return [dict(each) for each in value if isinstance(each, Mapping)] if isinstance(value, list | tuple) else []


def number(value: Any) -> float:
    """A number, or a text that is one; 0 for anything else."""
    if isinstance(value, bool):
        return 0
    try:
        found = float(value) if isinstance(value, str) else value
    except ValueError:
        return 0
    return found if isinstance(found, int | float) and found == found and abs(found) < float("inf") else 0


def percentage(value: Any) -> float:
    """``12.34%`` as 12.34; 0 for what is no number."""
    return float(number(value.strip().removesuffix("%") if isinstance(value, str) else value))


def text(value: Any) -> str:
    """A text; empty for none."""
    return "" if value is None else str(value)


def day(value: Any) -> str:
    """The day of an instant in ISO form."""
    return text(value)[:10]


def by_year(value: Any) -> dict[int, Any]:
    """An object by year, in order. Keys may be texts or integers; others are left out."""
    pairs = value.items() if isinstance(value, Mapping) else ()
    return dict(sorted((int(year), each) for year, each in pairs if str(year).strip().isdecimal()))


def versions(rows: Iterable[Any]) -> Iterator[tuple[str, float]]:
    """Version and count of each row: an object or a sequence. Rows of another shape are left out."""
    for row in rows:
        if isinstance(row, Mapping) and "version" in row:
            count = row["count"] if "count" in row else number(row.get("confirmed")) + number(row.get("guessed"))
            yield text(row["version"]), number(count)
        elif isinstance(row, Sequence) and not isinstance(row, str) and len(row) >= 4:
            yield text(row[0]), number(row[2]) + number(row[3])
        elif isinstance(row, Sequence) and not isinstance(row, str) and len(row) >= 2:
            yield text(row[0]), number(row[1])
        else:
            logger.debug("A row of versions has an unknown shape: %r", row)
