"""What a backup holds, in a file that is written last: a folder without it is no backup."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from boost_collectors.core.download import file_sha256
from boost_collectors.core.errors import CommandError
from boost_collectors.core.workspace import PRIVATE, read_json, write_json

DUMP, MANIFEST = "database.dump", "manifest.json"


class Manifest(BaseModel):
    """When a backup was taken, by which version, of which revision; the rows of each table; each file's SHA-256."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    taken_at: datetime
    version: str
    revision: str
    rows: Mapping[str, int]
    files: Mapping[str, int]
    """How many files of the workspace each archive holds; empty when only the database was backed up."""
    sha256: Mapping[str, str]
    verified: bool
    """Whether the dump was restored into a scratch database and every table had its rows there."""

    def write(self, folder: Path) -> None:
        """Make the folder a backup."""
        write_json(folder / MANIFEST, self.model_dump(mode="json"), mode=PRIVATE)


def read(folder: Path) -> Manifest:
    """The manifest of a backup, whose files are as they were written.

    Raises CommandError when the folder is no backup or a file of it has changed.
    """
    try:
        manifest = Manifest.model_validate(read_json(folder / MANIFEST))
    except (OSError, ValueError, ValidationError) as error:
        raise CommandError(f"{folder} is no backup: {error}") from error
    for name, expected in manifest.sha256.items():
        path = folder / name
        if not path.is_file() or file_sha256(path) != expected:
            raise CommandError(f"{path} is not the file that was backed up: its SHA-256 differs from the manifest's")
    return manifest
