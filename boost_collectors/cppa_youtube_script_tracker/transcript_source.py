"""The transcript of a video, as YouTube gives it to its own player.

youtube-transcript-api asks for it: ``GET <base>/watch?v=``, ``POST <base>/youtubei/v1/player``, ``GET
<base>/api/timedtext``. Where that way is closed (a video for adults, an answer that needs a token, a page that it does
not understand) yt-dlp is tried, which knows other players and takes cookies. Both are pointed at YOUTUBE_URL by the
place where their requests leave, nothing in them is changed.
"""

from __future__ import annotations

from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import ParseError

import requests
from requests.adapters import HTTPAdapter
from youtube_transcript_api import (
    AgeRestricted,
    CouldNotRetrieveTranscript,
    FailedToCreateConsentCookie,
    FetchedTranscript,
    NoTranscriptFound,
    PoTokenRequired,
    RequestBlocked,
    Transcript,
    TranscriptList,
    TranscriptsDisabled,
    VideoUnavailable,
    VideoUnplayable,
    YouTubeDataUnparsable,
    YouTubeRequestFailed,
    YouTubeTranscriptApi,
)
from youtube_transcript_api.formatters import WebVTTFormatter

from boost_collectors.core.errors import NetworkError, NotFoundError, TransientError
from boost_collectors.core.http_retry import describe
from boost_collectors.core.settings import Settings

YOUTUBE = "https://www.youtube.com"
LANGUAGE = "en"
NOT_A_BOT = "not a bot"

_OTHER_WAY = (AgeRestricted, PoTokenRequired, YouTubeDataUnparsable, FailedToCreateConsentCookie, ParseError)
_GONE = (404, 410)
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


class NoTranscript(NotFoundError):
    """YouTube has no English transcript of the video now, for the reason given."""


class TranscriptsBlocked(TransientError):
    """YouTube refuses transcripts to this address for a while; asking on makes it longer."""


class TranscriptSource:
    """English transcripts, those made by people before those made by a machine. Not for use by several threads."""

    def __init__(self, settings: Settings) -> None:
        self._base = settings.youtube_url
        self._cookies: Path = settings.youtube_cookies_file
        self._timeout = settings.http_timeout_seconds
        session = requests.Session()
        # A proxy named by the environment serves the outside, never this machine.
        session.trust_env = not is_this_machine(self._base)
        session.mount(f"{YOUTUBE}/", _Elsewhere(self._base, self._timeout))
        self._session = session
        self._api = YouTubeTranscriptApi(http_client=session)

    def close(self) -> None:
        """Close the connections that are kept."""
        self._session.close()

    def fetch(self, video_id: str) -> str:
        """The transcript as WebVTT. Raises NoTranscript, TranscriptsBlocked or NetworkError."""
        try:
            found = self._ask(video_id)
        except _OTHER_WAY as error:
            found = self._ask_otherwise(video_id, error)
        if "-->" not in found:
            raise NoTranscript(f"{video_id}: its transcript is empty")
        return found

    def _ask(self, video_id: str) -> str:
        try:
            return _as_vtt(_english(self._api.list(video_id)).fetch())
        except RequestBlocked:
            raise TranscriptsBlocked(f"{video_id}: YouTube blocks requests for transcripts from here") from None
        except YouTubeRequestFailed as error:
            raise _failed(video_id, error) from error
        except VideoUnplayable as error:
            raise _unplayable(video_id, error.reason or "") from None
        except (NoTranscriptFound, TranscriptsDisabled, VideoUnavailable) as error:
            raise NoTranscript(f"{video_id}: {_plain(error)}") from None
        except requests.RequestException as error:
            raise NetworkError(f"transcript of {video_id}: {describe(error)}") from error

    def _ask_otherwise(self, video_id: str, reason: Exception) -> str:
        # Imported only when it is needed: it brings readers for a thousand other sites.
        from boost_collectors.cppa_youtube_script_tracker.other_way import Unreadable, english_captions

        try:
            found = english_captions(video_id, self._base, cookies=self._cookies, timeout=self._timeout)
        except Unreadable as error:
            if NOT_A_BOT in str(error) or "429" in str(error):
                raise TranscriptsBlocked(f"{video_id}: {error}") from None
            raise NoTranscript(f"{video_id}: {_plain(reason)}; {error}") from None
        if found is None:
            raise NoTranscript(f"{video_id}: {_plain(reason)}; no other player has English captions")
        return found


class _Elsewhere(HTTPAdapter):
    """Sends what is meant for YouTube to ``base``, with a time limit where none is given."""

    def __init__(self, base: str, timeout: float) -> None:
        super().__init__()
        self._base, self._timeout = base, timeout

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: dict[str, str] | None = None,
    ) -> requests.Response:
        request.url = elsewhere(request.url or "", self._base)
        return super().send(request, stream, timeout or self._timeout, verify, cert, proxies)


def is_this_machine(base: str) -> bool:
    """True if the URL leads to the machine that this runs on."""
    return urlsplit(base).hostname in _THIS_MACHINE


def elsewhere(url: str, base: str) -> str:
    """A URL of YouTube as one below ``base``."""
    return base + url.removeprefix(YOUTUBE) if url.startswith(f"{YOUTUBE}/") else url


def _english(tracks: TranscriptList) -> Transcript:
    """The best English track: one made by people, plain English before the English of a country."""
    english = [track for track in tracks if track.language_code.split("-")[0].lower() == LANGUAGE]
    if not english:
        raise NoTranscriptFound(tracks.video_id, [LANGUAGE], tracks)
    return min(english, key=lambda track: (track.is_generated, track.language_code))


def _as_vtt(transcript: FetchedTranscript) -> str:
    """The transcript as a file; its texts are plain, those of a file are not, and a blank line would end a cue."""
    cues = [replace(cue, text=_as_cue(cue.text)) for cue in transcript.snippets if cue.text.strip()]
    return str(WebVTTFormatter().format_transcript(replace(transcript, snippets=cues))) if cues else ""


def _as_cue(text: str) -> str:
    return escape("\n".join(line for line in text.splitlines() if line.strip()), quote=False)


def _failed(video_id: str, error: YouTubeRequestFailed) -> NetworkError | NoTranscript:
    response = getattr(error.__context__, "response", None)
    if response is not None and response.status_code in _GONE:
        return NoTranscript(f"{video_id}: {response.status_code}")
    return NetworkError(f"transcript of {video_id}: {error.reason}")


def _unplayable(video_id: str, reason: str) -> NoTranscript | TranscriptsBlocked:
    if NOT_A_BOT in reason:
        return TranscriptsBlocked(f"{video_id}: {reason}")
    return NoTranscript(f"{video_id}: {reason or 'cannot be played'}")


def _plain(error: Exception) -> str:
    """The reason in one line: the library's own texts fill a page."""
    cause = error.cause if isinstance(error, CouldNotRetrieveTranscript) else str(error)
    return f"{type(error).__name__}: {' '.join(cause.split())[:150]}"
