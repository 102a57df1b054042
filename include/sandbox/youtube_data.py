"""What the sandbox's YouTube has: hand-made channels, videos and transcripts, or those of recorded answers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import webvtt

from include.sandbox.shelf import Shelf

Json = dict[str, Any]

_RECORDED_PLAYER = "transcript-api_youtube"
_RECORDED_TRANSCRIPT = "transcript-api_transcript.xml"


@dataclass(frozen=True, slots=True)
class Library:
    """Channels and videos as the Data API has them, by id.

    ``answers`` says, by video id, what the player says instead of offering captions: see ``include.sandbox.youtube``.
    ``players``, ``captions`` and ``pages`` (of a video) are recorded answers, served as they are.
    """

    transcripts: Path
    channels: Mapping[str, Json]
    videos: Mapping[str, Json]
    answers: Mapping[str, str] = field(default_factory=dict)
    players: Mapping[str, Json] = field(default_factory=dict)
    captions: Mapping[str, str] = field(default_factory=dict)
    pages: Mapping[str, str] = field(default_factory=dict)
    quota: float = math.inf

    def uploads(self, playlist: str) -> list[Json] | None:
        """A channel's videos, the newest first, by its uploads playlist; None for any other."""
        channel = self.channels.get(f"UC{playlist.removeprefix('UU')}") if playlist.startswith("UU") else None
        return None if channel is None else self.newest(lambda snippet: snippet.get("channelId") == channel["id"])

    def newest(self, wanted: Any) -> list[Json]:
        """The videos whose snippet is wanted, the newest first."""
        found = [video for video in self.videos.values() if wanted(video["snippet"])]
        return sorted(found, key=lambda video: (video["snippet"].get("publishedAt") or "", video["id"]), reverse=True)

    def tracks(self, video_id: str) -> list[tuple[str, bool]]:
        """The caption tracks of a video as (language, made by a machine)."""
        return [
            (name.split(".")[1], ".asr." in name)
            for name in sorted(path.name for path in self.transcripts.glob(f"{video_id}.*.vtt"))
        ]

    def caption(self, video_id: str, language: str, kind: str, file_format: str) -> str | None:
        """A caption track as WebVTT or as YouTube's XML; None when there is none."""
        if video_id in self.captions and file_format != "vtt":
            return self.captions[video_id]
        path = self.transcripts / f"{video_id}.{language}{'.asr' if kind == 'asr' else ''}.vtt"
        if not path.is_file():
            return None
        return path.read_text(encoding="utf-8") if file_format == "vtt" else "".join(_xml(path))


def library(shelf: Shelf) -> Library:
    """The data to serve now: the recorded answers of a folder of real data when there is one, else the samples."""
    if shelf.real and (shelf.real / "youtube").is_dir():
        return _recorded(shelf.real / "youtube")
    folder = shelf.samples
    return Library(
        folder / "transcripts",
        _by_id(_read(folder / "channels.json", [])),
        _by_id(_read(folder / "videos.json", [])),
        _read(folder / "answers.json", {}),
        quota=_read(folder / "limits.json", {}).get("quota", math.inf),
    )


def _recorded(folder: Path) -> Library:
    api = folder / "data-api"
    channels, videos = dict[str, Json](), dict[str, Json]()
    for path in sorted(api.glob("*.json")):
        for item in _read(path, {}).get("items", []):
            if item.get("kind") == "youtube#channel":
                channels[item["id"]] = item
            for video_id, snippet in _video_of(item):
                known = item if item["kind"] == "youtube#video" else {"kind": "youtube#video", "id": video_id}
                if video_id not in videos or item["kind"] == "youtube#video":
                    videos[video_id] = {**known, "snippet": snippet}
    transcripts = folder / "transcripts"
    player = _read(transcripts / f"{_RECORDED_PLAYER}.innertube.json", {})
    caption = (transcripts / _RECORDED_TRANSCRIPT).read_text(encoding="utf-8")
    told = player["videoDetails"]["videoId"]
    refusals = {_what(path): _read(path, {}) for path in transcripts.glob(f"{_RECORDED_PLAYER}_*.innertube.json")}
    pages = {_what(path): path.read_text(encoding="utf-8") for path in transcripts.glob(f"{_RECORDED_PLAYER}_*.html")}
    return Library(
        transcripts, channels, videos, players={told: player, **refusals}, captions={told: caption}, pages=pages
    )


def _what(path: Path) -> str:
    """What a recorded refusal is, which stands for the id of a video: ``request_blocked``."""
    return path.name.removeprefix(f"{_RECORDED_PLAYER}_").split(".")[0]


def _video_of(item: Json) -> Iterator[tuple[str, Json]]:
    """The video that a recorded search result, playlist item or video tells of."""
    kind, snippet = item.get("kind"), item.get("snippet", {})
    if kind == "youtube#video":
        yield item["id"], snippet
    elif kind == "youtube#searchResult" and item["id"].get("kind") == "youtube#video":
        yield item["id"]["videoId"], snippet
    elif kind == "youtube#playlistItem":
        yield snippet["resourceId"]["videoId"], snippet


def _xml(path: Path) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="utf-8" ?><transcript>'
    for cue in webvtt.read(str(path)).captions:
        start, end = (time.in_milliseconds() / 1000 for time in (cue.start_time, cue.end_time))
        # A cue is HTML, and so is what stands in the element: its own escapes are escaped once more.
        yield f'<text start="{start:g}" dur="{end - start:g}">{escape(cue.text)}</text>'
    yield "</transcript>"


def _by_id(items: list[Json]) -> dict[str, Json]:
    return {item["id"]: item for item in items}


def _read(path: Path, default: Any) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else default
