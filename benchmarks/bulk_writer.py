"""The bulk writer against a bare COPY and against one-row ORM writes, on commit-shaped rows and a durable server.

The table has a unique (repo, hash) and two more indexes, as the commit table has. Each figure is the median of rounds
in which the contestants take turns, so that a busy moment of the machine hits them alike.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from statistics import median

import psycopg
from sqlalchemy import BigInteger, DateTime, Identity, Index, String, Table, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.figures import Figure
from benchmarks.processes import ROOT, own_peak_memory, server
from boost_collectors.core.database import Database
from boost_collectors.core.database.bulk import MergeResult, bulk_merge

ROWS = 20_000
MANY_ROWS = 1_000_000
FEW_ROWS = 10_000
ORM_ROWS = 400
ROUNDS = 7
KEY = ("repo_id", "commit_hash")
COLUMNS = ("repo_id", "account_id", "commit_hash", "comment", "commit_at")
TYPES = ("int8", "int8", "varchar", "text", "timestamptz")
Row = tuple[int, int, str, str, datetime]


class Model(DeclarativeBase):
    type_annotation_map = {str: Text(), datetime: DateTime(timezone=True)}


class Commit(Model):
    __tablename__ = "benchmark_commit"
    __table_args__ = (UniqueConstraint(*KEY), Index("benchmark_commit_account", "account_id"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    repo_id: Mapped[int] = mapped_column(BigInteger)
    account_id: Mapped[int] = mapped_column(BigInteger)
    commit_hash: Mapped[str] = mapped_column(String(64))
    comment: Mapped[str]
    commit_at: Mapped[datetime] = mapped_column(index=True)


def run() -> list[Figure]:
    """Measure speed and memory on an embedded server of its own."""
    with server() as postgres:
        postgres.ensure_database("benchmark")
        url = postgres.url("benchmark")
        with Database(url) as database:
            return [*_speed(database), *_memory(url)]


def commits(count: int) -> Iterator[Row]:
    """Rows like commits: 40-character hashes in no order, messages of 30 to 230 characters."""
    start = datetime(2015, 1, 1, tzinfo=UTC)
    for number in range(count):
        message = "Fix the thing in the other thing\n\n" + "word " * (number % 40)
        commit_hash = hashlib.sha1(str(number).encode(), usedforsecurity=False).hexdigest()
        yield number % 170 + 1, number % 900 + 1, commit_hash, message, start + timedelta(seconds=37 * number)


def _speed(database: Database) -> list[Figure]:
    rows = list(commits(ROWS))
    rounds = [_round(database, rows) for _ in range(ROUNDS)]
    bare_text, bare_binary, first, again, orm = (median(times) for times in zip(*rounds, strict=True))
    return [
        Figure(
            "rows",
            "rows per second",
            ROWS / first,
            "rows/s",
            baseline="bare COPY of psycopg",
            baseline_value=ROWS / bare_text,
            better="more",
        ),
        Figure("speed_text_copy", "speed", bare_text / first, at_least=0.5, baseline="bare COPY of psycopg"),
        Figure("speed_binary_copy", "speed", bare_binary / first, at_least=0.5, baseline="bare COPY in binary format"),
        Figure("speed_orm", "speed", orm * ROWS / first, at_least=100, baseline="one-row ORM transactions"),
        Figure(
            "speed_again", "a second run that changes nothing", first / again, better="more", baseline="the first run"
        ),
        Figure("rewritten", "rows rewritten by that second run", _rewritten(database, rows), "", at_most=0),
    ]


def _round(database: Database, rows: list[Row]) -> tuple[float, ...]:
    """Seconds for a bare text COPY, a bare binary COPY, a first merge, the same merge again, and one ORM row."""
    fresh_table(database)
    orm = _seconds(lambda: _write_by_orm(database, rows[:ORM_ROWS])) / ORM_ROWS
    fresh_table(database)
    bare_text = _seconds(lambda: _copy(database, rows, binary=False))
    fresh_table(database)
    bare_binary = _seconds(lambda: _copy(database, rows, binary=True))
    fresh_table(database)
    first = _seconds(lambda: merge(database, rows))
    again = _seconds(lambda: merge(database, rows))
    return bare_text, bare_binary, first, again, orm


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def fresh_table(database: Database) -> None:
    """Put an empty table in the place of the last one, on a server that has nothing left to write."""
    Model.metadata.drop_all(database.engine)
    Model.metadata.create_all(database.engine)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))  # what came before is not to be paid for by what comes next


def _copy(database: Database, rows: list[Row], *, binary: bool) -> None:
    form = "(FORMAT BINARY)" if binary else ""
    with psycopg.connect(database.url.replace("+psycopg", "")) as connection, connection.cursor() as cursor:
        statement = f"COPY {Commit.__tablename__} ({', '.join(COLUMNS)}) FROM STDIN {form}"
        with cursor.copy(statement.encode()) as copy:
            if binary:
                copy.set_types(TYPES)
            for row in rows:
                copy.write_row(row)


def merge(database: Database, rows: Iterable[Row]) -> MergeResult:
    """Merge rows like commits into the table."""
    assert isinstance(Commit.__table__, Table)
    with database.session() as session:
        return bulk_merge(session, Commit.__table__, COLUMNS, rows, key=KEY)


def _write_by_orm(database: Database, rows: list[Row]) -> None:
    for row in rows:
        with database.session() as session:
            session.add(Commit(**dict(zip(COLUMNS, row, strict=True))))


def _rewritten(database: Database, rows: list[Row]) -> int:
    before = _versions(database)
    merge(database, rows)
    return len(_versions(database) - before)


def _versions(database: Database) -> set[tuple[str, str, str]]:
    with database.session() as session:
        statement = text(f"SELECT ctid::text, xmin::text, xmax::text FROM {Commit.__tablename__}")
        return {(row[0], row[1], row[2]) for row in session.execute(statement)}


def _memory(url: str) -> list[Figure]:
    few, many = (_peak_memory(url, count) for count in (FEW_ROWS, MANY_ROWS))
    name = f"peak memory for {MANY_ROWS:,} rows"
    return [
        Figure("memory", name, many / 1e6, "MB", better="less"),
        Figure("memory_growth", name, many / few, at_most=1.2, baseline=f"for {FEW_ROWS:,} rows"),
    ]


def _peak_memory(url: str, count: int) -> float:
    """Bytes of a process that does nothing but merge that many rows."""
    command = [sys.executable, "-m", "benchmarks.bulk_writer", url, str(count)]
    done = subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    return float(done.stdout)


def _merge_and_tell(url: str, count: int) -> None:
    with Database(url) as database:
        fresh_table(database)
        result = merge(database, commits(count))
        assert result.inserted == count
    print(own_peak_memory())


if __name__ == "__main__":
    _merge_and_tell(sys.argv[1], int(sys.argv[2]))
