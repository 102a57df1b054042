"""YouTube's Data API, version 3, read with a key.

``GET <base>/channels?part=snippet,contentDetails&id=`` ·
``/playlistItems?part=contentDetails&playlistId=&pageToken=`` ·
``/videos?part=snippet,statistics,contentDetails&id=`` (1 unit each, 50 items) ·
``/search?part=snippet&type=video&order=date&q=&publishedAfter=&publishedBefore=&pageToken=`` (100 units, 50 items)

The key is sent in the header ``X-Goog-Api-Key``, so that it stands in no URL. Ids that YouTube does not have, or does
not show, are left out of an answer without a word.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import NetworkError, SourceError, TransientError
from boost_collectors.core.http import HeaderAuth
from boost_collectors.core.utils.datetime_parsing import format_utc_z
from boost_collectors.cppa_youtube_script_tracker.quota_day import QuotaSpent
from boost_collectors.cppa_youtube_script_tracker.records import Channel, moment_of, text_of
from boost_collectors.cppa_youtube_script_tracker.refusals import KeyRejected, meaning

PAGE_SIZE = 50
LIST_UNITS = 1
SEARCH_UNITS = 100
MOST_FAILURES = 2
"""Requests in a row, each with its repetitions, after whose failure a run asks nothing more."""

Spend = Callable[[int, int, str], None]
"""Books units before a request, if that leaves so many more for what must follow it; see ``QuotaMeter.spend``."""


@dataclass(frozen=True, slots=True)
class Uploads:
    """A channel as YouTube has it now, and the playlist of everything it uploaded."""

    channel: Channel
    playlist: str


@dataclass(frozen=True, slots=True)
class Upload:
    """A video in a playlist, and when it was published (None for one that is private)."""

    video_id: str
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a playlist or a search. ``total``: how many items YouTube says that all pages have."""

    uploads: list[Upload]
    token: str | None
    total: int


class YouTubeApi:
    """The endpoints that the collector reads, for one run. ``spend`` books units before they are used, or refuses.

    ``when_spent`` is told when YouTube itself says that the day's units are spent.
    """

    def __init__(self, context: RunContext, spend: Spend, when_spent: Callable[[], None]) -> None:
        self._context = context
        self._base = context.settings.youtube_api_url
        self._spend, self._when_spent = spend, when_spent
        self._rejected: KeyRejected | None = None
        self._failures = 0
        self._calls = 0
        context.http.credentials(self._base, HeaderAuth("X-Goog-Api-Key", context.settings.youtube_api_key))
        context.http.explain(self._base, lambda response: meaning(response, context.clock()))

    def uploads(self, channel_ids: Sequence[str]) -> dict[str, Uploads]:
        """Channels by id; those that YouTube does not have are missing."""
        found = dict[str, Uploads]()
        for ids in _batches(channel_ids):
            asked = {"part": "snippet,contentDetails", "id": ",".join(ids), "maxResults": str(PAGE_SIZE)}
            for item in _list_of("channels", self._get("channels", LIST_UNITS, asked)):
                entry = _uploads(item)
                found[entry.channel.channel_id] = entry
        return found

    def playlist(self, playlist: str) -> Iterator[Page]:
        """Pages of a playlist, for uploads the newest first.

        Raises TransientError for a list that moves while it is read.
        """
        yield from self._pages("playlistItems", LIST_UNITS, _upload, part="contentDetails", playlistId=playlist)

    def search(self, query: str, since: datetime, until: datetime) -> Iterator[Page]:
        """Pages of the videos found that were published from ``since`` to ``until``, the newest first.

        YouTube ends such a list after about 500.
        """
        bounds = {"publishedAfter": format_utc_z(since), "publishedBefore": format_utc_z(until)}
        asked = {"part": "snippet", "type": "video", "order": "date", "q": query, **bounds}
        yield from self._pages("search", SEARCH_UNITS, _hit, **asked)

    def videos(self, ids: Sequence[str]) -> list[Any]:
        """The items of up to 50 videos; those that YouTube does not show are missing."""
        if not ids:
            return []
        asked = {"part": "snippet,statistics,contentDetails", "id": ",".join(ids)}
        return _list_of("videos", self._get("videos", LIST_UNITS, asked))

    def _pages(self, method: str, units: int, read: Callable[[Any], Upload | None], **asked: str) -> Iterator[Page]:
        token: str | None = None
        seen: set[str] = set()
        while True:
            more = {"pageToken": token} if token else {}
            answer = self._get(method, units, {**asked, "maxResults": str(PAGE_SIZE), **more})
            uploads = [upload for item in _list_of(method, answer) if (upload := read(item))]
            ids = {upload.video_id for upload in uploads}
            if ids and ids <= seen:
                raise TransientError(f"{method} {asked}: a page came twice, the list moves while it is read")
            seen |= ids
            token = str(answer.get("nextPageToken") or "") or None
            yield Page(uploads, token, _total(answer))
            if token is None:
                return

    def _get(self, method: str, units: int, asked: Mapping[str, str]) -> Mapping[str, Any]:
        if self._rejected is not None:
            raise self._rejected
        if self._failures == MOST_FAILURES:
            raise NetworkError(f"{method} was not asked: the Data API failed {MOST_FAILURES} times in a row")
        # Videos found are of no use until they are read too.
        self._spend(units, LIST_UNITS if method == "search" else 0, method)
        if self._calls:
            self._context.stop.wait(self._context.settings.youtube_request_interval)
        self._calls += 1
        answer = self._ask(f"{self._base}/{method}", asked)
        if not isinstance(answer, dict):
            raise SourceError(f"{method}: expected object, got {type(answer).__name__}")
        return answer

    def _ask(self, url: str, asked: Mapping[str, str]) -> Any:
        try:
            answer = self._context.http.get_json(url, asked)
        except QuotaSpent:
            self._when_spent()
            raise
        except KeyRejected as error:
            self._rejected = error
            raise
        except (NetworkError, SourceError):
            self._failures += 1
            raise
        self._failures = 0
        return answer


def _batches(ids: Sequence[str]) -> Iterator[tuple[str, ...]]:
    rest = iter(ids)
    while batch := tuple(itertools.islice(rest, PAGE_SIZE)):
        yield batch


def _list_of(method: str, answer: Mapping[str, Any]) -> list[Any]:
    items = answer.get("items", [])
    if not isinstance(items, list):
        raise SourceError(f"{method}: expected a list of items, got {type(items).__name__}")
    return items


def _total(answer: Mapping[str, Any]) -> int:
    info = answer.get("pageInfo")
    total = info.get("totalResults") if isinstance(info, dict) else None
    return total if isinstance(total, int) else 0


def _uploads(item: Any) -> Uploads:
    try:
        channel = Channel(text_of(item["id"]), text_of(item["snippet"]["title"]))
        return Uploads(channel, text_of(item["contentDetails"]["relatedPlaylists"]["uploads"]))
    except (KeyError, TypeError):
        raise SourceError(f"channels: {str(item)[:80]!r} is no channel with uploads") from None


def _upload(item: Any) -> Upload | None:
    details = item.get("contentDetails") if isinstance(item, dict) else None
    video_id = text_of(details.get("videoId")) if isinstance(details, dict) else ""
    return Upload(video_id, moment_of(details.get("videoPublishedAt"))) if video_id and details else None


def _hit(item: Any) -> Upload | None:
    """A search result that is a video; other kinds are left out."""
    found = item.get("id") if isinstance(item, dict) else None
    if not isinstance(found, dict) or found.get("kind") != "youtube#video" or not text_of(found.get("videoId")):
        return None
    snippet = item.get("snippet")
    return Upload(text_of(found["videoId"]), moment_of(snippet.get("publishedAt")) if snippet else None)
