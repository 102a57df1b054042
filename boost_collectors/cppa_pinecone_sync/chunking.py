"""Splitting text into overlapping chunks: at blank lines where possible, else at lines, words, characters.

The chunks and their starts are those of the splitter that the earlier system used, since vector ids follow from them.
Here a text is never cut into pieces: only the places where it may be cut are looked up, and each chunk is one slice.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

SEPARATORS = ("\n\n", "\n", " ")
"""From coarse to fine; after the last one a text is cut between any two characters."""


class Chunk(NamedTuple):
    """A chunk without the blanks around it, and where it starts in its document."""

    start: int
    text: str


def split(text: str, size: int, overlap: int) -> list[Chunk]:
    """The chunks of ``text``, each at most ``size`` characters, neighbours sharing at most ``overlap`` of them.

    Raises ValueError when the overlap is larger than the size.
    """
    if overlap > size:
        raise ValueError(f"chunk overlap ({overlap}) must not be larger than the chunk size ({size})")
    chunks: list[Chunk] = []
    start = 0
    end = -overlap
    for piece in _split(text, 0, len(text), SEPARATORS, size, overlap):
        # Looked up as the earlier splitter did: in a text that repeats itself, the first place that is possible.
        start = text.find(piece, max(0, start + end))
        chunks.append(Chunk(start, piece))
        end = len(piece) - overlap
    return chunks


def _split(text: str, begin: int, end: int, separators: Sequence[str], size: int, overlap: int) -> Iterator[str]:
    """The chunks of ``text[begin:end]``, cut at the coarsest separator that occurs in it."""
    for position, separator in enumerate(separators):
        if text.find(separator, begin, end) >= 0:
            cuts, finer = _cuts(text, begin, end, separator), separators[position + 1 :]
            break
    else:
        yield from _characters(text, begin, end, size, overlap)
        return
    small = first = 0
    for last in range(1, len(cuts)):
        if cuts[last] - cuts[last - 1] < size:
            small = last
            continue
        yield from _merge(text, cuts[first : small + 1], size, overlap)
        yield from _split(text, cuts[last - 1], cuts[last], finer, size, overlap)
        first = small = last
    yield from _merge(text, cuts[first : small + 1], size, overlap)


def _cuts(text: str, begin: int, end: int, separator: str) -> list[int]:
    """Where pieces begin, and the end; a separator stays with the piece that follows it."""
    cuts, width = [begin], len(separator)
    place = text.find(separator, begin, end)
    while place >= 0:
        if place > begin:
            cuts.append(place)
        place = text.find(separator, place + width, end)
    cuts.append(end)
    return cuts


def _merge(text: str, cuts: Sequence[int], size: int, overlap: int) -> Iterator[str]:
    """Chunks of as many neighbouring pieces as fit; each begins with what it shares with the one before."""
    first, count = 0, len(cuts) - 1
    while first < count:
        last = bisect_right(cuts, cuts[first] + size) - 1
        chunk = text[cuts[first] : cuts[last]].strip()
        if chunk:
            yield chunk
        if last == count:
            return
        earliest = max(cuts[last] - overlap, cuts[last + 1] - size)
        first = bisect_left(cuts, earliest, first, last)


def _characters(text: str, begin: int, end: int, size: int, overlap: int) -> Iterator[str]:
    if size == 1:  # single characters are as long as a chunk, so none is merged or stripped
        yield from text[begin:end]
        return
    shared = min(overlap, size - 1)
    for first in range(begin, end, size - shared):
        chunk = text[first : min(first + size, end)].strip()
        if chunk:
            yield chunk
        if first + size >= end:
            return
