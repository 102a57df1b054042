"""Clones that a run made only for itself: registered when made, removed when the run ends, whichever way that comes."""

from __future__ import annotations

import logging
import os
import shutil
import stat
from pathlib import Path
from threading import Lock

logger = logging.getLogger(__name__)

_registered: dict[Path, None] = {}
_lock = Lock()


def register_clone_path(path: Path) -> None:
    """Note a clone that must be removed at the end of the run."""
    with _lock:
        _registered[path] = None


def registered_clone_paths() -> list[Path]:
    """The clones noted since the registry was last cleared, in the order they were noted."""
    with _lock:
        return list(_registered)


def clear_clone_registry() -> None:
    """Forget all noted clones; their folders stay."""
    with _lock:
        _registered.clear()


def remove_clone_dir(path: Path) -> bool:
    """Remove a clone, write-protected files included. True if it is gone, also when it never was there."""
    try:
        _make_writable(path)
        shutil.rmtree(path)
    except FileNotFoundError:
        return not path.exists()
    except OSError as error:
        logger.warning("The clone %s could not be removed: %s", path, error)
        return False
    return True


def _make_writable(path: Path) -> None:
    """Git write-protects objects, and some systems remove no protected file and nothing from a protected folder."""
    for folder, _, files in os.walk(path):
        place = Path(folder)
        place.chmod(place.stat().st_mode | stat.S_IRWXU)
        for name in files:
            file = place / name
            if not file.is_symlink():
                file.chmod(file.stat().st_mode | stat.S_IWUSR)


def remove_registered_clones() -> list[Path]:
    """Remove all noted clones. Returns those that are still there; they stay noted."""
    left = [path for path in registered_clone_paths() if not remove_clone_dir(path)]
    with _lock:
        _registered.clear()
        _registered.update(dict.fromkeys(left))
    return left
