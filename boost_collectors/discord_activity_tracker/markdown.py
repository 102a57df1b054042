"""A day of a channel as Markdown."""

from __future__ import annotations

import json
import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from urllib.parse import quote, urlsplit

from boost_collectors.discord_activity_tracker.services import Answered, ExportedMessage
from boost_collectors.discord_activity_tracker.urls import message_url

PREVIEW_LENGTH = 80

_FENCE = "```"
_CODE_SPAN = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
_MENTIONS = (
    (re.compile(r"<@!?(\d+)>"), r"@user-\1"),
    (re.compile(r"<@&(\d+)>"), r"@role-\1"),
    (re.compile(r"<#(\d+)>"), r"#channel-\1"),
    (re.compile(r"<a?:(\w+):\d+>"), r":\1:"),
)
_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
_TO_DASH = re.compile(r"[/\\:*|]")
_DROPPED = re.compile(r"[?\"<>\x00-\x1f\x7f]")


class DayPages:
    """Pages of one server. ``names``: its channels and threads, by id; files of the same name get the id too."""

    def __init__(self, server_id: int, server_name: str, names: Mapping[int, str]) -> None:
        self._server_id, self._server_name, self._names = server_id, server_name, names
        self._uses = Counter(_file_name(name).casefold() for name in names.values())

    def path(self, channel_id: int, day: date) -> str:
        """``YYYY/YYYY-MM/YYYY-MM-DD/<channel>.md``. Raises KeyError for a channel that is not the server's."""
        name = _file_name(self._names[channel_id])
        if self._uses[name.casefold()] > 1 or not name.strip(". "):
            name = f"{name}-{channel_id}"
        return f"{day:%Y/%Y-%m/%Y-%m-%d}/{name}.md"

    @property
    def alike(self) -> list[int]:
        """The channels that share their name with another."""
        return [key for key, name in self._names.items() if self._uses[_file_name(name).casefold()] > 1]

    def page(self, channel_id: int, day: date, messages: Sequence[ExportedMessage]) -> str:
        """The page of a day, its messages given oldest first."""
        parts = [self._front_matter(channel_id, day, messages), f"# #{self._names[channel_id]} - {day}", f"## {day}"]
        here = posixpath.dirname(self.path(channel_id, day))
        for message in messages:
            parts += self._message(message, here, (channel_id, day))
        return "\n\n".join(parts) + "\n"

    def _front_matter(self, channel_id: int, day: date, messages: Sequence[ExportedMessage]) -> str:
        values: dict[str, str | int] = {
            "channel": self._names[channel_id],
            "date": str(day),
            "server": self._server_name,
            "message_count": len(messages),
            "active_users": len({message.user for message in messages}),
        }
        if messages:
            for name, message in (("first_message", messages[0]), ("last_message", messages[-1])):
                values[name] = f"{message.written_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        values["discord_channel_url"] = message_url(self._server_id, channel_id)
        lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]
        return "\n".join(["---", *lines, "---"])

    def _message(self, message: ExportedMessage, folder: str, page: tuple[int, date]) -> Iterator[str]:
        bot = " (bot)" if message.is_bot else ""
        yield f'<a id="m{message.message_id}"></a>\n### {_clock(message.written_at)} UTC — @{message.user}{bot}'
        yield "\n".join(f"> {line}  " for line in self._facts(message, folder, page))
        if body := readable_body(message.content):
            yield body
        if message.attachment_urls:
            links = (f"> - [{_name_of_file(url)}]({url})" for url in message.attachment_urls)
            yield "\n".join(["> Attachments:", *links])

    def _facts(self, message: ExportedMessage, folder: str, page: tuple[int, date]) -> Iterator[str]:
        answered = message.reply_to
        if answered is not None and answered.channel_id in self._names:
            shown = f"@{answered.user} ({_clock(answered.written_at)} UTC)"
            yield f"Reply to: [{shown}]({self._link(answered, folder, page)})"
            if preview := _preview(answered.content):
                yield f"Original: {preview}"
        yield message_url(self._server_id, message.channel_id, message.message_id)

    def _link(self, answered: Answered, folder: str, page: tuple[int, date]) -> str:
        day = answered.written_at.astimezone(UTC).date()
        anchor = f"#m{answered.message_id}"
        if (answered.channel_id, day) == page:
            return anchor
        return quote(posixpath.relpath(self.path(answered.channel_id, day), folder)) + anchor


def readable_body(content: str) -> str:
    """A message's text as Markdown: mentions spelled out, line ends kept, code left as it is."""
    lines: list[str] = []
    in_fence = False
    for line in _INVISIBLE.sub("", content).strip("\n").split("\n"):
        is_fence = line.lstrip().startswith(_FENCE)
        lines.append(line if in_fence or is_fence else _prose(line))
        # A fence that opens and closes on its line is a span.
        in_fence ^= is_fence and line.count(_FENCE) % 2 == 1
    if in_fence:
        lines.append(_FENCE)
    body = "\n".join(lines).strip("\n")
    return f"<!-- -->\n{body}" if body.startswith(_FENCE) else body.strip()


def _prose(line: str) -> str:
    parts, end = [], 0
    for span in _CODE_SPAN.finditer(line):
        parts += [_named(line[end : span.start()]), span[0]]
        end = span.end()
    told = "".join([*parts, _named(line[end:])]).rstrip()
    return f"{told}  " if told else ""


def _named(text: str) -> str:
    for pattern, shown in _MENTIONS:
        text = pattern.sub(shown, text)
    return text


def _preview(content: str) -> str:
    line = " ".join(_named(_INVISIBLE.sub("", content)).split())
    return line if len(line) <= PREVIEW_LENGTH else line[:PREVIEW_LENGTH] + "..."


def _clock(moment: datetime) -> str:
    moment = moment.astimezone(UTC)
    milliseconds = moment.microsecond // 1000
    return f"{moment:%H:%M:%S}" + (f".{milliseconds:03d}" if milliseconds else "")


def _file_name(channel: str) -> str:
    return _DROPPED.sub("", _TO_DASH.sub("-", channel)).strip()


def _name_of_file(url: str) -> str:
    return posixpath.basename(urlsplit(url).path) or url
