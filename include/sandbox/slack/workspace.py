"""Workspaces that the sandbox plays: from hand-made samples, from real exports, or made up as they are asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

Json = dict[str, Any]
BROADCASTS = ("thread_broadcast", "reply_broadcast")
EXPORTS = "slack/workspace-export"
ANSWERS = "slack/web-api"
EXPORT_TEAM, ANSWERS_TEAM = "T0EXPORT", "T0ANSWERS"


class Workspace(Protocol):
    """What the Web API needs to know of a workspace."""

    @property
    def team(self) -> Json: ...

    @property
    def users(self) -> Sequence[Json]: ...

    @property
    def channels(self) -> Sequence[Json]: ...

    def members(self, channel: str) -> Sequence[str]: ...

    def history(self, channel: str, oldest: float, latest: float) -> Iterator[Json]:
        """Messages of the channel between two exclusive bounds, newest first."""

    def replies(self, channel: str, ts: str) -> list[Json]:
        """A thread, oldest first; empty when there is none."""


@dataclass(frozen=True)
class KeptWorkspace:
    """One that is whole in memory. ``messages`` are those of each channel, replies among them, in any order."""

    team: Json
    users: Sequence[Json]
    channels: Sequence[Json]
    messages: dict[str, list[Json]]
    present: dict[str, list[str]] = field(default_factory=dict)

    def members(self, channel: str) -> Sequence[str]:
        return self.present.get(channel, [])

    def history(self, channel: str, oldest: float, latest: float) -> Iterator[Json]:
        for message in self._shown.get(channel, []):
            if oldest < float(message["ts"]) < latest:
                yield message

    def replies(self, channel: str, ts: str) -> list[Json]:
        thread = [m for m in self._sorted.get(channel, []) if ts in (m["ts"], m.get("thread_ts"))]
        shown = {message["ts"]: message for message in self._shown.get(channel, [])}
        return [shown.get(message["ts"], message) for message in thread]

    @cached_property
    def _sorted(self) -> dict[str, list[Json]]:
        return {key: sorted(items, key=lambda m: float(m["ts"])) for key, items in self.messages.items()}

    @cached_property
    def _shown(self) -> dict[str, list[Json]]:
        return {key: list(_history(items)) for key, items in self._sorted.items()}


def _history(messages: Sequence[Json]) -> Iterator[Json]:
    """Newest first, replies left out, with what Slack adds to a message that has replies."""
    replies: dict[str, list[Json]] = {}
    for message in messages:
        thread = message.get("thread_ts")
        if thread and thread != message["ts"]:
            replies.setdefault(thread, []).append(message)
    for message in reversed(messages):
        if message.get("thread_ts") in (None, message["ts"]) or message.get("subtype") in BROADCASTS:
            yield with_replies(message, replies.get(message["ts"], []))


def with_replies(message: Json, replies: Sequence[Json]) -> Json:
    """A message as Slack shows it when there are replies to it."""
    if not replies:
        return message
    users = list(dict.fromkeys(reply["user"] for reply in replies if reply.get("user")))
    return message | {
        "thread_ts": message["ts"],
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "latest_reply": replies[-1]["ts"],
        "reply_users": users,
        "is_locked": False,
    }


@dataclass(frozen=True)
class GeneratedWorkspace:
    """Any number of messages, each made from its number when it is asked for.

    Of ten messages in a row the first begins a thread and the next three are replies to it; every seventh has a
    reaction.
    """

    team: Json
    count: int
    channel_count: int = 4
    user_count: int = 200
    start: int = 1_600_000_000
    step: int = 60

    @property
    def users(self) -> Sequence[Json]:
        return [
            {"id": user_id(n), "name": f"user{n}", "real_name": f"User {n}", "profile": {}}
            for n in range(self.user_count)
        ]

    @property
    def channels(self) -> Sequence[Json]:
        return [
            {"id": channel_id(n), "name": f"room-{n}", "is_channel": True, "is_member": True, "creator": user_id(0)}
            for n in range(self.channel_count)
        ]

    def members(self, channel: str) -> Sequence[str]:
        return [user_id(n) for n in range(self.user_count)] if channel else []

    def size(self, channel: str) -> int:
        """Messages of a channel, replies among them."""
        number = int(channel.removeprefix("C0GEN"))
        return self.count // self.channel_count + (number < self.count % self.channel_count)

    def history(self, channel: str, oldest: float, latest: float) -> Iterator[Json]:
        newest = min(self.size(channel) - 1, int((min(latest, 1e11) - self.start) // self.step))
        for number in range(newest, -1, -1):
            at = float(self._ts(number))
            if at <= oldest:
                return
            if at < latest and not 1 <= number % 10 <= 3:
                yield self.shown(channel, number)

    def replies(self, channel: str, ts: str) -> list[Json]:
        number = (int(float(ts)) - self.start) // self.step
        return [self.shown(channel, number), *self._replies(channel, number)]

    def shown(self, channel: str, number: int) -> Json:
        """A message as history shows it."""
        message = self.message(channel, number)
        return with_replies(message, self._replies(channel, number)) if number % 10 == 0 else message

    def everything(self, channel: str) -> Iterator[Json]:
        """All messages of a channel as an export holds them, oldest first."""
        for number in range(self.size(channel)):
            yield self.shown(channel, number)

    def _replies(self, channel: str, number: int) -> list[Json]:
        last = min(number + 4, self.size(channel))
        return [self.message(channel, reply) for reply in range(number + 1, last)]

    def message(self, channel: str, number: int) -> Json:
        """A message without what its replies add."""
        message: Json = {
            "type": "message",
            "user": user_id(number % self.user_count),
            "text": f"Message {number} of {channel}: " + "the quick build breaks on the slow branch. " * (number % 5),
            "ts": self._ts(number),
            "team": self.team["id"],
            "client_msg_id": f"{number:08x}-0000-4000-8000-{channel}",
        }
        if number % 7 == 0:
            message["reactions"] = [{"name": "tada", "users": [user_id(1), user_id(2)], "count": 2}]
        if 1 <= number % 10 <= 3:
            message["thread_ts"] = self._ts(number - number % 10)
        return message

    def _ts(self, number: int) -> str:
        return f"{self.start + number * self.step}.{number % 1_000_000:06d}"


def user_id(number: int) -> str:
    """The id of a made-up user."""
    return f"U0GEN{number}"


def channel_id(number: int) -> str:
    """The id of a made-up channel."""
    return f"C0GEN{number}"


def find(samples: Path, real: Path | None, team: str) -> Workspace | None:
    """The workspace of an id, or None."""
    folder = samples / team
    if (folder / "generated.json").is_file():
        return GeneratedWorkspace(_read(folder / "team.json"), **_read(folder / "generated.json"))
    if (folder / "team.json").is_file():
        return _from_samples(folder, _version(folder))
    if real is not None and team == EXPORT_TEAM and (real / EXPORTS).is_dir():
        return _from_export(next((real / EXPORTS).glob("*/")))
    if real is not None and team == ANSWERS_TEAM and (real / ANSWERS).is_dir():
        return _from_answers(real / ANSWERS)
    return None


def _version(folder: Path) -> tuple[tuple[str, int, int], ...]:
    files = sorted(folder.rglob("*.json"))
    return tuple((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in files)


@lru_cache(maxsize=16)
def _from_samples(folder: Path, _version: tuple[tuple[str, int, int], ...]) -> KeptWorkspace:
    messages = {file.stem: _read(file) for file in sorted((folder / "messages").glob("*.json"))}
    members = _read(folder / "members.json") if (folder / "members.json").is_file() else {}
    return KeptWorkspace(
        _read(folder / "team.json"), _read(folder / "users.json"), _read(folder / "channels.json"), messages, members
    )


@lru_cache(maxsize=4)
def _from_export(folder: Path) -> KeptWorkspace:
    told = _read(folder / "channels.json")
    channels = [channel | {"is_channel": True, "is_member": True} for channel in told]
    messages = {
        channel["id"]: [item for day in sorted((folder / channel["name"]).glob("*.json")) for item in _read(day)]
        for channel in channels
    }
    team = {"id": EXPORT_TEAM, "name": folder.name, "domain": "export"}
    members = {channel["id"]: channel.get("members", []) for channel in channels}
    return KeptWorkspace(team, _read(folder / "users.json"), channels, messages, members)


@lru_cache(maxsize=4)
def _from_answers(folder: Path) -> KeptWorkspace:
    """One channel and its messages from recorded answers; Slack has no two messages of one ``ts``."""
    channel = _read(folder / "perceval_slack_info.json")["channel"]
    pages = [_read(path)["messages"] for path in sorted(folder.glob("perceval_slack_history*.json"))]
    messages = {message["ts"]: message for page in pages for message in page}
    members = _read(folder / "perceval_slack_members1.json")["members"]
    team = {"id": ANSWERS_TEAM, "name": "Recorded answers", "domain": "answers"}
    users = [{"id": user, "name": user.lower(), "real_name": user, "profile": {}} for user in channel["members"]]
    return KeptWorkspace(team, users, [channel], {channel["id"]: list(messages.values())}, {channel["id"]: members})


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def write_export(workspace: GeneratedWorkspace, folder: Path, per_file: int = 1440) -> None:
    """Write a made-up workspace as Slack exports one: a folder per channel, a file per so many messages."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "channels.json").write_text(json.dumps(list(workspace.channels)), encoding="utf-8")
    (folder / "users.json").write_text(json.dumps(list(workspace.users)), encoding="utf-8")
    for channel in workspace.channels:
        place = folder / channel["name"]
        place.mkdir(exist_ok=True)
        items = workspace.everything(channel["id"])
        for number in range(-(-workspace.size(channel["id"]) // per_file)):
            part = list(islice(items, per_file))
            (place / f"{number:06d}.json").write_text(json.dumps(part), encoding="utf-8")
