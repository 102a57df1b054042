"""The three CSV files: what their lines mean, and storing them. A file is stored in one transaction or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from boost_collectors.boost_usage_tracker import services
from boost_collectors.boost_usage_tracker.imports.cells import BadCell, Cells
from boost_collectors.boost_usage_tracker.imports.report import Problem, Report, reporting
from boost_collectors.boost_usage_tracker.imports.table import read
from boost_collectors.boost_usage_tracker.services import FileLine, HeaderCatalogue, RepositoryLine, UsageLine
from boost_collectors.core.counts import Counts
from boost_collectors.core.database import Database
from boost_collectors.core.errors import CommandError
from boost_collectors.github_activity_tracker.services import stored_path

NAME = 255
VERSION = 64
OWNER = ("owner", "repo_name")

_UNKNOWN: Mapping[str, str] = {
    "owner": "is no account that is stored",
    "repo_name": "is no repository that is stored",
    "file_path": "is no file that is stored of this repository",
    "boost_header_name": "is no header of a Boost library",
}


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of a file. ``errors`` are texts that name the file; with any of them the import failed in part."""

    source_path: Path
    counts: Mapping[str, int]
    errors: tuple[str, ...] = ()
    report_path: Path | None = None
    """Where all lines are listed that were not used or not wholly; None if there are none."""


@dataclass(frozen=True, slots=True)
class CsvKind:
    """A kind of CSV file. ``required`` columns identify what a line is about: lines where one is blank are left out."""

    required: tuple[str, ...]
    counted: tuple[str, ...]
    importer: Callable[[Session, datetime], Importer]


@dataclass(frozen=True, slots=True)
class Importer:
    """How the lines of a kind of file are understood, and stored."""

    parse: Callable[[Cells], Any]
    store: Callable[[Session, Iterable[Any], services.Skip], Counts]


def import_csv(database: Database, kind: CsvKind, path: Path, report_path: Path, now: datetime) -> ImportResult:
    """Store what a file says. A line that cannot be read, or names what is not known, costs no other."""
    with reporting(path, report_path) as report:
        counts, failure = dict.fromkeys((*kind.counted, "skipped_blank"), 0), ""
        try:
            with database.session() as session:
                counts |= _stored(session, kind, path, report, now)
        except CommandError as error:
            failure = str(error)
        errors = [failure] if failure else list(report.errors)
        if not failure and report.refused > len(errors):
            errors.append(f"{path}: and {report.refused - len(errors)} more lines, see {report_path}")
    return ImportResult(path, counts, tuple(errors), report_path if report.lines else None)


def _stored(session: Session, kind: CsvKind, path: Path, report: Report, now: datetime) -> dict[str, int]:
    importer = kind.importer(session, now)
    blank = Counts()

    def skip(line: int, column: str, value: str) -> None:
        report.note(Problem(line, column, value, _UNKNOWN[column]))

    counts = importer.store(session, _parsed(kind, importer, path, report, blank), skip)
    return counts.as_dict() | {"skipped_blank": blank["lines"]}


def _parsed(kind: CsvKind, importer: Importer, path: Path, report: Report, blank: Counts) -> Iterator[Any]:
    for row in read(path, kind.required, report):
        if missing := next((name for name in kind.required if not row.cells.get(name)), ""):
            blank.add("lines")
            report.note(Problem(row.line, missing, "", "is blank"))
            continue
        try:
            yield importer.parse(Cells(row, report))
        except BadCell as error:
            report.refuse(error.problem)


def _repository(cells: Cells) -> RepositoryLine:
    return RepositoryLine(
        line=cells.line,
        owner=cells.text("owner") or "",
        repo_name=cells.text("repo_name", NAME) or "",
        stars=cells.number("stars"),
        forks=cells.number("forks"),
        description=cells.text("description"),
        repo_pushed_at=cells.moment("repo_pushed_at"),
        repo_created_at=cells.moment("repo_created_at"),
        repo_updated_at=cells.moment("repo_updated_at"),
        boost_version=cells.text("boost_version", VERSION),
        is_boost_embedded=cells.switch("is_boost_embedded"),
        is_boost_used=cells.switch("is_boost_used"),
    )


def _file(cells: Cells) -> FileLine:
    owner, name = (cells.text(column) or "" for column in OWNER)
    path = stored_path(cells.text("file_path") or "")
    return FileLine(cells.line, owner, name, path, cells.switch("is_deleted"))


def _usage(catalogue: HeaderCatalogue, now: datetime) -> Callable[[Cells], UsageLine]:
    today = now.astimezone(UTC).date()

    def parse(cells: Cells) -> UsageLine:
        owner, name = (cells.text(column) or "" for column in OWNER)
        header = cells.text("boost_header_name") or ""
        excepted_at, from_now = _excepted(cells, today)
        return UsageLine(
            line=cells.line,
            owner=owner,
            repo_name=name,
            file_path=stored_path(cells.text("file_path") or ""),
            boost_header_name=header,
            boost_header_id=catalogue.file_id(header),
            last_commit_date=cells.moment("last_commit_ts"),
            excepted_at=excepted_at,
            from_now=from_now,
        )

    return parse


def _excepted(cells: Cells, today: date) -> tuple[date | None, bool]:
    """The day that is meant, and whether it only stands for one that is not named."""
    given = cells.moment_or_text("excepted_at")
    if given is None:
        return None, False
    return (given.date(), False) if isinstance(given, datetime) else (today, True)


def _repositories(_session: Session, _now: datetime) -> Importer:
    return Importer(_repository, services.import_repositories)


def _files(_session: Session, _now: datetime) -> Importer:
    return Importer(_file, services.import_files)


def _usages(session: Session, now: datetime) -> Importer:
    return Importer(_usage(HeaderCatalogue.load(session), now), services.import_usages)


REPOSITORY = CsvKind(
    OWNER, ("created_repos", "updated_repos", "created_ext", "updated_ext", "skipped_no_owner"), _repositories
)
GITHUBFILE = CsvKind((*OWNER, "file_path"), ("created", "updated", "skipped_no_repo"), _files)
BOOSTUSAGE = CsvKind(
    (*OWNER, "file_path", "boost_header_name"),
    ("created", "updated", "skipped_no_repo", "skipped_no_file", "skipped_no_boost_header"),
    _usages,
)
