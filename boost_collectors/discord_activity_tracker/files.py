"""The folders that export files are taken from, and where those go that cannot be taken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from boost_collectors.core.context import RunContext

SLUG = "discord_activity_tracker"
STAGING = "_exporter_staging"
DROP_FOLDER = "Discussion - c-cpp-discussion"


def export_files(folder: Path) -> Iterator[Path]:
    """The JSON files below a folder, at any depth, in the order of their names; those of other systems' making not."""
    if folder.is_dir():
        yield from (
            path for path in sorted(folder.rglob("*.json")) if path.is_file() and not path.name.startswith("._")
        )


def staging_folder(context: RunContext) -> Path:
    """Where an exporter leaves its files for the next run."""
    return context.workspace.root / SLUG / STAGING


def drop_folder(context: RunContext) -> Path:
    """Where people put export files for the backfill."""
    return context.workspace.root / SLUG / DROP_FOLDER


def shown(path: Path, folder: Path) -> str:
    """The path as it is told to people: relative to the folder, or its bare name when it is not in there."""
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
