"""Where settings come from: the ``.env`` file below the process's environment."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

logger = logging.getLogger(__name__)

PROCESS = "environment"
"""The source of what was not read from a file."""

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)", re.DOTALL)
_REFERENCE = re.compile(r"\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})")
_FOREIGN = ("AIRFLOW", "_AIRFLOW", "COMPOSE_", "POSTGRES_", "PYTHON")
_FAMILIES = (
    "BOOST_", "CELERY_", "CHANNEL_", "CLANG_", "DISCORD_", "GITHUB_", "HEALTH_", "HTTP_TIMEOUT", "LOG_", "PINECONE_",
    "REDDIT_", "SLACK_", "WG21_", "WORKSPACE_", "YOUTUBE_",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A variable's text and where it stands, for messages."""

    text: str
    source: str


def read_env_file(path: Path) -> dict[str, Entry]:
    """The variables of a ``.env`` file; none when there is no such file.

    One ``KEY=VALUE`` a line, with an optional ``export``; quotes around a value are dropped, a line starting with
    ``#`` is a comment and a later ``#`` is text. A line that is none of this is warned about and ignored.
    """
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return {}
    except OSError as error:
        logger.warning("%s cannot be read: %s", path, error.strerror)
        return {}
    entries: dict[str, Entry] = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            logger.warning("%s line %d is not KEY=VALUE and was ignored", path, number)
            continue
        entries[match[1]] = Entry(_unquoted(match[2]), f"{path} line {number}")
    return entries


def layered(environ: Mapping[str, str], env_file: Path | None) -> dict[str, Entry]:
    """All variables; the process's environment wins over the file, even where it is blank."""
    below = {} if env_file is None else read_env_file(env_file)
    return below | {name: Entry(text, PROCESS) for name, text in environ.items()}


def resolved(entry: Entry, entries: Mapping[str, Entry]) -> Entry:
    """Follow a value that is ``$NAME`` or ``${NAME}`` to the variable it names; blank when that one is not set."""
    seen = set()
    while match := _REFERENCE.fullmatch(entry.text.strip()):
        name = match[1] or match[2]
        if name in seen or name not in entries:
            return Entry("", entry.source)
        seen.add(name)
        entry = entries[name]
    return entry


def warn_about_unknown(names: Collection[str], known: Collection[str], prefixes: Collection[str], path: Path) -> None:
    """Warn about names in the file that look like ours but are not, with the nearest known name."""
    for name in names:
        if name in known or name.startswith(_FOREIGN) or name.startswith(tuple(prefixes)):
            continue
        near = get_close_matches(name, known, n=1, cutoff=0.8)
        if near:
            logger.warning("%s: %s is not a setting; did you mean %s?", path, name, near[0])
        elif name.startswith(_FAMILIES):
            logger.warning("%s: %s is not a setting and has no effect", path, name)


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) >= 2 and value[0] == value[-1] == "'":
        return value[1:-1]
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value
