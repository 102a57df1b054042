"""What the checkpoints hold, and what tells a list that changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from boost_collectors.core.database import Database
from boost_collectors.github_activity_tracker.cursors import (
    OVERLAP,
    CommentsCursor,
    ListCursor,
    SweepCursor,
    Walk,
    first_sweep,
    looks,
    may_hide_changes,
)
from boost_collectors.github_activity_tracker.records import Actor, RepositoryState, Stamp

NOW = datetime(2026, 1, 10, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)
FUTURE = datetime(2037, 1, 1, tzinfo=UTC)
STATE = RepositoryState(
    7,
    Actor(1, "boostorg"),
    "json",
    issue_count=2,
    pull_count=1,
    newest_issues=(Stamp(2, 12, YESTERDAY), Stamp(1, 11, YESTERDAY)),
    newest_pulls=(Stamp(3, 13, YESTERDAY),),
)


@pytest.mark.parametrize(
    "cursor",
    [
        ListCursor(),
        ListCursor(NOW, None, "7:2:", 12),
        ListCursor(None, Walk(None, "abc", NOW), "", 49),
        CommentsCursor(NOW, 'W/"x"'),
        SweepCursor(NOW, {"issues": [3, 2]}),
    ],
)
def test_a_cursor_comes_back_as_it_was_stored(
    database: Database, cursor: ListCursor | CommentsCursor | SweepCursor
) -> None:
    with database.session() as session:
        cursor.save(session, "run", "boostorg/json#issues")
    with database.session() as session:
        assert type(cursor).load(session, "run", "boostorg/json#issues") == cursor
        assert type(cursor).load(session, "run", "boostorg/other#issues") == type(cursor)()


def test_what_is_new_starts_before_the_watermark() -> None:
    assert ListCursor(NOW).since == NOW - OVERLAP
    assert ListCursor().since is None


def test_an_item_of_the_future_does_not_move_the_watermark() -> None:
    assert Walk(newest=YESTERDAY).met([NOW, None, FUTURE], NOW).newest == NOW
    assert Walk().met([FUTURE], NOW).newest is None
    assert Walk(newest=NOW).met([YESTERDAY], NOW).newest == NOW


@pytest.mark.parametrize(
    "changed",
    [
        replace(STATE, issue_count=1),
        replace(STATE, newest_issues=(Stamp(1, 11, NOW), Stamp(2, 12, YESTERDAY))),
        replace(STATE, id=8),
    ],
)
def test_a_list_looks_different_when_an_item_was_touched_or_went(changed: RepositoryState) -> None:
    assert looks(changed, "issues") != looks(STATE, "issues")
    assert looks(replace(changed, id=7), "pulls") == looks(STATE, "pulls")


def test_items_of_the_future_alone_may_hide_changes() -> None:
    one = replace(STATE, newest_issues=(Stamp(9, 19, FUTURE), Stamp(2, 12, YESTERDAY)))
    all_of_them = replace(STATE, newest_issues=(Stamp(9, 19, FUTURE), Stamp(8, 18, FUTURE)))
    assert not may_hide_changes(one, "issues", NOW)
    assert may_hide_changes(all_of_them, "issues", NOW)
    assert not may_hide_changes(replace(STATE, newest_issues=()), "issues", NOW)


def test_repositories_met_together_are_not_swept_together() -> None:
    every = timedelta(days=14)
    due = [first_sweep(f"boostorg/lib{number}", NOW, every) + every for number in range(170)]
    assert all(NOW <= day <= NOW + every for day in due)
    by_day = [sum((day - NOW).days == number for day in due) for number in range(14)]
    assert max(by_day) < 40
