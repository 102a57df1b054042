"""Files that cannot be taken: moved out of the way of the next run, for people to look at."""

from __future__ import annotations

import shutil
from pathlib import Path

from boost_collectors.core.context import RunContext

FOLDER = "_quarantine"


def quarantine(context: RunContext, path: Path, reason: str) -> Path:
    """Move a file of the workspace to the same place below ``<workspace>/_quarantine``, with a warning in the log.

    Returns where it is now. Raises ValueError for a file outside of the workspace.
    """
    root = context.workspace.root
    target = move_beside(path, root / FOLDER / path.relative_to(root))
    context.log.warning("%s moved to %s: %s", path, target, reason)
    return target


def move_beside(path: Path, target: Path) -> Path:
    """Move a file, and give it a number where there is one of that name already. Returns where it is now."""
    target.parent.mkdir(parents=True, exist_ok=True)
    place, number = target, 1
    while place.exists():
        place, number = target.with_name(f"{target.stem}.{number}{target.suffix}"), number + 1
    shutil.move(path, place)
    return place
