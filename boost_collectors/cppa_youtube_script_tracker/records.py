"""Videos and channels as the collector hands them on, and as the raw archive keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from boost_collectors.core.utils.datetime_parsing import ensure_aware_utc, format_utc_z, parse_iso_datetime_lenient

LONGEST_TAG = 128
_LONGEST_COUNT = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel: YouTube's id and title."""

    channel_id: str
    title: str


@dataclass(frozen=True, slots=True)
class Video:
    """A video as it was read. Counts are None when YouTube does not tell them; an empty id or time was not told.

    ``search_term``: the channel or search that found it first.
    """

    video_id: str
    title: str
    description: str
    channel: Channel | None
    published_at: datetime | None
    duration_seconds: int
    view_count: int | None
    like_count: int | None
    comment_count: int | None
    tags: tuple[str, ...]
    search_term: str
    scraped_at: datetime | None

    def as_item(self) -> dict[str, Any]:
        """The JSON object that the raw archive keeps and the queue takes."""
        return {
            "video_id": self.video_id,
            "title": self.title,
            "description": self.description,
            "channel_id": self.channel.channel_id if self.channel else "",
            "channel_title": self.channel.title if self.channel else "",
            "published_at": format_utc_z(self.published_at) if self.published_at else None,
            "duration_seconds": self.duration_seconds,
            "view_count": self.view_count,
            "like_count": self.like_count,
            "comment_count": self.comment_count,
            "tags": list(self.tags),
            "search_term": self.search_term,
            "scraped_at": format_utc_z(self.scraped_at) if self.scraped_at else None,
        }


def video_of_item(item: Mapping[str, Any]) -> Video:
    """A video out of its JSON object; what is absent or unreadable is empty, 0 or None.

    Raises ValueError naming ``video_id`` when it has none.
    """
    video_id = text_of(item.get("video_id"))
    if not video_id:
        raise ValueError("video_id must not be empty")
    channel_id = text_of(item.get("channel_id"))
    return Video(
        video_id=video_id,
        title=text_of(item.get("title")),
        description=text_of(item.get("description")),
        channel=Channel(channel_id, text_of(item.get("channel_title"))) if channel_id else None,
        published_at=moment_of(item.get("published_at")),
        duration_seconds=count_of(item.get("duration_seconds")) or 0,
        view_count=count_of(item.get("view_count")),
        like_count=count_of(item.get("like_count")),
        comment_count=count_of(item.get("comment_count")),
        tags=tags_of(item.get("tags")),
        search_term=text_of(item.get("search_term")),
        scraped_at=moment_of(item.get("scraped_at")),
    )


def text_of(value: object) -> str:
    """Text without NUL, with a plain apostrophe, trimmed; empty for anything but text."""
    return value.replace("\0", "").replace("\u2019", "'").strip() if isinstance(value, str) else ""


def tag_name(tag: str) -> str:
    """A tag as it is stored: trimmed, in lower case, cut to its column. Raises ValueError for an empty ``tag_name``."""
    name = text_of(tag).lower()[:LONGEST_TAG].strip()
    if not name:
        raise ValueError("tag_name must not be empty")
    return name


def tags_of(values: object) -> tuple[str, ...]:
    """Tags as they are stored, each once, blank ones left out."""
    given: Iterable[Any] = values if isinstance(values, list | tuple) else ()
    return tuple(dict.fromkeys(tag_name(tag) for tag in given if text_of(tag)))


def moment_of(value: object) -> datetime | None:
    """An aware UTC instant; None when it is absent or not ISO."""
    try:
        return ensure_aware_utc(parse_iso_datetime_lenient(value)) if isinstance(value, str) else None
    except OverflowError:
        return None


def count_of(value: object) -> int | None:
    """A count, which the Data API spells as text; None when it is absent or no count."""
    try:
        number = int(value) if isinstance(value, int | str) and not isinstance(value, bool) else -1
    except ValueError:
        return None
    return number if 0 <= number <= _LONGEST_COUNT else None
