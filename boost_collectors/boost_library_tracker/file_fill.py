"""``fill_boost_files``: give the files of repositories with one library to it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import click
from pydantic import Field

from boost_collectors.boost_library_tracker import services
from boost_collectors.boost_library_tracker.services import RepositoryChoice
from boost_collectors.core.commands import BaseCommand
from boost_collectors.core.options import Options
from boost_collectors.core.workspace import write_atomic

MATH = "math"
"""The one repository of several libraries of which one stands for all of it."""

LEFT_FILE = "missing_library_files.csv"


class FillOptions(Options):
    dry_run: bool = Field(False, description="Say what would be linked; write only the list of files left.")


class FillBoostFilesCommand(BaseCommand):
    """Files that exist and have no library yet, of every repository that has one library to give them to."""

    options = FillOptions

    def execute(self, options: Options) -> None:
        """Link the files, say how many, and write which are left to ``missing_library_files.csv``."""
        assert isinstance(options, FillOptions)
        with self.context.database.session() as session:
            repositories = services.library_repositories(session)
            chosen = {repo.id: library for repo in repositories if (library := chosen_library(repo)) is not None}
            unlinked = services.unlinked_files(session, [repo.id for repo in repositories])
            links = [(file, chosen[repo]) for repo, _, file, _ in unlinked if repo in chosen]
            if not options.dry_run:
                services.link_files(session, links)
        linked = set() if options.dry_run else chosen.keys()
        left = [(repo, name, path) for repo, name, _, path in unlinked if repo not in linked]
        path = self._write(left)
        click.echo(f"repos processed: {len(repositories)}, repos with chosen library: {len(chosen)}")
        click.echo(f"files linked: {len(links)}{' (dry run: nothing was written)' if options.dry_run else ''}")
        click.echo(f"files without a library: {len(left)}, see {path}")

    def _write(self, left: Sequence[tuple[int, str, str]]) -> Path:
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("repo_id", "repo_name", "file_name"))
        writer.writerows(left)
        path = self.context.workspace.path("boost_library_tracker") / LEFT_FILE
        write_atomic(path, text.getvalue())
        return path


def chosen_library(repository: RepositoryChoice) -> int | None:
    """The id of the library that a repository's files belong to; None if it has several of equal standing."""
    if len(repository.libraries) == 1:
        return repository.libraries[0][0]
    if repository.name != MATH:
        return None
    return next((id for id, name in repository.libraries if normalised(name) == MATH), None)


def normalised(name: str) -> str:
    """A library's name as a path would spell it: `` Math / Lib `` is ``math___lib``."""
    return name.strip().lower().replace(" ", "_").replace("/", "_")
