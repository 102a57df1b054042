"""What one subreddit, thing, account or limit that goes wrong costs the others: nothing, and no time asleep."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from boost_collectors.core.errors import PermanentError, RateLimited
from tests.reddit_activity_tracker.places import START, Bench, Places

TITLES = "SELECT username, display_name, reddit_user_id FROM cppa_user_tracker_reddituser ORDER BY username"


@pytest.mark.parametrize(
    ("state", "status"), [("private", 403), ("quarantined", 403), ("banned", 404), ("", 200)], ids=str
)
def test_a_closed_subreddit_fails_at_once_and_the_others_are_saved(
    bench: Bench, places: Places, state: str, status: int
) -> None:
    if state:
        places.subreddit("closed", state=state)
    places.subreddit("last")
    first, last = places.submit(), places.submit(to="last")
    error = bench.fail(settings=bench.settings(REDDIT_SUBREDDITS="cpp,closed,last", HTTP_MAX_ATTEMPTS="5"))
    assert isinstance(error, PermanentError)
    assert "closed" in str(error)
    assert "--only closed" in str(error)
    assert set(bench.submissions) == {first, last}
    asked = [request.status for request in bench.sandbox.requests if "/r/closed" in request.path]
    assert asked == ([status] if state else [302])


def test_a_suspended_account_costs_one_request_and_no_waiting(bench: Bench, places: Places) -> None:
    places.users(hidden={"hidden": True}, gone={"suspended": True}, ana={"title": "Ana's page"})
    for author in ("hidden", "gone", "ana", "[deleted]", "AutoModerator", "ana"):
        places.submit(author=author)
    started = time.monotonic()
    counts = bench.collect(settings=bench.settings(REDDIT_READ_PROFILES="true", HTTP_MAX_ATTEMPTS="5"))
    assert time.monotonic() - started < 30
    assert sorted(bench.asked("/user/")) == [f"/user/{name}/about" for name in ("ana", "gone", "hidden")]
    assert counts["users"] == 3
    [ana, gone, hidden] = bench.rows(TITLES)
    assert ana[:2] == ("ana", "Ana's page")
    assert (gone[:2], hidden[:2]) == (("gone", "gone"), ("hidden", "hidden"))
    assert all(row[2].startswith("t2_u") for row in (ana, gone, hidden))
    places.submit(author="ana")
    bench.collect(settings=bench.settings(REDDIT_READ_PROFILES="true"))
    assert bench.asked("/user/") == []


def test_a_thing_that_cannot_be_stored_is_set_aside_and_told_once(bench: Bench, places: Places) -> None:
    thread = places.submit()
    good = places.comment(thread)
    lonely = places.comment(thread, link_id=None)
    broken = places.comment(thread, body="\ud83d")
    timeless = places.submit(created_utc="soon")
    places.change(timeless, created_utc=None)
    error = bench.fail()
    assert "link_id" in str(error)
    assert set(bench.comments) == {good}
    assert bench.pending[f"t1_{lonely}"] == bench.pending[f"t1_{broken}"] == ("quarantined", 1)
    bench.collect()
    places.change(broken, body="Mended")
    bench.collect()
    assert set(bench.comments) == {good, broken}
    assert f"t1_{broken}" not in bench.pending


def test_long_urls_and_times_after_2038_are_stored(bench: Bench, places: Places) -> None:
    far = datetime(2090, 5, 1, tzinfo=UTC)
    long = "https://example.org/" + "x" * 5000
    places.submit(at=far, url=long, title="t" * 2000)
    bench.collect()
    query = "SELECT url, length(title), created_utc, written_at FROM reddit_activity_tracker_redditsubmission"
    assert bench.rows(query) == [(long, 2000, int(far.timestamp()), far)]


def test_when_few_requests_are_left_the_run_gives_its_worker_back(bench: Bench, places: Places) -> None:
    places.fill(450)
    places.options(limit=5, period=500)
    places.save()
    started = time.monotonic()
    error = bench.fail(settings=bench.settings(HTTP_MAX_ATTEMPTS="5"))
    assert isinstance(error, RateLimited)
    assert time.monotonic() - started < 30
    assert 400 < (error.retry_at - datetime.now(UTC)).total_seconds() <= 503
    assert {request.status for request in bench.sandbox.requests} == {200}
    assert len(bench.submissions) == 400
    places.options()
    bench.collect()
    assert len(bench.submissions) == 450


def test_a_429_without_retry_after_waits_for_the_reset_that_it_tells(bench: Bench, places: Places) -> None:
    places.submit()
    places.options(limit=0, period=3000)
    error = bench.fail(settings=bench.settings(REDDIT_RATE_LIMIT_LOW_WATERMARK="0"))
    assert isinstance(error, RateLimited)
    assert 2500 < (error.retry_at - datetime.now(UTC)).total_seconds() <= 3001


def test_a_short_wait_is_waited_out(bench: Bench, places: Places) -> None:
    places.fill(250)
    places.options(limit=4, period=0.5)
    places.save()
    bench.collect()
    assert len(bench.submissions) == 250
    assert {request.status for request in bench.sandbox.requests} == {200}


def test_requests_keep_their_distance(bench: Bench, places: Places) -> None:
    places.fill(120, at=START - timedelta(days=1))
    places.save()
    started = time.monotonic()
    bench.collect(settings=bench.settings(REDDIT_REQUEST_INTERVAL="0.4"))
    assert time.monotonic() - started >= 0.8
    assert len(bench.asked()) == 3
