"""Whole trees of comments, whatever one answer leaves out, and what becomes of things that are stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from boost_collectors.core.errors import TransientError
from tests.reddit_activity_tracker.places import START, Bench, Places, ago

TREES = "/comments/"
BODY = "SELECT body FROM reddit_activity_tracker_redditcomment"


def _hidden(places: Places, on: str) -> str:
    """A deleted comment with a reply: no listing shows it, so the tree is read for it."""
    hidden = places.comment(on, gone="deleted", body="")
    places.comment(on, hidden)
    return hidden


def test_what_an_answer_leaves_out_is_asked_for_until_all_is_there(bench: Bench, places: Places) -> None:
    thread = places.submit()
    hidden = _hidden(places, thread)
    ids = {hidden} | set(places.fill(40, on=thread))
    parent = ""
    for _ in range(15):
        parent = places.comment(thread, parent, at=START - timedelta(hours=1))
        ids.add(parent)
    places.options(tree_limit=7, tree_depth=4, more_limit=5)
    bench.collect()
    assert ids < set(bench.comments)
    assert len(bench.comments) == len(ids) + 1
    assert bench.gone == {hidden: "deleted"}
    assert len(bench.asked("/morechildren")) > 5
    assert len(bench.asked("/_/")) >= 3
    assert len(bench.asked(f"/comments/{thread}")) == 1 + len(bench.asked("/_/"))


def test_a_hundred_comments_are_asked_for_at_once(bench: Bench, places: Places) -> None:
    thread = places.submit()
    _hidden(places, thread)
    places.fill(250, on=thread)
    places.options(tree_limit=2)
    places.save()
    bench.collect()
    assert len(bench.asked("/morechildren")) == 3
    assert len(bench.comments) == 252


def test_a_tree_is_read_again_only_when_it_has_grown_unseen(bench: Bench, places: Places) -> None:
    thread = places.submit(num_comments=9)  # Reddit counts some that it shows to nobody
    places.comment(thread)
    bench.collect()
    assert bench.asked(TREES) == [f"/comments/{thread}"]
    places.comment(thread)
    places.change(thread, num_comments=10)
    bench.collect()
    assert bench.asked(TREES) == []
    places.change(thread, num_comments=11)
    bench.collect()
    assert bench.asked(TREES) == [f"/comments/{thread}"]
    bench.collect()
    assert bench.asked(TREES) == []


def test_a_tree_that_was_cut_short_is_read_by_the_next_run(bench: Bench, places: Places) -> None:
    thread = places.submit()
    hidden = _hidden(places, thread)
    ids = places.fill(30, on=thread)
    places.options(tree_limit=5, more_limit=5)
    places.save()
    bench.sandbox.faults.add("*/api/morechildren*", "status", after=1)
    assert isinstance(bench.fail(), TransientError)
    assert bench.rows("SELECT count(*) FROM reddit_activity_tracker_reddittree") == [0]
    bench.collect()
    assert {hidden, *ids} < set(bench.comments)
    assert bench.rows("SELECT missing FROM reddit_activity_tracker_reddittree") == [0]


def test_a_stored_comment_that_its_whole_tree_does_not_show_is_asked_for(bench: Bench, places: Places) -> None:
    thread = places.submit()
    leaf, lost = places.comment(thread, body="Leaf"), places.comment(thread, body="Lost")
    bench.collect()
    places.change(leaf, gone="removed")
    places.vanish(lost)
    places.change(thread, num_comments=7)
    bench.collect()
    assert bench.gone == {leaf: "removed", lost: "missing"}
    assert bench.comments == {leaf: "Leaf", lost: "Lost"}


def test_young_things_are_read_again_once_a_day(bench: Bench, places: Places) -> None:
    old, young = places.submit(at=ago(days=30)), places.submit(at=ago(days=2), title="Young")
    ids = places.fill(150, at=ago(days=1), on=young)
    places.save()
    bench.collect()
    places.change(young, score=500, gone=None)
    places.change(old, score=500)
    places.change(ids[0], body="Edited", edited=1_800_000_000.0, score=7)
    places.change(ids[1], gone="deleted")
    places.change(ids[2], gone="removed")
    counts = bench.collect()
    assert bench.asked("/info") == []
    bench.a_day_passes()
    counts = bench.collect()
    assert len(bench.asked("/info")) == 3  # one of submissions, two of comments
    assert counts["things_read_again"] == 151
    assert bench.comments[ids[0]] == "Edited"
    assert {ids[1]: "deleted", ids[2]: "removed"} == bench.gone
    assert bench.comments[ids[1]] == "x"
    edited = "SELECT edited_at, score FROM reddit_activity_tracker_redditcomment WHERE edited_at IS NOT NULL"
    assert bench.rows(edited) == [(datetime.fromtimestamp(1_800_000_000, UTC), 7)]
    bench.collect()
    assert bench.asked("/info") == []


def test_a_round_goes_on_where_the_last_run_ended(bench: Bench, places: Places) -> None:
    thread = places.submit(at=ago(days=2))
    ids = places.fill(350, at=ago(days=1), on=thread)
    places.save()
    bench.collect()
    places.change(ids[0], score=40)
    places.change(ids[349], score=50)
    bench.a_day_passes()
    limited = bench.settings(REDDIT_REREAD_REQUESTS="2")
    runs = 0
    while "kind" in bench.cursor["reread"] or not runs:
        bench.collect(settings=limited)
        runs += 1
    assert runs == 3
    scores = "SELECT score FROM reddit_activity_tracker_redditcomment WHERE score > 1 ORDER BY score"
    assert bench.rows(scores) == [40, 50]


def test_what_is_back_is_not_gone_any_more(bench: Bench, places: Places) -> None:
    thread = places.submit(at=ago(days=1), selftext="Mine")
    bench.collect()
    places.change(thread, gone="removed")
    bench.a_day_passes()
    bench.collect()
    assert bench.gone == {thread: "removed"}
    kept = "SELECT selftext, reddit_user_id IS NOT NULL FROM reddit_activity_tracker_redditsubmission"
    assert bench.rows(kept) == [("Mine", True)]
    places.change(thread, gone=None)
    bench.a_day_passes()
    bench.collect()
    assert bench.gone == {}


def test_a_submission_that_was_approved_late_is_found_within_a_day(bench: Bench, places: Places) -> None:
    late = places.submit(at=ago(days=2), gone="removed")
    places.fill(250, at=ago(days=1, hours=12))
    places.save()
    bench.collect()
    assert late not in bench.submissions
    places.change(late, gone=None)
    bench.collect()
    assert late not in bench.submissions
    bench.a_day_passes()
    bench.collect()
    assert late in bench.submissions


def test_submissions_of_which_only_a_comment_is_known(bench: Bench, places: Places) -> None:
    removed = places.submit(gone="removed", title="Removed")
    lost = places.submit()
    ids = [places.comment(removed), places.comment(lost)]
    places.vanish(lost)
    bench.collect()
    assert set(bench.comments) == set(ids)
    assert bench.submissions == {removed: "Removed", lost: ""}
    assert bench.gone == {removed: "removed", lost: "missing"}
    bench.collect()
    assert bench.asked() == ["/r/cpp/new", "/r/cpp/comments"]


def test_stubs_of_the_earlier_system_are_filled(bench: Bench, places: Places) -> None:
    known = places.submit(title="Known", at=START - timedelta(days=400))
    settings = bench.settings(REDDIT_DEFAULT_LOOKBACK_DAYS="1")
    with bench.database.engine.begin() as connection:
        for key in (known, "zzz9"):
            connection.exec_driver_sql(
                "INSERT INTO reddit_activity_tracker_redditsubmission (reddit_submission_id, subreddit, created_utc) "
                f"VALUES ('t3_{key}', 'cpp', 0)"
            )
    bench.collect(settings=settings)
    assert bench.submissions == {known: "Known", "zzz9": ""}
    assert bench.gone == {"zzz9": "missing"}
    bench.collect(settings=settings)
    assert bench.asked("/info") == []
