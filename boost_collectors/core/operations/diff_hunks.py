"""The hunks that review comments hang on: their lines with numbers, and suggestions shown as changes.

A hunk is what GitHub gives as ``diff_hunk``: a header ``@@ -a,b +c,d @@`` and lines that begin with a space, ``-``
or ``+``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

SHOWN_LINES = 3
"""How many lines at the end of a hunk are shown above a comment."""

_HEADER = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
_SUGGESTION = re.compile(
    r"^(?P<fence>`{3,})suggestion[^\S\n]*\r?\n(?P<new>(?:.*\n)*?)(?P=fence)[^\S\n]*$", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class HunkLine:
    """One line of a hunk. ``mark`` is a space, ``-`` or ``+``; the number is of the old file for ``-`` only."""

    number: int
    mark: str
    text: str

    def shown(self) -> str:
        """The line as people read it: ``  11 |- old``."""
        return f"{self.number:>4} |{self.mark}{self.text if self.mark == ' ' else ' ' + self.text}"


def hunk_starts(header: str) -> tuple[int, int]:
    """The first line numbers (old, new) that a hunk's header names; (1, 1) if it names none."""
    found = _HEADER.match(header)
    return (int(found[1]), int(found[2])) if found else (1, 1)


def hunk_lines(hunk: str) -> Iterator[HunkLine]:
    """The lines below the header, numbered."""
    old, new = hunk_starts(hunk)
    for line in hunk.replace("\r", "").split("\n"):
        mark, text = line[:1], line[1:]
        if mark == "-":
            yield HunkLine(old, mark, text)
            old += 1
        elif mark in ("+", " "):
            yield HunkLine(new, mark, text)
            new += 1
            old += mark == " "


def numbered_tail(hunk: str, count: int = SHOWN_LINES) -> list[str]:
    """The last ``count`` lines of a hunk, each as ``HunkLine.shown`` writes it; nothing for a hunk without lines."""
    return [line.shown() for line in list(hunk_lines(hunk))[-count:]]


def suggestions_as_diffs(body: str, hunk: str, first_line: int | None) -> str:
    """A comment in which each suggested text is a diff against what the hunk added from ``first_line`` on.

    Without ``first_line`` the last added lines are the ones it replaces. A comment without a suggestion is unchanged.
    """
    if "suggestion" not in body:
        return body
    added = [line for line in hunk_lines(hunk) if line.mark == "+"]
    return _SUGGESTION.sub(lambda found: _as_diff(found, added, first_line), body)


def _as_diff(found: re.Match[str], added: list[HunkLine], first_line: int | None) -> str:
    new = found["new"].replace("\r", "").splitlines()
    # An empty suggestion takes the line away.
    old = _replaced(added, max(1, len(new)), first_line)
    lines = [f"- {line}" for line in old if line.strip()] + [f"+ {line}" for line in new if line.strip()]
    return "\n".join([f"{found['fence']}diff", *lines, found["fence"]])


def _replaced(added: list[HunkLine], count: int, first_line: int | None) -> list[str]:
    if first_line is None:
        return [line.text for line in added[-count:]]
    return [line.text for line in added if first_line <= line.number < first_line + count]
