"""Who speaks in a video, as far as its title, description or transcript tell. No database in here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

UNKNOWN = "unknown"
LONGEST_NAME = 255
TRANSCRIPT_START = 8000
"""How many characters of a transcript are searched: speakers introduce themselves at the beginning."""

_LABEL = re.compile(r"^\s*speakers?\s*:\s*(?P<names>.+)$", re.IGNORECASE | re.MULTILINE)
_NAME_BREAK = re.compile(r"\s*(?:,|;|&|\band\b)\s*")
_PARTS = re.compile(r"\s+[-\u2014|]\s+")
_INTRODUCTION = re.compile(r"\b(?:i am|i['\u2019]m|my name is|my name['\u2019]s)\s+(?P<rest>.{1,200})", re.I | re.S)
_NAME_WORD = re.compile(r"[^\W\d_][\w'\u2019.-]*")
_PARTICLES = frozenset(
    {"van", "von", "de", "der", "den", "di", "da", "del", "dos", "la", "le", "bin", "ibn", "al", "el"}
)
_NO_NAMES = frozenset({"i", "c", "the", "a", "an", "this", "that", "so", "and", "we", "it", "going", "ok", "okay"})
_MOST_WORDS = 5
_PUNCTUATION = " \t.,;:!?-—|\"'()[]{}<>*"


def speakers_of(title: str, description: str, channel_title: str, transcript: str = "") -> list[str]:
    """The names from the first source that has any: the description, the title, the start of the transcript.

    Empty when none tells. Names are trimmed, in the order they are met, none twice whatever its case.
    """
    for names in (
        _from_description(description, channel_title),
        _from_parts(title, channel_title),
        _introductions(transcript[:TRANSCRIPT_START]),
    ):
        if found := _unique(names):
            return found
    return []


def external_id(name: str) -> str:
    """The hub's key of a speaker, the same in every channel: ``youtube:name:`` and the name's slug."""
    return f"youtube:name:{slug(name)}"


def slug(name: str) -> str:
    """A name in lower case, letters and digits of any script kept, all else one underscore; ``unknown`` if empty."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[\W_]+", "_", plain).strip("_")[: LONGEST_NAME - len("youtube:name:")] or UNKNOWN


def _from_description(text: str, channel_title: str) -> Iterator[str]:
    for match in _LABEL.finditer(text):
        yield from _NAME_BREAK.split(match["names"])
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    # Conferences repeat the talk's title in the fourth line, so it is looked at before the others.
    for line in [*lines[3:4], *lines]:
        if found := list(_from_parts(line, channel_title)):
            yield from found
            break
    yield from _introductions(text)


def _from_parts(line: str, channel_title: str) -> Iterator[str]:
    """The last part but one of ``talk - speaker - conference``, when the channel is named at either end."""
    parts = _PARTS.split(line.strip())
    channel = channel_title.strip().casefold()
    if len(parts) < 3 or not channel:
        return
    if channel in parts[-1].casefold() or channel in parts[0].casefold():
        yield from _NAME_BREAK.split(parts[-2])


def _introductions(text: str) -> Iterator[str]:
    for match in _INTRODUCTION.finditer(text):
        if name := " ".join(_name_words(match["rest"].split())):
            yield name


def _name_words(words: list[str]) -> list[str]:
    """The words at the beginning that make a name: capital initials, with small words such as "van" between them."""
    taken: list[str] = []
    for word in words[:_MOST_WORDS]:
        plain = word.strip(_PUNCTUATION)
        is_name = _NAME_WORD.fullmatch(plain) and not plain[0].islower() and plain.casefold() not in _NO_NAMES
        if not is_name and not (taken and word in _PARTICLES):
            break
        taken.append(f"{plain}." if len(plain) == 1 and word.endswith(".") else plain)
        # A sentence ends here, unless it is the dot of an initial.
        if word[-1] in ".,!?;:" and len(plain) > 1:
            break
    while taken and taken[-1] in _PARTICLES:
        taken.pop()
    return taken


def _unique(names: Iterable[str]) -> list[str]:
    found: dict[str, str] = {}
    for name in names:
        plain = " ".join(name.replace("\0", "").split()).strip(_PUNCTUATION)[:LONGEST_NAME]
        if plain:
            found.setdefault(plain.casefold(), plain)
    return list(found.values())
