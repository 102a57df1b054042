"""Tables: the first rows stand in the page, the others beside them for the script that sorts and searches."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup

Kind = Literal["text", "number", "date", "version"]
Cell = Any
"""A text, a number, or a text and the page it links to (None for none)."""

PAGE_SIZE = 10
LARGEST_IN_PAGE = 8_000
"""Characters of rows that a page itself may carry; with more they are a file that is loaded when asked for."""
MOST_ROWS_IN_PAGE = 500


@dataclass(frozen=True, slots=True)
class Column:
    """A column. ``site``: its texts are names below that address. ``blank``: what is shown for nothing."""

    label: str
    kind: Kind = "text"
    digits: int = 0
    site: str = ""
    blank: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell as it stands in the page."""

    text: str
    link: str = ""
    is_external: bool = False


@dataclass(frozen=True, slots=True)
class DataTable:
    """A table that can be sorted and searched. ``rows`` come in the order of ``sort``, a column and a direction."""

    id: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    sort: tuple[int, Literal["ascending", "descending"]]

    def first_rows(self) -> Iterator[list[Shown]]:
        """The cells of the first page."""
        for row in self.rows[:PAGE_SIZE]:
            yield [shown(column, cell) for column, cell in zip(self.columns, row, strict=True)]

    @property
    def info(self) -> str:
        """What the line below the table says at first."""
        if not self.rows:
            return "No data available"
        return f"Showing 1-{min(PAGE_SIZE, len(self.rows))} of {len(self.rows)}"

    @property
    def needs_script(self) -> bool:
        """Whether there are more rows than the page shows."""
        return len(self.rows) > PAGE_SIZE

    def json_rows(self) -> str:
        """All rows as a JSON array, safe within a page."""
        return safe_json(self.rows)

    @property
    def is_separate(self) -> bool:
        """Whether the rows are a file of their own."""
        return len(self.rows) > MOST_ROWS_IN_PAGE or len(self.json_rows()) > LARGEST_IN_PAGE


def shown(column: Column, cell: Cell) -> Shown:
    """A cell as the page shows it; the script does the same."""
    if isinstance(cell, list | tuple):
        return Shown(str(cell[0]), cell[1] or "")
    if column.kind == "number":
        return Shown(f"{_number(cell):,.{column.digits}f}")
    text = "" if cell is None else str(cell)
    if column.site and text:
        return Shown(text, column.site + text, is_external=True)
    return Shown(text or column.blank)


def safe_json(value: Any) -> Markup:
    """JSON that no text in it can end a script element with."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - escaped just now


def _number(value: Any) -> float:
    return value if isinstance(value, int | float) else 0
