"""Which mailings a run reads."""

from __future__ import annotations

import pytest

from boost_collectors.core.errors import CommandError
from boost_collectors.wg21_paper_tracker.selection import Bounds, select_mailings
from boost_collectors.wg21_paper_tracker.source import Mailing

INDEX = [Mailing(date, date, date[:4]) for date in ("2025-05", "2025-03", "2025-01", "2024-12", "2024-10")]
STORED = {"2025-01": "complete", "2024-10": "complete"}


def _selected(statuses: dict[str, str], first: str = "", last: str = "") -> list[str]:
    return [mailing.mailing_date for mailing in select_mailings(INDEX, statuses, Bounds(first, last))]


@pytest.mark.parametrize(
    ("first", "last", "selected"),
    [
        ("2025-01", "", ["2025-01", "2025-03", "2025-05"]),
        ("1990-01", "", ["2024-10", "2024-12", "2025-01", "2025-03", "2025-05"]),
        ("", "2025-03", ["2025-03"]),
        ("", "2024-12", []),
        ("2024-12", "2025-01", ["2024-12", "2025-01"]),
        ("2025-03", "2025-03", ["2025-03"]),
        ("2026-01", "", []),
    ],
)
def test_with_a_bound(first: str, last: str, selected: list[str]) -> None:
    assert _selected(STORED, first, last) == selected


def test_an_upper_bound_alone_reads_all_when_nothing_is_stored() -> None:
    assert _selected({}, last="2024-12") == ["2024-10", "2024-12"]


def test_without_bounds_all_that_is_absent_whatever_its_age_and_the_newest_two() -> None:
    assert _selected(STORED) == ["2024-12", "2025-03", "2025-05"]
    assert _selected(dict.fromkeys((mailing.mailing_date for mailing in INDEX), "complete")) == ["2025-03", "2025-05"]


@pytest.mark.parametrize("status", ["pending", "failed"])
def test_without_bounds_what_was_not_read_completely(status: str) -> None:
    complete = dict.fromkeys((mailing.mailing_date for mailing in INDEX), "complete")
    assert _selected(complete | {"2024-10": status}) == ["2024-10", "2025-03", "2025-05"]


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        ("2025", "", ["Invalid from_mailing_date"]),
        ("2025-1", "", ["Invalid from_mailing_date"]),
        ("2025/01", "", ["Invalid from_mailing_date"]),
        ("\u0662\u0660\u0662\u0665-01", "", ["Invalid from_mailing_date"]),
        ("", "soon", ["Invalid to_mailing_date"]),
        ("2025-13", "", ["Invalid --from-date", "month must be 01-12"]),
        ("", "2025-00", ["Invalid --to-date", "month must be 01-12"]),
        ("2025-02", "2025-01", ["--from-date", "--to-date", "after"]),
    ],
)
def test_what_is_no_bound(first: str, last: str, told: list[str]) -> None:
    with pytest.raises(CommandError) as refusal:
        Bounds(first, last).validate()
    assert all(part in str(refusal.value) for part in told)


def test_equal_bounds_and_open_ones_are_fine() -> None:
    for bounds in (Bounds(), Bounds("2025-01"), Bounds("", "2025-12"), Bounds("2025-01", "2025-01")):
        bounds.validate()
