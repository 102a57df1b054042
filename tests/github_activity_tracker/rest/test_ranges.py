"""Windows with both ends included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from boost_collectors.github_activity_tracker.rest.ranges import TimeRange, aware

START, END = datetime.fromisoformat("2024-01-01"), datetime(2024, 1, 2, tzinfo=UTC)
EAST = timezone(timedelta(hours=5))


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        ("2024-01-01T00:00:00+00:00", True),
        ("2024-01-02T00:00:00", True),
        ("2024-01-02T00:00:00.000001", False),
        ("2023-12-31T23:59:59", False),
        ("2024-01-01T04:00:00+05:00", False),
        ("2024-01-01T05:00:00+05:00", True),
    ],
)
def test_both_ends_belong_to_it_and_naive_is_utc(moment: str, inside: bool) -> None:
    assert (datetime.fromisoformat(moment) in TimeRange.between(START, END)) is inside


def test_a_missing_bound_is_open() -> None:
    assert START - timedelta(days=9999) in TimeRange.between(None, END)
    assert END + timedelta(days=9999) in TimeRange.between(START, None)
    assert (TimeRange().since, TimeRange().until) == ("", "")


def test_bounds_go_out_with_their_zone() -> None:
    window = TimeRange.between(START, datetime(2024, 1, 2, 5, tzinfo=EAST))
    assert (window.since, window.until) == ("2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z")


def test_an_aware_time_stays_in_its_zone() -> None:
    assert aware(START) == datetime(2024, 1, 1, tzinfo=UTC)
    assert aware(datetime(2024, 1, 1, tzinfo=EAST)).tzinfo is EAST


@pytest.mark.parametrize(
    ("text", "kept"),
    [(None, True), ("", True), ("soon", False), (5, False), ("2024-01-01T12:00:00Z", True), ("2020-01-01", False)],
)
def test_entries_without_a_time_are_kept_and_unreadable_ones_not(text: object, kept: bool) -> None:
    assert TimeRange.between(START, END).keeps(text) is kept
