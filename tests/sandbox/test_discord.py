"""The sandbox's Discord keeps to what Discord documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from include.sandbox import Sandbox
from include.sandbox.discord import BOT, GUILD_ID

GENERAL = "810000000000000010"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as server:
        yield server


def ask(sandbox: Sandbox, path: str, **headers: str) -> httpx.Response:
    given = {"Authorization": f"Bot {BOT}", "User-Agent": "DiscordBot (https://example.org, 1)", **headers}
    return httpx.get(sandbox.environment()["DISCORD_API_URL"] + path, headers=given)


def ids(response: httpx.Response) -> list[int]:
    return [int(message["id"]) for message in response.json()]


def test_a_page_is_newest_first_and_bounded_by_ids(sandbox: Sandbox) -> None:
    everything = ids(ask(sandbox, f"/channels/{GENERAL}/messages"))
    assert everything == sorted(everything, reverse=True)
    assert ids(ask(sandbox, f"/channels/{GENERAL}/messages?limit=2")) == everything[:2]
    assert ids(ask(sandbox, f"/channels/{GENERAL}/messages?limit=2&after={everything[-1]}")) == everything[-3:-1]
    assert ids(ask(sandbox, f"/channels/{GENERAL}/messages?limit=2&before={everything[1]}")) == everything[2:4]


def test_lists_tell_channels_and_threads(sandbox: Sandbox) -> None:
    assert ask(sandbox, f"/guilds/{GUILD_ID}").json()["name"]
    channels = ask(sandbox, f"/guilds/{GUILD_ID}/channels").json()
    assert {channel["type"] for channel in channels} == {0, 2, 4, 5, 15}
    active = ask(sandbox, f"/guilds/{GUILD_ID}/threads/active").json()["threads"]
    archived = ask(sandbox, f"/channels/{GENERAL}/threads/archived/public").json()
    assert [thread["name"] for thread in active] == ["Cancelling co_spawn"]
    assert ([thread["parent_id"] for thread in archived["threads"]], archived["has_more"]) == ([GENERAL], False)
    assert ask(sandbox, f"/channels/{active[0]['id']}").json() == active[0]


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        (f"/guilds/{GUILD_ID}", {"Authorization": "Bot other"}, 401, 0),
        (f"/guilds/{GUILD_ID}", {"Authorization": BOT}, 401, 0),
        (f"/guilds/{GUILD_ID}", {"User-Agent": "python"}, 403, 0),
        ("/guilds/1", {}, 404, 10004),
        ("/channels/1/messages", {}, 404, 10003),
    ],
)
def test_refusals_have_discords_codes(
    sandbox: Sandbox, path: str, headers: dict[str, str], status: int, code: int
) -> None:
    response = ask(sandbox, path, **headers)
    assert (response.status_code, response.json()["code"]) == (status, code)


def _server(folder: Path, **parts: Any) -> Path:
    guild = folder / "discord" / GUILD_ID
    guild.mkdir(parents=True)
    content = {"guild": {"id": GUILD_ID, "name": "x"}, "channels": [{"id": "5", "type": 0, "name": "c"}], **parts}
    (guild / "guild.json").write_text(json.dumps(content))
    return folder


def test_a_forbidden_channel_is_refused_and_a_hidden_history_is_empty(tmp_path: Path) -> None:
    parts = {"channels": [{"id": "5", "type": 0, "name": "c"}, {"id": "6", "type": 0, "name": "d"}]}
    with Sandbox(samples=_server(tmp_path, **parts, forbidden=["5"], hidden=["6"])) as sandbox:
        refused = ask(sandbox, "/channels/5/messages")
        assert (refused.status_code, refused.json()["code"]) == (403, 50001)
        assert ask(sandbox, "/channels/6/messages").json() == []


@pytest.mark.parametrize(("limits", "scope"), [({"bucket": 2}, "user"), ({"global": 2}, "global")])
def test_limits_are_told_and_kept(tmp_path: Path, limits: dict[str, int], scope: str) -> None:
    with Sandbox(samples=_server(tmp_path, limits={**limits, "window": 60})) as sandbox:
        told = [ask(sandbox, "/channels/5/messages") for _ in range(3)]
        elsewhere = ask(sandbox, f"/guilds/{GUILD_ID}")
    assert [response.status_code for response in told] == [200, 200, 429]
    assert told[2].headers["X-RateLimit-Scope"] == scope
    assert told[2].json()["global"] == (scope == "global")
    assert 50 < float(told[2].headers["Retry-After"]) <= 60
    assert elsewhere.status_code == (200 if scope == "user" else 429)
    assert told[0].headers["X-RateLimit-Bucket"] == told[1].headers["X-RateLimit-Bucket"]
    if scope == "user":
        assert [response.headers["X-RateLimit-Remaining"] for response in told[:2]] == ["1", "0"]


def test_a_generated_server_of_any_size_answers_at_once(tmp_path: Path) -> None:
    with Sandbox(samples=_server(tmp_path, generated={"channels": 2, "messages": 1_000_000_000})) as sandbox:
        channel = ask(sandbox, f"/guilds/{GUILD_ID}/channels").json()[2]
        newest = ask(sandbox, f"/channels/{channel['id']}/messages?limit=100").json()
        first = ask(sandbox, f"/channels/{channel['id']}/messages?after=0&limit=100").json()
    assert newest[0]["id"] == channel["last_message_id"]
    assert newest[0]["content"].startswith("Message 999999999 of channel 1")
    assert first[-1]["content"].startswith("Message 0 of channel 1")


def test_files_are_signed_anew_in_every_answer(sandbox: Sandbox) -> None:
    urls = set()
    for _ in range(2):
        messages = ask(sandbox, f"/channels/{GENERAL}/messages").json()
        urls |= {item["url"] for message in messages for item in message["attachments"]}
    assert len(urls) == 2
    assert all("hm=" in url for url in urls)
