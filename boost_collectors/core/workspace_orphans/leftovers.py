"""Temporary files by their suffix and age."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = (".tmp", ".part", ".lock", ".swp")


@dataclass(frozen=True, slots=True)
class Leftover:
    """A file that was last changed at or before the cutoff; ``shown`` is its path below the workspace."""

    path: Path
    shown: str
    cutoff: float


def find_leftovers(root: Path, cutoff: float, without: Collection[Path] = ()) -> list[Leftover]:
    """Regular files below ``root`` with one of the suffixes that changed last at or before ``cutoff`` (epoch seconds).

    Sorted by path. Git repositories and the folders ``without`` are not looked into: their locks are their own. A file
    whose age cannot be told is left out.
    """
    skipped = {folder.resolve() for folder in without}
    found = [Leftover(path, path.relative_to(root).as_posix(), cutoff) for path in _files(root, skipped)]
    return sorted((leftover for leftover in found if _is_old(leftover)), key=lambda leftover: leftover.shown)


def remove(leftover: Leftover) -> bool:
    """Delete the file, unless it is a lock that somebody holds, or was changed meanwhile; returns whether it is gone.

    Raises OSError when it cannot be deleted.
    """
    try:
        descriptor = os.open(leftover.path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        # Held until the file is gone, so that nobody gets a lock on a file that vanishes the next moment.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(descriptor).st_mtime > leftover.cutoff:
            return False
        leftover.path.unlink(missing_ok=True)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def _files(root: Path, skipped: Collection[Path]) -> Iterator[Path]:
    for folder, names, files in os.walk(root):
        here = Path(folder)
        names[:] = [name for name in names if not _is_foreign(here / name, skipped)]
        yield from (here / name for name in files if name.endswith(SUFFIXES))


def _is_foreign(folder: Path, skipped: Collection[Path]) -> bool:
    is_repository = (folder / "objects").is_dir() and (folder / "HEAD").exists()
    return is_repository or (folder / ".git").exists() or folder.resolve() in skipped


def _is_old(leftover: Leftover) -> bool:
    try:
        status = leftover.path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_mtime <= leftover.cutoff
