"""YouTube: the Data API v3 under ``<url>/youtube/v3``, and what its player is told under ``<url>/youtube/site``.

Samples are ``channels.json`` and ``videos.json`` (resources of the Data API), ``transcripts/<id>.<language>.vtt`` (with
``.asr`` before ``.vtt`` for one made by a machine), ``answers.json`` with what the player says instead of offering
captions (by video id: ``blocked``, ``unavailable``, ``private``, ``age``, ``po_token``, which the Android player alone
wants, or ``captcha`` for a page that asks whether you are a robot), and ``limits.json`` with the units of the API that
there are (``quota``, else no end).

From a folder of real data it serves the recorded answers instead: every channel, and every video that a list, a search
or a playlist tells of.
"""

from __future__ import annotations

import base64
import binascii
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request

from include.sandbox.faults import page_start
from include.sandbox.shelf import Shelf
from include.sandbox.youtube_data import Json, Library, library

API = "/youtube/v3"
SITE = "/youtube/site"
KEY = "sandbox-youtube-key"
CHANNELS = {
    "CppCon": "UCMlGfpWw-RUdWX_JbLCukXg",
    "C++Now": "UCEfngwe09zvd9KAL33YJSQQ",
    "TheCherno": "UCQ-W1KE9EYfdxhL6S4twUNw",
}
MOST = 50
COSTS = {"search": 100}
YOUTUBE = "https://www.youtube.com"
_NOT_A_BOT = "Sign in to confirm you\u2019re not a bot"
PLAYER_REFUSALS = {
    "blocked": {"status": "LOGIN_REQUIRED", "reason": _NOT_A_BOT},
    "unavailable": {"status": "ERROR", "reason": "This video is unavailable"},
    "private": {"status": "LOGIN_REQUIRED", "reason": "This video is private"},
    "age": {"status": "LOGIN_REQUIRED", "reason": "This video may be inappropriate for some users."},
}


class Refused(Exception):
    """Ends a request of the Data API with a status and Google's reason for it."""

    def __init__(self, status: int, reason: str, message: str, domain: str = "youtube.parameter") -> None:
        super().__init__(message)
        self.status, self.reason, self.domain = status, reason, domain


def blueprint(shelf: Shelf) -> Blueprint:
    """Every endpoint that the collector reads."""
    pages = Blueprint("youtube", __name__)
    _api_pages(pages, shelf, Quota())
    _site_pages(pages, shelf)
    return pages


def environment(base_url: str) -> dict[str, str]:
    """The settings that make the collector read everything from here, without pauses."""
    return {
        "YOUTUBE_API_URL": base_url + API,
        "YOUTUBE_URL": base_url + SITE,
        "YOUTUBE_API_KEY": KEY,
        # What the samples have something of.
        "YOUTUBE_CHANNELS": ",".join(f"{title}={channel_id}" for title, channel_id in CHANNELS.items()),
        "YOUTUBE_SEARCHES": "Boost C++,C++ tutorial",
        "YOUTUBE_REQUEST_INTERVAL": "0",
        "YOUTUBE_TRANSCRIPT_INTERVAL": "0",
    }


class Quota:
    """Units spent since the server was started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spent = 0

    def spend(self, units: int, limit: float) -> None:
        """Raises Refused as Google does for a project whose day's units are spent."""
        with self._lock:
            if self._spent + units > limit:
                told = (
                    "The request cannot be completed because you have exceeded your "
                    '<a href="/youtube/v3/getting-started#quota">quota</a>.'
                )
                raise Refused(403, "quotaExceeded", told, "youtube.quota")
            self._spent += units


def _api_pages(pages: Blueprint, shelf: Shelf, quota: Quota) -> None:
    lists: dict[str, Callable[[Library], Json]] = {
        "channels": partial(_by_ids, "channels"),
        "videos": partial(_by_ids, "videos"),
        "playlistItems": _playlist_items,
        "search": _search,
    }

    @pages.get(f"{API}/<method>")
    def call(method: str) -> Response:
        data = library(shelf)
        try:
            _check_key()
            if method not in lists:
                raise Refused(404, "notFound", f"No such method: {method}")
            quota.spend(COSTS.get(method, 1), data.quota)
            return jsonify({"kind": f"youtube#{method}ListResponse", "etag": "sandbox", **lists[method](data)})
        except Refused as error:
            return _refusal(error)


def _check_key() -> None:
    given = request.headers.get("X-Goog-Api-Key") or request.args.get("key")
    if not given:
        raise Refused(403, "forbidden", "The request is missing a valid API key.", "global")
    if given != KEY:
        raise Refused(400, "keyInvalid", "API key not valid. Please pass a valid API key.", "usageLimits")


def _refusal(error: Refused) -> Response:
    told = {"message": str(error), "domain": error.domain, "reason": error.reason}
    response = jsonify(error={"code": error.status, "message": str(error), "errors": [told]})
    response.status_code = error.status
    return response


def _by_ids(kind: str, data: Library) -> Json:
    """Of the ids asked for, those that there are: Google leaves out the others without a word."""
    ids = [item for item in request.args.get("id", "").split(",") if item]
    if not ids or len(ids) > MOST:
        raise Refused(400, "invalidParameter", f"Give 1 to {MOST} ids")
    known = data.channels if kind == "channels" else data.videos
    parts = {"kind", "etag", "id", *request.args.get("part", "").split(",")}
    found = [_with_uploads(kind, known[item]) for item in dict.fromkeys(ids) if item in known]
    items = [{name: value for name, value in item.items() if name in parts} for item in found]
    return {"items": items, "pageInfo": {"totalResults": len(items), "resultsPerPage": len(items)}}


def _with_uploads(kind: str, item: Json) -> Json:
    if kind == "videos":
        return item
    return {**item, "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": f"UU{item['id'][2:]}"}}}


def _playlist_items(data: Library) -> Json:
    playlist = request.args.get("playlistId", "")
    videos = data.uploads(playlist)
    if videos is None:
        raise Refused(404, "playlistNotFound", "The playlist cannot be found.", "youtube.playlistItem")
    return _paged(videos, lambda position, video: _playlist_item(playlist, position, video))


def _playlist_item(playlist: str, position: int, video: Json) -> Json:
    snippet = video["snippet"]
    return {
        "kind": "youtube#playlistItem",
        "id": f"{playlist}.{video['id']}",
        "snippet": {
            **{
                name: snippet.get(name) for name in ("publishedAt", "channelId", "title", "description", "channelTitle")
            },
            "playlistId": playlist,
            "position": position,
            "resourceId": {"kind": "youtube#video", "videoId": video["id"]},
        },
        "contentDetails": {"videoId": video["id"], "videoPublishedAt": snippet.get("publishedAt")},
    }


def _search(data: Library) -> Json:
    words = request.args.get("q", "").casefold().split()
    after, before = request.args.get("publishedAfter", ""), request.args.get("publishedBefore", "9")

    def wanted(snippet: Json) -> bool:
        told = [snippet.get("title"), snippet.get("description"), snippet.get("channelTitle"), *snippet.get("tags", [])]
        text = " ".join(filter(None, told)).casefold()
        return after <= (snippet.get("publishedAt") or "") <= before and all(word in text for word in words)

    found = data.newest(wanted)
    return {"regionCode": "US", **_paged(found, lambda _, video: _search_result(video))}


def _search_result(video: Json) -> Json:
    names = ("publishedAt", "channelId", "title", "description", "channelTitle")
    return {
        "kind": "youtube#searchResult",
        "id": {"kind": "youtube#video", "videoId": video["id"]},
        "snippet": {name: video["snippet"].get(name) for name in names},
    }


def _paged(found: Sequence[Json], shown: Callable[[int, Json], Json]) -> Json:
    size = min(max(request.args.get("maxResults", 5, int), 0), MOST)
    asked = _offset(request.args.get("pageToken"))
    start = page_start(asked, size)
    items = [shown(start + place, item) for place, item in enumerate(found[start : start + size])]
    told: Json = {"items": items, "pageInfo": {"totalResults": len(found), "resultsPerPage": size}}
    if asked + size < len(found):
        told["nextPageToken"] = base64.urlsafe_b64encode(f"at {asked + size}".encode()).decode().rstrip("=")
    return told


def _offset(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().removeprefix("at "))
    except (binascii.Error, ValueError):
        raise Refused(400, "invalidPageToken", "The request specifies an invalid page token.") from None


def _site_pages(pages: Blueprint, shelf: Shelf) -> None:
    @pages.get(f"{SITE}/watch")
    def watch() -> tuple[str, int]:
        data, video_id = library(shelf), request.args.get("v", "")
        if video_id in data.pages:
            return data.pages[video_id], 200
        if data.answers.get(video_id) == "captcha":
            return '<html><body><form id="captcha-page"><div class="g-recaptcha"></div></form></body></html>', 200
        return '<html><script>ytcfg.set({"INNERTUBE_API_KEY": "sandbox_innertube"});</script></html>', 200

    @pages.post(f"{SITE}/youtubei/v1/player")
    def player() -> Response:
        data, asked = library(shelf), request.get_json()
        video_id, client = str(asked["videoId"]), str(asked["context"]["client"]["clientName"])
        return jsonify(data.players.get(video_id) or _player(data, video_id, client))

    @pages.get(f"{SITE}/api/timedtext")
    def timedtext() -> Response:
        asked: Any = request.args
        text = library(shelf).caption(asked["v"], asked["lang"], asked.get("kind", ""), asked.get("fmt", ""))
        kind = "text/vtt" if asked.get("fmt") == "vtt" else "text/xml"
        return Response(text or "", status=404 if text is None else 200, mimetype=kind)


def _player(data: Library, video_id: str, client: str) -> Json:
    answer = data.answers.get(video_id, "" if video_id in data.videos else "unavailable")
    if answer in PLAYER_REFUSALS:
        return {"playabilityStatus": PLAYER_REFUSALS[answer]}
    title = data.videos[video_id]["snippet"].get("title", "")
    told: Json = {
        "playabilityStatus": {"status": "OK", "playableInEmbed": True},
        "videoDetails": {"videoId": video_id, "title": title, "lengthSeconds": "60", "isLiveContent": False},
    }
    wants_token = answer == "po_token" and client == "ANDROID"
    tracks = [_track(video_id, *track, wants_token=wants_token) for track in data.tracks(video_id)]
    if tracks:
        told["captions"] = {"playerCaptionsTracklistRenderer": {"captionTracks": tracks, "translationLanguages": []}}
    return told


def _track(video_id: str, language: str, is_machine: bool, *, wants_token: bool) -> Json:
    query = {"v": video_id, "lang": language, "caps": "asr", **({"kind": "asr"} if is_machine else {}), "fmt": "srv3"}
    token = "&exp=xpe" if wants_token else ""
    return {
        "baseUrl": f"{YOUTUBE}/api/timedtext?{urlencode(query)}{token}",
        "name": {"runs": [{"text": language}]},
        "vssId": f"{'a' if is_machine else ''}.{language}",
        "languageCode": language,
        "isTranslatable": False,
        **({"kind": "asr"} if is_machine else {}),
    }
