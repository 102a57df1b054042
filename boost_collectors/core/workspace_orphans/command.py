"""``cleanup_workspace_orphans``."""

from __future__ import annotations

import time
from dataclasses import asdict

import click
from pydantic import Field

from boost_collectors.core.commands import BaseCommand
from boost_collectors.core.errors import CommandError
from boost_collectors.core.options import Options
from boost_collectors.core.workspace_orphans.at_start import clean_json_cache
from boost_collectors.core.workspace_orphans.leftovers import Leftover, find_leftovers, remove

HOUR = 3600
WOULD_DELETE, DELETED, IN_USE, SKIPPED = "would delete", "deleted", "in use", "skip"


class CleanupOptions(Options):
    max_age_hours: float = Field(24.0, description="Age in hours from which a temporary file counts as left over.")
    execute: bool = Field(False, description="Delete; without it the files are only listed.")
    github_json_cache: bool = Field(False, description="Also remove empty and broken files of the GitHub JSON cache.")


class CleanupWorkspaceOrphansCommand(BaseCommand):
    """List, or delete, what killed processes left in the workspace."""

    options = CleanupOptions

    def execute(self, options: Options) -> None:
        """Raises CommandError for a wrong age, a workspace that is no folder, and files that could not be deleted."""
        assert isinstance(options, CleanupOptions)
        settings = self.context.settings
        root = settings.workspace_dir
        if not options.max_age_hours >= 0:  # NaN is neither
            raise CommandError(f"--max-age-hours must be 0 or more, not {options.max_age_hours}")
        if not root.is_dir():
            raise CommandError(f"the workspace {root} is not a directory")
        cutoff = time.time() - options.max_age_hours * HOUR
        without = [settings.embedded_postgres_dir, settings.backup_dir, root / "airflow"]
        found = find_leftovers(root, cutoff, without)
        outcomes = {leftover.shown: self._see_to(leftover) for leftover in found} if options.execute else {}
        for leftover in found:
            outcome = outcomes.get(leftover.shown, WOULD_DELETE)
            click.echo(f"{outcome} {leftover.shown}", err=outcome == SKIPPED)
        failed = [shown for shown, outcome in outcomes.items() if outcome == SKIPPED]
        click.echo(f"{len(found)} found, {list(outcomes.values()).count(DELETED)} deleted")
        if options.github_json_cache:
            stats = clean_json_cache(settings, execute=options.execute)
            click.echo(" ".join(f"{name}={value}" for name, value in asdict(stats).items()))
            failed += ["files of the JSON cache"] * bool(stats.errors and options.execute)
        if failed:
            raise CommandError(f"not deleted: {', '.join(failed)}")

    def _see_to(self, leftover: Leftover) -> str:
        try:
            return DELETED if remove(leftover) else IN_USE
        except OSError as error:
            self.context.log.warning("%s cannot be deleted: %s", leftover.path, error)
            return SKIPPED
