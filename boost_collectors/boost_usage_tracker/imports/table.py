"""Reading a CSV file line by line, whatever is in it: a line that is broken costs no other."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

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
    lines = _lines(csv.reader(stream, strict=True), report)
    _, first = next(lines, (0, []))
    header = [name.replace("\0", "").strip().lower() for name in first]
    missing = [name for name in required if name not in header]
    if missing:
        raise CommandError(f"{path}: CSV must have columns {', '.join(required)}; it has no {' and no '.join(missing)}")
    if twice := next((name for name in header if name and header.count(name) > 1), ""):
        raise CommandError(f"{path}: the column {twice} is there twice")
    for line, cells in lines:
        if row := _row(line, header, cells, report):
            yield row


def _lines(reader: Iterator[list[str]], report: Report) -> Iterator[tuple[int, list[str]]]:
    """The records of the file with the number of the line on which each begins; empty lines are none."""
    end = 0
    while True:
        begin = end + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            end = reader.line_num  # type: ignore[attr-defined]
            report.refuse(Problem(begin, "", "", f"lines {begin} to {end} are no CSV: {error}"))
            continue
        end = reader.line_num  # type: ignore[attr-defined]
        if cells:
            yield begin, cells


def _row(line: int, header: Sequence[str], cells: Sequence[str], report: Report) -> Row | None:
    if len(cells) > len(header):
        # A comma without quotes, as a rule: the cells behind it stand in the wrong columns.
        reason = f"has {len(cells)} cells for {len(header)} columns"
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
