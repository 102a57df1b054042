"""What a source said is enough: rows made anew from the raw archive are the rows that were collected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from boost_collectors import registry
from boost_collectors.core.commands import CommandSpec
from boost_collectors.core.database import Database
from boost_collectors.core.errors import SourceError
from boost_collectors.core.execution import Request, execute
from include.sandbox import Sandbox
from tests.contract.content import Content, content

# Channels without a message stand in no answer that is kept.
REBUILT = {
    "run_boost_mailing_list_tracker": registry.find("run_boost_mailing_list_tracker").tables,
    "run_discord_activity_tracker": (
        "discord_activity_tracker_discordmessage",
        "discord_activity_tracker_discordreaction",
    ),
    "run_reddit_activity_tracker": registry.find("run_reddit_activity_tracker").tables,
}

# What answers say of other things than the archived ones: where a channel stands in the list, what a profile says.
NOT_KEPT = {
    "run_discord_activity_tracker": "UPDATE discord_activity_tracker_discordchannel SET position = 0",
    "run_reddit_activity_tracker": "UPDATE cppa_user_tracker_reddituser SET display_name = ''",
}


pytestmark = pytest.mark.replays


def replay(spec: CommandSpec, settings: Any) -> None:
    execute(registry.find("replay"), Request(arguments=(spec.name,)), settings=settings)


def rebuilt(spec: CommandSpec, database: Database) -> Content:
    if spec.name in NOT_KEPT:
        # Not by a session of ours: there only the owner of a table may write.
        with psycopg.connect(database.url.replace("+psycopg", "")) as connection:
            connection.execute(NOT_KEPT[spec.name])
    found = content(database)
    return {table: found.get(table) for table in REBUILT[spec.name]}


def test_rows_made_anew_are_the_rows_that_were_collected(
    spec: CommandSpec,
    collect: Any,
    sandbox: Sandbox,
    sandbox_settings: Any,
    make_settings: Any,
    project: Database,
    database_server: Any,
) -> None:
    collect()
    collected = rebuilt(spec, project)
    assert all(collected.values())
    sandbox.requests.clear()
    with database_server.database() as url, Database(url) as empty:
        settings = make_settings(**sandbox.environment(), DATABASE_URL=url)
        assert settings.raw_dir == sandbox_settings.raw_dir
        replay(spec, settings)
        assert rebuilt(spec, empty) == collected
        replay(spec, settings)
        assert rebuilt(spec, empty) == collected
    replay(spec, sandbox_settings)
    assert rebuilt(spec, project) == collected
    assert len(sandbox.requests) == 0


def test_a_file_that_cannot_be_read_is_named_and_stops_no_other(
    spec: CommandSpec, collect: Any, sandbox_settings: Any, make_settings: Any, sandbox: Sandbox, database_server: Any
) -> None:
    collect()
    files = sorted(Path(sandbox_settings.raw_dir).rglob("*.json"))
    files[0].write_text('{"cut', encoding="utf-8")
    with database_server.database() as url, Database(url) as empty:
        with pytest.raises(SourceError, match=files[0].name):
            replay(spec, make_settings(**sandbox.environment(), DATABASE_URL=url))
        assert any(rebuilt(spec, empty).values())
