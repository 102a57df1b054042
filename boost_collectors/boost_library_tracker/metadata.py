"""What ``.gitmodules`` and ``meta/libraries.json`` say, as records. No database, no network."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from boost_collectors.boost_library_tracker.records import LibraryRecord

LIBRARIES_FOLDER = "libs/"
NAME_CHARACTERS = 255
CPP_VERSION_CHARACTERS = 64

_SECTION = re.compile(r'\[submodule\s+"(?P<name>.*)"\]')
_ENTRY = re.compile(r"(?P<key>path|url)\s*=\s*(?P<value>.*\S)")

logger = logging.getLogger(__name__)


class SubmoduleEntry(NamedTuple):
    """A section of ``.gitmodules``; ``path`` and ``url`` are empty where it does not say."""

    name: str
    path: str
    url: str


def parse_gitmodules(text: str) -> list[SubmoduleEntry]:
    """The submodules of a ``.gitmodules`` file, in its order."""
    found: list[SubmoduleEntry] = []
    for line in (line.strip() for line in text.splitlines()):
        section, entry = _SECTION.fullmatch(line), _ENTRY.fullmatch(line)
        if section is not None:
            found.append(SubmoduleEntry(section["name"], "", ""))
        elif entry is not None and found:
            found[-1] = found[-1]._replace(**{entry["key"]: entry["value"]})
    return found


def library_submodules(text: str) -> list[SubmoduleEntry]:
    """The submodules that hold libraries: those below ``libs/``."""
    return [entry for entry in parse_gitmodules(text) if entry.path.startswith(LIBRARIES_FOLDER)]


def parse_libraries(content: bytes, submodule: str) -> list[LibraryRecord]:
    """The libraries of a ``libraries.json``: a list of objects, or one object.

    A library is called by its key where that is the submodule's name, else by its name. What is not UTF-8, not JSON or
    neither list nor object holds none, with a warning; entries without a name are left out.
    """
    try:
        root = json.loads(content.decode("utf-8"))
    except ValueError as error:
        logger.warning("The metadata of %s cannot be read: %s", submodule, error)
        return []
    entries = root if isinstance(root, list) else [root]
    found = (_record(entry, submodule) for entry in entries if isinstance(entry, dict))
    return [record for record in found if record is not None]


def library_names(content: bytes, submodule: str) -> list[str]:
    """What the libraries of a ``libraries.json`` are called, see ``parse_libraries``."""
    return [record.name for record in parse_libraries(content, submodule)]


def main_library(libraries: Sequence[LibraryRecord], module: str, submodule: str) -> str:
    """What the library is called that stands for a whole repository; empty if it has none.

    The one whose key is the path below ``libs/``, else the one that is named as the submodule, else the first.
    """
    by_key = (record.name for record in libraries if record.key == module)
    by_name = (record.name for record in libraries if record.name == submodule)
    first = (record.name for record in libraries)
    return next((name for names in (by_key, by_name, first) for name in names), "")


def library_of_header(path: str, libraries: Sequence[LibraryRecord], main: str) -> str:
    """What the library is called that a header (``boost/…``) of the repository belongs to.

    The one whose key names the header or the longest of its folders, else the main one.
    """
    keys = {record.key: record.name for record in libraries if record.key}
    stem = path.removeprefix("boost/").removesuffix(PurePosixPath(path).suffix)
    while stem:
        if stem in keys:
            return keys[stem]
        stem = stem.rpartition("/")[0]
    return main


def _record(entry: dict[str, Any], submodule: str) -> LibraryRecord | None:
    key = _text(entry.get("key"))
    name = key if key and key == submodule else _text(entry.get("name"))
    if not key or not name or max(len(key), len(name)) > NAME_CHARACTERS:
        logger.warning("An entry of the metadata of %s has no usable key and name: %.200s", submodule, entry)
        return None
    return LibraryRecord(
        name,
        key,
        _text(entry.get("description")),
        _text(entry.get("documentation"))[:NAME_CHARACTERS],
        tuple(_texts(entry.get("authors"))),
        tuple(_texts(entry.get("maintainers"))),
        tuple(text[:NAME_CHARACTERS] for text in _texts(entry.get("category"))),
        _text(entry.get("cxxstd"))[:CPP_VERSION_CHARACTERS],
    )


def _texts(value: Any) -> Iterator[str]:
    """The texts of a list, each once; a bare text is a list of one. Null and blank ones are dropped."""
    values = value if isinstance(value, list) else [value]
    yield from filter(None, dict.fromkeys(map(_text, values)))


def _text(value: Any) -> str:
    """Text without NUL and without blanks around it; a number as text; null and all else empty."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).replace("\0", "").strip()
