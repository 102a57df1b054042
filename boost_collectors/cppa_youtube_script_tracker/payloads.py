"""What the Data API answers, as far as it is read, checked and turned into records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from boost_collectors.core.errors import SourceError
from boost_collectors.cppa_youtube_script_tracker.records import Channel, Video, count_of, moment_of, tags_of, text_of

T = TypeVar("T", bound=BaseModel)

_DURATION = re.compile(r"PT(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?", re.ASCII)


class Snippet(BaseModel):
    """What every video and channel tells of itself."""

    title: str = ""
    description: str = ""
    channel_id: str = Field("", alias="channelId")
    channel_title: str = Field("", alias="channelTitle")
    published_at: str = Field("", alias="publishedAt")
    tags: list[str] = []


class Details(BaseModel):
    """The length of a video, in ISO 8601."""

    duration: str = ""


class VideoPayload(BaseModel):
    """An item of ``videos.list``. Statistics that the owner hides are absent."""

    id: str = Field(min_length=1, max_length=32)
    snippet: Snippet
    statistics: dict[str, Any] = {}
    details: Details = Field(default_factory=Details, alias="contentDetails")


def video_of(item: object, search_term: str, read_at: datetime) -> Video:
    """The video that an item of ``videos.list`` tells of. Raises SourceError for one that is not as documented."""
    payload = checked(VideoPayload, item, "video")
    snippet, counts = payload.snippet, payload.statistics
    channel_id = text_of(snippet.channel_id)
    return Video(
        video_id=text_of(payload.id),
        title=text_of(snippet.title),
        description=text_of(snippet.description),
        channel=Channel(channel_id, text_of(snippet.channel_title)) if channel_id else None,
        published_at=moment_of(snippet.published_at),
        duration_seconds=duration_seconds(payload.details.duration),
        view_count=count_of(counts.get("viewCount")),
        like_count=count_of(counts.get("likeCount")),
        comment_count=count_of(counts.get("commentCount")),
        tags=tags_of(snippet.tags),
        search_term=search_term,
        scraped_at=read_at,
    )


def duration_seconds(text: str) -> int:
    """``PT1H2M3S`` is 3723; anything that is not hours, minutes and seconds is 0, days too."""
    match = _DURATION.fullmatch(text)
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    return hours * 3600 + minutes * 60 + seconds


def checked(model: type[T], item: object, what: str) -> T:
    """The item as its model. Raises SourceError that says which field is wrong, and of which item."""
    try:
        return model.model_validate(item)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise SourceError(
            f"validation error in {what} {id_of(item) or 'without id'}: {where}: {problem['msg']}"
        ) from None


def id_of(item: object) -> str:
    """The id of an item, as text; empty when it has none."""
    found = item.get("id") if isinstance(item, Mapping) else None
    return found if isinstance(found, str) else ""
