"""``backfill_300_file_commits``: complete the files of commits that the API had cut off at 300."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import click
from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError

from boost_collectors.core import checkpoints
from boost_collectors.core.commands import BaseCommand
from boost_collectors.core.errors import CollectorError, NotFoundError
from boost_collectors.core.git_hosting import Hosting
from boost_collectors.core.options import Options
from boost_collectors.github_activity_tracker.clones import register_clone_path, remove_registered_clones
from boost_collectors.github_activity_tracker.git import Commit, read_commits
from boost_collectors.github_activity_tracker.services import repairs
from boost_collectors.github_activity_tracker.services.repairs import StoredCommit
from boost_collectors.github_activity_tracker.source import Clone

API_FILE_LIMIT = 300
"""How many files GitHub's API lists of a commit on one page."""

VERIFIED = "verified"
"""The checkpoint's key: hashes of commits that really have that many files."""


class BackfillOptions(Options):
    dry_run: bool = Field(False, description="Name the commits; read no clone and write nothing.")
    limit: int = Field(0, ge=0, description="At most so many commits; 0 means all.")


class Backfill300FileCommitsCommand(BaseCommand):
    """Commits are read from the collector's clones. One that fails is counted and does not stop the others.

    A commit that proves to have exactly 300 files is remembered, so that it is not read again.
    """

    options = BackfillOptions

    def execute(self, options: Options) -> None:
        """Complete the commits and say how many were updated and how many failed."""
        assert isinstance(options, BackfillOptions)
        commits = self._candidates()[: options.limit or None]
        if not commits:
            click.echo(f"No commits with exactly {API_FILE_LIMIT} changed files that were not verified before.")
        elif options.dry_run:
            for commit in commits:
                click.echo(f"Would backfill {commit.key} {commit.hash}")
            click.echo(f"Dry run: {len(commits)} commits, nothing written.")
        else:
            self._backfill(commits)

    def _candidates(self) -> list[StoredCommit]:
        with self.context.database.session() as session:
            found = repairs.commits_with_changes(session, API_FILE_LIMIT)
            keys = {commit.key for commit in found}
            known = {key: checkpoints.load(session, self.context.command, key) or {} for key in keys}
        return [commit for commit in found if commit.hash not in known[commit.key].get(VERIFIED, ())]

    def _backfill(self, commits: Sequence[StoredCommit]) -> None:
        updated = failed = 0
        try:
            for key, group in groupby(commits, lambda commit: commit.key):
                for done in self._repository(key, group):
                    updated, failed = updated + done, failed + (not done)
        finally:
            remove_registered_clones()
        click.echo(f"Backfill of {len(commits)} commits: {updated} updated, {failed} failed.")

    def _repository(self, key: str, commits: Iterator[StoredCommit]) -> Iterator[bool]:
        clone = self._clone(key)
        for commit in commits:
            try:
                self._replace(commit, _full_commit(clone, commit.hash))
                yield True
            except (CollectorError, SQLAlchemyError) as error:
                self.context.log.error("Commit %s of %s was not completed: %s", commit.hash[:12], key, error)
                yield False

    def _clone(self, key: str) -> Clone:
        clone = Clone(self.context.workspace, key, Hosting.of(self.context.settings), self.context.stop)
        if not clone.exists:
            register_clone_path(clone.path)
        return clone

    def _replace(self, stored: StoredCommit, commit: Commit) -> None:
        with self.context.database.session() as session:
            repairs.replace_commit_changes(session, stored, commit)
            if len(commit.files) == API_FILE_LIMIT:
                kept = checkpoints.load(session, self.context.command, stored.key) or {}
                verified = sorted({*kept.get(VERIFIED, ()), stored.hash})
                checkpoints.save(session, self.context.command, stored.key, {**kept, VERIFIED: verified})


def _full_commit(clone: Clone, hash: str) -> Commit:
    """The commit with all its files. Raises NotFoundError when no branch or tag leads to it, and what git raises."""
    if not clone.exists or hash not in clone.existing([hash]):
        clone.refresh()
    if hash not in clone.existing([hash]):
        raise NotFoundError(f"{clone.key} has no commit {hash[:12]} (any more)")
    return next(read_commits(clone.git, [hash], walk=False))
