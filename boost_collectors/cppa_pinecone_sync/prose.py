"""Which chunks are worth a vector: prose and data, not the lines that draw tables."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_FORMATTING = 0.7
"""The share of pipes, dashes, colons and blanks above which a text is formatting."""
MOST_PUNCTUATION = 0.5
"""The share, of characters that are not blank, above which a text is punctuation."""

_SEPARATOR_ROW = re.compile(r"\|[\s:-]+\|[\s:|-]*")
_FORMATTING = re.compile(r"[|\-:\s]+")
_PUNCTUATION = re.compile(r"[^\w\s]+")
_BLANKS = re.compile(r"\s+")
# Scripts without blanks between words: each sign counts as one. Underscores join words that people read apart.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W_]+")


@dataclass(frozen=True, slots=True)
class Minimum:
    """How much text a chunk must have: characters, and words of any language."""

    characters: int
    words: int

    def accepts(self, text: str) -> bool:
        """Whether a trimmed text is worth storing."""
        if not text or len(text) < self.characters or _SEPARATOR_ROW.fullmatch(text):
            return False
        length = len(text)
        if _matched(_FORMATTING, text) > MOST_FORMATTING * length:
            return False
        visible = length - _matched(_BLANKS, text)
        return _matched(_PUNCTUATION, text) <= MOST_PUNCTUATION * visible and self._has_words(text)

    def _has_words(self, text: str) -> bool:
        words = _WORD.finditer(text)
        return all(next(words, None) is not None for _ in range(self.words))


def _matched(pattern: re.Pattern[str], text: str) -> int:
    return sum(map(len, pattern.findall(text)))
