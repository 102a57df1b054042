"""Videos in the vector index: whole documents, only changed ones, in few statements."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from boost_collectors import registry
from boost_collectors.core.execution import Request, execute
from boost_collectors.cppa_youtube_script_tracker.preprocessor import item_of, preprocess_youtube_for_pinecone
from boost_collectors.cppa_youtube_script_tracker.services import IndexedVideo
from tests.bench import statements
from tests.cppa_youtube_script_tracker.videos import Bench, Tube

VIDEO = IndexedVideo(
    *("v1", "Moves", "About moves.", datetime(2024, 1, 1, tzinfo=UTC), True, "slug/v1.en.vtt", None, "CppCon"),
    ["Ada Example", "Bo Other"],
)
CAPTIONS = "WEBVTT\n\n1\n00:00:00.000 --> 00:00:01.000\nHello\n\n00:00:01.000 --> 00:00:02.000\nHello\nall\n"


def test_a_document_has_all_that_is_known(tmp_path: Path) -> None:
    (tmp_path / "slug").mkdir()
    (tmp_path / "slug" / "v1.en.vtt").write_text(CAPTIONS)
    item = item_of(VIDEO, tmp_path)
    assert item is not None
    assert item["content"] == (
        "Title: Moves\nSpeakers: Ada Example, Bo Other\nChannel: CppCon\nPublished: 2024-01-01T00:00:00Z\n"
        "\nDescription:\nAbout moves.\n\nTranscript:\nHello all"
    )
    assert item["metadata"] == {
        "doc_id": "youtube-v1",
        "ids": "v1",
        "type": "youtube",
        "url": "https://www.youtube.com/watch?v=v1",
        "title": "Moves",
        "author": "Ada Example, Bo Other",
        "channel": "CppCon",
        "timestamp": 1704067200,
        "has_transcript": True,
    }


def test_what_is_missing_is_left_out(tmp_path: Path) -> None:
    bare = replace(VIDEO, description="", published_at=None, speakers=["unknown"], channel_title="")
    item = item_of(bare, tmp_path)
    assert item is not None
    assert item["content"] == "Title: Moves"
    assert (item["metadata"]["timestamp"], item["metadata"]["author"]) == (0, "")
    assert item_of(replace(bare, title=""), tmp_path) is None
    gone = item_of(replace(VIDEO, gone_at=datetime.now(UTC)), tmp_path)
    assert gone is not None
    assert gone["gone"] is True


@pytest.fixture
def offered(bench: Bench, make_context: Any) -> Any:
    run = make_context(database=bench.database, settings=bench.settings())

    def offer(*failed: str, since: datetime | None = None) -> list[str]:
        items, is_chunked = preprocess_youtube_for_pinecone(failed, since, context=run)
        assert not is_chunked
        return [item["metadata"]["ids"] for item in items]

    return offer


def test_changed_and_failed_videos_are_offered_in_one_statement(bench: Bench, tube: Tube, offered: Any) -> None:
    ids = tube.fill(30)
    bench.collect("--skip-transcript")
    with statements() as seen:
        assert offered() == ids
    assert len(seen) == 1
    (since,) = bench.rows(
        "SELECT max(updated_at) + interval '1 microsecond' FROM cppa_youtube_script_tracker_youtubevideo"
    )
    assert offered(since=since) == []
    assert offered(ids[3], ids[3], "", since=since) == [ids[3]]
    tube.change(ids[5], views=99)
    bench.collect("--skip-transcript", settings=bench.settings(YOUTUBE_REREAD_HOURS="0"))
    assert offered(since=since) == [ids[5]]


def test_the_sync_takes_them_and_a_second_one_sends_nothing(bench: Bench, tube: Tube) -> None:
    video = tube.film("Move semantics", description="How things move, and why that matters to every one of us here.")
    tube.caption(video, "Hello and welcome to this talk about moving things around in C++.")
    bench.collect()
    sync = registry.find("run_cppa_pinecone_sync")
    place = ["--app-type=youtube", "--namespace=youtube-scripts"]
    path = "cppa_youtube_script_tracker.preprocessor.preprocess_youtube_for_pinecone"
    arguments = [*place, f"--preprocessor={path}"]
    first = execute(sync, Request(arguments=arguments), settings=bench.settings())
    second = execute(sync, Request(arguments=arguments), settings=bench.settings())
    assert first is not None
    assert second is not None
    assert (first.counts["upserted"] > 0, second.counts["upserted"]) == (True, 0)


def test_a_flag_hands_them_over_in_the_run_itself(bench: Bench, tube: Tube) -> None:
    tube.film("Move semantics", description="How things move, and why that matters to every one of us here.")
    bench.collect("--skip-transcript")
    documents = "SELECT count(*) FROM cppa_pinecone_sync_document"
    assert bench.rows(documents) == [0]
    bench.collect("--skip-transcript", "--pinecone-app-id", "youtube")
    assert bench.rows(documents) == [1]
