"""Reading the JSON files of DiscordChatExporter, whatever their size, in constant memory.

A file is one object: ``guild``, ``channel``, sometimes ``exportedAt``, and ``messages``, an array that may hold
millions. Values are decoded one at a time from a buffer of a few hundred kilobytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from boost_collectors.core.errors import SourceError
from boost_collectors.core.utils.datetime_parsing import ensure_aware_utc, parse_iso_datetime_lenient
from boost_collectors.discord_activity_tracker.records import ChannelRecord, ServerRecord, channel_of, server_of

CHUNK = 1 << 18
LONGEST_VALUE = 1 << 25
"""Characters that one value may have: beyond it the file is taken for broken, not for longer than it is."""

_BLANK = " \t\n\r"
_BLANKS = re.compile(f"[{_BLANK}]*")


class ExportFileError(SourceError, ValueError):
    """A file that is no export: not JSON, or without what an export must have."""


class InvalidEnvelopeError(ExportFileError):
    """A file that is JSON, but not with the parts that an export has."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a file says about its messages, read and as it stands there (``guild``, ``raw_channel``).

    ``exported_at``: when it was made, aware UTC; None if it does not say.
    """

    server: ServerRecord
    channel: ChannelRecord
    exported_at: datetime | None
    guild: Mapping[str, Any]
    raw_channel: Mapping[str, Any]


class ExportFile:
    """One export file. Reading it twice reads the disk twice."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def envelope(self) -> Envelope:
        """The file's server and channel; reads no further than it must, which is to the messages as a rule.

        Raises InvalidEnvelopeError, or ExportFileError when it is no JSON.
        """
        parts: dict[str, Any] = {}
        for name, value in self._members():
            parts[name] = value
            if name == "messages" and {"guild", "channel"} <= parts.keys():
                break
        return self._checked(parts)

    def messages(self) -> Iterator[Any]:
        """Every element of ``messages``, in the order of the file, as parsed JSON. Raises as ``envelope``."""
        for name, value in self._members(elements=True):
            if name == "message":
                yield value

    def _checked(self, parts: Mapping[str, Any]) -> Envelope:
        guild, channel = parts.get("guild"), parts.get("channel")
        if not isinstance(guild, Mapping) or not isinstance(channel, Mapping):
            raise InvalidEnvelopeError(f"Invalid Discord export envelope: {self.path.name} has no guild and channel")
        try:
            return Envelope(
                server_of(guild), channel_of(channel), _instant(parts.get("exportedAt")), dict(guild), dict(channel)
            )
        except ValueError as error:
            raise InvalidEnvelopeError(f"Invalid Discord export envelope: {self.path.name}: {error}") from None

    def _members(self, *, elements: bool = False) -> Iterator[tuple[str, Any]]:
        """The members of the object as (name, value); of ``messages`` a mark, then with ``elements`` each message."""
        try:
            with self.path.open(encoding="utf-8-sig") as text:
                yield from _Reader(text, self.path.name).members(elements=elements)
        except UnicodeDecodeError as error:
            raise ExportFileError(f"{self.path.name} is not UTF-8: {error}") from None


class _Reader:
    """A cursor over a text that is read as far as needed."""

    def __init__(self, text: TextIO, name: str) -> None:
        self._text, self._name = text, name
        self._decode = json.JSONDecoder().raw_decode
        self._buffer, self._position, self._ended = "", 0, False

    def members(self, *, elements: bool) -> Iterator[tuple[str, Any]]:
        self._take("{")
        while self._peek() != "}":
            name = self._value()
            self._take(":")
            if name == "messages":
                yield "messages", None
                yield from (("message", item) for item in self._messages() if elements)
            else:
                yield str(name), self._value()
            if self._peek() != ",":
                break
            self._take(",")
        self._take("}")

    def _messages(self) -> Iterator[Any]:
        if self._peek() == "n" and self._value() is None:
            return
        if self._peek() != "[":
            raise InvalidEnvelopeError(f"Invalid Discord export envelope: messages of {self._name} must be an array")
        self._take("[")
        while self._peek() != "]":
            yield self._value()
            if self._peek() != ",":
                break
            self._take(",")
        self._take("]")

    def _peek(self) -> str:
        """The next character that is not blank; empty at the end."""
        found = self._buffer[self._position : self._position + 1]
        if found and found not in _BLANK:
            return found
        while True:
            blanks = _BLANKS.match(self._buffer, self._position)
            self._position = blanks.end() if blanks else self._position
            if self._position < len(self._buffer) or not self._read_on():
                return self._buffer[self._position : self._position + 1]

    def _take(self, character: str) -> None:
        found = self._peek()
        if found != character:
            raise ExportFileError(f"{self._name} is not a JSON export: {character!r} expected, not {found!r}")
        self._position += 1

    def _value(self) -> Any:
        self._peek()
        while True:
            try:
                value, end = self._decode(self._buffer, self._position)
            except ValueError as error:
                if len(self._buffer) - self._position > LONGEST_VALUE or not self._read_on():
                    raise ExportFileError(f"{self._name} is not JSON: {error}") from None
                continue
            except RecursionError:
                raise ExportFileError(f"{self._name} is not JSON that can be read: nested too deeply") from None
            # A number at the end of what was read may go on.
            if end < len(self._buffer) or not self._read_on():
                self._position = end
                return value

    def _read_on(self) -> bool:
        """Read a chunk more; False at the end of the file."""
        chunk = "" if self._ended else self._text.read(CHUNK)
        self._ended = not chunk
        if chunk:
            self._buffer, self._position = self._buffer[self._position :] + chunk, 0
        return bool(chunk)


def _instant(value: object) -> datetime | None:
    moment = parse_iso_datetime_lenient(value) if isinstance(value, str) else None
    return ensure_aware_utc(moment)
