"""Taking a backup: one snapshot for the dump and the counts, proved by a restore, old ones removed after it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url, text

from boost_collectors.core.backups import archive, client_programs, rows
from boost_collectors.core.backups.manifest import DUMP, MANIFEST, Manifest
from boost_collectors.core.context import RunContext
from boost_collectors.core.database import Database
from boost_collectors.core.database.embedded import EmbeddedPostgres
from boost_collectors.core.database.migrations import current_revision
from boost_collectors.core.download import file_sha256
from boost_collectors.core.errors import PermanentError
from boost_collectors.core.file_locks import alone
from boost_collectors.core.version import __version__

_UNFINISHED = "unfinished-"
_SCRATCH = "scratch"


def take(context: RunContext, *, workspace: bool, verify: bool, keep: int) -> Path:
    """Back up the project database, and the workspace if asked to; returns the folder, named after the time in UTC.

    ``verify`` restores the dump into a scratch database on a server of its own and compares every table's rows. Then
    all but the newest ``keep`` backups are removed. A backup that is cut off leaves nothing that looks like one.
    Raises PermanentError when the dump fails or does not hold what the database had; TransientError while another
    backup is going on.
    """
    settings = context.settings
    root = settings.backup_dir
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with alone(root / "backup.lock", f"the backup folder {root}", wait=0, stop=context.stop):
        _remove_unfinished(root)
        taken_at = context.clock()
        with _new_folder(root) as folder:
            manifest = _write(context, folder, taken_at, workspace=workspace, verify=verify)
            manifest.write(folder)
            done = root / f"{taken_at:%Y-%m-%dT%H%M%SZ}"
            folder.rename(done)
        context.log.info("Backup in %s: %s rows in %s tables", done, sum(manifest.rows.values()), len(manifest.rows))
        for old in complete(root)[:-keep]:
            shutil.rmtree(old)
            context.log.info("Removed the old backup %s", old)
        return done


def complete(root: Path) -> list[Path]:
    """The backups of a folder, oldest first."""
    return sorted(path.parent for path in root.glob(f"[0-9]*/{MANIFEST}"))


def _write(context: RunContext, folder: Path, taken_at: datetime, *, workspace: bool, verify: bool) -> Manifest:
    found, revision = _dump(context.database, folder / DUMP)
    settings, files = context.settings, {}
    if workspace:
        without = archive.left_out(settings)
        for name, packed in archive.archives(settings).items():
            files[name] = archive.pack(packed, folder / name, without)
    if verify:
        _verify(folder, found)
    return Manifest(
        taken_at=taken_at,
        version=__version__,
        revision=revision,
        rows=found,
        files=files,
        sha256={path.name: file_sha256(path) for path in sorted(folder.iterdir()) if path.is_file()},
        verified=verify,
    )


def _dump(database: Database, target: Path) -> tuple[dict[str, int], str]:
    target.touch(mode=0o600)
    with database.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        client_programs.run("pg_dump", database.url, "--format=custom", f"--snapshot={snapshot}", f"--file={target}")
        return rows.count(connection), current_revision(connection) or ""


def _verify(folder: Path, expected: dict[str, int]) -> None:
    server = EmbeddedPostgres(folder / _SCRATCH, durable=False)
    try:
        server.start()
        server.ensure_database(_SCRATCH)
        with Database(server.url(_SCRATCH)) as scratch:
            client_programs.run("pg_restore", scratch.url, *restoring(scratch.url, folder / DUMP))
            with scratch.engine.connect() as connection:
                found = rows.count(connection)
    finally:
        server.remove()
    if found != expected:
        differing = sorted(name for name in found | expected if found.get(name) != expected.get(name))
        told = ", ".join(f"{name} {expected.get(name)} -> {found.get(name)}" for name in differing[:10])
        raise PermanentError(f"the restored backup does not hold what the database had: {told}")


def restoring(url: str, dump: Path, *, replace: bool = False) -> list[str]:
    """The arguments of ``pg_restore``: all or nothing, and everything belongs to the role that restores."""
    clean = ["--clean", "--if-exists"] if replace else []
    database = make_url(url).database or ""
    return ["--no-owner", "--no-privileges", "--single-transaction", *clean, f"--dbname={database}", str(dump)]


@contextmanager
def _new_folder(root: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=root))
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _remove_unfinished(root: Path) -> None:
    for folder in root.glob(f"{_UNFINISHED}*"):
        EmbeddedPostgres(folder / _SCRATCH).remove()
        shutil.rmtree(folder, ignore_errors=True)
