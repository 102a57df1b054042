"""Recorded answers of YouTube, counted independently of the collector."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from boost_collectors import registry
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from boost_collectors.cppa_youtube_script_tracker.captions import caption_text
from boost_collectors.cppa_youtube_script_tracker.transcript_source import (
    NoTranscript,
    TranscriptsBlocked,
    TranscriptSource,
)
from include.sandbox import Sandbox

DATA = Path(__file__).parents[3] / "shared" / "data"
GOOGLE, WORD = "UC_x5XG1OV2P6uZZ5FSM9Ttw", "surf"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    if not (DATA / "youtube").is_dir():
        pytest.skip(f"there are no recorded answers at {DATA / 'youtube'}")
    with Sandbox(DATA) as server:
        yield server


def recorded() -> dict[str, dict[str, Any]]:
    """What the answers tell of each video, by id: its own item before what a list says of it."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((DATA / "youtube" / "data-api").glob("*.json")):
        for item in json.loads(path.read_text(encoding="utf-8")).get("items", []):
            if item["kind"] == "youtube#video":
                found[item["id"]] = item
            elif item["kind"] == "youtube#playlistItem":
                found.setdefault(item["snippet"]["resourceId"]["videoId"], item)
            elif item["kind"] == "youtube#searchResult":
                found.setdefault(item["id"]["videoId"], item)
    return found


def test_every_recorded_video_of_a_channel_and_a_search(
    sandbox: Sandbox, database: Database, database_url: str, make_settings: Any
) -> None:
    chosen = {
        key: item
        for key, item in recorded().items()
        if item["snippet"]["publishedAt"] >= "2015"
        and (item["snippet"]["channelId"] == GOOGLE or WORD in json.dumps(item["snippet"]).lower())
    }
    queries = {"YOUTUBE_CHANNELS": f"Google=={GOOGLE}", "YOUTUBE_SEARCHES": WORD, "YOUTUBE_CHANNEL_WORDS": "google"}
    settings = make_settings(**sandbox.environment() | queries, DATABASE_URL=database_url)
    spec = registry.find("run_cppa_youtube_script_tracker")
    execute(spec, Request(arguments=["--skip-transcript"]), settings=settings)
    stored = dict(_rows(database, "SELECT video_id, title FROM cppa_youtube_script_tracker_youtubevideo"))
    assert len(stored) > 20
    assert set(stored) == set(chosen)
    assert {key: title.replace("\u2019", "'") for key, title in stored.items()} == {
        key: item["snippet"]["title"].replace("\u2019", "'").strip() for key, item in chosen.items()
    }
    tags = {(key, tag.strip().lower()) for key, item in chosen.items() for tag in item["snippet"].get("tags", [])}
    assert _rows(database, "SELECT count(*) FROM cppa_youtube_script_tracker_youtubevideotags") == [(len(tags),)]
    second = execute(spec, Request(arguments=["--skip-transcript"]), settings=settings)
    assert second is not None
    assert not any(n for name, n in second.counts.items() if name.endswith(("_inserted", "_updated")))


def test_recorded_answers_of_the_player(sandbox: Sandbox, make_settings: Any) -> None:
    source = TranscriptSource(make_settings(**sandbox.environment()))
    assert caption_text(source.fetch("GJLlxj_dtq8")) == (
        "Hey, this is just a test this is not the original transcript just something shorter, I made up for testing"
    )
    for what in ("request_blocked", "too_many_requests"):
        with pytest.raises(TranscriptsBlocked):
            source.fetch(what)
    with pytest.raises(NoTranscript, match="VideoUnavailable"):
        source.fetch("video_unavailable")
    source.close()


def _rows(database: Database, query: str) -> list[Any]:
    with database.engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]
