"""A YouTube made for a test: files that the sandbox serves, and the collector pointed at them."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from boost_collectors import registry
from tests.bench import CollectorBench

START = datetime(2024, 1, 1, tzinfo=UTC)
TALKS = "UCtalks0000000000000000"

Json = dict[str, Any]


class Tube:
    """Channels and videos, one an hour from START on unless told otherwise. Every change is written at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "transcripts").mkdir(parents=True)
        self.channels: dict[str, Json] = {}
        self.videos: dict[str, Json] = {}
        self.answers: dict[str, str] = {}
        self._numbers = itertools.count()
        self.channel(TALKS, "C++ Talks")

    def channel(self, channel_id: str, title: str) -> str:
        self.channels[channel_id] = {"kind": "youtube#channel", "id": channel_id, "snippet": {"title": title}}
        self.save()
        return channel_id

    def film(self, title: str = "A talk", *, of: str = TALKS, at: datetime | None = None, **snippet: Any) -> str:
        """Publish a video; its id."""
        video_id = self._film(title, of, at, snippet)
        self.save()
        return video_id

    def fill(self, number: int, *, of: str = TALKS, title: str = "A talk") -> list[str]:
        """Publish so many videos; their ids."""
        made = [self._film(title, of, None, {}) for _ in range(number)]
        self.save()
        return made

    def _film(self, title: str, of: str, at: datetime | None, snippet: Json) -> str:
        number = next(self._numbers)
        moment = at or START + timedelta(hours=number)
        video_id = f"video{number:06d}"
        told = {
            "publishedAt": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
            "channelId": of,
            "channelTitle": self.channels[of]["snippet"]["title"],
            "title": title,
            "description": "",
        }
        self.videos[video_id] = {
            "kind": "youtube#video",
            "id": video_id,
            "snippet": {**told, **snippet},
            "statistics": {"viewCount": "10", "likeCount": "2", "commentCount": "1"},
            "contentDetails": {"duration": "PT1M"},
        }
        return video_id

    def change(self, video_id: str, *, views: int | None = None, **snippet: Any) -> None:
        """Change what a video tells of itself."""
        self.videos[video_id]["snippet"].update(snippet)
        if views is not None:
            self.videos[video_id]["statistics"]["viewCount"] = str(views)
        self.save()

    def remove(self, video_id: str) -> Json:
        """Take a video down; what it was."""
        gone = self.videos.pop(video_id)
        self.save()
        return gone

    def caption(self, video_id: str, *lines: str, language: str = "en") -> None:
        cues = [f"00:00:{n:02d}.000 --> 00:00:{n + 1:02d}.000\n{line}\n" for n, line in enumerate(lines)]
        path = self._folder / "transcripts" / f"{video_id}.{language}.vtt"
        path.write_text("WEBVTT\n\n" + "\n".join(cues), encoding="utf-8")

    def answer(self, video_id: str, answer: str) -> None:
        """What the player says of a video instead of offering its captions; empty: it offers them."""
        self.answers[video_id] = answer
        self.save()

    def quota(self, units: int | None) -> None:
        """The units that the Data API has left from now on, None for no end."""
        path = self._folder / "limits.json"
        path.write_text(json.dumps({} if units is None else {"quota": units}))

    def save(self) -> None:
        for name, value in (("channels", list(self.channels.values())), ("videos", list(self.videos.values()))):
            (self._folder / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
        (self._folder / "answers.json").write_text(json.dumps(self.answers), encoding="utf-8")


class Bench(CollectorBench):
    """Runs the collector on one channel, and on searches where a test sets them."""

    spec = registry.find("run_cppa_youtube_script_tracker")

    def __init__(self, tube: Tube, *given: Any) -> None:
        super().__init__(*given, YOUTUBE_CHANNELS=f"C++ Talks={TALKS}", YOUTUBE_MAX_QUERY_PAIRS="1")
        self.tube = tube

    def asked(self, method: str = "") -> list[str]:
        """What the Data API was asked in the last run: all requests, or those of a method."""
        return [request.url for request in self.sandbox.requests if request.path.startswith(f"/youtube/v3/{method}")]

    def players(self) -> int:
        """How many times YouTube itself, not its API, was asked in the last run."""
        return sum(request.path.startswith("/youtube/site/") for request in self.sandbox.requests)

    @property
    def units(self) -> int:
        """The units booked in all."""
        return int(self.rows("SELECT coalesce(sum(units), 0) FROM cppa_youtube_script_tracker_youtubequota")[0])

    def videos(self, columns: str = "video_id") -> list[Any]:
        return self.rows(f"SELECT {columns} FROM cppa_youtube_script_tracker_youtubevideo ORDER BY video_id")

    def speakers(self) -> dict[str, set[str]]:
        """The display names of the speakers, by video."""
        found: dict[str, set[str]] = {}
        for video_id, name in self.rows(
            "SELECT video_id, display_name FROM cppa_youtube_script_tracker_youtubevideospeaker "
            "JOIN cppa_user_tracker_youtubespeaker ON baseprofile_ptr_id = speaker_id"
        ):
            found.setdefault(video_id, set()).add(name)
        return found

    def tags(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for video_id, name in self.rows(
            "SELECT youtube_video_id, tag_name FROM cppa_youtube_script_tracker_youtubevideotags "
            "JOIN cppa_youtube_script_tracker_cppatags t ON t.id = cppa_tag_id"
        ):
            found.setdefault(video_id, set()).add(name)
        return found
