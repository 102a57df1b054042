"""``backfill_file_renames``: link renamed files to their former paths, out of archived commits."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import click
from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError

from boost_collectors.core.commands import BaseCommand
from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import CollectorError
from boost_collectors.core.options import Options
from boost_collectors.core.workspace import read_json
from boost_collectors.github_activity_tracker.conversion import time_of
from boost_collectors.github_activity_tracker.git import FILENAME_CHARACTERS
from boost_collectors.github_activity_tracker.payloads import CommitPayload, parse_commit
from boost_collectors.github_activity_tracker.services import repairs
from boost_collectors.github_activity_tracker.services.repairs import Rename
from boost_collectors.github_activity_tracker.workspace_paths import COMMITS, archive_root, json_files


class RenameOptions(Options):
    dry_run: bool = Field(False, description="Name the links; write nothing.")
    limit: int = Field(0, ge=0, description="At most so many commit files of each repository; 0 means all.")
    repo: str = Field("", description="Only this repository, by its name.")


class BackfillFileRenamesCommand(BaseCommand):
    """The archived commits of BOOST_GITHUB_OWNER are read, one transaction a repository."""

    options = RenameOptions

    def __init__(self, context: RunContext) -> None:
        super().__init__(context)
        self._linked = 0
        self._unknown = 0
        self._refused: list[tuple[Rename, str]] = []

    def execute(self, options: Options) -> None:
        """Link the renames and say how many were linked, how many not and why."""
        assert isinstance(options, RenameOptions)
        owner = self.context.settings.boost_github_owner
        root = archive_root(owner, self.context.workspace)
        folders = _repositories(root, options.repo.strip())
        if not folders:
            click.echo(f"{root / options.repo.strip()} not found: nothing to link.")
            return
        with self.context.database.session() as session:
            known = repairs.repository_ids(session, owner)
        for folder in folders:
            self._repository(folder, known.get(folder.name), options)
        self._summarise(options)

    def _repository(self, folder: Path, repo_id: int | None, options: RenameOptions) -> None:
        if not (folder / COMMITS).is_dir():
            click.echo(f"{folder.name}: no commits directory")
        elif repo_id is None:
            self._unknown += 1
            click.echo(f"{folder.name}: not found in database")
        else:
            usable = self._usable(folder, options.limit)
            if options.dry_run:
                for rename in usable:
                    self._linked += 1
                    click.echo(f"Would link: {rename.previous} -> {rename.filename}")
            else:
                self._link(repo_id, list(usable))

    def _usable(self, folder: Path, limit: int) -> Iterator[Rename]:
        for path in islice(json_files(folder / COMMITS), limit or None):
            for rename in _renames(path):
                if max(len(rename.previous), len(rename.filename)) <= FILENAME_CHARACTERS:
                    yield rename
                else:
                    self._refused.append((rename, f"a path is longer than {FILENAME_CHARACTERS} characters"))

    def _link(self, repo_id: int, renames: list[Rename]) -> None:
        try:
            with self.context.database.session() as session:
                repairs.link_renames(session, repo_id, renames)
        except (CollectorError, SQLAlchemyError) as error:
            self._refused += [(rename, str(error)) for rename in renames]
        else:
            self._linked += len(renames)

    def _summarise(self, options: RenameOptions) -> None:
        if self._refused:
            click.echo("Not linked:")
        for rename, reason in self._refused:
            click.echo(f"  {rename.previous} -> {rename.filename}: {reason}")
        done = "Dry run, would link" if options.dry_run else "Linked"
        click.echo(
            f"{done} {self._linked} renames; {len(self._refused)} not linked, {self._unknown} repositories unknown."
        )


def _repositories(root: Path, only: str) -> list[Path]:
    folders = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    return [folder for folder in folders if not only or folder.name == only]


def _renames(path: Path) -> list[Rename]:
    """The renames in an archived commit; none, with a message, in one that cannot be read."""
    try:
        commit = parse_commit(read_json(path), source=path.name)
    except (OSError, ValueError) as error:
        click.echo(f"Error processing {path}: {error}")
        return []
    at = time_of(_committed(commit))
    renamed = (file for file in commit.files if (file.status or "").strip().lower() == "renamed")
    pairs = ((_name(file.previous_filename), _name(file.filename)) for file in renamed)
    return [Rename(previous, name, at) for previous, name in pairs if previous and name]


def _committed(commit: CommitPayload) -> str | None:
    signature = commit.commit.committer or commit.commit.author
    return signature.date if signature else None


def _name(text: str | None) -> str:
    return (text or "").replace("\0", "").strip()
