"""The day's units: booked before they are used, kept in reserve, and what is done when they end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from boost_collectors.core.database import Database
from boost_collectors.core.errors import AuthenticationError, PermanentError, RateLimited
from boost_collectors.cppa_youtube_script_tracker import services
from boost_collectors.cppa_youtube_script_tracker.quota_day import next_reset, quota_day
from tests.cppa_youtube_script_tracker.videos import Bench, Tube

SEARCHES: dict[str, str] = {"YOUTUBE_SEARCHES": "Boost C++,modern C++", "YOUTUBE_MAX_QUERY_PAIRS": "3"}
YESTERDAY = "UPDATE cppa_youtube_script_tracker_youtubequota SET day = day - 1"


def next_day(bench: Bench) -> None:
    with bench.database.engine.begin() as connection:
        connection.exec_driver_sql(YESTERDAY)


def test_the_day_begins_at_midnight_in_california() -> None:
    summer, winter = datetime(2026, 7, 1, 6, 59, tzinfo=UTC), datetime(2026, 12, 1, 7, 59, tzinfo=UTC)
    assert (quota_day(summer), quota_day(summer + timedelta(minutes=1))) == (date(2026, 6, 30), date(2026, 7, 1))
    assert (quota_day(winter), quota_day(winter + timedelta(minutes=1))) == (date(2026, 11, 30), date(2026, 12, 1))
    assert next_reset(summer) == datetime(2026, 7, 1, 7, tzinfo=UTC)
    before_the_change = datetime(2026, 10, 31, 12, tzinfo=UTC)  # clocks go back on the first of November
    assert next_reset(before_the_change) == datetime(2026, 11, 1, 7, tzinfo=UTC)
    assert next_reset(next_reset(before_the_change)) == datetime(2026, 11, 2, 8, tzinfo=UTC)


def test_bookings_end_at_the_limit_and_a_closed_day_takes_none(database: Database) -> None:
    day = date(2026, 1, 1)
    with database.session() as session:
        assert services.book(session, "p", day, 60, limit=100)
        assert not services.book(session, "p", day, 41, limit=100)
        assert services.book(session, "p", day, 40, limit=100)
        assert services.usage(session, "p", day) == (100, False)
        assert services.book(session, "other", day, 1, limit=100)
        assert not services.book(session, "new", day, 101, limit=100)
        services.close_day(session, "other", day)
        assert not services.book(session, "other", day, 1, limit=100)
        assert services.book(session, "other", date(2026, 1, 2), 1, limit=100)


def test_what_does_not_fit_is_named_and_the_cheaper_units_are_done(bench: Bench, tube: Tube) -> None:
    video = tube.film("Boost in modern C++")
    tube.caption(video, "Here.")
    # One search fits, the second would reach into the reserve.
    error = bench.fail(settings=bench.settings(**SEARCHES, YOUTUBE_DAILY_QUOTA="250", YOUTUBE_QUOTA_RESERVE="50"))
    assert isinstance(error, RateLimited)
    assert error.retry_at == next_reset(datetime.now(UTC))
    assert "search:modern C++: search needs 101 units" in str(error)
    assert "search:Boost" not in str(error)
    assert bench.units == 1 + 2 + 100
    assert bench.videos("has_transcript") == [True]
    next_day(bench)
    bench.collect(settings=bench.settings(**SEARCHES, YOUTUBE_DAILY_QUOTA="400", YOUTUBE_QUOTA_RESERVE="50"))


def test_a_search_goes_on_the_next_day_where_the_units_ended(bench: Bench, tube: Tube) -> None:
    other = tube.channel("UCother0000000000000000", "Somebody")
    ids = tube.fill(120, of=other, title="Boost C++")
    one_search = {"YOUTUBE_SEARCHES": "Boost C++", "YOUTUBE_MAX_QUERY_PAIRS": "2"}
    settings = bench.settings(**one_search, YOUTUBE_DAILY_QUOTA="105", YOUTUBE_QUOTA_RESERVE="0")
    assert isinstance(bench.fail("--skip-transcript", settings=settings), RateLimited)
    assert bench.videos() == ids[70:]
    next_day(bench)
    assert isinstance(bench.fail("--skip-transcript", settings=settings), RateLimited)
    assert len(bench.asked("search")) == 1
    assert bench.videos() == ids[21:]  # the oldest of a page is the newest of the next: its second may hold more
    next_day(bench)
    bench.collect("--skip-transcript", settings=settings)
    assert bench.videos() == ids
    assert bench.rows(
        "SELECT cursor ? 'through', cursor ? 'before' FROM core_checkpoint WHERE unit LIKE 'search:%'"
    ) == [(True, False)]


def test_an_idle_search_costs_one_page_and_finds_what_youtube_shows_late(bench: Bench, tube: Tube) -> None:
    other = tube.channel("UCother0000000000000000", "Somebody")
    one_search = {"YOUTUBE_SEARCHES": "Boost C++", "YOUTUBE_MAX_QUERY_PAIRS": "2"}
    settings = bench.settings(**one_search, YOUTUBE_SEARCH_HOURS="0")
    now = datetime.now(UTC)
    tube.film("Boost C++", of=other, at=now - timedelta(days=400))
    bench.collect("--skip-transcript", settings=settings)
    late = tube.film("Boost C++, shown late", of=other, at=now - timedelta(days=3))
    before = bench.units
    bench.collect("--skip-transcript", settings=settings)
    assert late in bench.videos()
    assert bench.units - before == 1 + 1 + 100 + 1  # channels, uploads, search, the new video
    assert bench.videos("search_term") == ["Boost C++"] * 2
    bench.collect("--skip-transcript", settings=bench.settings(**one_search))
    assert bench.asked("search") == []  # a task that is repeated costs no search


def test_when_youtube_says_that_the_day_is_spent_nothing_more_is_asked(bench: Bench, tube: Tube) -> None:
    tube.fill(60)
    tube.quota(2)
    error = bench.fail("--skip-transcript")
    assert isinstance(error, RateLimited)
    assert "quotaExceeded" in str(error)
    tube.quota(None)
    assert isinstance(bench.fail("--skip-transcript"), RateLimited)
    assert bench.asked() == []
    next_day(bench)
    bench.collect("--skip-transcript")
    assert len(bench.videos()) == 60


def test_a_wrong_key_is_tried_once_and_named(bench: Bench, tube: Tube) -> None:
    tube.film()
    error = bench.fail(settings=bench.settings(**SEARCHES, YOUTUBE_API_KEY="another-key-7731"))
    assert isinstance(error, PermanentError)
    assert "YOUTUBE_API_KEY" in str(error)
    assert "another-key-7731" not in str(error)
    assert len(bench.asked()) == 1


def test_the_key_stands_in_no_url(bench: Bench, tube: Tube) -> None:
    tube.film()
    bench.collect("--skip-transcript", settings=bench.settings(**SEARCHES))
    assert len(bench.asked()) > 4
    assert not any("key" in url for url in bench.asked())


@pytest.mark.parametrize("variables", [{"HTTP_MAX_ATTEMPTS": "1"}])
def test_an_api_that_is_down_is_not_asked_for_every_unit(bench: Bench, tube: Tube, variables: dict[str, Any]) -> None:
    searches = {"YOUTUBE_SEARCHES": ",".join(f"C++ {n}" for n in range(20)), "YOUTUBE_MAX_QUERY_PAIRS": "21"}
    bench.sandbox.faults.add("/youtube/v3/*", "status", status=503, times=None)
    error = bench.fail(settings=bench.settings(**searches, **variables))
    assert not isinstance(error, AuthenticationError | PermanentError)
    assert len(bench.asked()) == 2
