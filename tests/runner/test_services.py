"""Group status rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from boost_collectors.core.database import Database
from boost_collectors.runner.services import (
    get_group_status,
    list_group_statuses,
    record_group_failure,
    record_group_success,
)

MONDAY = datetime(2026, 11, 23, 4, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)


def test_a_success_keeps_the_last_failure(database: Database) -> None:
    with database.session() as session:
        record_group_failure(session, "g", exit_code=5, when=MONDAY)
    with database.session() as session:
        row = record_group_success(session, "g", when=TUESDAY)
        assert (row.last_success_at, row.last_failure_at, row.last_run_at) == (TUESDAY, MONDAY, TUESDAY)
        assert row.last_exit_code == 0


def test_a_failure_keeps_the_last_success(database: Database) -> None:
    with database.session() as session:
        record_group_success(session, "g", when=MONDAY)
    with database.session() as session:
        row = record_group_failure(session, "g", when=TUESDAY)
        assert (row.last_success_at, row.last_failure_at, row.last_run_at) == (MONDAY, TUESDAY, TUESDAY)
        assert row.last_exit_code == 1


def test_two_writes_in_one_session_return_what_is_stored(database: Database) -> None:
    with database.session() as session:
        first = record_group_success(session, "g", when=MONDAY)
        assert first.last_exit_code == 0
        assert record_group_failure(session, "g", exit_code=3, when=TUESDAY).last_exit_code == 3
        assert session.get(type(first), "g") is first


def test_now_is_the_default(database: Database) -> None:
    before = datetime.now(UTC)
    with database.session() as session:
        success, failure = record_group_success(session, "a"), record_group_failure(session, "b")
        assert success.last_success_at is not None
        assert failure.last_failure_at is not None
        assert before <= success.last_success_at <= failure.last_failure_at <= datetime.now(UTC)
        assert (success.last_failure_at, failure.last_success_at) == (None, None)


def test_updated_at_moves_with_each_write(database: Database) -> None:
    stamps = []
    for _ in range(2):
        with database.session() as session:
            stamps.append(record_group_success(session, "g", when=MONDAY).updated_at)
    assert stamps[0] < stamps[1]


def test_reading(database: Database) -> None:
    with database.session() as session:
        assert get_group_status(session, "g") is None
        assert list_group_statuses(session) == {}
        record_group_success(session, "g" * 64)
        record_group_failure(session, "a", exit_code=7)
    with database.session() as session:
        assert list(list_group_statuses(session)) == ["a", "g" * 64]
        status = get_group_status(session, "a")
        assert status is not None
        assert status.last_exit_code == 7


def test_nothing_is_committed_here(database: Database) -> None:
    with database.session() as session:
        record_group_success(session, "g")
        session.rollback()
    with database.session() as session:
        assert get_group_status(session, "g") is None
