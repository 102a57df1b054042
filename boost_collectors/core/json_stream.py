"""Reading JSON values one after the other, so that memory does not grow with the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TextIO

CHUNK = 1 << 18
"""Characters read at a time."""

_SKIPPED = " \t\r\n,"


def json_items(stream: TextIO) -> Iterator[tuple[Any, str]]:
    """The items of a JSON array, or the values of a file that holds one or several outside of an array.

    Each comes with the text it was spelled in. Raises ValueError for what is no JSON, after the items before it.
    """
    decoder = json.JSONDecoder()
    text = stream.read(CHUNK).lstrip("\ufeff").lstrip()
    in_array = text.startswith("[")
    position = 1 if in_array else 0
    while True:
        position = _next_value(text, position)
        if position < len(text) and text[position] == "]" and in_array:
            return
        try:
            value, end = decoder.raw_decode(text, position)
        except ValueError:
            value, end = None, len(text)
        if end < len(text):  # a number at the very end of what was read may go on behind it
            yield value, text[position:end]
            position = end
            continue
        more = stream.read(CHUNK)
        text, position = text[position:] + more, 0
        if not more:
            yield from _last(decoder, text, in_array)
            return


def _next_value(text: str, position: int) -> int:
    while position < len(text) and text[position] in _SKIPPED:
        position += 1
    return position


def _last(decoder: json.JSONDecoder, text: str, in_array: bool) -> Iterator[tuple[Any, str]]:
    """What stands at the end of the file, where nothing can go on."""
    if in_array:
        raise ValueError("the file ends inside its array")
    if rest := text.strip(_SKIPPED):
        yield decoder.decode(rest), rest
