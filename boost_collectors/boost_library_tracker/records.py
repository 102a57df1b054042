"""What a release says about libraries: typed records, as they are handed from the reader to the services."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Person = tuple[str, str]
"""A name and a mail address; the address may be empty."""

_ADDRESS = re.compile(r"\A(?P<name>[^<>]*)<(?P<address>[^<>]*)>\s*\Z")
_AT = re.compile(r"\s*(?:\bat\b|-at-|\(at\)|\[at\]|@)\s*", re.IGNORECASE)
_DOT = re.compile(r"\s+dot\s+|\s*-dot-\s*|\s*\(dot\)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LibraryRecord:
    """A library as ``meta/libraries.json`` describes it. ``name`` is what its row is called, see ``metadata``."""

    name: str
    key: str = ""
    description: str = ""
    documentation: str = ""
    authors: tuple[str, ...] = ()
    maintainers: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    cpp_version: str = ""


@dataclass(frozen=True, slots=True)
class Submodule:
    """A library's repository in a release: its name and path in the superproject, its GitHub key, its commit."""

    name: str
    path: str
    repository: str
    commit: str

    @property
    def module(self) -> str:
        """The path below ``libs/``: ``numeric/conversion``."""
        return self.path.removeprefix("libs/")


@dataclass(slots=True)
class ModuleContent:
    """What a release holds of one submodule: its libraries, its headers (``include/boost/…``), and in which library
    each header belongs."""

    submodule: Submodule
    libraries: Sequence[LibraryRecord] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def person(text: str) -> Person:
    """``Ada Lovelace <ada -at- example.org>`` as a name and an address; text without an address is all name."""
    match = _ADDRESS.match(text.strip())
    if match is None:
        return text.strip(), ""
    address = _DOT.sub(".", _AT.sub("@", match["address"].strip()))
    plausible = address.count("@") == 1 and not re.search(r"\s", address) and len(address) <= 254
    return match["name"].strip(), address if plausible else ""
