"""What could not be used of a file, by line, column and value."""

from __future__ import annotations

import csv
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple

SHOWN = 100
"""How many errors are kept as messages. All are in the report's file."""

COLUMNS = ("line", "column", "value", "problem")
_LONGEST_VALUE = 200


class Problem(NamedTuple):
    """Something about one cell, or about a line as a whole (``column`` is empty)."""

    line: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        value = " ".join(self.value[:_LONGEST_VALUE].splitlines())
        cell = f", column {self.column}: '{value}'" if self.column else ""
        return f"line {self.line}{cell} {self.reason}"


class Report:
    """Problems go to a file as they come, so that memory does not grow with them. Made by ``reporting``.

    ``errors`` are the first of those that are errors; ``lines`` counts all problems.
    """

    def __init__(self, source: Path, stream: IO[str]) -> None:
        self._source = source
        self._writer = csv.writer(stream, lineterminator="\n")
        self.errors: list[str] = []
        self.lines = self.refused = 0

    def note(self, problem: Problem) -> None:
        """A line that was left out for a reason that is counted, or a cell that was taken as not given."""
        if not self.lines:
            self._writer.writerow(COLUMNS)
        self.lines += 1
        self._writer.writerow([_storable(str(part)) for part in problem])

    def refuse(self, problem: Problem) -> None:
        """A line that cannot be read: an error, which stops no other line."""
        self.note(problem)
        self.refused += 1
        if self.refused <= SHOWN:
            self.errors.append(_storable(f"{self._source}, {problem}"))


@contextmanager
def reporting(source: Path, path: Path) -> Iterator[Report]:
    """A report about ``source`` whose lines are in ``path`` at the end of the block; no such file without any."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("x", encoding="utf-8", newline="") as stream:
            report = Report(source, stream)
            yield report
        if report.lines:
            temporary.replace(path)
        else:
            path.unlink(missing_ok=True)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def _storable(text: str) -> str:
    """Text with bytes that are no UTF-8 spelled out (``\\xff``), as they are kept by reading with surrogateescape."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
