"""Channels: what is stored, what an idle run costs, edits and deletions."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from boost_collectors.core.errors import PermanentError
from boost_collectors.core.window import Window, WindowMode
from tests.bench import statements
from tests.cppa_youtube_script_tracker.videos import START, TALKS, Bench, Tube

REREAD = {"YOUTUBE_REREAD_HOURS": "0"}


def test_a_video_is_stored_with_its_facts_tags_and_speaker(bench: Bench, tube: Tube) -> None:
    video = tube.film(
        "Move it - Ada Example - C++ Talks 2024",
        description="It\u2019s about moves.\0",
        tags=["C++", " Moves ", "moves", ""],
    )
    counts = bench.collect("--skip-transcript")
    assert counts["videos"] == 1
    columns = "title, description, channel_id, duration_seconds, view_count, like_count, comment_count, search_term"
    (row,) = bench.videos(f"{columns}, published_at, has_transcript, gone_at")
    assert row == (
        *("Move it - Ada Example - C++ Talks 2024", "It's about moves.", TALKS, 60, 10, 2, 1, "C++ Talks"),
        *(START, False, None),
    )
    assert bench.tags() == {video: {"c++", "moves"}}
    assert bench.speakers() == {video: {"Ada Example"}}
    archived = bench.settings().raw_dir / "cppa_youtube_script_tracker" / "metadata" / f"{video}.json"
    kept = json.loads(archived.read_text())
    assert (kept["video_id"], kept["tags"], kept["published_at"]) == (video, ["c++", "moves"], "2024-01-01T00:00:00Z")


def test_hidden_counts_are_null_and_absent_facts_are_empty(bench: Bench, tube: Tube) -> None:
    video = tube.film()
    del tube.videos[video]["statistics"]
    tube.videos[video]["contentDetails"]["duration"] = "P1DT2H"
    tube.save()
    bench.collect("--skip-transcript")
    assert bench.videos("view_count, like_count, comment_count, duration_seconds") == [(None, None, None, 0)]


def test_reading_a_channel_costs_two_units_a_page_and_one_when_nothing_is_new(bench: Bench, tube: Tube) -> None:
    tube.fill(120)
    bench.collect("--skip-transcript")
    assert len(bench.videos()) == 120
    assert bench.units == 1 + 2 * 3
    bench.collect("--skip-transcript")
    assert [len(bench.asked(method)) for method in ("channels", "playlistItems", "videos", "search")] == [1, 1, 0, 0]
    assert bench.units == 7 + 2


def test_a_new_video_costs_one_page_more(bench: Bench, tube: Tube) -> None:
    tube.fill(60)
    bench.collect("--skip-transcript")
    new = tube.film()
    counts = bench.collect("--skip-transcript")
    assert counts["videos"] == 1
    assert bench.asked("videos") == [url for url in bench.asked("videos") if f"id={new}" in url]
    assert len(bench.asked("playlistItems")) == 1


def test_what_is_not_about_cpp_is_left_out_and_not_asked_for_again(bench: Bench, tube: Tube) -> None:
    tube.channel(TALKS, "Somebody")
    kept = tube.film("Pointers in C++")
    tube.film("My desk")
    tagged = tube.film("Part 7", tags=["cpp"])
    bench.collect("--skip-transcript")
    assert bench.videos() == [kept, tagged]
    bench.collect("--skip-transcript")
    assert bench.asked("videos") == []


def test_all_uploads_are_walked_again_after_some_days(bench: Bench, tube: Tube) -> None:
    tube.fill(60)
    bench.collect("--skip-transcript")
    late = tube.film(at=START - timedelta(days=30))  # comes in far down the list, where no page of news shows it
    bench.collect("--skip-transcript")
    assert late not in bench.videos()
    bench.collect("--skip-transcript", settings=bench.settings(YOUTUBE_REREAD_DAYS="0"))
    assert late in bench.videos()
    assert len(bench.asked("videos")) == 1


def test_a_walk_that_breaks_off_is_done_again_without_reading_its_videos_twice(bench: Bench, tube: Tube) -> None:
    tube.fill(150)
    bench.sandbox.faults.add("/youtube/v3/playlistItems", "status", status=500, after=2, times=None)
    bench.fail("--skip-transcript")
    assert len(bench.videos()) == 100
    bench.sandbox.faults.clear()
    bench.collect("--skip-transcript")
    assert len(bench.videos()) == 150
    assert (len(bench.asked("playlistItems")), len(bench.asked("videos"))) == (3, 1)


def test_a_page_that_comes_twice_fails_the_unit_and_the_next_run_has_all(bench: Bench, tube: Tube) -> None:
    tube.fill(120)
    bench.sandbox.faults.add("/youtube/v3/playlistItems", "repeated_page", after=1)
    error = bench.fail("--skip-transcript")
    assert "the list moves" in str(error)
    bench.collect("--skip-transcript")
    assert len(bench.videos()) == 120


def test_a_list_that_gets_shorter_while_it_is_read_is_read_again(bench: Bench, tube: Tube) -> None:
    tube.fill(120)
    bench.sandbox.faults.add("/youtube/v3/playlistItems", "shifted_page", items=-1, after=1)
    bench.collect("--skip-transcript")
    missed = 120 - len(bench.videos())
    assert missed == 1
    bench.collect("--skip-transcript", settings=bench.settings(YOUTUBE_REREAD_DAYS="0"))
    assert len(bench.videos()) == 120


def test_edits_statistics_and_tags_are_read_again_and_only_changes_are_written(bench: Bench, tube: Tube) -> None:
    edited = tube.film("A talk", tags=["one", "two"])
    still = tube.film("Another")
    bench.collect("--skip-transcript")
    before = dict(bench.videos("video_id, updated_at"))
    tube.change(edited, views=12, title="Speaker: Bo", description="Speaker: Bo Other", tags=["two", "three"])
    bench.collect("--skip-transcript")
    assert bench.asked("videos") == []  # not before its time
    counts = bench.collect("--skip-transcript", settings=bench.settings(**REREAD))
    assert (counts["videos_reread"], counts["videos_updated"], counts["videos_unchanged"]) == (2, 1, 1)
    after = dict(bench.videos("video_id, updated_at"))
    assert after[still] == before[still]
    assert after[edited] > before[edited]
    assert bench.videos("view_count, title, search_term")[0] == (12, "Speaker: Bo", "C++ Talks")
    assert bench.tags() == {edited: {"two", "three"}}
    assert bench.speakers()[edited] == {"Bo Other"}


def test_fifty_videos_are_read_again_for_one_unit(bench: Bench, tube: Tube) -> None:
    tube.fill(100)
    bench.collect("--skip-transcript")
    bench.collect("--skip-transcript", only=("statistics",), settings=bench.settings(**REREAD))
    assert len(bench.asked()) == 2


def test_a_video_that_vanishes_is_marked_and_comes_back(bench: Bench, tube: Tube) -> None:
    gone, _ = tube.film(), tube.film()
    bench.collect("--skip-transcript")
    item = tube.remove(gone)
    counts = bench.collect("--skip-transcript", settings=bench.settings(**REREAD))
    assert counts["videos_gone"] == 1
    assert bench.videos("gone_at IS NOT NULL") == [True, False]
    assert bench.collect("--skip-transcript", settings=bench.settings(**REREAD))["videos_gone"] == 0
    tube.videos[gone] = item
    tube.save()
    bench.collect("--skip-transcript", settings=bench.settings(**REREAD))
    assert bench.videos("gone_at IS NOT NULL") == [False, False]


def test_a_channel_that_is_not_there_fails_its_unit_alone(bench: Bench, tube: Tube) -> None:
    other = tube.channel("UCother0000000000000000", "Other C++")
    tube.film(), tube.film(of=other)
    both = {"YOUTUBE_CHANNELS": f"Other={other},C++ Talks={TALKS}", "YOUTUBE_MAX_QUERY_PAIRS": "2"}
    bench.collect("--skip-transcript", settings=bench.settings(**both))
    del tube.channels[other]
    new = tube.film()
    error = bench.fail("--skip-transcript", settings=bench.settings(**both))
    assert isinstance(error, PermanentError)
    assert "YOUTUBE_CHANNELS" in str(error)
    assert new in bench.videos()
    gone = bench.rows("SELECT channel_id, gone_at IS NOT NULL FROM cppa_youtube_script_tracker_youtubechannel")
    assert dict(gone) == {TALKS: False, other: True}


def test_a_bad_video_waits_in_quarantine_and_costs_no_other_its_row(bench: Bench, tube: Tube) -> None:
    bad, good = tube.film(), tube.film()
    snippet = tube.videos[bad].pop("snippet")
    tube.videos[bad]["snippet"] = {**snippet, "tags": "not a list"}
    tube.save()
    error = bench.fail("--skip-transcript")
    assert f"validation error in video {bad}" in str(error)
    assert bench.videos() == [good]
    assert bench.pending == {bad: ("quarantined", 1)}
    bench.collect("--skip-transcript")
    tube.videos[bad]["snippet"] = snippet
    tube.save()
    bench.collect("--skip-transcript", window=Window(WindowMode.FULL))
    assert bench.videos() == [bad, good]
    assert bench.pending == {}


def test_the_statements_do_not_grow_with_videos_and_tags(bench: Bench, tube: Tube) -> None:
    def taken(number: int) -> int:
        for index in range(number):
            tube.film(description=f"Speaker: Ann Person{index}", tags=[f"tag {index} {n}" for n in range(15)])
        with statements() as seen:
            bench.collect("--skip-transcript")
        return len(seen)

    few, many = taken(2), taken(45)
    assert sum(map(len, bench.tags().values())) == 47 * 15
    assert many - few <= 4  # reads of what is stored by then


@pytest.mark.parametrize("arguments", [["--start-time", "2024-01-01T01:00:00Z", "--end-time", "2024-01-01T03:00:00Z"]])
def test_a_window_is_half_open_and_moves_no_checkpoint(bench: Bench, tube: Tube, arguments: list[str]) -> None:
    ids = tube.fill(5)
    bench.collect("--skip-transcript", *arguments)
    assert bench.videos() == ids[1:3]
    assert bench.rows("SELECT unit FROM core_checkpoint") == []


def test_equal_bounds_hold_nothing_and_ask_nothing(bench: Bench, tube: Tube) -> None:
    tube.film()
    same: Any = ["--start-time", "2024-01-01", "--end-time", "2024-01-01"]
    assert bench.collect(*same)["units"] == 0
    assert bench.asked() == []
