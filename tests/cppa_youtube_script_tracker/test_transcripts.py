"""Transcripts: fetched once, missing ones rest, a block ends the asking and costs nobody else's data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from boost_collectors.core.errors import RateLimited, TransientError
from boost_collectors.cppa_youtube_script_tracker.captions import caption_text
from tests.cppa_youtube_script_tracker.videos import START, Bench, Tube

REST_IS_OVER = "UPDATE core_pendingitem SET last_failed_at = last_failed_at - interval '25 hours'"


def age(bench: Bench, statement: str = REST_IS_OVER) -> None:
    """Let what the database notes have happened earlier."""
    with bench.database.engine.begin() as connection:
        connection.exec_driver_sql(statement)


def test_a_transcript_is_kept_as_webvtt_and_its_relative_path_stored(bench: Bench, tube: Tube) -> None:
    video = tube.film()
    tube.caption(video, "Hello &amp; welcome.", "x &lt; 3 holds")
    counts = bench.collect()
    assert counts["transcripts_downloaded"] == 1
    assert "transcripts_unavailable" not in counts
    path = f"cppa_youtube_script_tracker/transcripts/{video}.en.vtt"
    assert bench.videos("has_transcript, transcript_path") == [(True, path)]
    text = (bench.settings().raw_dir / path).read_text()
    assert text.startswith("WEBVTT")
    assert "Hello &amp; welcome." in text
    assert caption_text(text) == "Hello & welcome. x < 3 holds"
    bench.collect()
    assert bench.players() == 0


@pytest.mark.parametrize(
    ("tracks", "wanted"), [(("en.asr", "en"), "en"), (("en.asr", "en-GB"), "en-GB"), (("de", "en.asr"), "en.asr")]
)
def test_people_come_before_machines_and_other_languages_do_not_count(
    bench: Bench, tube: Tube, tracks: tuple[str, ...], wanted: str
) -> None:
    video = tube.film()
    for track in tracks:
        tube.caption(video, f"said in {track}", language=track)
    bench.collect()
    (path,) = bench.videos("transcript_path")
    assert f"said in {wanted}\n" in (bench.settings().raw_dir / path).read_text()


def test_a_missing_transcript_rests_and_is_asked_for_again(bench: Bench, tube: Tube) -> None:
    video, other = tube.film(), tube.film()
    tube.caption(other, "Here.")
    tube.caption(video, "Hier.", language="de")
    counts = bench.collect()
    assert (counts["transcripts_downloaded"], counts["transcripts_unavailable"]) == (1, 1)
    assert bench.pending == {video: ("pending", 1)}
    bench.collect()
    assert bench.players() == 0
    age(bench)
    bench.collect()
    assert bench.players() == 2
    assert bench.pending == {video: ("pending", 2)}
    age(bench)
    bench.collect()
    assert bench.players() == 0  # the second rest is two days
    age(bench)
    tube.caption(video, "Now in English.")
    assert bench.collect()["transcripts_downloaded"] == 1
    assert bench.pending == {}
    assert bench.videos("has_transcript") == [True, True]


@pytest.mark.parametrize("answer", ["unavailable", "private"])
def test_a_video_that_the_player_does_not_show_costs_no_other_its_transcript(
    bench: Bench, tube: Tube, answer: str
) -> None:
    hidden, shown = tube.film(), tube.film()
    tube.answer(hidden, answer)
    tube.caption(shown, "Here.")
    bench.collect()
    assert bench.videos("has_transcript") == [False, True]
    assert bench.pending == {hidden: ("pending", 1)}


@pytest.mark.parametrize("answer", ["blocked", "captcha"])
def test_a_block_keeps_everything_else_and_nothing_is_asked_until_it_is_over(
    bench: Bench, tube: Tube, answer: str
) -> None:
    first, last = tube.film("First C++"), tube.film("Last C++")
    tube.caption(first, "One."), tube.caption(last, "Two.")
    tube.answer(last, answer)
    error = bench.fail()
    assert isinstance(error, RateLimited)
    assert timedelta(hours=5) < error.retry_at - datetime.now(UTC) <= timedelta(hours=6)
    assert bench.videos() == [first, last]
    assert bench.pending == {}
    tube.answer(last, "")
    new = tube.film("A new one in C++")
    again = bench.fail()
    assert isinstance(again, RateLimited)
    assert again.retry_at == error.retry_at
    assert bench.players() == 0
    assert new in bench.videos()
    age(bench, "UPDATE core_checkpoint SET cursor = cursor || '{\"until\": \"2020-01-01\"}' WHERE unit = 'transcripts'")
    bench.collect()
    assert bench.videos("has_transcript") == [True, True, False]


def test_each_block_doubles_the_rest_and_a_transcript_ends_that(bench: Bench, tube: Tube) -> None:
    video = tube.film()
    tube.caption(video, "One.")
    tube.answer(video, "blocked")
    over = "UPDATE core_checkpoint SET cursor = cursor || '{\"until\": \"2020-01-01\"}' WHERE unit = 'transcripts'"
    waits = []
    for _ in range(3):
        error = bench.fail()
        assert isinstance(error, RateLimited)
        waits.append(round((error.retry_at - datetime.now(UTC)) / timedelta(hours=1)))
        age(bench, over)
    assert waits == [6, 12, 24]
    tube.answer(video, "")
    bench.collect()
    assert bench.rows("SELECT cursor FROM core_checkpoint WHERE unit = 'transcripts'") == [{}]


def test_too_many_requests_count_as_a_block(bench: Bench, tube: Tube) -> None:
    tube.film()
    bench.sandbox.faults.add("/youtube/site/*", "status", status=429, times=None)
    assert isinstance(bench.fail(), RateLimited)
    assert bench.players() == 1


def test_where_the_first_way_needs_a_token_yt_dlp_asks_another_player(bench: Bench, tube: Tube) -> None:
    video = tube.film()
    tube.caption(video, "By the other way.")
    tube.answer(video, "po_token")
    bench.collect()
    (path,) = bench.videos("transcript_path")
    assert "By the other way." in (bench.settings().raw_dir / path).read_text()


def test_where_both_ways_are_closed_the_reasons_of_both_are_noted(bench: Bench, tube: Tube) -> None:
    video = tube.film()
    tube.answer(video, "age")
    bench.collect()
    (reason,) = bench.rows("SELECT reason FROM core_pendingitem")
    assert "AgeRestricted" in reason
    assert "no other player" in reason


def test_what_the_network_loses_fails_the_task_and_is_fetched_by_the_next_run(bench: Bench, tube: Tube) -> None:
    ids = tube.fill(3)
    for video in ids:
        tube.caption(video, "Here.")
    bench.sandbox.faults.add("/youtube/site/watch?v=video000001", "dropped")
    error = bench.fail()
    assert isinstance(error, TransientError)
    assert "video000001" in str(error)
    assert bench.videos("has_transcript") == [True, False, True]
    assert bench.pending == {}
    bench.collect()
    assert bench.videos("has_transcript") == [True, True, True]


def test_a_youtube_that_is_down_is_not_asked_for_every_video(bench: Bench, tube: Tube) -> None:
    tube.fill(10)
    bench.sandbox.faults.add("/youtube/site/*", "status", status=503, times=None)
    error = bench.fail()
    assert "7 more were not tried" in str(error)
    assert bench.players() == 3
    assert len(bench.videos()) == 10


def test_a_run_asks_for_so_many_and_the_next_goes_on(bench: Bench, tube: Tube) -> None:
    ids = tube.fill(5)
    for video in ids:
        tube.caption(video, "Here.")
    few = bench.settings(YOUTUBE_TRANSCRIPTS_PER_RUN="2")
    assert bench.collect(settings=few)["transcripts_left"] == 3
    assert (
        bench.rows("SELECT video_id FROM cppa_youtube_script_tracker_youtubevideo WHERE has_transcript ORDER BY 1")
        == ids[-2:]
    )  # the newest first
    bench.collect(settings=few)
    assert bench.collect(settings=few)["transcripts_left"] == 0
    assert all(bench.videos("has_transcript"))


def test_a_transcript_tells_the_speaker_that_nothing_else_told(bench: Bench, tube: Tube) -> None:
    told = tube.film("A talk")
    named = tube.film("Move it - Ada Example - C++ Talks")
    for video in (told, named):
        tube.caption(video, "Welcome, my name is Otto Beispiel.", "I am really happy.")
    bench.collect("--skip-transcript")
    assert bench.speakers() == {told: {"unknown"}, named: {"Ada Example"}}
    bench.collect()
    assert bench.speakers() == {told: {"Otto Beispiel"}, named: {"Ada Example"}}
    bench.collect(settings=bench.settings(YOUTUBE_REREAD_HOURS="0"))
    assert bench.speakers() == {told: {"Otto Beispiel"}, named: {"Ada Example"}}


def test_an_empty_or_broken_transcript_counts_as_missing(bench: Bench, tube: Tube) -> None:
    empty = tube.film()
    tube.caption(empty)
    bench.collect()
    assert bench.pending == {empty: ("pending", 1)}
    assert bench.videos("has_transcript, transcript_path") == [(False, "")]


def test_a_window_asks_only_for_its_own_videos(bench: Bench, tube: Tube) -> None:
    ids = tube.fill(3)
    for video in ids:
        tube.caption(video, "Here.")
    bench.collect("--skip-transcript")
    window: Any = ["--start-time", (START + timedelta(hours=1)).isoformat(), "--end-time", "2024-01-01T02:00:00Z"]
    bench.collect(*window)
    assert bench.videos("has_transcript") == [False, True, False]
