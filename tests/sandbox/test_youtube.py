"""The sandbox's YouTube keeps to what Google documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from include.sandbox import Sandbox
from include.sandbox.youtube import CHANNELS, KEY

UPLOADS = f"UU{CHANNELS['CppCon'][2:]}"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as server:
        yield server


def ask(sandbox: Sandbox, method: str, key: str = KEY, **query: Any) -> httpx.Response:
    url = f"{sandbox.environment()['YOUTUBE_API_URL']}/{method}"
    return httpx.get(url, params=query, headers={"X-Goog-Api-Key": key} if key else {}, trust_env=False)


def test_lists_leave_out_what_there_is_not_and_give_the_parts_asked_for(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "videos", part="snippet,statistics", id="sbx_con_001,nothing").json()
    (video,) = answer["items"]
    assert video["id"] == "sbx_con_001"
    assert video["statistics"]["viewCount"] == "18344"
    assert "contentDetails" not in video
    (channel,) = ask(sandbox, "channels", part="contentDetails", id=CHANNELS["CppCon"]).json()["items"]
    assert channel["contentDetails"]["relatedPlaylists"]["uploads"] == UPLOADS


def test_pages_of_a_playlist_are_newest_first_and_follow_their_token(sandbox: Sandbox) -> None:
    found, token = [], None
    while True:
        more = {"pageToken": token} if token else {}
        page = ask(sandbox, "playlistItems", part="contentDetails", playlistId=UPLOADS, maxResults=2, **more).json()
        found += [item["contentDetails"] for item in page["items"]]
        assert page["pageInfo"] == {"totalResults": 5, "resultsPerPage": 2}
        token = page.get("nextPageToken")
        if token is None:
            break
    published = [item["videoPublishedAt"] for item in found]
    assert len({item["videoId"] for item in found}) == 5
    assert published == sorted(published, reverse=True)


def test_a_search_is_bounded_by_time_and_has_all_its_words(sandbox: Sandbox) -> None:
    found = ask(sandbox, "search", part="snippet", q="boost c++", type="video", publishedAfter="2024-01-01T00:00:00Z")
    assert [item["id"]["videoId"] for item in found.json()["items"]] == ["sbx_bug_002", "sbx_now_002"]


@pytest.mark.parametrize(
    ("method", "query", "key", "status", "reason"),
    [
        ("videos", {"id": "x"}, "", 403, "forbidden"),
        ("videos", {"id": "x"}, "other", 400, "keyInvalid"),
        ("videos", {}, KEY, 400, "invalidParameter"),
        ("videos", {"id": ",".join(map(str, range(51)))}, KEY, 400, "invalidParameter"),
        ("playlistItems", {"playlistId": "PLnone"}, KEY, 404, "playlistNotFound"),
        ("playlistItems", {"playlistId": UPLOADS, "pageToken": "!"}, KEY, 400, "invalidPageToken"),
    ],
)
def test_refusals_have_googles_shape(
    sandbox: Sandbox, method: str, query: Any, key: str, status: int, reason: str
) -> None:
    answer = ask(sandbox, method, key, **query)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["errors"][0]["reason"]) == (status, status, reason)


def test_a_player_tells_of_the_tracks_that_there_are(sandbox: Sandbox) -> None:
    site = sandbox.environment()["YOUTUBE_URL"]
    body = {"videoId": "sbx_con_001", "context": {"client": {"clientName": "ANDROID"}}}
    told = httpx.post(f"{site}/youtubei/v1/player", json=body, trust_env=False).json()
    tracks = told["captions"]["playerCaptionsTracklistRenderer"]["captionTracks"]
    assert [track["languageCode"] for track in tracks] == ["de", "en"]
    path = tracks[1]["baseUrl"].removeprefix("https://www.youtube.com")
    assert "begins with its constructor &amp;amp; its" in httpx.get(site + path, trust_env=False).text
    assert httpx.get(f"{site}{path}&fmt=vtt", trust_env=False).text.startswith("<?xml")  # the first format counts
    assert httpx.get(f"{site}/api/timedtext?v=sbx_con_001&lang=en&fmt=vtt", trust_env=False).text.startswith("WEBVTT")
