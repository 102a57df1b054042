"""Slack's notes of a huddle as one Markdown page: what its AI wrote, and who said what when."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bs4 import BeautifulSoup, Tag

from boost_collectors.core.operations.file_ops import write_text
from boost_collectors.core.operations.html import PARSER, html_to_markdown

logger = logging.getLogger(__name__)

PACIFIC = ZoneInfo("America/Los_Angeles")
"""The zone in which huddles are dated."""

_ZONES = {
    **dict.fromkeys(("PST", "PDT"), PACIFIC),
    **dict.fromkeys(("MST", "MDT"), ZoneInfo("America/Denver")),
    **dict.fromkeys(("CST", "CDT"), ZoneInfo("America/Chicago")),
    **dict.fromkeys(("EST", "EDT"), ZoneInfo("America/New_York")),
    **dict.fromkeys(("UTC", "GMT"), UTC),
}
_STAMP = "%Y-%m-%d_%H-%M"
_CLOCK = re.compile(r"(\d{1,2}):(\d\d):(\d\d)\s*([AP])M", re.IGNORECASE)
_RANGE = re.compile(
    rf"(?P<start>{_CLOCK.pattern})\s*-\s*(?P<end>{_CLOCK.pattern})(?:\s+(?P<zone>[A-Z]{{2,5}})\b)?", re.IGNORECASE
)
_DATE = re.compile(r"Huddle notes:\s*(\d{1,2}/\d{1,2}/\d{2,4})", re.IGNORECASE)
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d\d)")
_USER = re.compile(r"@([UW][A-Z0-9]+)\b")
_CHANNEL = re.compile(r"#(C[A-Z0-9]+)\b")
_TIME_MARK = re.compile(r"\s*\[(\d+:\d\d(?::\d\d)?)\]:\s*")
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_MOST_NAMES = 5
_LONGEST_NAME = 150


def parse_datetime_range(text: str, date: str | None = None, *, today: dt.date | None = None) -> str:
    """``10:00:00 AM - 11:00:00 AM UTC`` as two minutes of Pacific time with the zone's name: PST, or PDT in summer.

    ``date`` is ``m/d/yy`` or ``m/d/yyyy``; for none or no date it is ``today``. An end before the start is on the next
    day. A zone that is not known is taken for Pacific. Text of another form comes back as it is.
    """
    match = _RANGE.search(text)
    if match is None:
        return text
    try:
        start, end = _clock(match["start"]), _clock(match["end"])
    except ValueError:
        return text
    day = _day(date) or today or datetime.now(PACIFIC).date()
    zone = _ZONES.get((match["zone"] or "").upper(), PACIFIC)
    begins = _pacific(day, start, zone)
    ends = _pacific(day if end >= start else day + timedelta(days=1), end, zone)
    return " - ".join(f"{moment:{_STAMP}} {moment.tzname()}" for moment in (begins, ends))


def parse_html_summary(html: str, *, today: dt.date | None = None) -> dict[str, Any]:
    """What a page of notes tells about the huddle: ``channel_id``, ``attendee_ids``, ``datetime`` (as it stands there)
    and ``datetime_formatted``. What it does not tell is empty.
    """
    soup = BeautifulSoup(html, PARSER)
    text = soup.get_text(" ")
    channel, day, bold = _CHANNEL.search(text), _DATE.search(text), soup.find("b")
    when = bold.get_text(" ", strip=True) if bold else ""
    return {
        "channel_id": channel[1] if channel else "",
        "attendee_ids": list(dict.fromkeys(_USER.findall(_attendees(soup) or text))),
        "datetime": when,
        "datetime_formatted": parse_datetime_range(when, day[1] if day else None, today=today),
    }


def generate_transcript_from_json(obj: Any) -> list[dict[str, str]]:
    """What was said, in order: ``user_id``, ``time`` (``m:ss``) and ``content``. Nothing for what has another shape.

    ``obj`` is the answer of ``files.info``.
    """
    file = obj.get("file") if isinstance(obj, Mapping) else None
    told = file.get("huddle_transcription") if isinstance(file, Mapping) else None
    blocks = told.get("blocks") if isinstance(told, Mapping) else None
    return [entry for section in _sections(blocks) if (entry := _entry(section))]


def replace_user_ids_with_usernames(text: str, names: Mapping[str, str]) -> str:
    """``@U…`` as ``**@name**``, for the ids that have a name."""
    return _USER.sub(lambda match: f"**@{names[match[1]]}**" if match[1] in names else match[0], text)


def replace_channel_ids_with_names(text: str, channel_id: str, name: str) -> str:
    """``#C…`` as ``#name``, for this channel."""
    if not channel_id:
        return text
    return _CHANNEL.sub(lambda match: f"#{name}" if match[1] == channel_id else match[0], text)


@dataclass(frozen=True, slots=True)
class HuddleNotes:
    """A huddle, ready to be written. ``names`` are those of all people in it, by id."""

    html: str
    channel_id: str
    channel: str
    datetime: str
    attendee_ids: Sequence[str]
    transcript: Sequence[Mapping[str, str]]
    names: Mapping[str, str]

    @property
    def file_name(self) -> str:
        """``<channel>_<date>_<time>_<up to five names>[_and_more].md``."""
        names = [self._name(user) for user in self.attendee_ids]
        more = ["and_more"] if len(names) > _MOST_NAMES else []
        parts = [self.channel, self._start, *names[:_MOST_NAMES], *more]
        return _NOT_IN_NAMES.sub("_", "_".join(part for part in parts if part))[:_LONGEST_NAME] + ".md"

    def markdown(self) -> str:
        """The page: heading, facts, Slack's summary, what was said."""
        head = [f"# #{self.channel} Huddle {self._start[:10]}".rstrip()]
        parts = ["\n".join(self._facts()), "## Slack AI Summary", self._summary()]
        said = ["## Transcript", *(self._line(entry) for entry in self.transcript)]
        return "\n\n".join(part for part in (*head, *parts, *said) if part) + "\n"

    @property
    def _start(self) -> str:
        return self.datetime.split(" ", 1)[0] if re.match(r"\d{4}-\d\d-\d\d_", self.datetime) else ""

    def _facts(self) -> Iterator[str]:
        yield f"**datetime:** {self.datetime}  "
        yield f"**location:** #{self.channel} Slack channel  "
        yield "**type:** HUDDLE  "
        yield f"**attendees:** {_listed([self._name(user) for user in self.attendee_ids])}  "

    def _summary(self) -> str:
        soup = BeautifulSoup(self.html, PARSER)
        for heading, lower in (("h2", "h4"), ("h1", "h3")):
            for tag in soup.find_all(heading):
                tag.name = lower
        text = replace_user_ids_with_usernames(html_to_markdown(str(soup)), self.names)
        return replace_channel_ids_with_names(text, self.channel_id, self.channel)

    def _line(self, entry: Mapping[str, str]) -> str:
        at = f" [{entry['time']}]" if entry["time"] else ""
        said = replace_user_ids_with_usernames(entry["content"], self.names)
        return f"**@{self._name(entry['user_id'])}{at}:** {said}".rstrip()

    def _name(self, user: str) -> str:
        return self.names.get(user, user)


def write_huddle_transcript_md(folder: Path | str, notes: HuddleNotes) -> Path | None:
    """Write the page into a folder; its path, or None, with an error in the log, when it cannot be written."""
    try:
        return write_text(Path(folder) / notes.file_name, notes.markdown())
    except OSError as error:
        logger.error("The notes of a huddle cannot be written to %s: %s", folder, error)
        return None


def _clock(text: str) -> time:
    """Raises ValueError for a time that no clock shows."""
    match = _CLOCK.fullmatch(text)
    if match is None or not 1 <= int(match[1]) <= 12:
        raise ValueError(text)
    return time(int(match[1]) % 12 + (12 if match[4].upper() == "P" else 0), int(match[2]), int(match[3]))


def _day(text: str | None) -> dt.date | None:
    match = _DAY.fullmatch(text or "")
    if match is None:
        return None
    month, day, year = (int(part) for part in match.groups())
    try:
        return dt.date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None


def _pacific(day: dt.date, clock: time, zone: Any) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(PACIFIC)


def _attendees(soup: BeautifulSoup) -> str:
    """The paragraph below the heading that says who was there; empty when there is none."""
    for heading in soup.find_all("h2"):
        paragraph = heading.find_next_sibling("p") if "attendees" in heading.get_text().lower() else None
        if isinstance(paragraph, Tag):
            return paragraph.get_text(" ")
    return ""


def _sections(node: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, list):
        for each in node:
            yield from _sections(each)
    elif isinstance(node, Mapping) and node.get("type") == "rich_text_section":
        yield node
    elif isinstance(node, Mapping):
        yield from _sections(node.get("elements"))


def _entry(section: Mapping[str, Any]) -> dict[str, str] | None:
    user, at, said = "", "", ""
    elements = section.get("elements")
    for element in elements if isinstance(elements, list) else ():
        if not isinstance(element, Mapping):
            continue
        if element.get("type") == "user" and not user:
            user = str(element.get("user_id") or "")
        elif element.get("type") == "user":
            said += f"@{element.get('user_id')}"
        else:
            text = str(element.get("text") or "")
            mark = _TIME_MARK.match(text) if not at else None
            at, said = (mark[1], said + text[mark.end() :]) if mark else (at, said + text)
    said = said.strip()
    return {"user_id": user, "time": at, "content": said} if user and (at or said) else None


def _listed(names: Sequence[str]) -> str:
    if not names:
        return "Unknown"
    if len(names) < 3:
        return " and ".join(names)
    return f"{', '.join(names[:-1])}, and {names[-1]}"
