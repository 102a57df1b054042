"""``import_wg21_metadata_from_csv``: paper metadata from a CSV file, for history the site does not give."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path

from pydantic import Field

from boost_collectors.core.commands import BaseCommand
from boost_collectors.core.errors import CommandError
from boost_collectors.core.options import Options
from boost_collectors.wg21_paper_tracker import services
from boost_collectors.wg21_paper_tracker.records import PaperInput, normalise_year
from boost_collectors.wg21_paper_tracker.source import MAILING_DATE, MAX_NAME, MAX_TITLE, parse_date

SLUG = "wg21_paper_tracker"
BATCH = 500


class ImportOptions(Options):
    csv_file: str = Field(
        "", description="The file to read; default: metadata.csv in the collector's workspace folder."
    )
    dry_run: bool = Field(False, description="Parse and log each row; write nothing.")


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A usable row: the paper, and the mailing it belongs to (``unknown`` when the file does not say)."""

    mailing_date: str
    paper: PaperInput


class ImportWg21MetadataCommand(BaseCommand):
    """Rows that cannot be used are counted and named in the log; they never stop the others."""

    options = ImportOptions

    def execute(self, options: Options) -> None:
        """Import the file, neighbouring rows of a mailing at once.

        Raises CommandError when it cannot be read, lacks a column, or holds no usable row.
        """
        assert isinstance(options, ImportOptions)
        path = Path(options.csv_file.strip() or self.context.workspace.path(SLUG) / "metadata.csv")
        counts: Counter[str] = Counter()
        for mailing_date, rows in groupby(self._usable(path, counts), lambda row: row.mailing_date):
            papers = (row.paper for row in rows)
            while batch := list(islice(papers, BATCH)):
                self._import(mailing_date, batch, counts, dry_run=options.dry_run)
        self.context.log.info("WG21 metadata import: %s", dict(counts), extra={"counts": dict(counts)})
        if counts["rows"] and counts["skipped"] == counts["rows"]:
            raise CommandError(f"{path}: not one of {counts['rows']} rows could be used")

    def _usable(self, path: Path, counts: Counter[str]) -> Iterator[CsvRow]:
        for number, cells in enumerate(_read(path), 2):
            counts["rows"] += 1
            try:
                yield parse_row(cells)
            except ValueError as error:
                self._skip(counts, f"{path} row {number}: {error}")

    def _skip(self, counts: Counter[str], what: str) -> None:
        counts["skipped"] += 1
        self.context.log.error("Skipped %s", what)

    def _import(self, mailing_date: str, papers: Sequence[PaperInput], counts: Counter[str], *, dry_run: bool) -> None:
        if dry_run:
            for paper in papers:
                self.context.log.info("Dry run: %s of mailing %s", paper.paper_id, mailing_date)
            return
        with self.context.database.session() as session:
            mailing, created = services.find_or_create_imported_mailing(session, mailing_date)
            stored = services.store_papers(session, mailing, papers, announce=False)
        for paper, reason in stored.refused:
            self._skip(counts, f"{paper.paper_id[:80]} of mailing {mailing_date}: {reason}")
        counts["mailings created"] += created
        counts["papers created"] += stored.papers.inserted
        counts["papers updated"] += len(papers) - len(stored.refused) - stored.papers.inserted


def parse_row(cells: dict[str, str]) -> CsvRow:
    """A row with trimmed values by lower-case column name. Raises ValueError saying why it cannot be used."""
    paper_id, url = cells.get("paper_id", "").lower(), cells.get("url", "")
    if not paper_id or not url:
        raise ValueError("no paper_id or url")
    document_date = parse_date(cells.get("date", ""))
    mailing_date = cells.get("mailing_date", "")
    if not MAILING_DATE.fullmatch(mailing_date):
        mailing_date = services.UNKNOWN_MAILING
    year = normalise_year(mailing_date) or (document_date.year if document_date else 0)
    title = " ".join(cells.get("title", "").split())[:MAX_TITLE] or paper_id
    authors = tuple(name[:MAX_NAME] for part in cells.get("author", "").split(",") if (name := part.strip()))
    paper = PaperInput(paper_id, year, url, title, document_date, cells.get("subgroup", "")[:MAX_NAME], authors)
    return CsvRow(mailing_date, paper)


def _read(path: Path) -> Iterator[dict[str, str]]:
    if not path.exists():
        raise CommandError(f"File not found: {path}")
    try:
        # utf-8-sig: spreadsheets put a byte-order mark in front of the first column's name.
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _rows(path, csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{path} cannot be read as CSV: {error}") from error


def _rows(path: Path, reader: Iterator[list[str]]) -> Iterator[dict[str, str]]:
    header = [name.strip().lower() for name in next(reader, [])]
    missing = {"paper_id", "url"} - set(header)
    if header and missing:
        raise CommandError(f"{path} has no column {' and no column '.join(sorted(missing))}")
    for line in reader:
        if line:
            yield {name: value.replace("\0", "").strip() for name, value in zip(header, line, strict=False)}
