"""The part of a text that answers a question best: where its words stand together."""

from __future__ import annotations

import re
from collections.abc import Sequence

LENGTH = 240
SHORTEST = 3
"""Characters of a word that is looked for."""
STEM = 5
"""Characters that two words share to be taken for forms of one."""

_WORD = re.compile(r"\w+")


def excerpt_of(text: str, question: str, length: int = LENGTH) -> str:
    """At most about ``length`` characters of a text in one line, around the most of the question's words."""
    plain = " ".join(text.split())
    if len(plain) <= length:
        return plain
    wanted = {word[:STEM].lower() for word in _WORD.findall(question) if len(word) >= SHORTEST}
    met = [(word.start(), stem) for word in _WORD.finditer(plain) if (stem := word.group()[:STEM].lower()) in wanted]
    start = min(max(0, _densest(met, length) - length // 4), len(plain) - length)
    begin = plain.rfind(" ", 0, start + 1) + 1 if start else 0
    end = plain.find(" ", start + length)
    cut = plain[begin:] if end < 0 else plain[begin:end]
    return f"{'… ' if begin else ''}{cut}{'' if end < 0 else ' …'}"


def _densest(met: Sequence[tuple[int, str]], length: int) -> int:
    """Where the stretch begins that has the most different words; the first of several."""
    best, most, last = 0, 0, 0
    for first, (start, _) in enumerate(met):
        while last < len(met) and met[last][0] < start + length * 3 // 4:
            last += 1
        different = len({stem for _, stem in met[first:last]})
        if different > most:
            best, most = start, different
    return best
