"""Where the file of an issue or a pull request stands in the export tree."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from boost_collectors.core.operations.file_ops import MAX_NAME_BYTES
from boost_collectors.core.utils.datetime_parsing import ensure_aware_utc
from boost_collectors.github_activity_tracker.models import ExportKind

TITLE_CHARACTERS = 100
EXTENSION = ".md"
FOLDERS = {ExportKind.ISSUE: "issues", ExportKind.PULL_REQUEST: "pull_requests"}

_BLANK_TITLES = {ExportKind.ISSUE: "issue", ExportKind.PULL_REQUEST: "pr"}
_FORBIDDEN = re.compile(r'[\\/:*?"<>|]')
# Control characters, line and paragraph separators, and halves of characters, which UTF-8 cannot hold.
_DROPPED = ("Cc", "Zl", "Zp", "Cs")
_NUMBERED = re.compile(r"#(\d+) - ")


def item_path(kind: ExportKind, number: int, title: str, created_at: datetime, prefix: str = "") -> str:
    """``[<prefix>/]issues|pull_requests/YYYY/YYYY-MM/#<number> - <title>.md``, by the month of creation in UTC."""
    created = ensure_aware_utc(created_at)
    month = f"{created:%Y}/{created:%Y-%m}"
    parts = [prefix, FOLDERS[kind], month, file_name(kind, number, title)]
    return "/".join(part for part in parts if part)


def file_name(kind: ExportKind, number: int, title: str) -> str:
    """``#<number> - <title>.md``: at most 255 bytes, of characters that every file system takes."""
    start = f"#{number} - "
    room = MAX_NAME_BYTES - len(start.encode()) - len(EXTENSION)
    cleaned = _cut(_cleaned(title)[:TITLE_CHARACTERS], room)
    return f"{start}{cleaned or f'{_BLANK_TITLES[kind]}-{number}'}{EXTENSION}"


def number_prefix(name: str) -> str | None:
    """``#<number> - `` of a file name; None for a name without it."""
    found = _NUMBERED.match(name)
    return found[0] if found else None


def _cleaned(title: str) -> str:
    plain = _FORBIDDEN.sub("", title)
    return "".join(character for character in plain if unicodedata.category(character) not in _DROPPED).strip()


def _cut(title: str, room: int) -> str:
    short = title.encode()[:room].decode("utf-8", "ignore")
    return short.rstrip(". ").strip()
