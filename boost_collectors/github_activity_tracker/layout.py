"""``migrate_workspace_layout``: bring staged files of the oldest layout to where they are looked for now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
from pydantic import Field

from boost_collectors.core.commands import BaseCommand
from boost_collectors.core.options import Options
from boost_collectors.github_activity_tracker.workspace_paths import COMMITS, ISSUES, PULLS, SLUG, json_files

NOT_OWNERS = ("clones", "md_export")
"""Folders beside those of the owners."""

_NUMBERED = re.compile(r"(?:issue|pr)_(\d+)\.json")


class LayoutOptions(Options):
    dry_run: bool = Field(False, description="Name the moves; move nothing.")


class Move(NamedTuple):
    """A file and where it belongs."""

    source: Path
    target: Path


class MigrateWorkspaceLayoutCommand(BaseCommand):
    """Move ``<owner>/{commits,issues,prs}/<repo>/…`` to ``<owner>/<repo>/{commits,issues,prs}/…``.

    A file that is there already is newer: the old one is named and left.
    """

    options = LayoutOptions

    def execute(self, options: Options) -> None:
        """Move the files, or name the moves, and say how many."""
        assert isinstance(options, LayoutOptions)
        root = self.context.workspace.root / SLUG
        if not root.is_dir():
            click.echo(f"{root} does not exist: nothing to move.")
            return
        moves = list(old_files(root))
        if options.dry_run:
            for move in moves:
                click.echo(f"would move {move.source.relative_to(root)} -> {move.target.relative_to(root)}")
            click.echo(f"Dry run: {len(moves)} files, nothing moved.")
            return
        click.echo(f"Moved {sum(map(self._move, moves))} files.")

    def _move(self, move: Move) -> bool:
        if move.target.exists():
            self.context.log.warning("%s stays, because there is a newer %s", move.source, move.target)
            return False
        move.target.parent.mkdir(parents=True, exist_ok=True)
        move.source.rename(move.target)
        return True


def old_files(root: Path) -> Iterator[Move]:
    """The files of the old layout below the folder of the activity store, owner by owner."""
    for owner in _folders(root):
        if owner.name not in NOT_OWNERS:
            for repository in _folders(owner / COMMITS):
                yield from _commits(owner, repository)
            for kind, prefix in ((ISSUES, "issue"), (PULLS, "pr")):
                for repository in _folders(owner / kind):
                    yield from _numbered(owner, repository, kind, prefix)


def _commits(owner: Path, repository: Path) -> Iterator[Move]:
    branch = repository / "master"
    if not branch.is_dir():
        branch = repository / "developer"
    for path in json_files(branch):
        yield Move(path, owner / repository.name / COMMITS / path.name)


def _numbered(owner: Path, repository: Path, kind: str, prefix: str) -> Iterator[Move]:
    for path in json_files(repository):
        match = _NUMBERED.fullmatch(path.name)
        if match and path.name.startswith(prefix):
            yield Move(path, owner / repository.name / kind / f"{match[1]}.json")


def _folders(parent: Path) -> list[Path]:
    return sorted(path for path in parent.iterdir() if path.is_dir()) if parent.is_dir() else []
