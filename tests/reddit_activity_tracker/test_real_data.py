"""Recorded answers of the real Reddit, counted independently of the collector."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from boost_collectors import registry
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from include.sandbox import Sandbox

DATA = Path(__file__).parents[3] / "shared" / "data"
RECORDINGS = DATA / "reddit"
# Those of which listings or trees were recorded, not just what somebody wrote there.
SUBREDDITS = ("funny", "kakapo", "redditdev", "test")
TABLE = "reddit_activity_tracker_"

Json = dict[str, Any]


@pytest.fixture(scope="module")
def things() -> dict[str, Json]:
    """Every object of the recorded answers that bears the name of a thing of these subreddits, however nested."""
    if not RECORDINGS.is_dir():
        pytest.skip(f"there is no folder of recorded answers at {RECORDINGS}")
    found: dict[str, Json] = {}

    def note(value: Json) -> Json:
        if str(value.get("name")).startswith(("t1_", "t3_")) and value.get("subreddit") in SUBREDDITS:
            found[value["name"]] = value
        return value

    for path in RECORDINGS.glob("*.json*"):
        text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for exchange in json.loads(text)["interactions"]:
            body = exchange["response"]["body"].get("string", "")
            if body.startswith(("{", "[")):
                json.loads(body, object_hook=note)
    return found


def _named(things: dict[str, Json], kind: str) -> set[str]:
    return {name for name in things if name.startswith(kind)}


def _stored(database: Database, query: str) -> list[Any]:
    with database.engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def test_recorded_answers(things: dict[str, Json], database: Database, database_url: str, make_settings: Any) -> None:
    with Sandbox(DATA) as sandbox:
        variables = {**sandbox.environment(), "REDDIT_READ_PROFILES": "false", "HTTP_MAX_ATTEMPTS": "1"}
        variables["REDDIT_SUBREDDITS"] = ",".join(SUBREDDITS)
        settings = make_settings(**variables, DATABASE_URL=database_url)
        spec = registry.find("run_reddit_activity_tracker")
        execute(spec, Request(), settings=settings)
        second = execute(spec, Request(), settings=settings)
    bodies = dict(_stored(database, f"SELECT reddit_comment_id, body FROM {TABLE}redditcomment"))
    told = {name: things[name] for name in _named(things, "t1_")}
    there = {name: thing["body"] for name, thing in told.items() if thing["author"] != "[deleted]"}
    assert len(there) > 500
    assert {name: bodies[name] for name in there} == there
    gone = {
        row[0]
        for row in _stored(database, f"SELECT reddit_comment_id FROM {TABLE}redditcomment WHERE gone_at IS NOT NULL")
    }
    answered = {thing["parent_id"] for thing in told.values()}
    # Reddit shows a deleted comment for the sake of the answers to it.
    assert gone == {name for name, thing in told.items() if thing["body"] == "[deleted]" and name in answered}
    submissions = _stored(database, f"SELECT reddit_submission_id FROM {TABLE}redditsubmission WHERE title <> ''")
    assert {row[0] for row in submissions} == _named(things, "t3_")
    assert second is not None
    assert second.counts["requests"] == 1 + 2 * len(SUBREDDITS)
    assert not any(n for name, n in second.counts.items() if name.endswith(("_inserted", "_updated")))
