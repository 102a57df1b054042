"""``backfill_clang_github_tracker``: the tracker's tables out of the archive of raw files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy.orm import Session

from boost_collectors.clang_github_tracker import services
from boost_collectors.clang_github_tracker.payload_rows import commit_row, item_row
from boost_collectors.clang_github_tracker.services import CommitRow, ItemRow
from boost_collectors.core.commands import BaseCommand
from boost_collectors.core.errors import CommandError
from boost_collectors.core.options import Options
from boost_collectors.core.workspace import read_json
from boost_collectors.github_activity_tracker.sync_api import (
    archive_folder,
    iter_raw_source_commit_jsons,
    iter_raw_source_issue_jsons,
    iter_raw_source_pr_jsons,
    parse_commit,
    parse_issue_bundle,
    parse_pr_bundle,
)

BATCH = 10_000
"""How many files are read before their rows are written."""

R = TypeVar("R")
Write = Callable[[Session, Sequence[R]], tuple[int, int]]


class BackfillClangCommand(BaseCommand):
    """Read every archived file of the configured repository. A bad one is named, counted, and stops nothing."""

    options = Options

    def execute(self, _options: Options) -> None:
        """Rebuild both tables and say what was inserted, updated and skipped.

        Raises CommandError when nothing is archived of the repository.
        """
        settings, workspace = self.context.settings, self.context.workspace
        repository = (settings.clang_github_owner, settings.clang_github_repo)
        folder = archive_folder(*repository, workspace)
        if not folder.is_dir():
            raise CommandError(f"Raw repo dir missing: {folder}")
        issues = iter_raw_source_issue_jsons(*repository, workspace=workspace)
        pulls = iter_raw_source_pr_jsons(*repository, workspace=workspace)
        commits = iter_raw_source_commit_jsons(*repository, workspace=workspace)
        self._backfill("Commits", commits, _commit, services.upsert_commits_batch)
        self._backfill("Issues", issues, _issue, services.upsert_issue_items_batch)
        self._backfill("Pull requests", pulls, _pull, services.upsert_issue_items_batch)

    def _backfill(self, what: str, paths: Iterable[Path], parse: Callable[[Any], R], write: Write[R]) -> None:
        done: Counter[str] = Counter()
        rows = self._rows(paths, parse, done)
        while batch := list(islice(rows, BATCH)):
            with self.context.database.session() as session:
                inserted, updated = write(session, batch)
            done.update(inserted=inserted, updated=updated)
        click.echo(f"{what}: {done['inserted']} inserted, {done['updated']} updated, {done['skipped']} skipped.")

    def _rows(self, paths: Iterable[Path], parse: Callable[[Any], R], done: Counter[str]) -> Iterator[R]:
        for path in paths:
            try:
                yield parse(read_json(path))
            except (OSError, ValueError) as error:
                done["skipped"] += 1
                self.context.log.warning("The archived file %s is left out: %s", path, error)


def _commit(content: Any) -> CommitRow:
    return commit_row(parse_commit(content))


def _issue(content: Any) -> ItemRow:
    return item_row(parse_issue_bundle(content).issue, is_pull_request=False)


def _pull(content: Any) -> ItemRow:
    return item_row(parse_pr_bundle(content).pr, is_pull_request=True)
