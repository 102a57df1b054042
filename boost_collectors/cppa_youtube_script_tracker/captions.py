"""Caption files as plain text: cue texts only, without what a rolling caption shows twice."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from html import unescape
from pathlib import Path

import webvtt
from webvtt.errors import MalformedCaptionError, MalformedFileError

_TAG = re.compile(r"<[^>]*>")


def caption_text(content: str) -> str:
    """What is said in a WebVTT file, in one line of text: no header, cue number, time, setting, tag or entity.

    YouTube's captions roll: a cue shows the line before once more above the new one. Such a repeated line counts
    once. Raises ValueError for text that is no WebVTT.
    """
    try:
        cues = webvtt.from_buffer(io.StringIO(content), format="vtt")
    except (MalformedFileError, MalformedCaptionError) as error:
        raise ValueError(f"no WebVTT: {error}") from None
    return " ".join(_rolled_up(_lines(cue.raw_text) for cue in cues.captions))


def read_captions(path: Path) -> str:
    """What is said in a caption file; empty when it is missing, unreadable or no WebVTT."""
    try:
        return caption_text(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return ""


def _lines(text: str) -> list[str]:
    """The lines of a cue that say something. A tag may hold the break between two lines, so tags go first."""
    plain = unescape(_TAG.sub("", text))
    return [line for part in plain.split("\n") if (line := " ".join(part.split()))]


def _rolled_up(cues: Iterable[list[str]]) -> list[str]:
    """The lines of all cues, without those at a cue's beginning that the cue before ended with."""
    said: list[str] = []
    shown: list[str] = []
    for lines in cues:
        common = next(n for n in range(min(len(lines), len(shown)), -1, -1) if shown[len(shown) - n :] == lines[:n])
        said += lines[common:]
        shown = lines or shown
    return said
