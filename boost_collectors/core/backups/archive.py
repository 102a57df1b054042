"""The workspace as one compressed file, without what can be had again."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Collection, Iterator
from pathlib import Path

from boost_collectors.core.settings import Settings
from boost_collectors.core.workspace import PRIVATE

# Fast: what the sources answered is text, of which the first level takes most.
_LEVEL = 1


def archives(settings: Settings) -> dict[str, Path]:
    """The folder that each archive holds, by the archive's name: the raw files may lie outside of the workspace."""
    root, raw = settings.workspace_dir, settings.raw_dir
    found = {"workspace.tar.gz": root}
    return found if raw.is_relative_to(root) else found | {"raw.tar.gz": raw}


def left_out(settings: Settings) -> list[Path]:
    """Folders of the workspace that are no data, or are backed up in another way."""
    ours = [settings.backup_dir, settings.embedded_postgres_dir, settings.log_dir]
    return [*ours, *(settings.workspace_dir / name for name in ("airflow", "logs", "postgres", "demo"))]


def pack(root: Path, target: Path, without: Collection[Path]) -> int:
    """Write the files below ``root`` to ``target``; returns how many. A file that vanishes meanwhile is left out.

    Left out are the folders ``without``, clones of git repositories, symbolic links, and what is no file.
    """
    files = 0
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
    with os.fdopen(descriptor, "wb") as out, tarfile.open(fileobj=out, mode="w:gz", compresslevel=_LEVEL) as archive:
        for path in _files(root, {folder.resolve() for folder in without}):
            try:
                handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
            except OSError:
                continue
            # Opened before its size is asked: our files are replaced, never written over.
            with os.fdopen(handle, "rb") as file:
                archive.addfile(archive.gettarinfo(arcname=str(path.relative_to(root)), fileobj=file), file)
                files += 1
        out.flush()
    return files


def unpack(source: Path, root: Path) -> None:
    """Put an archive's files below ``root``, over those that are there. Nothing leads out of it."""
    root.mkdir(parents=True, exist_ok=True)
    with tarfile.open(source, mode="r:gz") as archive:
        archive.extractall(root, filter="data")


def _files(root: Path, without: set[Path]) -> Iterator[Path]:
    for folder, names, files in os.walk(root):
        here = Path(folder)
        names[:] = sorted(name for name in names if not _left_out(here / name, without))
        for name in sorted(files):
            path = here / name
            if path.is_file() and not path.is_symlink():
                yield path


def _left_out(folder: Path, without: set[Path]) -> bool:
    is_clone = (folder / "HEAD").is_file() and (folder / "objects").is_dir()
    return is_clone or (folder / ".git").exists() or folder.resolve() in without
