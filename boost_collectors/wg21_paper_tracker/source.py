"""The paper pages of open-std.org.

The index ``<base>`` links every mailing as ``<year>/#mailing<YYYY-MM>``; the year page ``<base><year>/`` has one table
of papers per mailing, behind an anchor of that name. Both are public static HTML. Columns have changed over the years:
old tables have five, newer ones eight.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from urllib.parse import urljoin, urlsplit, urlunsplit

from bs4 import BeautifulSoup
from bs4.element import Tag

logger = logging.getLogger(__name__)

CANONICAL_HOST = "www.open-std.org"
CANONICAL_BASE = f"https://{CANONICAL_HOST}/jtc1/sc22/wg21/docs/papers/"
FORMATS = ("adoc", "html", "ps", "pdf")
MAX_TITLE = 1024
MAX_NAME = 255

MAILING_DATE = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
_INDEX_LINK = re.compile(r"([0-9]{4})/#mailing([0-9]{4}-[0-9]{2})")
_ANCHOR = re.compile(r"mailing[0-9]{4}-[0-9]{2}")
_FILE_NAME = re.compile(r"(?:^|/)((?:p[0-9]+r[0-9]+|n[0-9]+|sd-[0-9]+))\.([a-z]+)$", re.IGNORECASE | re.ASCII)
_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})|([0-9]{4})([0-9]{2})([0-9]{2})")
_AUTHOR_BREAK = re.compile(r"[,;&]|\s+and\s+")


@dataclass(frozen=True, slots=True)
class Mailing:
    """A mailing as the index names it: its date ``YYYY-MM``, the link's text, and the year page it stands on."""

    mailing_date: str
    title: str
    year: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper of a mailing, in the format chosen to represent it."""

    paper_id: str
    url: str
    title: str
    authors: tuple[str, ...]
    document_date: date | None
    subgroup: str


@dataclass(frozen=True, slots=True)
class _Row:
    paper_id: str
    extension: str
    url: str
    title: str
    authors: tuple[str, ...]
    document_date: str
    subgroup: str


def parse_index(html: str) -> list[Mailing]:
    """The mailings that the index page links, each once, in page order. Impossible months are left out."""
    mailings: dict[str, Mailing] = {}
    for link in BeautifulSoup(html, "lxml").find_all("a", href=True):
        match = _INDEX_LINK.fullmatch(str(link["href"]))
        if match is None:
            continue
        year, mailing_date = match.groups()
        if not MAILING_DATE.fullmatch(mailing_date):
            logger.warning("The index links a mailing of an impossible month: %s", mailing_date)
            continue
        mailings.setdefault(mailing_date, Mailing(mailing_date, _collapse(link.get_text())[:MAX_NAME], year))
    return list(mailings.values())


class YearPage:
    """A parsed year page. Its links are stored as the committee's own site has them, whichever mirror was read."""

    def __init__(self, html: str, year: str) -> None:
        self._soup = BeautifulSoup(html, "lxml")
        self._url = f"{CANONICAL_BASE}{year}/"

    @property
    def has_mailings(self) -> bool:
        """Whether the page marks any mailing at all: without, it is no year page, or was cut."""
        return self._soup.find(_is_mark) is not None

    def papers(self, mailing_date: str) -> list[Paper] | None:
        """The papers of one mailing, best format of each; None when the page has no table for it."""
        table = self._table(mailing_date)
        if table is None:
            logger.warning("%s has no table for mailing %s", self._url, mailing_date)
            return None
        by_id: dict[str, dict[str, _Row]] = {}
        for row in self._rows(table):
            by_id.setdefault(row.paper_id, {}).setdefault(row.extension, row)
        return [_to_paper(_best(list(formats.values()))) for formats in by_id.values()]

    def _table(self, mailing_date: str) -> Tag | None:
        name = f"mailing{mailing_date}"
        anchor = self._soup.select_one(f'[id="{name}"]') or self._soup.select_one(f'[name="{name}"]')
        if anchor is None:
            return None
        for element in chain([anchor], anchor.next_elements):
            if not isinstance(element, Tag):
                continue
            if _is_mark(element) and name not in (element.get("id"), element.get("name")):
                return None
            if element.name == "table":
                return element
        return None

    def _rows(self, table: Tag) -> Iterator[_Row]:
        for line in table.find_all("tr"):
            cells = line.find_all(["td", "th"])
            if cells and not any(cell.has_attr("colspan") for cell in cells):
                row = self._row(cells)
                if row is not None:
                    yield row

    def _row(self, cells: list[Tag]) -> _Row | None:
        document = self._document(cells[0])
        if document is None:
            return None
        url, paper_id, extension = document
        # Authors may be one a line; in other cells a line break is only a blank.
        texts = [_cell_text(cell, "; " if place == 2 else " ") for place, cell in enumerate(cells)]
        title = texts[1] if len(texts) > 1 else ""
        if not title:
            logger.warning("%s: %s has no title and is left out", self._url, paper_id)
            return None
        return _Row(
            paper_id=paper_id,
            extension=extension,
            url=url,
            title=title[:MAX_TITLE],
            authors=split_authors(texts[2]) if len(texts) > 2 else (),
            document_date=texts[3] if len(texts) > 3 else "",
            subgroup=_subgroup(texts),
        )

    def _document(self, cell: Tag) -> tuple[str, str, str] | None:
        """(url, paper id, extension) of the first link in the cell that names a paper on the committee's site."""
        for link in cell.find_all("a", href=True):
            href = str(link["href"]).strip()
            try:
                match, url = _FILE_NAME.search(urlsplit(href).path), self._canonical(href)
            except ValueError:  # such as the host "[x"
                continue
            if match is None:
                continue
            if url is not None:
                return url, match.group(1).lower(), match.group(2).lower()
            logger.warning("%s links %s on another host; it is left out", self._url, match.group(0))
        return None

    def _canonical(self, href: str) -> str | None:
        """The link made absolute, on the canonical host; None when it leads to another host."""
        parts = urlsplit(urljoin(self._url, href))
        if parts.scheme in ("http", "https") and parts.hostname in (CANONICAL_HOST, "open-std.org"):
            return urlunsplit(("https", CANONICAL_HOST, parts.path, parts.query, ""))
        return None


def split_authors(text: str) -> tuple[str, ...]:
    """Author names of a cell, each once at its first place: split at commas, ``;``, ``&`` and "and"."""
    names = (_collapse(part)[:MAX_NAME] for part in _AUTHOR_BREAK.split(text))
    return tuple(dict.fromkeys(name for name in names if name and name != "and"))


def parse_date(text: str) -> date | None:
    """The date in a text: ``2025-01-05``, ``2025-1-5`` or ``20250105``; None without one.

    Raises ValueError for one that no calendar has.
    """
    match = _DATE.search(text)
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups() if part is not None)
    return date(year, month, day)


def _document_date(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        logger.warning("Impossible document date %r is left empty", text)
        return None


def _best(rows: list[_Row]) -> _Row:
    order = {extension: rank for rank, extension in enumerate(FORMATS)}
    return min(rows, key=lambda row: order.get(row.extension, len(FORMATS)))


def _to_paper(row: _Row) -> Paper:
    return Paper(row.paper_id, row.url, row.title, row.authors, _document_date(row.document_date), row.subgroup)


def _subgroup(texts: list[str]) -> str:
    if len(texts) >= 8:
        return texts[6][:MAX_NAME]
    return texts[4][:MAX_NAME] if len(texts) >= 5 else ""


def _is_mark(element: Tag) -> bool:
    """Whether the element is where a mailing begins."""
    return any(_ANCHOR.fullmatch(str(element.get(attribute) or "")) for attribute in ("id", "name"))


def _cell_text(cell: Tag, line_break: str) -> str:
    for mark in cell.find_all("br"):
        mark.replace_with(line_break)
    return _collapse(cell.get_text())


def _collapse(text: str) -> str:
    return " ".join(text.replace("\0", "").split())
