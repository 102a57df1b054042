"""The folder of the pages: only what changed is written, and what is no page any more goes away."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from boost_collectors.core.workspace import write_atomic

FOLDERS = ("assets", "data", "libraries")
"""The folders whose files are all ours."""

PAGES = "*.html"


class Site:
    """A run over the pages of a folder: ``put`` each file, then ``finish``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written = self.unchanged = self.removed = 0
        self._put: set[Path] = set()

    def put(self, name: str, content: str | bytes) -> None:
        """Bring a file up to date; one that holds this content already is not touched."""
        path = self.folder / name
        data = content.encode("utf-8") if isinstance(content, str) else content
        self._put.add(path)
        if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
            self.unchanged += 1
            return
        write_atomic(path, data, durable=False)
        self.written += 1

    def finish(self) -> None:
        """Remove what an earlier run put and this one did not."""
        for path in list(files(self.folder)):
            if path not in self._put:
                path.unlink()
                self.removed += 1
        for name in FOLDERS:
            folders = [path for path in (self.folder / name).rglob("*") if path.is_dir()]
            for folder in sorted(folders, key=lambda path: len(path.parts), reverse=True):
                if not any(folder.iterdir()):
                    folder.rmdir()


def files(folder: Path) -> Iterator[Path]:
    """The pages of a folder, with what belongs to them."""
    yield from sorted(path for path in folder.glob(PAGES) if path.is_file())
    for name in FOLDERS:
        yield from sorted(path for path in (folder / name).rglob("*") if path.is_file())


def digest(paths: Iterable[Path], folder: Path) -> str:
    """A hash of the names and contents of files."""
    total = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        total.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return total.hexdigest()
