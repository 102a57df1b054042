"""What the sandbox's Discord servers hold: hand-made ones, real exports, and generated ones of any size.

A hand-made server is a folder ``<guild id>`` with ``guild.json`` and a ``<channel id>.json`` per channel or thread, a
list of message objects. ``guild.json`` holds ``guild``, ``channels``, ``threads`` and, as wanted: ``forbidden``
(channels the bot may not read), ``hidden`` (channels whose history it may not see), ``limits`` (``bucket`` and
``global``: requests per ``window`` seconds), ``manages_threads`` (whether the bot sees private threads that it is not
in), ``generated`` (``channels`` and ``messages`` in each).
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from include.sandbox.shelf import Shelf

REAL_EXPORTS = "discord"
EPOCH_MS = 1_420_070_400_000
GENERATED_FROM_MS = 1_704_067_200_000
CHANNEL_NUMBERS = {"GuildTextChat": 0, "GuildNews": 5, "GuildPublicThread": 11, "GuildForum": 15}
MESSAGE_NUMBERS = {
    "Default": 0,
    "ChannelNameChange": 4,
    "ChannelPinnedMessage": 6,
    "GuildMemberJoin": 7,
    "ThreadCreated": 18,
    "Reply": 19,
}

Json = dict[str, Any]


@dataclass(frozen=True)
class Server:
    """A guild with its channels and threads, and how it treats the bot."""

    guild: Json
    channels: list[Json]
    threads: list[Json]
    forbidden: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    limits: Mapping[str, float] = field(default_factory=dict)
    manages_threads: bool = False
    messages: Mapping[str, Sequence[Json]] = field(default_factory=dict)

    def channel(self, channel_id: str) -> Json | None:
        """A channel or thread of the server."""
        return next((item for item in [*self.channels, *self.threads] if item["id"] == channel_id), None)


def servers(shelf: Shelf) -> list[Server]:
    """Every server of the shelf, as its files are now."""
    folders = sorted(path.parent for path in shelf.samples.glob("*/guild.json"))
    found = [_hand_made(folder) for folder in folders]
    if shelf.real and (shelf.real / REAL_EXPORTS).is_dir():
        found += _from_exports(shelf.real / REAL_EXPORTS)
    return found


def page(messages: Sequence[Json], *, limit: int, after: int | None, before: int | None) -> list[Json]:
    """A page as Discord cuts it: the next ones after an id, or the last ones before one; always newest first."""
    start = 0 if after is None else bisect_right(messages, after, key=_id)
    end = len(messages) if before is None else bisect_left(messages, before, key=_id)
    if after is not None:
        end = min(end, start + limit)
    return [messages[index] for index in range(max(start, end - limit), end)][::-1]


def _id(message: Json) -> int:
    return int(message["id"])


def _hand_made(folder: Path) -> Server:
    stored = _read(folder / "guild.json")
    files = {path.stem: path for path in folder.glob("*.json") if path.stem != "guild"}
    messages: dict[str, Sequence[Json]] = {name: _read(path) for name, path in files.items()}
    channels, threads = list(stored.get("channels", [])), list(stored.get("threads", []))
    generated = stored.get("generated", {})
    for number in range(int(generated.get("channels", 0))):
        made = GeneratedMessages(number, int(generated["messages"]))
        channels.append({"id": made.channel_id, "type": 0, "name": f"generated-{number}", "position": 100 + number})
        messages[made.channel_id] = made
    for channel in [*channels, *threads]:
        given = messages.get(channel["id"], ())
        if channel.get("type") not in (4, 15):
            channel.setdefault("last_message_id", given[len(given) - 1]["id"] if given else None)
    return Server(
        stored["guild"],
        channels,
        threads,
        frozenset(stored.get("forbidden", ())),
        frozenset(stored.get("hidden", ())),
        stored.get("limits", {}),
        bool(stored.get("manages_threads")),
        messages,
    )


def _read(path: Path) -> Any:
    text = _text(path, path.stat().st_mtime_ns)
    return json.loads(text)


@lru_cache(maxsize=64)
def _text(path: Path, _changed: int) -> bytes:
    return path.read_bytes()


class GeneratedMessages(Sequence[Json]):
    """A channel of any length whose messages are made as they are asked for, one a minute, a tenth with reactions."""

    def __init__(self, channel: int, length: int) -> None:
        self._channel, self._length = channel, length
        self.channel_id = str((GENERATED_FROM_MS - EPOCH_MS << 22) + channel)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: Any) -> Any:
        if not 0 <= index < self._length:
            raise IndexError(index)
        moment = GENERATED_FROM_MS + 60_000 * index
        author = index % 997
        return {
            "id": str((moment - EPOCH_MS << 22) + self._channel),
            "type": 0,
            "channel_id": self.channel_id,
            "content": f"Message {index} of channel {self._channel} " + "word " * (index % 20),
            "timestamp": _iso(moment),
            "edited_timestamp": None,
            "pinned": False,
            "author": {"id": str(10**17 + author), "username": f"member{author}", "discriminator": "0"},
            "attachments": [],
            "embeds": [],
            "mentions": [],
            **(
                {"reactions": [{"count": 1 + index % 5, "emoji": {"id": None, "name": "👍"}}]}
                if index % 10 == 0
                else {}
            ),
        }


def _iso(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC) + timedelta(milliseconds=milliseconds % 1000)
    return moment.isoformat(timespec="microseconds")


@lru_cache(maxsize=4)
def _from_exports(folder: Path) -> list[Server]:
    """The servers of DiscordChatExporter's files."""
    guilds: dict[str, Server] = {}
    for path in sorted(folder.glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        guild, channel = document["guild"], document["channel"]
        server = guilds.setdefault(guild["id"], Server({"id": guild["id"], "name": guild["name"]}, [], [], messages={}))
        _add_export(server, channel, document["messages"])
    return list(guilds.values())


def _add_export(server: Server, channel: Json, messages: list[Json]) -> None:
    converted = sorted((_from_export(message, channel["id"]) for message in messages), key=_id)
    number = CHANNEL_NUMBERS[channel["type"]]
    raw = {
        "id": channel["id"],
        "type": number,
        "name": channel["name"],
        "topic": channel.get("topic"),
        "parent_id": channel.get("categoryId"),
        "last_message_id": converted[-1]["id"] if converted else None,
    }
    if number == CHANNEL_NUMBERS["GuildPublicThread"]:
        server.threads.append(raw | {"thread_metadata": {"archived": False, "archive_timestamp": None}})
    else:
        server.channels.append(raw)
    assert isinstance(server.messages, dict)
    server.messages[channel["id"]] = converted


def _from_export(message: Json, channel_id: str) -> Json:
    author, reference = message["author"], message.get("reference")
    converted = {
        "id": message["id"],
        "type": MESSAGE_NUMBERS[message["type"]],
        "channel_id": channel_id,
        "content": message["content"],
        "timestamp": message["timestamp"],
        "edited_timestamp": message["timestampEdited"],
        "pinned": message["isPinned"],
        "author": {
            "id": author["id"],
            "username": author["name"],
            "discriminator": author["discriminator"],
            "global_name": author["nickname"],
            "bot": author["isBot"],
        },
        "attachments": [
            {"id": item["id"], "filename": item["fileName"], "size": item["fileSizeBytes"], "url": item["url"]}
            for item in message["attachments"]
        ],
        "embeds": message["embeds"],
        "reactions": [{"count": item["count"], "emoji": item["emoji"]} for item in message["reactions"]],
    }
    if reference:
        converted["message_reference"] = {
            "message_id": reference["messageId"],
            "channel_id": reference["channelId"],
            "guild_id": reference["guildId"],
        }
    return converted
