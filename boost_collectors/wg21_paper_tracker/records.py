"""A paper to be stored, whichever way it came: from a page of the site or from a CSV file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

LIMITS = {"paper_id": 255, "url": 1024, "title": 1024, "subgroup": 255}
"""The length of the columns, in characters."""


@dataclass(frozen=True, slots=True)
class PaperInput:
    """A paper to be stored. Year 0 means unknown; empty authors leave the stored ones alone.

    The n-th of ``emails`` belongs to the n-th author; missing and empty ones are unknown.
    """

    paper_id: str
    year: int
    url: str
    title: str
    document_date: date | None = None
    subgroup: str = ""
    authors: tuple[str, ...] = ()
    emails: tuple[str | None, ...] = ()

    @property
    def unstorable(self) -> str:
        """Why the paper cannot be a row; empty when it can."""
        for name in ("paper_id", "url", "title"):
            if not getattr(self, name):
                return f"no {name}"
        for name, limit in LIMITS.items():
            if len(getattr(self, name)) > limit:
                return f"{name} is longer than {limit} characters"
        return ""

    @property
    def people(self) -> list[tuple[str, str | None]]:
        """The authors as (name, address or None), each once at its first place."""
        emails = (*self.emails[: len(self.authors)], *(None,) * (len(self.authors) - len(self.emails)))
        return list(dict.fromkeys((name, email or None) for name, email in zip(self.authors, emails, strict=True)))


def normalise_year(value: Any) -> int:
    """A year as stored: None, junk, 0 and below, and above 9999 are 0; text counts by its first four characters."""
    text = value[:4] if isinstance(value, str) else str(value)
    return int(text) if text.isdecimal() and 0 < int(text) <= 9999 else 0


def fold(papers: Sequence[PaperInput]) -> list[PaperInput]:
    """Each paper once, in order: what a later row says counts, save where it says nothing.

    A row without a year belongs to the dated row of its id, if there is just one.
    """
    years: dict[str, set[int]] = defaultdict(set)
    for paper in papers:
        years[paper.paper_id] |= {paper.year} - {0}
    folded: dict[tuple[str, int], PaperInput] = {}
    for paper in papers:
        known = years[paper.paper_id]
        year = min(known) if not paper.year and len(known) == 1 else paper.year
        key = (paper.paper_id, year)
        folded[key] = _over(folded.get(key), replace(paper, year=year))
    return list(folded.values())


def _over(earlier: PaperInput | None, later: PaperInput) -> PaperInput:
    if earlier is None:
        return later
    named = later if later.authors else earlier
    return replace(
        later,
        title=earlier.title if later.title == later.paper_id else later.title,
        document_date=later.document_date or earlier.document_date,
        subgroup=later.subgroup or earlier.subgroup,
        authors=named.authors,
        emails=named.emails,
    )
