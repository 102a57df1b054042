"""The server as one run sees it: its channels, which of them to read, and their active threads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from boost_collectors.discord_activity_tracker.api_format import export_channel, export_guild
from boost_collectors.discord_activity_tracker.kinds import FORUM_TYPES, PRIVATE_THREAD_TYPES, TEXT_TYPES, VOICE_TYPES
from boost_collectors.discord_activity_tracker.records import ChannelRecord, ServerRecord, channel_of, server_of
from boost_collectors.discord_activity_tracker.source import DiscordApi, number_of

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel or thread as the API gives it, as an export spells it, and as a row."""

    raw: Json
    exported: Json
    record: ChannelRecord

    @property
    def id(self) -> int:
        return self.record.channel_id

    @property
    def label(self) -> str:
        return f"#{self.record.name}"

    @property
    def is_forum(self) -> bool:
        """True if it has threads only, and no messages of its own."""
        return self.raw.get("type") in FORUM_TYPES

    @property
    def has_private_threads(self) -> bool:
        """True if threads of it may be private."""
        return self.raw.get("type") in PRIVATE_THREAD_TYPES

    @property
    def last_message_id(self) -> int:
        """The newest message that the server names, deleted or not; 0 when there never was one."""
        return number_of(self.raw.get("last_message_id"))


@dataclass(frozen=True, slots=True)
class Guild:
    """A server with everything that its two lists say."""

    exported: Json
    server: ServerRecord
    names: Mapping[int, str]
    channels: Sequence[Channel]
    threads: Mapping[int, list[Json]]

    def chosen(self, allowed: Collection[int], *, voice: bool) -> list[Channel]:
        """The channels to read, by position: those allowed, or all that hold text (with ``voice`` voice ones too)."""
        readable = TEXT_TYPES | FORUM_TYPES | (VOICE_TYPES if voice or allowed else frozenset())
        return [
            channel
            for channel in self.channels
            if channel.raw.get("type") in readable and (not allowed or channel.id in allowed)
        ]

    def thread(self, raw: Json) -> Channel:
        """A thread of one of the channels. Raises ValueError when it has no id."""
        return _channel(raw, self.names)


def read_guild(api: DiscordApi, guild_id: int) -> Guild:
    """Ask for the server, its channels and its active threads: three requests. Raises as the API does."""
    raw = api.guild(guild_id)
    listed = api.channels(guild_id)
    names = {number_of(channel.get("id")): str(channel.get("name") or "") for channel in listed}
    threads: dict[int, list[Json]] = defaultdict(list)
    for thread in api.active_threads(guild_id):
        threads[number_of(thread.get("parent_id"))].append(thread)
    exported = export_guild(raw)
    channels = sorted((_channel(channel, names) for channel in listed), key=_position)
    return Guild(exported, server_of(exported), names, channels, threads)


def _channel(raw: Json, names: Mapping[int, str]) -> Channel:
    exported = export_channel(raw, names.get(number_of(raw.get("parent_id"))))
    position = raw.get("position")
    record = replace(channel_of(exported), position=position if isinstance(position, int) else None)
    return Channel(raw, exported, record)


def _position(channel: Channel) -> tuple[int, int]:
    return channel.record.position or 0, channel.id
