"""Temporary tables filled by COPY: how rows get into the database, before anything is decided about them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.pq import Format
from sqlalchemy import BigInteger, Column, Dialect, MetaData, Table, text
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateTable, DropTable
from sqlalchemy.types import TypeEngine

from boost_collectors.core.errors import SourceError

NUL = "\0"
POSITION = "stage_position"
"""The column that numbers the rows of a staging table in the order in which they were given."""

_serial = itertools.count(1)
# A sample of 300 rows a column is plenty to choose a join by, and takes milliseconds.
_STATISTICS_TARGET = 10
_WORTH_ANALYZING = 5_000
_TEXTS = ("text", "varchar")
# The binary dumpers would store 2**31 as -2**31 and "false" as true.
_FITS: Mapping[str, Callable[[Any], bool]] = {
    "smallint": lambda value: -(2**15) <= value < 2**15,
    "integer": lambda value: -(2**31) <= value < 2**31,
    "boolean": lambda value: isinstance(value, bool),
}
# What the dumpers of psycopg raise for values that are not theirs.
_BAD_VALUE = (psycopg.DataError, TypeError, ValueError, AttributeError, LookupError, OverflowError)


class Staging:
    """A temporary table. ``table`` can be selected from and joined; it is gone when its block or the transaction ends.

    Made by ``stage``.
    """

    def __init__(self, session: Session, table: Table, key: Sequence[str]) -> None:
        self.table = table
        self._session = session
        self.names = [column.name for column in table.columns if column.name != POSITION]
        dialect = session.get_bind().dialect
        self._quoted = dialect.identifier_preparer
        self._key = [self.names.index(name) for name in key]
        self._types = [_sql_type(column, dialect) for column in table.columns]
        self._texts = [index for index, name in enumerate(self._types[:-1]) if name in _TEXTS]
        self._checks = [(index, _FITS[name]) for index, name in enumerate(self._types) if name in _FITS]
        self._count = self._analyzed = 0

    def copy(self, rows: Iterable[Sequence[Any]], *, strip_nul: bool = False) -> int:
        """Stream rows into the table, values in the order of its columns. Returns how many there were.

        May be called several times. Memory does not grow with the number of rows. PostgreSQL cannot store the NUL
        character: ``strip_nul`` removes it from text. ``rows`` must not use the session while it is read. Raises
        SourceError, naming column and key, for a value that the column cannot take.
        """
        before = self._count
        given = _without_nul(rows, self._texts) if strip_nul else rows
        try:
            with self._connection().cursor() as cursor, cursor.copy(self._statement()) as copy:
                copy.set_types(self._types)
                self._write(given, copy)
        except psycopg.DataError as error:
            raise SourceError(f"{self.table.name}: {error.diag.message_primary} ({error.diag.context})") from error
        return self._count - before

    def _write(self, rows: Iterable[Sequence[Any]], copy: psycopg.Copy) -> None:
        texts, checks, write, position = self._texts, self._checks, copy.write_row, self._count
        for row in rows:
            try:
                for index in texts:
                    value = row[index]
                    if value is not None and NUL in value:
                        raise ValueError("holds the NUL character")
                for index, fits in checks:
                    if row[index] is not None and not fits(row[index]):
                        raise ValueError("does not fit")
                write((*row, position))
            except _BAD_VALUE as error:
                raise self._rejected(row, error) from error
            position += 1
        self._count = position

    def analyze(self) -> None:
        """Tell the planner what is in the table, if that has changed much. ``merge`` calls it."""
        if self._count < max(_WORTH_ANALYZING, 2 * self._analyzed):
            return
        self._analyzed = self._count
        self._session.execute(text(f"SET LOCAL default_statistics_target = {_STATISTICS_TARGET}"))
        self._session.execute(text(f"ANALYZE {self._quoted.format_table(self.table)}"))

    def _connection(self) -> psycopg.Connection:
        connection = self._session.connection().connection.driver_connection
        if not isinstance(connection, psycopg.Connection):
            raise TypeError(f"bulk writing needs psycopg, not {type(connection)}")
        return connection

    def _statement(self) -> str:
        columns = ", ".join(self._quoted.quote(column.name) for column in self.table.columns)
        return f"COPY {self._quoted.format_table(self.table)} ({columns}) FROM STDIN (FORMAT BINARY)"

    def _rejected(self, row: Sequence[Any], error: Exception) -> SourceError:
        if len(row) != len(self.names):
            return SourceError(f"{self.table.name}: a row has {len(row)} values for the columns {self.names}")
        shown = ", ".join(f"{self.names[index]}={row[index]!r:.80}" for index in self._key or [0])
        for name, sql_type, value in zip(self.names, self._types, row, strict=False):
            reason = self._complaint(sql_type, value)
            if reason:
                return SourceError(f"{self.table.name}: the row {shown} has a bad {name}: {reason}")
        return SourceError(f"{self.table.name}: the row {shown} cannot be stored: {error}")

    def _complaint(self, sql_type: str, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, str) and NUL in value:
            return "it holds the NUL character"
        connection = self._connection()
        oid = connection.adapters.types.get_oid(sql_type)
        try:
            dumper = connection.adapters.get_dumper_by_oid(oid, Format.BINARY)
            dumper(type(value), connection).dump(value)
            fits = _FITS.get(sql_type, lambda _: True)(value)
        except _BAD_VALUE as error:
            return f"{value!r:.80} is not {sql_type} ({error})"
        return "" if fits else f"{value!r:.80} is not {sql_type}"


@contextmanager
def stage(
    session: Session, name: str, columns: Mapping[str, TypeEngine[Any] | type[TypeEngine[Any]]], key: Sequence[str] = ()
) -> Iterator[Staging]:
    """A temporary table with these columns, for the length of the block.

    ``name`` is for people who read plans and logs: it is made unique. ``key`` names the columns by which an error
    message tells which row is meant (the first column when empty).
    """
    table = Table(
        f"stage_{name[:40]}_{next(_serial)}",
        MetaData(),
        *(Column(column, sql_type) for column, sql_type in columns.items()),
        Column(POSITION, BigInteger),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )
    session.execute(CreateTable(table))
    yield Staging(session, table, key)
    session.execute(DropTable(table))


def _sql_type(column: Column[Any], dialect: Dialect) -> str:
    """The type's name as psycopg knows it: without length, in lower case."""
    return column.type.compile(dialect).lower().partition("(")[0]


def _without_nul(rows: Iterable[Sequence[Any]], texts: Sequence[int]) -> Iterator[Sequence[Any]]:
    for row in rows:
        for index in texts:
            value = row[index]
            if isinstance(value, str) and NUL in value:
                yield [value.replace(NUL, "") if isinstance(value, str) else value for value in row]
                break
        else:
            yield row
