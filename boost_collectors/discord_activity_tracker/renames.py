"""Pages that stand under a name that their channel no longer has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from boost_collectors.discord_activity_tracker.markdown import DayPages

PAGES = "[0-9][0-9][0-9][0-9]/**/*.md"
"""Where the pages are, below the folder of the Markdown."""

_HEAD_BYTES = 2000
_CHANNEL = re.compile(rb'^discord_channel_url: "https://discord\.com/channels/\d+/(\d+)"$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Misplaced:
    """The page of a day that has another path now; ``path`` is the one it has, below the folder."""

    channel_id: int
    day: date
    path: str


def misplaced_pages(folder: Path, pages: DayPages) -> Iterator[Misplaced]:
    """Every page of the server's channels that is not where it would be written today. Reads the head of each."""
    for file in sorted(folder.glob(PAGES)):
        channel_id, day = _channel_of(file), _day_of(file)
        path = file.relative_to(folder).as_posix()
        if channel_id is None or day is None:
            continue
        try:
            expected = pages.path(channel_id, day)
        except KeyError:  # of another server, or of a channel that is not known any more
            continue
        if expected != path:
            yield Misplaced(channel_id, day, path)


def _channel_of(file: Path) -> int | None:
    with file.open("rb") as opened:
        found = _CHANNEL.search(opened.read(_HEAD_BYTES))
    return int(found[1]) if found else None


def _day_of(file: Path) -> date | None:
    try:
        return date.fromisoformat(file.parent.name)
    except ValueError:
        return None
