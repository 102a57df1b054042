"""Reading CSV: whatever stands around a line, it is read as it was written, and nothing else is raised."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boost_collectors.boost_usage_tracker.imports.report import reporting
from boost_collectors.boost_usage_tracker.imports.table import read

HEAD = b"owner,repo_name\n"
GOOD = b"ada,tool\n"
# Lines that are broken each in a way of its own; one leaves a quote open, which the next may close.
BROKEN = (b'"a"b,c\n', b"a,b,c\n", b"\xff,b\n", b'a,"b\n', b'a,"b\n"c,\n', b"\xed\xa0\x80,b\n")

cells = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("table")


def read_all(folder: Path, content: bytes) -> tuple[list[tuple[str, str]], int]:
    """The cells of all lines that could be read, and how many could not."""
    path = folder / "given.csv"
    path.write_bytes(content)
    with reporting(path, folder / "problems.csv") as report:
        rows = list(read(path, ("owner", "repo_name"), report))
    return [(row.cells["owner"], row.cells["repo_name"]) for row in rows if len(row.cells) == 2], report.refused


@given(rows=st.lists(st.tuples(cells, cells), max_size=8))
def test_what_a_spreadsheet_writes_is_read_as_it_was(folder: Path, rows: list[tuple[str, str]]) -> None:
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    found, refused = read_all(folder, HEAD + written.getvalue().encode())
    assert refused == 0
    assert found == [(owner.strip(), name.strip()) for owner, name in rows]


@given(lines=st.lists(st.sampled_from([GOOD, *BROKEN]), max_size=12))
def test_broken_lines_cost_no_good_one(folder: Path, lines: list[bytes]) -> None:
    found, refused = read_all(folder, HEAD + b"".join(lines))
    assert found.count(("ada", "tool")) == lines.count(GOOD)
    assert (refused > 0) == any(line != GOOD for line in lines)


def test_the_lines_behind_a_quote_that_is_never_closed_are_read(folder: Path) -> None:
    many = 5_000  # more than fit into what one cell may hold
    given = HEAD + b'ada,"open\nada,one\nrest of it\n' + b"ada,many\n" * many
    found, refused = read_all(folder, given)
    assert (len(found), refused) == (many + 1, 2)
    told = (folder / "problems.csv").read_text().splitlines()[1:]
    assert [line.partition(",")[0] for line in told] == ["2", "4"]


@given(content=st.binary(max_size=60))
def test_no_bytes_raise_anything(folder: Path, content: bytes) -> None:
    read_all(folder, HEAD + content)
