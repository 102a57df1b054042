"""What a run will cost, and who comes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from boost_collectors.github_activity_tracker.cursors import looks
from boost_collectors.github_activity_tracker.planning import Estimate, estimate, fitting, stalest_first
from boost_collectors.github_activity_tracker.records import Actor, RepositoryState, Stamp

KEY = "boostorg/json"
STAMPS = (Stamp(2, 12, datetime(2026, 1, 1, tzinfo=UTC)),)
STATE = RepositoryState(7, Actor(1, "boostorg"), "json", issue_count=1000, pull_count=1000, newest_issues=STAMPS)
READ: dict[str, Any] = {
    f"{KEY}#issues": {"watermark": "2026-01-01T00:00:00+00:00", "seen": looks(STATE, "issues"), "walk": None},
    f"{KEY}#pulls": {"watermark": "2026-01-01T00:00:00+00:00", "seen": looks(STATE, "pulls"), "walk": None},
    f"{KEY}#done": {"at": "2026-01-02T00:00:00+00:00"},
}


def test_a_first_reading_takes_every_page() -> None:
    assert estimate(KEY, STATE, {}) == Estimate(KEY, 16 + 56, "")


def test_a_repository_that_looks_as_before_takes_nothing() -> None:
    assert estimate(KEY, STATE, READ) == Estimate(KEY, 0, "2026-01-02T00:00:00+00:00")


def test_a_list_that_changed_takes_a_page() -> None:
    assert estimate(KEY, replace(STATE, pull_count=1001), READ).points == 1


@pytest.mark.parametrize("watermark", [None, "2026-01-01T00:00:00+00:00"])
def test_a_reading_under_way_is_counted(watermark: str | None) -> None:
    under_way = {**READ, f"{KEY}#pulls": {"watermark": watermark, "walk": {"after": "x"}, "seen": ""}}
    assert estimate(KEY, STATE, under_way).points == (1 if watermark else 56)


def test_a_full_run_reads_everything_again() -> None:
    assert estimate(KEY, STATE, READ, full=True).points == 16 + 56


def test_who_was_read_longest_ago_comes_first_and_who_never_was_before_that() -> None:
    given = [Estimate("a", 1, "2026-01-02"), Estimate("b", 2, ""), Estimate("c", 3, "2026-01-01"), Estimate("d", 4, "")]
    order = stalest_first(given)
    assert [one.key for one in order] == ["b", "d", "c", "a"]
    assert [fitting(order, points) for points in (0, 1, 5, 6, 9, 10)] == [0, 0, 1, 2, 3, 4]
