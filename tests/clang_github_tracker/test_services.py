"""Rows are merged, not overwritten; what would not change is not written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from boost_collectors.clang_github_tracker import services
from boost_collectors.clang_github_tracker.models import ClangCommit, ClangIssueItem
from boost_collectors.core.database import Database

SHA = "Ab" * 20
EARLY, LATE = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 6, 1, tzinfo=UTC)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.session() as session:
        yield session


def item(session: Session, number: int = 7, **fields: Any) -> tuple[ClangIssueItem, bool]:
    given = {"is_pull_request": False, "github_created_at": None, "github_updated_at": None} | fields
    return services.upsert_issue_item(session, number, **given)


def test_a_number_is_a_positive_integer(session: Session) -> None:
    numbers: list[Any] = [0, -1, True, False, "7", 7.0, None, 2**31]
    for number in numbers:
        with pytest.raises(ValueError, match="positive integer"):
            item(session, number)
    assert services.upsert_issue_items_batch(session, [(number, False, None, None) for number in numbers]) == (0, 0)


def test_a_hash_has_forty_digits(session: Session) -> None:
    hashes: list[Any] = ["", " ", "a" * 39, "a" * 41, "g" * 40, None]
    for sha in hashes:
        with pytest.raises(ValueError, match="40 hex"):
            services.upsert_commit(session, sha, github_committed_at=EARLY)
    assert services.upsert_commits_batch(session, [(sha, EARLY) for sha in hashes]) == (0, 0)


def test_an_item_is_created_once(session: Session) -> None:
    row, created = item(session, github_created_at=EARLY, github_updated_at=LATE)
    again, once_more = item(session, github_created_at=EARLY, github_updated_at=LATE)
    assert (created, once_more) == (True, False)
    assert row.id == again.id
    assert (row.github_created_at, row.github_updated_at) == (EARLY, LATE)


def test_a_pull_request_stays_one(session: Session) -> None:
    item(session, is_pull_request=True)
    assert item(session, is_pull_request=False)[0].is_pull_request
    item(session, 8)
    assert item(session, 8, is_pull_request=True)[0].is_pull_request


@pytest.mark.parametrize(
    ("before", "given", "created", "updated"),
    [
        (EARLY, LATE, LATE, LATE),  # created: what comes in; updated: the later one
        (LATE, EARLY, EARLY, LATE),
        (EARLY, None, EARLY, EARLY),  # null never wins
        (None, EARLY, EARLY, EARLY),
        (None, None, None, None),
    ],
)
def test_times_of_items_are_merged(session: Session, before: Any, given: Any, created: Any, updated: Any) -> None:
    item(session, github_created_at=before, github_updated_at=before)
    row, _ = item(session, github_created_at=given, github_updated_at=given)
    assert (row.github_created_at, row.github_updated_at) == (created, updated)
    pair = [(9, False, before, before), (9, False, given, given)]
    assert services.upsert_issue_items_batch(session, pair) == (1, 0)
    batched = session.scalars(select(ClangIssueItem).where(ClangIssueItem.number == 9)).one()
    assert (batched.github_created_at, batched.github_updated_at) == (created, updated)


@pytest.mark.parametrize(
    ("before", "given", "kept"), [(EARLY, LATE, LATE), (LATE, EARLY, LATE), (LATE, None, LATE), (None, EARLY, EARLY)]
)
def test_the_later_time_of_a_commit_stays(session: Session, before: Any, given: Any, kept: Any) -> None:
    row, created = services.upsert_commit(session, f" {SHA} ", github_committed_at=before, committed_at=before)
    assert created
    assert row.sha == SHA.lower()
    row, created = services.upsert_commit(session, SHA.upper(), github_committed_at=given, committed_at=given)
    assert not created
    assert (row.github_committed_at, row.committed_at) == (kept, kept)


def test_a_time_without_a_zone_is_utc(session: Session) -> None:
    row, _ = services.upsert_commit(session, SHA, github_committed_at=EARLY.replace(tzinfo=None))
    assert row.github_committed_at == EARLY
    assert item(session, github_updated_at=LATE.replace(tzinfo=None))[0].github_updated_at == LATE
    assert services.start_after_watermark(EARLY.replace(tzinfo=None)) == EARLY + timedelta(milliseconds=1)


def test_a_batch_of_commits_merges_spellings_and_skips_what_is_none(session: Session) -> None:
    other = "c" * 40
    rows = [(SHA.upper(), EARLY), ("short", LATE), (SHA.lower(), LATE), (other, None), (f" {SHA} ", EARLY)]
    assert services.upsert_commits_batch(session, rows) == (2, 0)
    assert services.upsert_commits_batch(session, [(SHA, LATE + timedelta(days=1)), (other, EARLY)]) == (0, 2)
    found = {row.sha: row.github_committed_at for row in session.scalars(select(ClangCommit))}
    assert found == {SHA.lower(): LATE + timedelta(days=1), other: EARLY}


def test_any_batch_size_stores_everything(session: Session) -> None:
    for place, size in enumerate((-1, 0, 1, 2, 3, 500)):
        start = 10 * place + 1
        commits = [(f"{number:040x}", EARLY) for number in range(start, start + 5)]
        items = [(number, number % 2 == 0, EARLY, LATE) for number in range(start, start + 5)]
        assert services.upsert_commits_batch(session, commits, batch_size=size) == (5, 0)
        assert services.upsert_issue_items_batch(session, items, batch_size=size) == (5, 0)
        assert services.upsert_commits_batch(session, commits, batch_size=size) == (0, 0)
        assert services.upsert_issue_items_batch(session, items, batch_size=size) == (0, 0)


def test_an_empty_batch_is_nothing(session: Session) -> None:
    assert services.upsert_commits_batch(session, []) == services.upsert_issue_items_batch(session, []) == (0, 0)


def test_a_batch_takes_a_handful_of_statements(database: Database, session: Session) -> None:
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    services.upsert_issue_items_batch(session, [(number, False, EARLY, LATE) for number in range(1, 501)])
    services.upsert_commits_batch(session, [(f"{number:040x}", EARLY) for number in range(500)])
    assert len(statements) < 20


def test_only_what_differs_is_written_and_dated(database: Database) -> None:
    def store(updated: datetime) -> list[tuple[Any, ...]]:
        with database.session() as session:
            services.upsert_issue_items_batch(session, [(1, False, EARLY, EARLY), (2, False, EARLY, updated)])
        with database.session() as session:
            query = "SELECT number, updated_at, xmin::text FROM clang_github_tracker_issue_item ORDER BY 1"
            return [tuple(row) for row in session.execute(text(query))]

    first = store(EARLY)
    assert store(EARLY) == first
    changed = store(LATE)
    assert changed[0] == first[0]
    assert changed[1][1] > first[1][1]


def test_a_touch_dates_what_did_not_change_itself(database: Database) -> None:
    with database.session() as session:
        before = [item(session, number)[0].updated_at for number in (1, 2)]
    with database.session() as session:
        services.touch_items(session, {2})
        services.touch_items(session, set())
        rows = session.scalars(select(ClangIssueItem).order_by(ClangIssueItem.number)).all()
        assert rows[0].updated_at == before[0]
        assert rows[1].updated_at > before[1]


def test_watermarks_are_the_latest_times(session: Session) -> None:
    assert services.get_commit_watermark(session) is services.get_issue_item_watermark(session) is None
    assert services.start_after_watermark(None) is None
    services.upsert_commits_batch(session, [(SHA, EARLY), ("c" * 40, LATE), ("d" * 40, None)])
    item(session, 1, github_updated_at=LATE)
    item(session, 2, github_updated_at=EARLY)
    assert services.get_commit_watermark(session) == services.get_issue_item_watermark(session) == LATE
