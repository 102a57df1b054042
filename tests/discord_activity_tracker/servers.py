"""A Discord server made for a test: files that the sandbox serves, and the collector pointed at them."""

from __future__ import annotations

import itertools
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from boost_collectors import registry
from boost_collectors.discord_activity_tracker.snowflakes import first_id_at
from include.sandbox.discord import GUILD_ID
from tests.bench import CollectorBench

START = datetime(2024, 1, 1, tzinfo=UTC)
GENERAL, OTHER, FORUM = "900000000000000010", "900000000000000011", "900000000000000012"
ANA: dict[str, Any] = {"id": "910000000000000001", "username": "ana", "global_name": "Ana", "discriminator": "0"}

_clock = itertools.count(1)

Json = dict[str, Any]


class Server:
    """Channels with messages, one an hour from START on unless told otherwise. Every change is written at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / GUILD_ID
        self._folder.mkdir(parents=True)
        self.guild: Json = {"guild": {"id": GUILD_ID, "name": "Test", "icon": None}, "channels": [], "threads": []}
        self.guild["manages_threads"] = True
        self._messages: dict[str, list[Json]] = {}
        self._numbers = itertools.count()
        self.save()

    def channel(self, channel_id: str = GENERAL, name: str = "general", *, kind: int = 0) -> str:
        self.guild["channels"].append({"id": channel_id, "type": kind, "name": name, "position": 1})
        self.save()
        return channel_id

    def thread(self, name: str, *, of: str = GENERAL, archived: datetime | None = None, private: bool = False) -> str:
        """Open a thread; its id. ``archived``: when it was archived."""
        thread_id = str(first_id_at(START) + 500 + next(self._numbers))
        self.guild["threads"].append({"id": thread_id, "type": 12 if private else 11, "name": name, "parent_id": of})
        self.archive(thread_id, archived)
        return thread_id

    def archive(self, thread_id: str, at: datetime | None) -> None:
        stamp = at.isoformat(timespec="microseconds") if at else None
        self._thread(thread_id)["thread_metadata"] = {"archived": at is not None, "archive_timestamp": stamp}
        self.save()

    def rename(self, channel_id: str, name: str) -> None:
        for channel in self.guild["channels"]:
            if channel["id"] == channel_id:
                channel["name"] = name
        self.save()

    def remove_thread(self, thread_id: str) -> None:
        self.guild["threads"].remove(self._thread(thread_id))
        self.save()

    def say(self, content: str, *, to: str = GENERAL, at: datetime | None = None, **fields: Any) -> str:
        """Write a message; its id."""
        self._say(content, to, at, fields)
        self.save()
        return str(self._messages[to][-1]["id"])

    def fill(self, number: int, *, to: str = GENERAL, at: datetime | None = None) -> list[str]:
        """Write so many messages, a minute apart from ``at`` on if given; their ids."""
        for index in range(number):
            self._say(f"message {index}", to, at + timedelta(minutes=index) if at else None, {})
        self.save()
        return [message["id"] for message in self._messages[to][-number:]]

    def _say(self, content: str, to: str, at: datetime | None, fields: Json) -> None:
        number = next(self._numbers)
        moment = at or START + timedelta(hours=number)
        message = {
            "id": str(first_id_at(moment) + number),
            "type": 0,
            "content": content,
            "timestamp": moment.isoformat(timespec="microseconds"),
            "edited_timestamp": None,
            "pinned": False,
            "author": ANA,
            "attachments": [],
            "embeds": [],
        }
        self._messages.setdefault(to, []).append(message | fields)

    def change(self, message_id: str, **fields: Any) -> None:
        """Change fields of a message, wherever it is."""
        self._message(message_id).update(fields)
        self.save()

    def delete(self, *message_ids: str) -> None:
        for messages in self._messages.values():
            messages[:] = [message for message in messages if message["id"] not in message_ids]
        self.save()

    def settle(self, channel_id: str, last_message_id: str) -> None:
        """Let the server name this newest message of a channel, whatever is there: a deletion does not change it."""
        for item in [*self.guild["channels"], *self.guild["threads"]]:
            if item["id"] == channel_id:
                item["last_message_id"] = last_message_id
        self.save()

    def save(self) -> None:
        self._write("guild", self.guild)
        for channel_id, messages in self._messages.items():
            self._write(channel_id, messages)

    def _write(self, name: str, content: Any) -> None:
        path = self._folder / f"{name}.json"
        path.write_text(json.dumps(content))
        # The sandbox tells versions apart by this time, which the file system may not resolve.
        os.utime(path, ns=(next(_clock), next(_clock)))

    def _thread(self, thread_id: str) -> Json:
        return next(thread for thread in self.guild["threads"] if thread["id"] == thread_id)

    def _message(self, message_id: str) -> Json:
        everything = itertools.chain(*self._messages.values())
        return next(message for message in everything if message["id"] == message_id)


class Bench(CollectorBench):
    """The collector on a server of the test's own."""

    spec = registry.find("run_discord_activity_tracker")

    def __init__(self, server: Server, *args: Any) -> None:
        super().__init__(*args)
        self.server = server

    @property
    def stored(self) -> dict[str, str]:
        """Content of the stored messages that are not deleted, by id."""
        query = "SELECT message_id::text, content FROM discord_activity_tracker_discordmessage WHERE NOT is_deleted"
        return dict(self.rows(query))

    @property
    def deleted(self) -> set[str]:
        query = "SELECT message_id::text FROM discord_activity_tracker_discordmessage WHERE deleted_at IS NOT NULL"
        return set(self.rows(query))

    def asked(self, channel_id: str = GENERAL) -> list[dict[str, str]]:
        """The pages of messages of a channel that the last run asked for, by what bounds them."""
        pages = [request for request in self.sandbox.requests if request.path.endswith(f"/{channel_id}/messages")]
        return [{name: value for name, value in page.query if name != "limit"} for page in pages]

    def lists(self, channel_id: str = GENERAL) -> int:
        """How often the last run asked for the public archived threads of a channel."""
        return sum(f"/{channel_id}/threads/archived/public" in request.path for request in self.sandbox.requests)
