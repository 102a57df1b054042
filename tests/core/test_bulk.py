"""The bulk writer against a real server: what is written, what is left alone, what is counted."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError

from boost_collectors.core.database import Database
from boost_collectors.core.database.bulk import MergeResult, bulk_merge, merge, stage
from boost_collectors.core.errors import SourceError

METADATA = MetaData()
FRUIT = Table(
    "fruit",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("shop", BigInteger, nullable=False),
    Column("name", String(20), nullable=False),
    Column("price", Integer),
    Column("note", Text),
    Column("changed", Integer, server_default="0"),
    UniqueConstraint("shop", "name"),
)
TAG = Table(
    "tag",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("fruit_id", ForeignKey(FRUIT.c.id), nullable=False),
    Column("label", Text, nullable=False),
    Column("weight", Integer),
    UniqueConstraint("fruit_id", "label"),
)
LOOSE = Table("loose", METADATA, Column("code", Text), Column("other", Text), Index("loose_code", "code", unique=True))
COLUMNS = ("shop", "name", "price", "note")
KEY = ("shop", "name")


@pytest.fixture
def tables(database: Database) -> Database:
    METADATA.create_all(database.engine)
    return database


def put(
    database: Database, rows: Sequence[Sequence[Any]], columns: Sequence[str] = COLUMNS, **more: Any
) -> MergeResult:
    with database.session() as session:
        return bulk_merge(session, FRUIT, columns, rows, key=KEY, **more)


def stored(database: Database, *columns: str) -> list[tuple[Any, ...]]:
    with database.session() as session:
        names = columns or COLUMNS
        query = (
            select(*(literal_column(name) for name in names)).select_from(FRUIT).order_by(FRUIT.c.shop, FRUIT.c.name)
        )
        return [tuple(row) for row in session.execute(query)]


def test_rows_are_inserted_then_updated_then_left_alone(tables: Database) -> None:
    assert put(tables, [(1, "apple", 5, None), (1, "pear", 6, "x")]) == MergeResult(inserted=2)
    assert put(tables, [(1, "apple", 7, None), (1, "pear", 6, "x"), (2, "fig", 1, "")]) == MergeResult(1, 1, 1)
    assert stored(tables) == [(1, "apple", 7, None), (1, "pear", 6, "x"), (2, "fig", 1, "")]


def test_unchanged_rows_are_neither_rewritten_nor_locked(tables: Database) -> None:
    rows = [(1, f"fruit {number}", number, None) for number in range(500)]
    put(tables, rows)
    versions = ("ctid::text", "xmin::text", "xmax::text")
    before = stored(tables, *versions)
    assert put(tables, rows) == MergeResult(unchanged=500)
    assert stored(tables, *versions) == before
    assert put(tables, [(1, "fruit 3", -1, None), *rows[4:]]) == MergeResult(updated=1, unchanged=496)
    after = stored(tables, *versions)
    assert sum(old != new for old, new in zip(before, after, strict=True)) == 1


@pytest.mark.parametrize("already", [[], [(1, "apple", 0, "old")], [(9, "fig", 0, None)]])
@pytest.mark.parametrize("update", [None, ("price",), ()])
def test_the_last_of_two_rows_with_one_key_wins(
    tables: Database, already: list[tuple[Any, ...]], update: tuple[str, ...] | None
) -> None:
    put(tables, already)
    new = [(1, "apple", price, str(price)) for price in (3, 1, 2)]
    result = put(tables, [*new[:2], (2, "pear", 8, "p"), new[2]], update=update)
    known = already[:1] if already and already[0][1] == "apple" else []
    assert result == MergeResult(2 - len(known), len(known) if update != () else 0, len(known) if update == () else 0)
    expected = {None: (1, "apple", 2, "2"), ("price",): (1, "apple", 2, "old"), (): (1, "apple", 0, "old")}
    assert (expected[update] if known else (1, "apple", 2, "2")) in stored(tables)


def test_columns_that_are_not_updated_are_still_inserted(tables: Database) -> None:
    put(tables, [(1, "apple", 5, "first")])
    result = put(tables, [(1, "apple", 5, "second"), (1, "pear", 5, "new")], update=["price"])
    assert result == MergeResult(inserted=1, unchanged=1)
    assert stored(tables, "note") == [("first",), ("new",)]


def test_touched_columns_change_with_the_row_only(tables: Database) -> None:
    touch = {"changed": FRUIT.c.changed + 1}
    put(tables, [(1, "apple", 5, ""), (1, "pear", 5, "")], touch=touch)
    put(tables, [(1, "apple", 6, ""), (1, "pear", 5, "")], touch=touch)
    assert stored(tables, "name", "changed") == [("apple", 1), ("pear", 0)]


def test_rows_can_be_resolved_by_a_join(tables: Database) -> None:
    put(tables, [(1, "apple", 5, ""), (1, "pear", 5, "")])
    with (
        tables.session() as session,
        stage(session, "tag", {"fruit": Text, "label": Text, "weight": Integer}) as staging,
    ):
        assert staging.copy([("apple", "red", 1), ("pear", "green", 2), ("nobody", "blue", 3)]) == 3
        assert staging.copy([("apple", "red", 4)]) == 1
        given = staging.table.c
        source = select(FRUIT.c.id.label("fruit_id"), given.label, given.weight).join_from(
            staging.table, FRUIT, FRUIT.c.name == given.fruit
        )
        assert merge(session, TAG, source, key=["fruit_id", "label"]) == MergeResult(inserted=2)
        assert merge(session, TAG, source, key=["fruit_id", "label"]) == MergeResult(unchanged=2)
        grouped = source.with_only_columns(FRUIT.c.id.label("fruit_id"), func.max(given.label).label("label"))
        source = select(grouped.group_by(FRUIT.c.id).subquery())
        assert merge(session, TAG, source, key=["fruit_id", "label"]) == MergeResult(unchanged=2)
    with tables.session() as session:
        assert set(session.scalars(select(TAG.c.weight))) == {2, 4}


def test_the_order_of_many_copies_is_kept(tables: Database) -> None:
    with (
        tables.session() as session,
        stage(session, "fruit", {name: FRUIT.c[name].type for name in COLUMNS}) as staging,
    ):
        for batch in range(30):
            staging.copy((1, f"fruit {number}", batch, "x" * 500) for number in range(100))
        assert merge(session, FRUIT, staging, key=KEY) == MergeResult(inserted=100)
    assert set(stored(tables, "price")) == {(29,)}


def test_a_staging_table_lives_as_long_as_its_block(tables: Database) -> None:
    with tables.session() as session:
        with stage(session, "a name of more than forty characters in all", {"name": Text}) as staging:
            assert session.scalar(select(func.count()).select_from(staging.table)) == 0
        assert session.scalar(text("SELECT to_regclass(:name)"), {"name": f'"{staging.table.name}"'}) is None


@pytest.mark.parametrize(
    ("sql_type", "value"),
    [
        (SmallInteger, -3),
        (Integer, 2**31 - 1),
        (BigInteger, -(2**63)),
        (Boolean, False),
        (Text, "tab\there, \\N, \\. and\nnew line, ☃ 𝄞, '\"'"),
        (String(5), "straß"),
        (DateTime(timezone=True), datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=UTC)),
        (Date, date(1, 1, 1)),
        (Double, 0.1),
        (Numeric, Decimal("12.50")),
        (LargeBinary, b"\x00\xff"),
        (JSONB, {"a": [1, None, "é"], "b": {}}),
        (JSONB, [1, "two", {"three": 3}]),
        (ARRAY(Text), ["a,b", None, "{}"]),
    ],
)
def test_values_arrive_as_they_are(tables: Database, sql_type: Any, value: Any) -> None:
    with tables.session() as session, stage(session, "value", {"value": sql_type, "nothing": sql_type}) as staging:
        staging.copy([(value, None)])
        row = session.execute(select(staging.table.c.value, staging.table.c.nothing)).one()
        assert tuple(row) == (value, None)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ((1, "apple", 5, "a\0b"), r"shop=1, name='apple' has a bad note: it holds the NUL character"),
        ((1, "apple", "5", ""), r"shop=1, name='apple' has a bad price: '5' is not integer"),
        ((1, "apple", 5, "\ud800"), r"name='apple' has a bad note: .*surrogates"),
        ((1, "apple", 5, 7), r"name='apple' has a bad note: 7 is not text"),
        ((1, "apple", 2**31, ""), r"name='apple' has a bad price: 2147483648 is not integer"),
        ((1, "apple", 5), r"a row has 3 values"),
        ((1, "a" * 21, 5, ""), r"value too long for type character varying\(20\).*column name"),
    ],
)
def test_a_value_that_does_not_fit_is_named(tables: Database, row: tuple[Any, ...], complaint: str) -> None:
    with pytest.raises(SourceError, match=complaint):
        put(tables, [(1, "pear", 5, ""), row])
    assert stored(tables) == []


def test_a_moment_without_time_zone_is_refused(tables: Database) -> None:
    with (
        pytest.raises(SourceError, match=r"at: datetime.*is not timestamp with time zone"),
        tables.session() as session,
        stage(session, "moment", {"key": Text, "at": DateTime(timezone=True)}) as staging,
    ):
        staging.copy([("x", datetime(2024, 1, 1))])  # noqa: DTZ001 - the naive value is the point


def test_a_word_is_not_a_boolean(tables: Database) -> None:
    with (
        pytest.raises(SourceError, match="the row key='x' has a bad on: 'false' is not boolean"),
        tables.session() as session,
        stage(session, "switch", {"key": Text, "on": Boolean}) as staging,
    ):
        staging.copy([("w", True), ("x", "false")])


def test_nul_characters_are_stripped_where_asked(tables: Database) -> None:
    assert put(tables, [(1, "ap\0ple", 5, None), (1, "pear", 5, "\0")], strip_nul=True) == MergeResult(inserted=2)
    assert stored(tables) == [(1, "apple", 5, None), (1, "pear", 5, "")]


def test_a_null_in_the_key_is_refused(tables: Database) -> None:
    with pytest.raises(SourceError, match="loose: a row has no code"), tables.session() as session:
        bulk_merge(session, LOOSE, ["code", "other"], [("a", "b"), (None, "c")], key=["code"])
    with pytest.raises(IntegrityError), tables.session() as session:
        bulk_merge(session, FRUIT, COLUMNS, [(None, "apple", 1, "")], key=KEY)


def test_an_error_of_the_rows_themselves_is_passed_on(tables: Database) -> None:
    def rows() -> Iterator[tuple[Any, ...]]:
        yield (1, "apple", 5, "")
        raise LookupError("the source broke")

    with pytest.raises(LookupError, match="the source broke"), tables.session() as session:
        bulk_merge(session, FRUIT, COLUMNS, rows(), key=KEY)
    assert stored(tables) == []


def test_objects_of_the_session_are_seen_by_a_merge(tables: Database) -> None:
    with tables.session() as session:
        session.execute(FRUIT.insert().values(shop=1, name="apple", price=5))
        assert bulk_merge(session, FRUIT, COLUMNS, [(1, "apple", 5, None)], key=KEY) == MergeResult(unchanged=1)


def test_a_violated_constraint_that_is_not_the_key_is_an_error(tables: Database) -> None:
    with pytest.raises(IntegrityError, match="tag_fruit_id_fkey"), tables.session() as session:
        bulk_merge(session, TAG, ["fruit_id", "label"], [(77, "red")], key=["fruit_id", "label"])


def wait_until_blocked(database: Database) -> None:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            pass


@pytest.mark.parametrize("before", [[], [(1, "pear", 1, "")]], ids=["all new", "one stored"])
@pytest.mark.parametrize(("price", "expected"), [(5, MergeResult(1, 0, 1)), (6, MergeResult(1, 1, 0))])
def test_a_row_that_another_writer_inserts_meanwhile_is_counted_once(
    tables: Database, before: list[tuple[Any, ...]], price: int, expected: MergeResult
) -> None:
    put(tables, before)
    rows = [(1, "apple", price, ""), (1, "fig", 1, ""), *before]
    with ThreadPoolExecutor() as threads:
        with tables.session() as first:
            bulk_merge(first, FRUIT, COLUMNS, [(1, "apple", 5, "")], key=KEY)
            second = threads.submit(put, tables, rows)
            wait_until_blocked(tables)
        assert second.result() == expected + MergeResult(unchanged=len(before))
    assert (1, "apple", price, "") in stored(tables)


def test_many_writers_of_the_same_rows_neither_deadlock_nor_miscount(tables: Database) -> None:
    barrier = threading.Barrier(6)

    def write(number: int) -> MergeResult:
        rows = [(1, f"fruit {key}", number, "") for key in range(300)]
        barrier.wait()
        return sum((put(tables, rows[:: (-1) ** (number + turn)]) for turn in range(5)), MergeResult())

    with ThreadPoolExecutor(6) as threads:
        results = list(threads.map(write, range(6)))
    total = sum(results, MergeResult())
    assert total.inserted == 300
    assert total.inserted + total.updated + total.unchanged == 6 * 5 * 300
    assert len(stored(tables)) == 300


def test_memory_does_not_grow_with_the_number_of_rows(tables: Database) -> None:
    def peak(count: int) -> int:
        tracemalloc.reset_peak()
        put(tables, ((1, f"fruit {number}", 1, "x" * 100) for number in range(count)))  # type: ignore[arg-type]
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        peak(1000)
        small, big = peak(2_000), peak(40_000)
    finally:
        tracemalloc.stop()
    assert big < small + 1_000_000  # kept rows would take more than six times that


ROW = st.tuples(
    st.integers(1, 2), st.sampled_from("abc"), st.none() | st.integers(0, 2), st.none() | st.sampled_from(["", "x"])
)


def expected_merge(
    stored: dict[tuple[int, str], list[Any]], rows: list[tuple[Any, ...]], update: tuple[str, ...] | None
) -> MergeResult:
    changing = [2, 3] if update is None else [COLUMNS.index(name) for name in update]
    inserted = updated = 0
    latest = {row[:2]: list(row) for row in rows}
    for key, row in latest.items():
        if key not in stored:
            stored[key] = row
            inserted += 1
        elif any(stored[key][index] != row[index] for index in changing):
            for index in changing:
                stored[key][index] = row[index]
            updated += 1
    return MergeResult(inserted, updated, len(latest) - inserted - updated)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.tuples(st.lists(ROW, max_size=8), st.sampled_from([None, ("price",), ()])), max_size=5))
def test_merging_does_what_a_dictionary_would(
    tables: Database, batches: list[tuple[list[tuple[Any, ...]], tuple[str, ...] | None]]
) -> None:
    with tables.session() as session:
        session.execute(text("TRUNCATE fruit CASCADE"))
    model: dict[tuple[int, str], list[Any]] = {}
    for rows, update in batches:
        assert put(tables, rows, update=update) == expected_merge(model, rows, update)
        assert stored(tables) == [tuple(model[key]) for key in sorted(model)]
