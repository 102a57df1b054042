"""Flags and settings: what they ask for, and what is refused before any call."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from boost_collectors import registry
from boost_collectors.core.errors import CollectionSkipped, CommandError, ConfigurationError
from boost_collectors.core.execution import Request, execute, plan_units
from tests.cppa_youtube_script_tracker.videos import TALKS, Bench, Tube

SPEC = registry.find("run_cppa_youtube_script_tracker")


def test_without_a_key_the_command_is_skipped_and_names_it(make_settings: Any, database_url: str) -> None:
    with pytest.raises(CollectionSkipped, match="YOUTUBE_API_KEY"):
        execute(SPEC, Request(), settings=make_settings(DATABASE_URL=database_url))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--start-time", "soon"], "--start-time"),
        (["--end-time", "2024-13-01"], "--end-time"),
        (["--start-time", "2024-02-01", "--end-time", "2024-01-01"], "earlier than or equal"),
        (["--start-time", "2999-01-01"], "effective end"),
    ],
)
def test_bad_bounds_are_refused_before_any_call(bench: Bench, arguments: list[str], told: str) -> None:
    error = bench.fail(*arguments)
    assert isinstance(error, CommandError)
    assert told in str(error)
    assert bench.asked() == []


def units(bench: Bench, *arguments: str, **variables: str) -> list[str]:
    settings = bench.settings(**variables)
    return [unit.key for unit in plan_units(SPEC, Request(arguments=arguments), settings=settings)]


def test_channels_and_searches_are_cut_with_a_warning(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    variables = {"YOUTUBE_SEARCHES": "Boost C++,boost c++,modern C++", "YOUTUBE_MAX_QUERY_PAIRS": "2"}
    assert units(bench, **variables) == [f"channel:{TALKS}", "statistics", "search:Boost C++", "transcripts"]
    assert "truncated" in caplog.text
    caplog.clear()
    assert len(units(bench, **variables | {"YOUTUBE_MAX_QUERY_PAIRS": "3"})) == 5
    assert "truncated" not in caplog.text


def test_the_defaults_are_the_27_queries(bench: Bench, make_settings: Any) -> None:
    settings = make_settings(YOUTUBE_API_KEY="k", DATABASE_URL=bench.settings().database_url)
    keys = [unit.key for unit in plan_units(SPEC, Request(), settings=settings)]
    assert sum(key.startswith("channel:UC") for key in keys) == 6
    assert sum(key.startswith("search:") for key in keys) == 21
    assert (keys[-2], keys[-1]) == ("search:Boost C++", "transcripts")


def test_a_channel_title_means_that_channel_or_two_searches(bench: Bench) -> None:
    assert units(bench, "--channel-title", " c++ talks ")[0] == f"channel:{TALKS}"
    assert units(bench, "--channel-title", "Ada Example", "--skip-transcript") == [
        *("statistics", "search:Ada Example", "search:Ada Example C++")
    ]


def test_a_channel_without_id_is_named(bench: Bench) -> None:
    error = bench.fail(settings=bench.settings(YOUTUBE_CHANNELS="CppCon"))
    assert isinstance(error, ConfigurationError)
    assert "YOUTUBE_CHANNELS: 'CppCon'" in str(error)


def test_a_dry_run_tells_its_span_and_asks_nothing(bench: Bench, tube: Tube, caplog: pytest.LogCaptureFixture) -> None:
    tube.film()
    with caplog.at_level(logging.INFO):
        counts = bench.collect("--start-time", "2024-01-01", "--dry-run")
    assert counts["dry_run"] == 1
    assert "Dry run: videos published from 2024-01-01 00:00:00+00:00 to now" in caplog.text
    assert len(bench.sandbox.requests) == 0


def test_names_in_the_vector_store_that_are_empty_leave_it_alone(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.collect("--pinecone-namespace", "")
    assert "Pinecone sync skipped" in caplog.text


def item(video_id: str, **values: Any) -> dict[str, Any]:
    told = {"title": "Kept", "channel_id": TALKS, "channel_title": "C++ Talks", "published_at": "2020-01-01T00:00:00Z"}
    return {"video_id": video_id, "tags": ["One"], **told, **values}


def test_queue_files_are_stored_and_moved_to_the_raw_files(bench: Bench, tube: Tube) -> None:
    known = tube.film("Known")
    bench.collect("--skip-transcript")
    queue = bench.settings().workspace_dir / "cppa_youtube_script_tracker" / "metadata"
    queue.mkdir(parents=True)
    (queue / "a.json").write_text(json.dumps([item("queued1"), item(""), item(known), item("queued2")]))
    (queue / "b.json").write_text(json.dumps(item("queued3", published_at="not a date", view_count="many")))
    (queue / ".hidden.json").write_text("{")
    (queue / "broken.json").write_text("{")
    (queue / "long.json").write_text(json.dumps(item("x" * 40)))
    error = bench.fail("--skip-transcript", only=("queue",))
    assert "broken.json" in str(error)
    assert "long.json" in str(error)
    assert bench.videos("video_id, title, published_at IS NULL") == [
        *(("queued1", "Kept", False), ("queued2", "Kept", False), ("queued3", "Kept", True), (known, "Known", False))
    ]
    assert sorted(path.name for path in queue.iterdir()) == [".hidden.json", "broken.json", "long.json"]
    raw = bench.settings().raw_dir / "cppa_youtube_script_tracker" / "metadata"
    assert {path.name for path in raw.iterdir()} == {f"{known}.json", "queued2.json", "queued3.json"}
    assert error.result is not None
    assert (error.result.counts["queue_files"], error.result.counts["queue_skipped"]) == (2, 1)
    assert bench.tags()["queued1"] == {"one"}
