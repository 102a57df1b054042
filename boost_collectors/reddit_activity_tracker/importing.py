"""Archives of Reddit put into the workspace: the only way to what Reddit does not list any more."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import SourceError, TransientError
from boost_collectors.core.json_stream import json_items
from boost_collectors.core.quarantine import move_beside, quarantine
from boost_collectors.core.read_ahead import read_ahead
from boost_collectors.reddit_activity_tracker.files import SLUG
from boost_collectors.reddit_activity_tracker.intake import Intake
from boost_collectors.reddit_activity_tracker.page import pages_of
from boost_collectors.reddit_activity_tracker.records import COMMENT, SUBMISSION, Record, Thing, children_of

UNIT = "_import"
BATCH = 10_000
_PATTERNS = ("*.json", "*.jsonl", "*.ndjson", "*.json.gz", "*.jsonl.gz", "*.ndjson.gz")


def archive_files(context: RunContext) -> list[Path]:
    """The files to import: ``<workspace>/reddit_activity_tracker/_import/**``, by name."""
    folder = context.workspace.root / SLUG / UNIT
    found = {path for pattern in _PATTERNS for path in folder.rglob(pattern) if path.is_file() and path.name[0] != "."}
    return sorted(found)


class ArchiveImport:
    """Imports files of any size in constant memory. What is stored already stays as it is."""

    def __init__(self, context: RunContext, counts: Counts) -> None:
        self._context, self._counts = context, counts
        self._subreddits = {name.lower() for name in context.settings.reddit_subreddits}
        self._intake = Intake(context, None, UNIT, counts)

    def run(self) -> None:
        """Import every file. One that fails never stops the others; SourceError names them at the end.

        A file of which all could be stored moves to ``<raw root>/reddit_activity_tracker/_import``, any other to
        ``_quarantine``; what is good in it is stored.
        """
        problems = []
        for path in archive_files(self._context):
            problem = self._imported(path)
            if problem:
                quarantine(self._context, path, problem)
                self._counts.add("files_quarantined")
                problems.append(f"{path.name}: {problem}")
            else:
                move_beside(path, self._context.workspace.raw_path(SLUG, UNIT) / path.name)
                self._counts.add("files")
        if problems:
            raise SourceError("; ".join(problems))

    def _imported(self, path: Path) -> str:
        """Store what a file holds; returns what is wrong with it."""
        try:
            self._store(path)
        except (OSError, EOFError, ValueError) as error:
            refused = self._intake.refused_lately()
            return f"it is no JSON, or breaks off ({error}){'; ' if refused else ''}{refused}"
        return self._intake.refused_lately()

    def _store(self, path: Path) -> None:
        with _opened(path) as stream:
            things = (thing for value, _ in json_items(stream) for thing in things_in(value))
            for page in read_ahead(pages_of(things, BATCH, with_raw=False)):
                self._intake.take_page(page, keep=self._is_wanted)
                if self._context.stop.is_set():
                    raise TransientError(f"asked to stop while importing {path.name}")

    def _is_wanted(self, record: Record) -> bool:
        return record.subreddit.lower() in self._subreddits


def things_in(value: Any) -> Iterator[Thing]:
    """The submissions and comments of a value of an archive.

    That is a thing, a listing with all that is nested in it, an answer of ``/api/morechildren``, or a thing's data
    alone, as other archives have it. Anything else comes as it is, to be refused.
    """
    if not isinstance(value, Mapping):
        yield {"kind": "", "data": {}}
    elif isinstance(value.get("json"), Mapping):
        for thing in (value["json"].get("data") or {}).get("things") or []:
            yield from things_in(thing)
    elif "kind" not in value:
        yield {"kind": COMMENT if "link_id" in value else SUBMISSION, "data": value}
    elif value["kind"] in (SUBMISSION, COMMENT):
        yield value
        data = value.get("data")
        for reply in children_of(data.get("replies")) if isinstance(data, Mapping) else ():
            yield from things_in(reply)
    elif value["kind"] != "more":
        for child in children_of(value):
            yield from things_in(child)


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")
