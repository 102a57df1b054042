"""The paper pages of the C++ committee, under ``<url>/jtc1/sc22/wg21/docs/papers/``.

Samples are ``papers.json``: mailings and their papers. From a folder of real data it serves the paper records of
``wg21/bikeshed-biblio-*.data`` instead, each in the mailing of its document's month. Pages carry an ETag and answer
304 to a request that names it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, request
from werkzeug.wrappers import Response as BaseResponse

from include.sandbox.shelf import Shelf

PREFIX = "/jtc1/sc22/wg21/docs/papers"
COLUMNS = (
    "WG21 Number",
    "Title",
    "Author",
    "Document Date",
    "Mailing Date",
    "Previous Version",
    "Subgroup",
    "Disposition",
)

Mailings = dict[str, list[dict[str, Any]]]


def blueprint(shelf: Shelf) -> Blueprint:
    """The index page and one page per year; a year without mailings is 404."""
    pages = Blueprint("wg21", __name__, url_prefix=PREFIX)

    @pages.get("/")
    def index() -> BaseResponse:
        links = "".join(
            f'<li><a href="{date[:4]}/#mailing{date}">{date} mailing</a></li>' for date in sorted(_mailings(shelf))
        )
        return _page("WG21 papers", f"<ul>{links}</ul>")

    @pages.get("/<year>/")
    def papers(year: str) -> BaseResponse:
        mailings = {date: rows for date, rows in _mailings(shelf).items() if date.startswith(f"{year}-")}
        if not mailings:
            abort(404)
        return _page(f"Papers {year}", "".join(_table(date, rows) for date, rows in sorted(mailings.items())))

    return pages


def environment(base_url: str) -> dict[str, str]:
    """The setting that makes the collector read the committee's pages from here."""
    return {"WG21_PAPERS_URL": f"{base_url}{PREFIX}/"}


def _page(title: str, body: str) -> BaseResponse:
    response = Response(f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>")
    response.add_etag()
    return response.make_conditional(request)


def _table(date: str, papers: list[dict[str, Any]]) -> str:
    head = "".join(f"<th>{column}</th>" for column in COLUMNS)
    rows = "".join(_row(date, paper) for paper in papers)
    return (
        f'<h2><a name="mailing{date}"></a>{date} mailing</h2>'
        f'<table border="1"><tr>{head}</tr><tr><td colspan="8">{date}</td></tr>{rows}</table>'
    )


def _row(date: str, paper: dict[str, Any]) -> str:
    links = " ".join(f'<a href="{name}">{escape(name)}</a>' for name in paper["files"])
    cells = (
        links,
        escape(paper["title"]),
        escape(", ".join(paper["authors"])),
        paper.get("date", ""),
        date,
        "",
        escape(paper.get("subgroup", "")),
        "",
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _mailings(shelf: Shelf) -> Mailings:
    records = sorted((shelf.real / "wg21").glob("bikeshed-biblio-*.data")) if shelf.real else []
    if records:
        return _from_records(records)
    mailings: Mailings = json.loads((shelf.samples / "papers.json").read_text(encoding="utf-8"))
    return mailings


def _from_records(files: list[Path]) -> Mailings:
    mailings: Mailings = defaultdict(list)
    for file in files:
        month = "1998-01"
        for record in file.read_text(encoding="utf-8").split("\n-\n"):
            lines = record.split("\n")
            if not lines[0].startswith("d:"):
                continue
            date = _iso_date(lines[2])
            # A paper without a readable date goes with the one before it.
            month = date[:7] or month
            number = lines[0].removeprefix("d:").strip()
            authors = [name.strip() for line in lines[10:] for name in line.split(",") if name.strip(" -")]
            mailings[month].append({"files": [f"{number}.pdf"], "title": lines[4], "authors": authors, "date": date})
    return mailings


def _iso_date(text: str) -> str:
    text = re.sub(r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3", text.strip())
    for pattern in ("%d %B %Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, pattern).date().isoformat()  # noqa: DTZ007 - a calendar date
        except ValueError:
            continue
    return ""
