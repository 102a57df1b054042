"""``run_update_db``: repositories, files, usages and accounts out of files that somebody prepared."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import click
from pydantic import Field

from boost_collectors.boost_usage_tracker.imports import accounts, csv_files
from boost_collectors.boost_usage_tracker.imports.csv_files import BOOSTUSAGE, GITHUBFILE, REPOSITORY, ImportResult
from boost_collectors.core.commands import BaseCommand
from boost_collectors.core.errors import CommandError
from boost_collectors.core.options import Options

SLUG = "boost_usage_tracker"
REPORTS = "import_problems"
"""The folder of what could not be used, below the collector's workspace folder."""

Target = Literal["github_account", "repository", "githubfile", "boostusage"]

_FILES: Mapping[str, str] = {
    "repository": "add_to_boostExternalRepository.csv",
    "githubfile": "add_to_githubFile.csv",
    "boostusage": "add_to_boostUsage.csv",
}
_KINDS = {"repository": REPOSITORY, "githubfile": GITHUBFILE, "boostusage": BOOSTUSAGE}


class UpdateDbOptions(Options):
    """The command's flags."""

    target: Target = Field(description="What to import.")
    source: str = Field("", description="The file, or for accounts the folder, instead of the one in the workspace.")


class UpdateDbCommand(BaseCommand):
    """Lines that cannot be used are listed in a file of their own; they stop no others."""

    options = UpdateDbOptions

    def execute(self, options: Options) -> None:
        """Import and say what came of it. Raises CommandError if anything could not be read."""
        assert isinstance(options, UpdateDbOptions)
        result = self._accounts(options) if options.target == accounts.TABLE else self._csv(options)
        for error in result.errors:
            click.echo(error, err=True)
        click.echo(summary(options.target, result))
        if result.report_path:
            click.echo(f"lines that were not used, or not wholly: {result.report_path}")
        if result.errors:
            raise CommandError(f"run_update_db --target {options.target} failed: {len(result.errors)} errors")

    def _accounts(self, options: UpdateDbOptions) -> ImportResult:
        source = options.source.strip()
        folder = Path(source) if source else self.context.workspace.path(SLUG, accounts.TABLE)
        return accounts.import_accounts(self.context.database, accounts.TABLE, folder)

    def _csv(self, options: UpdateDbOptions) -> ImportResult:
        workspace = self.context.workspace
        path = Path(options.source.strip() or workspace.path(SLUG) / _FILES[options.target])
        report = workspace.path(SLUG, REPORTS) / f"{options.target}.csv"
        kind = _KINDS[options.target]
        return csv_files.import_csv(self.context.database, kind, path, report, self.context.clock())


def summary(target: Target, result: ImportResult) -> str:
    """The line that says what was stored."""
    counts = dict(result.counts)
    told = [f"table={target}"] if target == accounts.TABLE else []
    told.append(f"source={result.source_path}")
    if target == "repository":
        for kind in ("repos", "ext"):
            told.append(f"{kind}: created={counts.pop(f'created_{kind}')} updated={counts.pop(f'updated_{kind}')}")
    return " ".join([*told, *(f"{name}={number}" for name, number in counts.items())])
