"""Captions by yt-dlp, for the videos where the first way is closed."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from yt_dlp import YoutubeDL
from yt_dlp.networking import Request
from yt_dlp.utils import YoutubeDLError

from boost_collectors.cppa_youtube_script_tracker.transcript_source import LANGUAGE, YOUTUBE, elsewhere, is_this_machine

logger = logging.getLogger(__name__)

# Captions stand in the player's answer alone: no page, no script and no format of the film is needed.
_YOUTUBE_ONLY_PLAYER = {
    "player_client": ["android", "tv"],
    "player_skip": ["webpage", "configs", "initial_data", "js"],
    "skip": ["hls", "dash", "translated_subs"],
}


class Unreadable(Exception):
    """yt-dlp could not read the video either."""


def english_captions(video_id: str, base: str, *, cookies: Path, timeout: float) -> str | None:
    """The English captions of a video as WebVTT, made by people or else by a machine; None when there are none.

    ``base`` stands for YouTube's address. Raises Unreadable.
    """
    with _Player(base, _options(cookies, timeout)) as player:
        try:
            told = player.extract_info(f"{YOUTUBE}/watch?v={video_id}", download=False, process=False)
            url = _english(told or {})
            return None if url is None else player.urlopen(url).read().decode("utf-8", "replace")
        except (YoutubeDLError, OSError) as error:
            raise Unreadable(" ".join(str(error).split())[:200]) from None


class _Player(YoutubeDL):
    """yt-dlp, whose requests to YouTube go to ``base``."""

    def __init__(self, base: str, options: dict[str, Any]) -> None:
        self._base = base
        # A proxy named by the environment serves the outside, never this machine.
        super().__init__({**options, "proxy": ""} if is_this_machine(base) else options)

    def urlopen(self, req: Any) -> Any:
        request = Request(req) if isinstance(req, str) else req
        request.url = elsewhere(request.url, self._base)
        return super().urlopen(request)


def _options(cookies: Path, timeout: float) -> dict[str, Any]:
    return {
        "logger": _Quiet(),
        "socket_timeout": timeout,
        "source_address": "0.0.0.0",  # noqa: S104 - yt-dlp's way to say IPv4
        "skip_download": True,
        "ignore_no_formats_error": True,
        "cachedir": False,
        "extractor_retries": 0,
        "extractor_args": {"youtube": _YOUTUBE_ONLY_PLAYER},
        **({"cookiefile": str(cookies)} if cookies.is_file() else {}),
    }


def _english(told: dict[str, Any]) -> str | None:
    """The address of the best English track in WebVTT."""
    for kind in ("subtitles", "automatic_captions"):
        tracks = told.get(kind) or {}
        names = sorted(name for name in tracks if name.split("-")[0] == LANGUAGE)
        for name in names:
            urls = [str(form["url"]) for form in tracks[name] if form.get("ext") == "vtt"]
            if urls:
                return urls[0]
    return None


class _Quiet:
    """What yt-dlp says goes to the log of this module, and never further up than a debug line."""

    def debug(self, message: str) -> None:
        logger.debug("%s", message)

    def warning(self, message: str) -> None:
        logger.debug("%s", message)

    def error(self, message: str) -> None:
        logger.debug("%s", message)
