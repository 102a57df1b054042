"""Where saved messages lie: a JSON file, a folder of them, or a Slack export as a folder or a zip."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, TextIO

CHANNELS = "channels.json"
USERS = "users.json"


class SavedFiles:
    """The files below a folder, inside a zip, or a single one; names are relative, with slashes, sorted."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._zip = zipfile.ZipFile(path) if path.is_file() and zipfile.is_zipfile(path) else None
        self.names = sorted(self._zip.namelist() if self._zip else _below(path))
        self.root = _root(self.names)

    def close(self) -> None:
        if self._zip is not None:
            self._zip.close()

    @property
    def is_export(self) -> bool:
        """True for an export: it says which channels there are."""
        return str(self.root / CHANNELS) in self.names

    def document(self, name: str) -> Any:
        """The JSON of a file at the top of an export; an empty list when there is none."""
        whole = str(self.root / name)
        if whole not in self.names:
            return []
        with self.open(whole) as stream:
            return json.load(stream)

    def messages(self) -> Iterator[tuple[str, str]]:
        """Each file of messages by name, with the channel's folder: empty outside of an export."""
        for name in self.names:
            path = PurePosixPath(name)
            if not name.endswith(".json"):
                continue
            if self.is_export:
                if len(path.relative_to(self.root).parts) == 2:
                    yield name, path.parent.name
            elif len(path.parts) == 1:
                yield name, ""

    @contextmanager
    def open(self, name: str) -> Iterator[TextIO]:
        """One file as text. Raises OSError."""
        if self._zip is not None:
            with closing(io.TextIOWrapper(self._zip.open(name), encoding="utf-8")) as stream:
                yield stream
        else:
            with (self._path / name if self._path.is_dir() else self._path).open(encoding="utf-8") as stream:
                yield stream


def _below(path: Path) -> list[str]:
    if path.is_file():
        return [path.name if path.suffix == ".json" else f"{path.name}.json"]
    return [
        file.relative_to(path).as_posix()
        for pattern in ("*.json", "*/*.json")
        for file in path.glob(pattern)
        if file.is_file()
    ]


def _root(names: list[str]) -> PurePosixPath:
    """Zips of exports sometimes hold one folder that holds the export."""
    found = [PurePosixPath(name).parent for name in names if PurePosixPath(name).name == CHANNELS]
    return min(found, key=lambda folder: len(folder.parts), default=PurePosixPath())
