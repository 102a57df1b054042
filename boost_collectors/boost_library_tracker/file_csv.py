"""``import_boost_file_from_csv``: which library a file belongs to, as somebody wrote it down."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import click
from pydantic import Field

from boost_collectors.boost_library_tracker import services
from boost_collectors.core.commands import BaseCommand
from boost_collectors.core.errors import CommandError
from boost_collectors.core.options import BARE, Options
from boost_collectors.core.workspace import write_atomic

COLUMNS = ("library_name", "file_name")
ERROR_COLUMNS = (*COLUMNS, "path_not_found", "library_not_found", "supported_files")

# As such files spell libraries, and what the libraries are called.
LIBRARY_NAMES: Mapping[str, str] = {
    "string_algo": "String Algo",
    "member_function": "Member Function",
    "enable_if": "Enable If",
    "swap": "Swap",
    "ref": "Ref",
    "functional_factory": "Functional/Factory",
    "functional_forward": "Functional/Forward",
    "functional_overloaded_function": "Functional/Overloaded Function",
    "tribool": "Tribool",
    "compressed_pair": "Compressed Pair",
    "identity_type": "Identity Type",
    "in_place_factory": "In Place Factory, Typed In Place Factory",
    "operators": "Operators",
    "result_of": "Result Of",
    "string_view": "String View",
    "value_initialized": "Value Initialized",
    "interval": "Interval",
    "odeint": "Odeint",
    "ublas": "uBLAS",
}


class FileImportOptions(Options):
    csv_file: str = Field(
        "",
        description="The file to read, with the columns library_name and file_name; required, its flag is not.",
        json_schema_extra=BARE,
    )
    errors: str = Field("", description="Where rows that cannot be used go; default: <stem>_errors.csv beside it.")
    dry_run: bool = Field(False, description="Link nothing; rows that cannot be used are written all the same.")


class Row(NamedTuple):
    """A line of the file. ``library`` is as it was written."""

    library: str
    file: str


@dataclass(slots=True)
class Sorted:
    """The rows by what becomes of them. ``links`` are (file id, library id); ``errors`` in the columns of that file."""

    links: list[tuple[int, int]] = field(default_factory=list)
    errors: list[tuple[str, ...]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


class ImportBoostFileFromCsvCommand(BaseCommand):
    """Rows that cannot be used are written to a file of their own; they stop no others."""

    options = FileImportOptions

    def execute(self, options: Options) -> None:
        """Link the files and say how many. Raises CommandError for a file that cannot be read."""
        assert isinstance(options, FileImportOptions)
        path = Path(options.csv_file.strip())
        rows = list(_read(path))
        with self.context.database.session() as session:
            names = services.libraries_by_name(session)
            known = [ids[0] for ids in (names.get(library_name(row.library), []) for row in rows) if len(ids) == 1]
            files = services.files_of_libraries(session, set(known))
            found = sort_rows(rows, names, files, suggest=not options.dry_run)
            if not options.dry_run:
                services.link_files(session, found.links)
        errors = Path(options.errors.strip() or path.with_name(f"{path.stem}_errors.csv"))
        _write_errors(errors, found.errors)
        _summarise(found, errors)


def library_name(text: str) -> str:
    """What the library is called that a row means."""
    return LIBRARY_NAMES.get(text.strip().lower().replace(" ", "_"), text.strip())


def sort_rows(
    rows: Iterable[Row], names: Mapping[str, Sequence[int]], files: Mapping[tuple[int, str], int], *, suggest: bool
) -> Sorted:
    """What becomes of each row, given the libraries by name and the files of their repositories."""
    paths: dict[int, list[str]] = defaultdict(list)
    for library, path in files:
        paths[library].append(path)
    found = Sorted()
    for row in rows:
        _sort_row(row, names, files, paths if suggest else {}, found)
    return found


def _sort_row(
    row: Row,
    names: Mapping[str, Sequence[int]],
    files: Mapping[tuple[int, str], int],
    paths: Mapping[int, Sequence[str]],
    found: Sorted,
) -> None:
    if not row.library:
        return
    found.counts["processed"] += 1
    ids = names.get(library_name(row.library), ())
    if len(ids) != 1:
        found.counts["skipped"] += 1
        reason = f"{row.library} (ambiguous)" if ids else row.library
        found.errors.append((row.library, row.file, "", reason, ""))
    elif row.file and (file := files.get((ids[0], row.file))) is not None:
        found.links.append((file, ids[0]))
    elif row.file:
        found.counts["not found"] += 1
        like = ",".join(sorted(_alike(row.file, paths.get(ids[0], ()))))
        found.errors.append((row.library, row.file, row.file, "", like))


def _alike(path: str, names: Iterable[str]) -> list[str]:
    """The names that contain the path; a folder ``include`` in front of it does not count."""
    wanted = path.removeprefix("include").lstrip("/")
    return [name for name in names if wanted in name]


def _read(path: Path) -> Iterator[Row]:
    if not str(path) or not path.is_file():
        raise CommandError(f"File not found: {path}")
    try:
        # utf-8-sig: spreadsheets put a byte-order mark in front of the first column's name.
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = [name.strip().lower() for name in next(reader, [])]
            missing = [name for name in COLUMNS if name not in header]
            if missing:
                raise CommandError(f"{path} has no column {' and no column '.join(missing)}")
            for line in reader:
                cells = dict(zip(header, line, strict=False))
                yield Row(*(cells.get(name, "").replace("\0", "").strip() for name in COLUMNS))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{path} cannot be read as CSV: {error}") from error


def _write_errors(path: Path, errors: Sequence[tuple[str, ...]]) -> None:
    if errors:
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(ERROR_COLUMNS)
        writer.writerows(errors)
        write_atomic(path, text.getvalue())


def _summarise(found: Sorted, errors: Path) -> None:
    counts = found.counts
    click.echo(
        f"rows processed: {counts['processed']}, files linked: {len(found.links)}, "
        f"files not found: {counts['not found']}, skipped: {counts['skipped']}"
    )
    if found.errors:
        click.echo(f"rows that could not be used: {errors}")
