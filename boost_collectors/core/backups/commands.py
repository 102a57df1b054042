"""``backup`` and ``restore``."""

from __future__ import annotations

from pathlib import Path

import click
from pydantic import Field

from boost_collectors.core.backups.backup import take
from boost_collectors.core.backups.restore import restore
from boost_collectors.core.commands import BaseCommand
from boost_collectors.core.errors import CommandError
from boost_collectors.core.options import BARE, Options


class BackupOptions(Options):
    workspace: bool = Field(False, description="Back up the workspace's files too.")
    skip_verify: bool = Field(False, description="Do not restore the dump into a scratch database to compare it.")


class BackupCommand(BaseCommand):
    """Back up the project database and the workspace to BACKUP_DIR."""

    options = BackupOptions

    def execute(self, options: Options) -> None:
        """Take the backup and say where it is. Raises PermanentError when it would not be one."""
        assert isinstance(options, BackupOptions)
        keep = self.context.settings.backup_keep
        folder = take(self.context, workspace=options.workspace, verify=not options.skip_verify, keep=keep)
        click.echo(str(folder))


class RestoreOptions(Options):
    backup: Path | None = Field(None, description="Folder of the backup.", json_schema_extra=BARE)
    replace: bool = Field(False, description="Drop what the database has first.")
    workspace: bool = Field(False, description="Restore the workspace's files too.")


class RestoreCommand(BaseCommand):
    """Restore the project database, and the workspace, from a backup."""

    options = RestoreOptions

    def execute(self, options: Options) -> None:
        """Restore and say what. Raises CommandError when that would lose something or the folder is no backup."""
        assert isinstance(options, RestoreOptions)
        if options.backup is None:
            raise CommandError("restore: --backup must name the folder of a backup")
        manifest = restore(self.context, options.backup, replace=options.replace, workspace=options.workspace)
        rows = sum(manifest.rows.values())
        click.echo(
            f"Restored {rows} rows in {len(manifest.rows)} tables, as of {manifest.taken_at:%Y-%m-%d %H:%M} UTC."
        )
        click.echo(f"The schema is at revision {manifest.revision}; `migrate` brings it to the newest.")
