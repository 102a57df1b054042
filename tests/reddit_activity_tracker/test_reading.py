"""What a run asks for, and what it finds: listings, windows, gaps, keywords."""

from __future__ import annotations

from datetime import timedelta

import pytest

from boost_collectors.core.errors import PermanentError, TransientError
from boost_collectors.core.window import Window, WindowMode
from tests.bench import statements
from tests.reddit_activity_tracker.places import START, Bench, Places, ago

TREES = "/comments/"


def test_a_second_run_asks_for_two_pages_and_writes_nothing(bench: Bench, places: Places) -> None:
    first = places.submit()
    places.comment(first)
    places.fill(150)
    bench.collect()
    counts = bench.collect()
    assert bench.asked() == ["/r/cpp/new", "/r/cpp/comments"]
    assert not [name for name, n in counts.items() if n and name.endswith(("_inserted", "_updated"))]


def test_late_comments_on_old_submissions_come_with_the_comments_of_the_subreddit(bench: Bench, places: Places) -> None:
    old = places.submit()
    places.fill(150)
    bench.collect()
    late = places.comment(old, body="Late", at=ago(hours=1))
    counts = bench.collect()
    assert bench.comments == {late: "Late"}
    assert (counts["comments_inserted"], bench.asked(TREES)) == (1, [])


def test_a_run_cut_short_in_the_middle_of_a_listing_loses_nothing(bench: Bench, places: Places) -> None:
    ids = places.fill(20)
    places.save()
    bench.collect()
    head = bench.cursor["submissions"]
    ids += places.fill(250, at=START + timedelta(days=9))
    places.save()
    bench.sandbox.faults.add("*/r/cpp/new*", "status", after=2)
    assert isinstance(bench.fail(), TransientError)
    assert len(bench.submissions) == 220
    assert bench.cursor["submissions"] == head
    bench.collect()
    assert set(bench.submissions) == set(ids)
    assert int(ids[-1], 36) == bench.cursor["submissions"]


def test_the_first_run_reads_the_last_days(bench: Bench, places: Places) -> None:
    old, young = places.submit(at=ago(days=40)), places.submit(at=ago(days=3))
    late = places.comment(old, at=ago(days=2))
    places.comment(old, at=ago(days=35))
    settings = bench.settings(REDDIT_DEFAULT_LOOKBACK_DAYS="30")
    for _ in range(2):
        bench.collect(settings=settings)
        assert set(bench.submissions) == {old, young}
        assert set(bench.comments) == {late}


def test_a_window_is_read_exactly(bench: Bench, places: Places) -> None:
    ids = places.fill(48, at=START)
    inside = [places.comment(ids[0], at=START + timedelta(minutes=minutes)) for minutes in (20, 25)]
    for minutes in (19, 30):
        places.comment(ids[0], at=START + timedelta(minutes=minutes))
    bench.collect("--since", "2024-01-01T00:20", "--until", "2024-01-01T00:30")
    assert set(bench.submissions) == {*ids[20:30], ids[0]}
    assert set(bench.comments) == set(inside)
    assert bench.rows("SELECT count(*) FROM core_checkpoint") == [0]


@pytest.mark.parametrize("text", ["yesterday", "2024-13-01"])
def test_a_since_that_is_no_instant_is_refused_before_any_request(bench: Bench, text: str) -> None:
    assert "--since" in str(bench.fail("--since", text))
    assert len(bench.sandbox.requests) == 0


def test_a_window_older_than_what_reddit_lists_fails_and_says_so(bench: Bench, places: Places) -> None:
    places.options(listing_cap=550)
    ids = places.fill(600)
    places.save()
    error = bench.fail("--since", "2024-01-01T00:10")
    assert isinstance(error, PermanentError)
    assert "submissions of r/cpp before 2024-01-01T00:50:00Z: Reddit does not list them" in str(error)
    assert set(bench.submissions) == set(ids[50:])
    places.options(listing_cap=1000)
    bench.collect("--since", "2024-01-01T00:10")
    assert set(bench.submissions) == set(ids[10:])


def test_a_gap_before_what_reddit_lists_is_told_once_and_kept_in_mind(bench: Bench, places: Places) -> None:
    ids = places.fill(50)
    places.save()
    bench.collect()
    ids += places.fill(600, at=START + timedelta(days=5))
    places.options(listing_cap=550)
    places.save()
    error = bench.fail()
    assert isinstance(error, PermanentError)
    assert "submissions before 2024-01-06T00:50:00Z: Reddit does not list them" in str(error)
    assert error.result is not None
    assert error.result.counts["submission_gaps"] == 1
    assert set(bench.submissions) == {*ids[:50], *ids[100:]}
    [(status, _)] = bench.pending.values()
    assert status == "quarantined"
    bench.collect()
    assert bench.asked() == ["/r/cpp/new", "/r/cpp/comments"]


def test_comments_that_are_listed_no_more_are_found_in_the_trees(bench: Bench, places: Places) -> None:
    thread, quiet = places.submit(at=ago(days=3)), places.submit(at=ago(days=4))
    places.comment(quiet)
    bench.collect()
    ids = places.fill(620, at=ago(days=2), on=thread)
    places.options(listing_cap=550)
    places.save()
    counts = bench.collect()
    assert set(ids) <= set(bench.comments)
    assert counts["comment_gaps"] == 1
    assert bench.asked(TREES) == [f"/comments/{thread}"]
    assert bench.pending == {}


def test_a_listing_that_breaks_off_between_two_pages_is_read_again(bench: Bench, places: Places) -> None:
    ids = places.fill(350)
    places.save()
    bench.collect()
    cursor = bench.cursor
    ids += places.fill(250, at=START + timedelta(days=2))
    places.options(listing_cap=130)
    places.save()
    assert isinstance(bench.fail(), TransientError)
    assert bench.cursor == cursor
    places.options()
    bench.collect()
    assert set(bench.submissions) == set(ids)


def test_a_full_run_finds_what_old_things_became(bench: Bench, places: Places) -> None:
    ids = places.fill(130)
    comments = places.fill(130, on=ids[0])
    places.save()
    bench.collect()
    places.change(comments[0], body="Edited", edited=1_704_100_000.0)
    places.change(comments[1], gone="deleted")
    places.change(ids[2], score=99)
    bench.collect()
    assert (bench.comments[comments[0]], bench.gone) == ("x", {})
    bench.collect(window=Window(WindowMode.FULL))
    assert (bench.comments[comments[0]], bench.gone) == ("Edited", {comments[1]: "deleted"})
    assert bench.asked("/info") == ["/api/info"] * 4
    assert max(bench.rows("SELECT score FROM reddit_activity_tracker_redditsubmission")) == 99


def test_keywords_choose_among_submissions_and_comments_of_every_subreddit(bench: Bench, places: Places) -> None:
    places.subreddit("programming")
    wanted = places.submit(to="programming", title="Boost again", selftext="and again")
    other = places.submit(to="programming", title="A booster", selftext="about c and c#")
    context = places.submit(title="Which language?")
    kept = [
        places.comment(wanted, to="programming", body="Indeed"),
        places.comment(context, body="Use C++!"),
        places.comment(other, to="programming", body="what about (boost)?"),
    ]
    places.comment(context, body="Use Rust")
    places.comment(other, to="programming", gone="deleted", body="")
    settings = bench.settings(REDDIT_KEYWORDS="Boost, c++", REDDIT_SUBREDDITS="cpp,programming")
    for _ in range(2):
        bench.collect(settings=settings)
        assert set(bench.submissions) == {wanted, other, context}
        assert set(bench.comments) == set(kept)
    assert bench.asked() == ["/r/cpp/new", "/r/cpp/comments", "/r/programming/new", "/r/programming/comments"]


def test_a_page_takes_few_statements_whatever_is_on_it(bench: Bench, places: Places) -> None:
    for number in range(100):
        places.submit(author=f"author{number}", at=START + timedelta(minutes=number))
    with statements() as few:
        bench.collect()
    assert len(few) <= 60
    for number in range(300):
        places.submit(author=f"other{number}", at=START + timedelta(days=1, minutes=number))
    with statements() as more:
        assert bench.collect()["submissions_inserted"] == 300
    assert len(more) <= len(few) + 3 * 30
