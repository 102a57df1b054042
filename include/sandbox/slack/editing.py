"""Workspaces of a test's own, in the form the sandbox serves, and what people do in them."""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path
from typing import Any

from include.sandbox.slack.workspace import Json

_clock = itertools.count(1)


class SampleWorkspace:
    """A folder that the sandbox serves as a workspace. Every message is a minute younger than the one before."""

    def __init__(self, samples: Path, team: str, name: str = "Sample", *, start: int = 1_700_000_000) -> None:
        self.team = team
        self._folder = samples / team
        self._next = start
        self.users: list[Any] = []
        self.channels: list[Any] = []
        self.members: dict[str, list[str]] = {}
        self._messages: dict[str, dict[str, Any]] = {}
        (self._folder / "messages").mkdir(parents=True)
        self.rename(name)
        self.save()

    def rename(self, name: str, **more: Any) -> None:
        """Give the workspace a name; ``hides_before`` makes its plan hide what is older."""
        _write(self._folder / "team.json", {"id": self.team, "name": name, "domain": "sample"} | more)

    def user(self, user_id: str, name: str = "", **more: Any) -> str:
        self.users.append({"id": user_id, "name": name or user_id.lower(), "real_name": name, "profile": {}} | more)
        self.save()
        return user_id

    def channel(self, channel_id: str, name: str = "", **more: Any) -> str:
        shape = {"id": channel_id, "name": name or channel_id.lower(), "is_channel": True, "is_member": True}
        self.channels.append(shape | more)
        self._messages[channel_id] = {}
        self.save(channel_id)
        return channel_id

    def post(self, channel: str, text: str = "hello there", user: str | None = "U1", **more: Any) -> str:
        """Write a message; returns its ``ts``. What is None is left out."""
        ts = self.put(channel, {"text": text, "user": user} | more)
        self.save(channel)
        return ts

    def fill(self, channel: str, number: int, **more: Any) -> list[str]:
        """Write so many messages; their ``ts``, oldest first."""
        posted = [self.put(channel, {"text": f"message {n}", "user": "U1"} | more) for n in range(number)]
        self.save(channel)
        return posted

    def reply(self, channel: str, thread: str, text: str = "a reply", user: str = "U1", **more: Any) -> str:
        return self.post(channel, text, user, thread_ts=thread, **more)

    def edit(self, channel: str, ts: str, text: str) -> None:
        edited = {"user": "U1", "ts": self._tick()}
        self._messages[channel][ts] |= {"text": text, "edited": edited}
        self.save(channel)

    def change(self, channel: str, ts: str, **values: Any) -> None:
        """Set keys of a message, such as its reactions; None takes one away."""
        changed = self._messages[channel][ts] | values
        self._messages[channel][ts] = {key: value for key, value in changed.items() if value is not None}
        self.save(channel)

    def delete(self, channel: str, ts: str) -> None:
        """Take a message away; one with replies leaves a tombstone, as in Slack."""
        replies = [
            item for item in self._messages[channel].values() if item.get("thread_ts") == ts and item["ts"] != ts
        ]
        gone = self._messages[channel].pop(ts)
        if replies:
            remains = {"subtype": "tombstone", "text": "This message was deleted.", "user": "USLACKBOT", "hidden": True}
            self._messages[channel][ts] = {key: gone[key] for key in ("type", "ts")} | remains
        self.save(channel)

    def save(self, channel: str | None = None) -> None:
        """Write what was changed by hand; the messages of one channel only."""
        _write(self._folder / "users.json", self.users)
        _write(self._folder / "channels.json", self.channels)
        _write(self._folder / "members.json", self.members)
        if channel is not None:
            _write(self._folder / "messages" / f"{channel}.json", list(self._messages[channel].values()))

    def wait(self, seconds: int) -> None:
        """Nobody writes for so long."""
        self._next += seconds

    def put(self, channel: str, values: Json) -> str:
        """Add a message without writing the file: ``save`` does. Returns its ``ts``."""
        ts = str(values.get("ts") or self._tick())
        message = {"type": "message", "ts": ts} | values
        self._messages[channel][ts] = {key: value for key, value in message.items() if value is not None}
        return ts

    def _tick(self) -> str:
        self._next += 60
        return f"{self._next}.000100"


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")
    # The sandbox tells versions apart by this time, which the file system may not resolve.
    os.utime(path, ns=(next(_clock), next(_clock)))
