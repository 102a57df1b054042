"""Writing many files as one step: all of them or none, whatever happens in between.

What stood there before is kept in a journal until everything is written. An error undoes what was done; after a kill
the next call does.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

JOURNAL = ".startcollector.json"


@contextmanager
def all_or_nothing(root: Path, files: Mapping[str, str], also: Sequence[str] = ()) -> Iterator[None]:
    """Write the files, then run the block; an exception puts everything back, the files ``also`` names included."""
    before = {path: _content(root / path) for path in (*files, *also)}
    folders = sorted({str(parent.relative_to(root)) for path in files for parent in _missing_parents(root / path)})
    _replace(root / JOURNAL, json.dumps({"before": before, "folders": folders}))
    try:
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            _replace(root / path, text)
        yield
    except BaseException:
        undo(root)
        raise
    (root / JOURNAL).unlink()


def undo(root: Path) -> bool:
    """Put back what an interrupted call has changed; True if there was anything."""
    try:
        journal = json.loads((root / JOURNAL).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    for path, text in journal["before"].items():
        if text is None:
            (root / path).unlink(missing_ok=True)
        elif _content(root / path) != text:
            _replace(root / path, text)
    for folder in sorted(journal["folders"], reverse=True):
        with suppress(OSError):
            (root / folder).rmdir()
    (root / JOURNAL).unlink()
    return True


def _missing_parents(path: Path) -> list[Path]:
    return [parent for parent in path.parents if not parent.exists()]


def _content(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def _replace(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.new")
    try:
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            fresh.chmod(path.stat().st_mode)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
