"""What a run looks for: the channels whose uploads it reads, and the searches it makes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from boost_collectors.core.errors import ConfigurationError
from boost_collectors.core.settings import Settings
from boost_collectors.cppa_youtube_script_tracker.records import Video

logger = logging.getLogger(__name__)

CHANNEL = "channel:"
SEARCH = "search:"


@dataclass(frozen=True, slots=True)
class Query:
    """A channel (``channel_id`` is set) or a search. ``key`` is its unit's, ``text`` what videos note as their term."""

    text: str
    channel_id: str = ""

    @property
    def key(self) -> str:
        return f"{CHANNEL}{self.channel_id}" if self.channel_id else f"{SEARCH}{self.text}"


def queries(settings: Settings, channel_title: str) -> list[Query]:
    """The queries of a run, none twice, cut to YOUTUBE_MAX_QUERY_PAIRS.

    With ``channel_title`` that channel alone, or two searches for a channel that is not known. Raises
    ConfigurationError for a channel that is not given as ``<title>=<id>``.
    """
    channels = list(_channels(settings))
    title = channel_title.strip()
    if title:
        known = [query for query in channels if query.text.casefold() == title.casefold()]
        return known or [Query(title), Query(f"{title} C++")]
    unique: dict[str, Query] = {}
    for query in [*channels, *map(Query, settings.youtube_searches)]:
        unique.setdefault(query.key.casefold(), query)
    found, most = list(unique.values()), settings.youtube_max_query_pairs
    if len(found) > most:
        logger.warning("%d channels and searches are truncated to YOUTUBE_MAX_QUERY_PAIRS, %d", len(found), most)
    return found[:most]


def is_about(video: Video, words: tuple[str, ...]) -> bool:
    """True if one of the words, in lower case, stands in the video's title, description, tags or channel title."""
    channel = video.channel.title if video.channel else ""
    text = "\n".join([video.title, video.description, channel, *video.tags]).casefold()
    return any(word in text for word in words)


def _channels(settings: Settings) -> Iterator[Query]:
    for item in settings.youtube_channels:
        title, _, channel_id = item.rpartition("=")
        if not title.strip() or not channel_id.strip().startswith("UC"):
            raise ConfigurationError(f"YOUTUBE_CHANNELS: {item!r} is not <title>=<id>, where an id begins with UC")
        yield Query(title.strip(), channel_id.strip())
