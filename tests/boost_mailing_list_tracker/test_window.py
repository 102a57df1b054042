"""The bounds of a backfill."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from boost_collectors.core.errors import CommandError
from boost_collectors.core.window import Window, WindowMode
from tests.boost_mailing_list_tracker.mail import START, Bench, Mailboxes

DAY = timedelta(days=1)
NOON = datetime(2024, 6, 15, 12, tzinfo=UTC)
NIGHT = datetime(2024, 6, 15, 0, tzinfo=UTC)
LAST = NIGHT + DAY - timedelta(seconds=1)


def _sent(bench: Bench) -> list[datetime]:
    return sorted(bench.rows("SELECT sent_at FROM boost_mailing_list_tracker_mailinglistmessage"))


@pytest.fixture
def _around_noon(mail: Mailboxes) -> None:
    for index, sent in enumerate((NIGHT - timedelta(seconds=1), NIGHT, NOON, NOON + timedelta(seconds=1), LAST)):
        mail.add(f"m{index}@x", sent=sent)
    mail.add("next day@x", sent=NIGHT + DAY)


@pytest.mark.usefixtures("_around_noon")
@pytest.mark.parametrize(
    ("bound", "first"),
    [
        ("2024-06-15", NIGHT),
        (" 2024-06-15 ", NIGHT),
        ("20240615", NIGHT),
        ("2024-W24-6", NIGHT),
        ("2024-06-15 12:00:00", NOON),
        ("2024-06-15T12:00:00Z", NOON),
        ("2024-06-15T14:00:00+02:00", NOON),
        ("2024-06-15T12:00:00", NOON),
        ("2024-06-15 12", NOON),
    ],
)
def test_the_lower_bound_is_inclusive(bench: Bench, bound: str, first: datetime) -> None:
    bench.collect("--start-date", bound)
    assert _sent(bench)[0] == first


@pytest.mark.usefixtures("_around_noon")
@pytest.mark.parametrize(
    ("bound", "last"),
    [
        ("2024-06-15", LAST),
        (" 2024-06-15 ", LAST),
        ("20240615", LAST),
        ("2024-W24-6", LAST),
        ("2024-06-15 12:00:00", NOON),
        ("2024-06-15T12:00:00Z", NOON),
        ("2024-06-15T14:00:00+02:00", NOON),
        ("2024-06-15T12:00:00", NOON),
        ("2024-06-15 12", NOON),
        ("9999-12-31", NIGHT + DAY),
    ],
)
def test_the_upper_bound_is_inclusive_and_a_bare_date_is_its_whole_day(
    bench: Bench, bound: str, last: datetime
) -> None:
    bench.collect("--end-date", bound)
    assert _sent(bench)[-1] == last


@pytest.mark.usefixtures("_around_noon")
def test_both_bounds(bench: Bench) -> None:
    bench.collect("--start-date", "2024-06-15", "--end-date", "2024-06-15")
    assert _sent(bench) == [NIGHT, NOON, NOON + timedelta(seconds=1), LAST]


@pytest.mark.usefixtures("_around_noon")
@pytest.mark.parametrize("flag", ["--start-date", "--end-date"])
@pytest.mark.parametrize("typo", ["yesterday", "2024-06", "2024-13-01", "15.06.2024", "2024-06-15T25:00"])
def test_a_typing_error_is_told_before_any_request(bench: Bench, flag: str, typo: str) -> None:
    error = bench.fail(flag, typo)
    assert isinstance(error, CommandError)
    assert flag in str(error)
    assert typo in str(error)
    assert len(bench.sandbox.requests) == 0


def test_a_lower_bound_after_the_upper_one_is_refused(bench: Bench) -> None:
    error = bench.fail("--start-date", "2024-06-16", "--end-date", "2024-06-15")
    assert isinstance(error, CommandError)
    assert "--start-date 2024-06-16 is after --end-date 2024-06-15" in str(error)
    assert len(bench.sandbox.requests) == 0


@pytest.mark.usefixtures("_around_noon")
def test_blank_bounds_are_none(bench: Bench) -> None:
    bench.collect("--start-date", " ", "--end-date", "")
    assert len(bench.stored) == 6
    assert "anchors" in bench.cursor()


@pytest.mark.usefixtures("_around_noon")
def test_a_bounded_run_leaves_the_checkpoint_alone(bench: Bench) -> None:
    bench.collect("--start-date", "2024-06-15")
    assert bench.cursor() == {}
    assert bench.collect()["messages_inserted"] == 1


def test_a_backfill_reads_on_past_old_messages_and_ends_at_a_page_of_them(bench: Bench, mail: Mailboxes) -> None:
    mail.fill(250)
    wanted = mail.add("wanted@x", sent=START + timedelta(days=100))
    for index in range(3):
        mail.add(f"late{index}@x", sent=START - DAY)
    bench.collect("--start-date", "2024-04-01")
    assert bench.stored == {wanted}
    assert bench.offsets() == [0, 100]


def test_the_window_of_the_run_wins_over_the_flags(
    bench: Bench, mail: Mailboxes, caplog: pytest.LogCaptureFixture
) -> None:
    mail.fill(3)
    window = Window(WindowMode.BACKFILL, START, START + timedelta(minutes=30))
    bench.collect("--start-date", "2024-01-01", window=window)
    assert _sent(bench) == [START]
    assert "give way to the window" in caplog.text
