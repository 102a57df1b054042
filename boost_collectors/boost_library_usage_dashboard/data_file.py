"""``dashboard_data.json``: written and read library by library, so that memory does not grow with it.

The first line holds the stamp alone: a run that finds the same data keeps the file, and with it the stamp.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from boost_collectors.core.errors import CommandError

NAME = "dashboard_data.json"
LIBRARIES = "libraries_page_data"
STAMP = "generated_at"
LISTS = ("repos_by_version", "repos_by_year_boost_rate", "metrics_by_library", "all_versions_for_chart")

_CHUNK = 1 << 20
_BLANK = " \t\r\n"


def write(
    path: Path, stamp: str, libraries: Iterable[tuple[str, Any]], members: Callable[[], Mapping[str, Any]]
) -> bool:
    """Write the file whole or not at all; False, and nothing written, if all but the stamp is as it was.

    ``members`` is called when all libraries have been written, as some members tell what was seen in them.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            for part in _parts(stamp, libraries, members):
                file.write(part)
        if _same_but_first_line(path, temporary):
            return False
        temporary.replace(path)
        return True
    finally:
        temporary.unlink(missing_ok=True)


def stamp_of(path: Path) -> str:
    """The stamp of a file that ``write`` wrote."""
    with path.open(encoding="utf-8") as file:
        return str(json.loads(file.readline().rstrip().rstrip(",") + "}")[STAMP])


def _parts(stamp: str, libraries: Iterable[tuple[str, Any]], members: Callable[[], Mapping[str, Any]]) -> Iterator[str]:
    yield f"{{{_json(STAMP)}: {_json(stamp)},\n{_json(LIBRARIES)}: {{"
    before = "\n"
    for name, value in libraries:
        yield f"{before}{_json(name)}: {_json(value)}"
        before = ",\n"
    yield "\n}"
    for name, value in members().items():
        yield f",\n{_json(name)}: {_json(value)}"
    yield "\n}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _same_but_first_line(old: Path, new: Path) -> bool:
    if not old.is_file():
        return False
    with old.open("rb") as one, new.open("rb") as other:
        one.readline()
        other.readline()
        while chunk := one.read(_CHUNK):
            if chunk != other.read(_CHUNK):
                return False
        return not other.read(1)


class DataFile:
    """A data file that is read. Every error names the file.

    Raises FileNotFoundError when there is none, CommandError when it is no JSON object or a list in it is null.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise FileNotFoundError(f"{path} not found: run without --skip-collect first")
        self._path = path
        self.members: dict[str, Any] = {}
        self.names: list[str] = []
        """The libraries that have data, in the file's order."""
        for is_library, name, value in self._read():
            if not is_library:
                self.members[name] = value
            elif value:
                self.names.append(name)
        self._check()

    @property
    def stamp(self) -> str:
        """When the data was collected; empty when the file does not say."""
        return str(self.members.get(STAMP) or "")

    def get(self, name: str, kind: type) -> Any:
        """A member; an empty value of the kind when it is not there or of another kind."""
        value = self.members.get(name)
        return value if isinstance(value, kind) else kind()

    def libraries(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every library that has data, with it."""
        for is_library, name, value in self._read():
            if is_library and isinstance(value, dict) and value:
                yield name, value

    def _check(self) -> None:
        null = [name for name in LISTS if name in self.members and self.members[name] is None]
        tops = self.members.get("top_repositories")
        if isinstance(tops, dict):
            null += [f"top_repositories.{name}" for name, value in tops.items() if value is None]
        if null:
            raise CommandError(f"{self._path}: {', '.join(null)} must be a list, not null")

    def _read(self) -> Iterator[tuple[bool, str, Any]]:
        with self._failing(), self._path.open(encoding="utf-8-sig") as file:
            yield from _Members(file).all()

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except (ValueError, RecursionError, OSError) as error:
            raise CommandError(f"{self._path} cannot be used: {error}") from error


class _Members:
    """The members of the object that a stream holds; those of its libraries one by one."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._decoder = json.JSONDecoder()
        self._text = ""
        self._position = 0

    def all(self) -> Iterator[tuple[bool, str, Any]]:
        """Whether it is a library, its name, its value."""
        if self._peek() != "{":
            raise ValueError("it holds no JSON object")
        for name in self._names():
            if name == LIBRARIES and self._peek() == "{":
                for library in self._names():
                    yield True, library, self._value()
            else:
                yield False, name, self._value()
        if self._peek():
            raise ValueError("it goes on behind its JSON object")

    def _names(self) -> Iterator[str]:
        """The names of an object whose value the caller takes each time."""
        self._take("{")
        if self._peek() == "}":
            self._position += 1
            return
        while True:
            name = self._value()
            if not isinstance(name, str):
                raise ValueError("a name in it is no text")
            self._take(":")
            yield name
            if self._peek() == "}":
                self._position += 1
                return
            self._take(",")

    def _take(self, character: str) -> None:
        if self._peek() != character:
            raise ValueError(f"{character!r} is missing at {self._text[self._position : self._position + 20]!r}")
        self._position += 1

    def _peek(self) -> str:
        while True:
            while self._position < len(self._text) and self._text[self._position] in _BLANK:
                self._position += 1
            if self._position < len(self._text):
                return self._text[self._position]
            if not self._more(_CHUNK):
                return ""

    def _value(self) -> Any:
        self._peek()
        wanted = _CHUNK
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._position)
            except ValueError:
                if not self._more(wanted):
                    raise
            else:
                if end < len(self._text) or not self._more(wanted):  # a number may go on
                    self._position = end
                    return value
            wanted *= 2

    def _more(self, size: int) -> bool:
        more = self._stream.read(size)
        self._text, self._position = self._text[self._position :] + more, 0
        return bool(more)
