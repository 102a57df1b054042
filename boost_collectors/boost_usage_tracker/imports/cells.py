"""What the cells of a row mean. None stands for what is not given: it changes nothing that is stored."""

from __future__ import annotations

import re
from datetime import datetime

from boost_collectors.boost_usage_tracker.imports.report import Problem, Report
from boost_collectors.boost_usage_tracker.imports.table import Row
from boost_collectors.core.utils.datetime_parsing import ensure_aware_utc

LARGEST = 2**31 - 1
FALSE = ("", "0", "false", "no")

_INTEGER = re.compile(r"[+-]?[0-9]+")
_LONE_DIGIT = re.compile(r"(?<![\d.,])\d(?!\d)")
# Meant as a date and a time, whether or not the calendar has it: 2024-13-01, 2024-2-30 25:00, 20241301.
_MEANT = re.compile(
    r"(?:\d{4}-\d{1,2}-\d{1,2}|\d{8})(?:[T ]\d{1,2}:?\d{2}(?::?\d{2}(?:[.,]\d+)?)?\s*(?:Z|[+-]\d{2}(?::?\d{2})?)?)?",
    re.IGNORECASE,
)


class BadCell(ValueError):
    """A cell for which its row is left out."""

    def __init__(self, line: int, column: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.problem = Problem(line, column, value, reason)


class Cells:
    """The cells of one row. Values that are tolerated but mean nothing are noted in the report."""

    def __init__(self, row: Row, report: Report) -> None:
        self.line = row.line
        self._cells, self._report = row.cells, report

    def text(self, column: str, longest: int | None = None) -> str | None:
        """The text; None if blank. Raises BadCell for one that is too long to be stored."""
        value = self._cells.get(column) or None
        if value is not None and longest is not None and len(value) > longest:
            raise BadCell(self.line, column, value, f"has {len(value)} characters, and {longest} can be stored")
        return value

    def number(self, column: str) -> int | None:
        """The integer; None for a blank and for anything else."""
        value = self.text(column)
        if value is None:
            return None
        if _INTEGER.fullmatch(value) and len(value) <= 11 and -LARGEST <= int(value) <= LARGEST:
            return int(value)
        self._ignored(column, value, "is no integer and counts as not given")
        return None

    def switch(self, column: str) -> bool | None:
        """Whether it is on: a blank, ``0``, ``false`` and ``no`` are off, all else is on; None without the column."""
        value = self._cells.get(column)
        return None if value is None else value.lower() not in FALSE

    def moment(self, column: str) -> datetime | None:
        """The ISO date or time in UTC; None for a blank and for what was never meant as one.

        Raises BadCell for a date that no calendar has.
        """
        value = self.text(column)
        if value is None:
            return None
        found = self._moment(column, value)
        if found is None:
            self._ignored(column, value, "is no date and counts as not given")
        return found

    def moment_or_text(self, column: str) -> datetime | str | None:
        """As ``moment``, but text that was never meant as a date is given back."""
        value = self.text(column)
        return None if value is None else self._moment(column, value) or value

    def _moment(self, column: str, value: str) -> datetime | None:
        try:
            return _instant(value)
        except (ValueError, OverflowError) as error:
            if _MEANT.fullmatch(value):
                raise BadCell(self.line, column, value, f"is no date that there is ({error})") from error
            return None

    def _ignored(self, column: str, value: str, reason: str) -> None:
        self._report.note(Problem(self.line, column, value, reason))


def _instant(value: str) -> datetime:
    try:
        return ensure_aware_utc(datetime.fromisoformat(value))
    except ValueError:
        # Spreadsheets leave out leading noughts: 2024-1-5.
        return ensure_aware_utc(datetime.fromisoformat(_LONE_DIGIT.sub(r"0\g<0>", value)))
