"""Putting a backup back."""

from __future__ import annotations

from pathlib import Path

from boost_collectors.core.backups import archive, client_programs, rows
from boost_collectors.core.backups.backup import restoring
from boost_collectors.core.backups.manifest import DUMP, Manifest, read
from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import CommandError, PermanentError


def restore(context: RunContext, folder: Path, *, replace: bool, workspace: bool) -> Manifest:
    """Restore a backup's database, and its workspace if asked to, in that order; returns its manifest.

    The database is restored in one transaction: whole or not at all. Raises CommandError for a folder that is no
    backup, for a database that has tables unless ``replace``, and when the backup has no workspace; PermanentError
    when the database does not hold every row afterwards.
    """
    manifest = read(folder)
    if workspace and not manifest.files:
        raise CommandError(f"{folder} holds no workspace: leave --workspace out")
    database = context.database
    with database.engine.connect() as connection:
        there = rows.count(connection)
    if there and not replace:
        raise CommandError(
            f"the database has {len(there)} tables with {sum(there.values())} rows already: --replace drops them"
        )
    client_programs.run("pg_restore", database.url, *restoring(database.url, folder / DUMP, replace=replace))
    with database.engine.connect() as connection:
        found = rows.count(connection)
    missing = {name: count for name, count in manifest.rows.items() if found.get(name) != count}
    if missing:
        raise PermanentError(f"restored, but with other rows than the backup has: {', '.join(sorted(missing))}")
    if workspace:
        for name, target in archive.archives(context.settings).items():
            if name in manifest.files:
                archive.unpack(folder / name, target)
    return manifest
