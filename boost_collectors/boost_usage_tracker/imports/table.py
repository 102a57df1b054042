"""Reading a CSV file line by line, whatever is in it: a line that is broken costs no other."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TextIO

from boost_collectors.boost_usage_tracker.imports.report import Problem, Report
from boost_collectors.core.errors import CommandError


@dataclass(frozen=True, slots=True)
class Row:
    """The trimmed cells of a line by column. What the line or the file does not have is not there."""

    line: int
    cells: Mapping[str, str]


def read(path: Path, required: Sequence[str], report: Report) -> Iterator[Row]:
    """The lines of a file behind its header. Those that are no CSV or no UTF-8 go to the report.

    Names of columns count in any case; a byte order mark is none of them. Raises CommandError for a file that is not
    there, cannot be read, or lacks a required column.
    """
    if not path.is_file():
        raise CommandError(f"File not found: {path}")
    try:
        # Bytes that are not UTF-8 are kept as surrogates, so that they cost their own line only.
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
            yield from _rows(path, stream, required, report)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error}") from error


def _rows(path: Path, stream: TextIO, required: Sequence[str], report: Report) -> Iterator[Row]:
    records = _records(stream, report)
    header = [name.replace("\0", "").strip().lower() for name in next(records, _Record(0, [])).cells]
    missing = [name for name in required if name not in header]
    if missing:
        raise CommandError(f"{path}: CSV must have columns {', '.join(required)}; it has no {' and no '.join(missing)}")
    if twice := next((name for name in header if name and header.count(name) > 1), ""):
        raise CommandError(f"{path}: the column {twice} is there twice")
    for record in records:
        if row := _row(record, header, report):
            yield row


class _Record(NamedTuple):
    """The cells of a record and the line on which it begins.

    ``is_doubtful``: before it a quote is open, so that it may be the rest of another one.
    """

    line: int
    cells: Sequence[str]
    is_doubtful: bool = False


class _Lines:
    """The lines of a file, which can be put back. ``line`` is the number of the last one that was taken."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self.line = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._stream)
        self.line += 1
        self._taken.append(line)
        return line

    def begin(self) -> bool:
        """A record begins. Returns whether with a line that was put back."""
        self._taken.clear()
        return bool(self._again)

    def put_back(self) -> None:
        """Give all lines of the record again, save the first."""
        rest = self._taken[1:]
        self._again.extendleft(reversed(rest))
        self.line -= len(rest)


def _records(stream: TextIO, report: Report) -> Iterator[_Record]:
    """The records of the file; empty lines are none. What stands behind a quote that is never closed is read again."""
    lines = _Lines(stream)
    reader = csv.reader(lines, strict=True)
    while True:
        is_doubtful, begin = lines.begin(), lines.line + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            report.refuse(Problem(begin, "", "", f"is no CSV: {error}"))
            lines.put_back()
            continue
        if cells:
            yield _Record(begin, cells, is_doubtful)


def _row(record: _Record, header: Sequence[str], report: Report) -> Row | None:
    line, cells, is_doubtful = record
    if len(cells) > len(header) or (is_doubtful and len(cells) < len(header)):
        # A comma without quotes, as a rule: the cells behind it stand in the wrong columns.
        where = "stands behind an open quote and " if is_doubtful else ""
        reason = f"{where}has {len(cells)} cells for {len(header)} columns"
        report.refuse(Problem(line, "", ",".join(cells), reason))
        return None
    values = {name: cell.replace("\0", "").strip() for name, cell in zip(header, cells, strict=False)}
    for name, value in values.items():
        if not value.isascii() and _is_broken(value):
            report.refuse(Problem(line, name, value, "is not UTF-8"))
            return None
    return Row(line, values)


def _is_broken(value: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in value)
