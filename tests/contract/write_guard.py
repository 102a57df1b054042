"""A runtime guard: a statement that writes a table must come from the services of the table's owner."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

_WRITE = re.compile(r'\b(?:INSERT INTO|UPDATE|DELETE FROM|TRUNCATE(?: TABLE)?|COPY)\s+"?([a-z]\w+)', re.IGNORECASE)
_PACKAGE = "/boost_collectors/"
# Table prefixes that are not the name of their folder.
FOLDERS = {"boost_collector_runner": "runner"}


class ForeignWriteError(AssertionError):
    """A table was written by somebody else than its owner."""


def owner_of(table: str, folders: list[str]) -> str | None:
    """The folder that owns a table, by the longest prefix; None for temporary tables."""
    prefixes = {f"{folder}_": folder for folder in folders} | {f"{name}_": folder for name, folder in FOLDERS.items()}
    matching = [prefix for prefix in prefixes if table.startswith(prefix)]
    return prefixes[max(matching, key=len)] if matching else None


@contextmanager
def guarded(folders: list[str]) -> Iterator[None]:
    """Raise ForeignWriteError inside the block for any write that does not come from where it may."""

    def check(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        for table in _WRITE.findall(statement):
            owner = owner_of(table.lower(), folders)
            if owner is not None and not _called_by(owner):
                raise ForeignWriteError(f"{table} is written outside {owner}'s services: {statement[:200]}")

    event.listen(Engine, "before_cursor_execute", check)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", check)


def _called_by(owner: str) -> bool:
    places = (f"{_PACKAGE}core/",) if owner == "core" else (f"{_PACKAGE}{owner}/services",)
    frame = sys._getframe()
    while frame is not None:
        if (
            any(place in frame.f_code.co_filename for place in places)
            and "/core/execution" not in frame.f_code.co_filename
        ):
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False
