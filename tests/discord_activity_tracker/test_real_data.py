"""Real exports of a server, counted independently of the collector: by the API, and as files."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from boost_collectors import registry
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from boost_collectors.discord_activity_tracker.files import DROP_FOLDER, SLUG
from include.sandbox import Sandbox

DATA = Path(__file__).parents[3] / "shared" / "data"
EXPORTS = DATA / "discord"
TABLE = "discord_activity_tracker_"


@pytest.fixture(scope="module")
def texts() -> list[str]:
    if not EXPORTS.is_dir():
        pytest.skip(f"there is no folder of real exports at {EXPORTS}")
    return [path.read_text(encoding="utf-8") for path in sorted(EXPORTS.glob("*.json"))]


def _expected(texts: list[str]) -> dict[str, int]:
    """Counts by the look of the text, in which messages alone have a time of editing."""
    messages = sum(len(re.findall(r'"timestampEdited":', text)) for text in texts)
    documents = [json.loads(text)["messages"] for text in texts]
    everything = [message for document in documents for message in document]
    return {
        "message": messages,
        "reaction": sum(len(message["reactions"]) for message in everything),
        "channel": len(texts),
        "server": 1,
    }


def _stored(database: Database) -> dict[str, int]:
    with database.engine.connect() as connection:
        names = ("message", "reaction", "channel", "server")
        return {
            name: int(connection.exec_driver_sql(f"SELECT count(*) FROM {TABLE}discord{name}").scalar_one())
            for name in names
        }


def _authors(database: Database) -> set[int]:
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT discord_user_id FROM cppa_user_tracker_discordprofile")
        return set(rows.scalars())


def test_by_the_api(texts: list[str], database: Database, database_url: str, make_settings: Any) -> None:
    guild = json.loads(texts[0])["guild"]["id"]
    with Sandbox(DATA) as sandbox:
        variables = {**sandbox.environment(), "DATABASE_URL": database_url, "DISCORD_SERVER_ID": guild}
        settings = make_settings(**variables)
        spec = registry.find("run_discord_activity_tracker")
        execute(spec, Request(), settings=settings)
        assert _stored(database) == _expected(texts)
        second = execute(spec, Request(), settings=settings)
    assert second is not None
    assert second.counts["requests"] == 3
    assert not any(n for name, n in second.counts.items() if name.endswith(("_inserted", "_updated")))


def test_as_files(texts: list[str], database: Database, database_url: str, make_settings: Any) -> None:
    settings = make_settings(DATABASE_URL=database_url)
    shutil.copytree(EXPORTS, settings.workspace_dir / SLUG / DROP_FOLDER)
    execute(registry.find("backfill_discord_activity_tracker"), Request(), settings=settings)
    assert _stored(database) == _expected(texts)
    authors = {int(message["author"]["id"]) for text in texts for message in json.loads(text)["messages"]}
    assert _authors(database) == authors
