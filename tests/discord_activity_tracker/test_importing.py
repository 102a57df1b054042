"""Export files: the drop folder, the staging folder, and the raw archive."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from boost_collectors import registry
from boost_collectors.core.errors import CollectorError, PermanentError
from boost_collectors.core.execution import Request, execute
from boost_collectors.discord_activity_tracker.files import DROP_FOLDER, SLUG, STAGING
from tests.bench import statements
from tests.discord_activity_tracker.servers import ANA, GENERAL, Bench, Server

GUILD = {"id": "4000", "name": "Archive", "iconUrl": None}
CHANNEL = {"id": "5000", "type": "GuildTextChat", "categoryId": None, "category": None, "name": "old", "topic": None}


class Drop:
    """The drop folder and the command that reads it."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.folder = bench.settings().workspace_dir / SLUG / DROP_FOLDER
        self.folder.mkdir(parents=True)

    def put(self, name: str, messages: Any, **parts: Any) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"guild": GUILD, "channel": CHANNEL, **parts, "messages": messages}))
        return path

    def run(self, *arguments: str) -> Mapping[str, int]:
        spec = registry.find("backfill_discord_activity_tracker")
        result = execute(spec, Request(arguments=arguments), settings=self.bench.settings())
        assert result is not None
        return dict(result.counts)

    def fail(self) -> CollectorError:
        with pytest.raises(PermanentError) as failure:
            self.run()
        return failure.value


@pytest.fixture
def drop(bench: Bench) -> Drop:
    return Drop(bench)


def message(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": str(1_000_000_000_000 + number),
        "type": "Default",
        "timestamp": f"2020-02-{number % 28 + 1:02d}T10:00:00.5+02:00",
        "timestampEdited": None,
        "isPinned": False,
        "content": f"message {number}",
        "author": {"id": "77", "name": "bob", "nickname": "Bob", "isBot": False, "avatarUrl": "x" * 600},
        "attachments": [],
        "reactions": [{"emoji": {"name": "👍"}, "count": 2}],
        **fields,
    }


def test_files_of_any_depth_are_stored_and_go(drop: Drop) -> None:
    paths = [drop.put("a.json", [message(1), message(2)]), drop.put("deep/er/b.json", [message(3)])]
    drop.put("._a.json", "none of ours")
    counts = drop.run()
    assert (counts["messages"], counts["files"], counts["failed_files"]) == (3, 2, 0)
    assert [path.exists() for path in paths] == [False, False]
    assert (drop.folder / "._a.json").exists()
    assert len(drop.bench.stored) == 3
    times = "SELECT message_created_at::text FROM discord_activity_tracker_discordmessage ORDER BY 1 LIMIT 1"
    assert drop.bench.rows(times) == ["2020-02-02 08:00:00.5+00"]
    assert drop.bench.rows("SELECT icon_url, server_name FROM discord_activity_tracker_discordserver") == [
        ("", "Archive")
    ]


def test_files_that_fail_stay_and_are_named(drop: Drop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    good = drop.put("good.json", [message(1)])
    bad = drop.put("bad.json", {"not": "an array"})
    cut = drop.put("cut.json", [message(2), message(3)])
    cut.write_text(cut.read_text()[:-20])
    error = drop.fail()
    assert "bad.json: Invalid Discord export envelope" in str(error)
    assert "must be an array" in str(error)
    assert (good.exists(), bad.exists(), cut.exists()) == (False, True, True)
    assert error.result is not None
    assert error.result.counts["failed_files"] == 2
    assert "Failed bad.json:" in caplog.text
    assert "from 3 file(s) (2 failed)" in caplog.text


def test_a_bad_message_never_costs_the_others_theirs(drop: Drop) -> None:
    bad = [message(2, id="0"), message(3, author=None), message(4, content=None), message(5, timestamp="soon"), "text"]
    path = drop.put("a.json", [message(1), *bad, message(6)])
    assert "5 of 7 messages cannot be stored" in str(drop.fail())
    assert path.exists()
    assert set(drop.bench.stored.values()) == {"message 1", "message 6"}


def test_importing_again_writes_nothing(drop: Drop) -> None:
    messages = [message(number) for number in range(1, 20)]
    drop.put("a.json", messages)
    drop.run()
    table = "SELECT ctid::text, xmin::text FROM discord_activity_tracker_"
    before = [drop.bench.rows(table + name) for name in ("discordmessage", "discordreaction", "discordchannel")]
    drop.put("a.json", messages)
    assert drop.run()["messages_unchanged"] == 19
    assert [drop.bench.rows(table + name) for name in ("discordmessage", "discordreaction", "discordchannel")] == before


def test_an_older_archive_undoes_neither_edits_nor_deletions(drop: Drop) -> None:
    edited = message(1, content="edited", timestampEdited="2021-01-01T00:00:00+00:00")
    drop.put("new.json", [edited, message(2), message(3)])
    drop.run()
    with drop.bench.database.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE discord_activity_tracker_discordmessage SET is_deleted = true, deleted_at = '2022-01-01' "
            "WHERE content <> 'edited'"
        )
    drop.put("old.json", [message(1), message(2)], exportedAt="2020-06-01T00:00:00+00:00")
    assert drop.run()["messages_stale"] == 2
    assert list(drop.bench.stored.values()) == ["edited"]
    drop.put("newer.json", [message(3)], exportedAt="2023-06-01T00:00:00+00:00")
    drop.run()
    assert set(drop.bench.stored.values()) == {"edited", "message 3"}
    assert drop.bench.deleted == {str(1_000_000_000_002)}


def test_five_hundred_messages_of_two_hundred_authors_take_few_statements(drop: Drop) -> None:
    authors = [{"id": str(100 + number), "name": f"m{number}"} for number in range(200)]
    drop.put("a.json", [message(number, author=authors[number % 200]) for number in range(500)])
    with statements() as seen:
        drop.run()
    assert drop.bench.rows("SELECT count(*) FROM cppa_user_tracker_discordprofile") == [200]
    assert len(seen) <= 50


def test_a_dry_run_names_the_files(drop: Drop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    path = drop.put("a.json", [message(1)])
    assert drop.run("--dry-run") == {"files": 1, "dry_run": 1}
    assert "DRY RUN: would import a.json" in caplog.text
    assert path.exists()
    assert drop.bench.stored == {}


def test_staged_files_are_archived_and_stored_before_the_channels(bench: Bench, server: Server) -> None:
    server.channel()
    server.say("hello")
    staged = bench.settings().workspace_dir / SLUG / STAGING / "a.json"
    _stage(staged, [message(1), message(2)])
    counts = bench.collect()
    assert counts["files"] == 1
    assert not staged.exists()
    assert set(bench.stored.values()) == {"message 1", "message 2", "hello"}
    kept = sorted(path.name for path in (bench.settings().raw_dir / SLUG / "4000" / "5000").iterdir())
    assert kept == ["2020-02-02.json", "2020-02-03.json"]


def test_staged_files_that_fail_are_told_and_set_aside(bench: Bench, server: Server) -> None:
    server.channel()
    server.say("hello")
    folder = bench.settings().workspace_dir / SLUG / STAGING
    _stage(folder / "odd.json", {"not": "an array"})
    _stage(folder / "bad.json", [message(1, author=None)])
    error = bench.fail()
    assert "odd.json" in str(error)
    assert "bad.json" in str(error)
    assert list(bench.stored.values()) == ["hello"]
    quarantine = bench.settings().workspace_dir / "_quarantine" / SLUG / STAGING
    assert [path.name for path in quarantine.iterdir()] == ["bad.json"]
    assert (folder / "odd.json").exists()
    bench.collect()
    assert sorted(path.name for path in quarantine.iterdir()) == ["bad.json", "odd.json"]
    assert bench.pending == {}


def test_staged_files_of_other_channels_are_removed(bench: Bench, server: Server) -> None:
    server.channel()
    staged = bench.settings().workspace_dir / SLUG / STAGING / "a.json"
    _stage(staged, [message(1)])
    assert bench.collect("--channels", GENERAL)["files_outside"] == 1
    assert not staged.exists()
    assert bench.stored == {}


def _stage(path: Path, messages: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"guild": GUILD, "channel": CHANNEL, "messages": messages}))


def test_the_raw_archive_of_a_run_is_an_export_itself(bench: Bench, server: Server, drop: Drop) -> None:
    server.channel()
    ids = server.fill(30)
    server.say("late", author={**ANA, "bot": True})
    bench.collect()
    days = sorted((bench.settings().raw_dir / SLUG).rglob("*.json"))
    assert [path.name for path in days] == ["2024-01-01.json", "2024-01-02.json"]
    first = json.loads(days[0].read_text())
    assert [item["id"] for item in first["messages"]] == ids[:24]
    assert first["dateRange"] == {"after": "2024-01-01T00:00:00Z", "before": "2024-01-01T23:00:00Z"}
    for path in days:
        path.rename(drop.folder / path.name)
    counts = drop.run()
    assert (counts["messages_inserted"], counts["messages_updated"], counts["messages_unchanged"]) == (0, 0, 31)


def test_the_raw_archive_merges_by_message(bench: Bench, server: Server) -> None:
    server.channel()
    ids = server.fill(3)
    bench.collect()
    server.delete(ids[0])
    server.change(ids[1], content="edited")
    bench.collect("--since", "2024-01-01")
    [day] = (bench.settings().raw_dir / SLUG).rglob("*.json")
    kept = {item["id"]: item["content"] for item in json.loads(day.read_text())["messages"]}
    assert kept == {ids[0]: "message 0", ids[1]: "edited", ids[2]: "message 2"}
    assert bench.deleted == {ids[0]}
