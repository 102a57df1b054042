from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from boost_collectors.core.errors import CommandError
from boost_collectors.core.window import Window, WindowMode

DAY = datetime(2026, 3, 1, tzinfo=UTC)
NEXT = DAY + timedelta(days=1)


def test_a_run_continues_by_default() -> None:
    assert Window() == Window.between(None, None) == Window(WindowMode.INCREMENTAL)
    assert Window().contains(DAY)


def test_a_span_is_a_half_open_backfill() -> None:
    window = Window.between(DAY, NEXT)
    assert window.mode is WindowMode.BACKFILL
    moments = (DAY - timedelta(microseconds=1), DAY, NEXT - timedelta(microseconds=1), NEXT)
    assert [window.contains(moment) for moment in moments] == [False, True, True, False]


def test_an_open_end_contains_everything() -> None:
    assert Window.between(DAY, None).contains(DAY + timedelta(days=9999))
    assert Window.between(None, DAY).contains(DAY - timedelta(days=9999))
    assert not Window.between(None, DAY).contains(DAY)


@pytest.mark.parametrize(("mode", "moves"), [("incremental", True), ("full", True), ("backfill", False)])
def test_only_a_backfill_leaves_the_checkpoint(mode: str, moves: bool) -> None:
    window = Window(WindowMode(mode), since=DAY if mode == "backfill" else None)
    assert window.moves_checkpoint is moves


@pytest.mark.parametrize(
    ("mode", "since", "until", "message"),
    [
        ("backfill", DAY.replace(tzinfo=None), None, "since 2026-03-01T00:00:00 has no time zone"),
        ("backfill", None, DAY.replace(tzinfo=None), "until 2026-03-01T00:00:00 has no time zone"),
        ("incremental", DAY, None, "is a backfill, not incremental"),
        ("full", None, DAY, "is a backfill, not full"),
        ("backfill", None, None, "needs since or until"),
        ("backfill", NEXT, DAY, "is not before until"),
        ("backfill", DAY, DAY, "is not before until"),
    ],
)
def test_windows_that_make_no_sense(mode: str, since: datetime | None, until: datetime | None, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        Window(WindowMode(mode), since, until)
