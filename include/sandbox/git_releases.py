"""Boost releases made to measure: a superproject with a tag a release, and the libraries' repositories that it names.

    Sandbox(releases=BoostReleases(generated_releases(releases=76, libraries=40)))

A library's repository has one commit for every content it had, and the superproject one commit a release, with
``.gitmodules`` and a gitlink a library. Hashes are computed here as git computes them, because a gitlink needs the hash
of a commit in another repository.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

OWNER, SUPERPROJECT = "boostorg", "boost"
START, STEP = 1_400_000_000, 120 * 86_400

Files = Mapping[str, bytes]

_WHO = "Release Manager <release@example.org>"
_LINK, _FILE, _FOLDER = "160000", "100644", "40000"


@dataclass(frozen=True)
class PublishedRelease:
    """A tag, when it was made (seconds since 1970), and the files of each module, by its path below ``libs/``.

    ``gitmodules`` is made from the modules unless given.
    """

    tag: str
    at: int
    modules: Mapping[str, Files]
    gitmodules: bytes | None = None


class BoostReleases:
    """Serves the repositories of these releases; see :class:`include.sandbox.shelf.Generated`."""

    def __init__(self, releases: Sequence[PublishedRelease]) -> None:
        self._releases = releases

    @cached_property
    def identity(self) -> str:
        """Differs when the releases do."""
        digest = hashlib.sha256(b"releases")
        for release in self._releases:
            commits = [self._commits[module, release.tag] for module in release.modules]
            digest.update(repr((release.tag, release.at, release.gitmodules, *release.modules, *commits)).encode())
        return digest.hexdigest()

    def history(self, owner: str, name: str) -> Iterator[bytes] | None:
        """What ``git fast-import`` reads, or None for a repository that is none of these."""
        if owner != OWNER:
            return None
        if name == SUPERPROJECT:
            return self._superproject()
        modules = {repository_name(module): module for release in self._releases for module in release.modules}
        return self._library(modules[name]) if name in modules else None

    def commit(self, module: str, tag: str) -> str:
        """The commit of a module in a release. Raises KeyError."""
        return self._commits[module, tag]

    @cached_property
    def _commits(self) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        tips: dict[str, tuple[Files, str]] = {}
        for release in self._releases:
            for module, files in release.modules.items():
                before, parent = tips.get(module, ({}, ""))
                if files != before:
                    tips[module] = files, _commit_hash(_tree_hash(files), parent, release.at)
                found[module, release.tag] = tips[module][1]
        return found

    def _library(self, module: str) -> Iterator[bytes]:
        before: Files = {}
        for release in self._releases:
            files = release.modules.get(module)
            if files is not None and files != before:
                yield from _commit(release.at, first=not before)
                yield from (_write(path, content) for path, content in files.items())
                before = files

    def _superproject(self) -> Iterator[bytes]:
        for position, release in enumerate(self._releases):
            yield from _commit(release.at, first=not position)
            text = release.gitmodules if release.gitmodules is not None else gitmodules(release.modules)
            yield _write(".gitmodules", text)
            for module in release.modules:
                yield f"M {_LINK} {self._commits[module, release.tag]} libs/{module}\n".encode()
            yield f"reset refs/tags/{release.tag}\nfrom refs/heads/develop\n\n".encode()


def repository_name(module: str) -> str:
    """``numeric/conversion`` is kept in boostorg/numeric_conversion."""
    return module.replace("/", "_")


def gitmodules(modules: Mapping[str, Files]) -> bytes:
    """``.gitmodules`` with a section for each module."""
    sections = (
        f'[submodule "{repository_name(module)}"]\n\tpath = libs/{module}\n\turl = ../{repository_name(module)}.git\n'
        for module in modules
    )
    return "".join(sections).encode()


def generated_releases(releases: int, libraries: int, first_minor: int = 57) -> list[PublishedRelease]:
    """Releases of made-up libraries: each depends on the one before it, and a third of them changes each time."""
    return [
        PublishedRelease(
            f"boost-1.{first_minor + number}.0",
            START + number * STEP,
            {f"lib{index:03d}": _generated_files(index, number) for index in range(libraries)},
        )
        for number in range(releases)
    ]


def _generated_files(index: int, release: int) -> Files:
    name, state = f"lib{index:03d}", (release + index) // 3
    metadata = {"key": name, "name": name.title(), "authors": [f"Author {index % 7}"], "category": ["Generated"]}
    needs = f"#include <boost/lib{index - 1:03d}.hpp>\n" if index else ""
    return {
        "meta/libraries.json": json.dumps(metadata).encode(),
        f"include/boost/{name}.hpp": f"{needs}// state {state}\n".encode(),
        f"include/boost/{name}/detail.hpp": b"#define DETAIL 1\n",
        f"doc/{name}.md": f"# State {state}\n".encode(),
    }


def _commit(at: int, *, first: bool) -> Iterator[bytes]:
    if first:
        yield b"reset refs/heads/develop\n"
    message = _message(at)
    yield f"commit refs/heads/develop\ncommitter {_WHO} {at} +0000\ndata {len(message)}\n{message}".encode()
    yield b"deleteall\n"


def _write(path: str, content: bytes) -> bytes:
    return b"M %b inline %b\ndata %d\n%b\n" % (_FILE.encode(), path.encode(), len(content), content)


def _message(at: int) -> str:
    return f"Release of {at}\n"


def _commit_hash(tree: str, parent: str, at: int) -> str:
    parents = f"parent {parent}\n" if parent else ""
    who = f"{_WHO} {at} +0000"
    return _hash("commit", f"tree {tree}\n{parents}author {who}\ncommitter {who}\n\n{_message(at)}".encode())


def _tree_hash(files: Files) -> str:
    entries: dict[str, tuple[str, str]] = {}
    folders: dict[str, dict[str, bytes]] = {}
    for path, content in files.items():
        name, slash, rest = path.partition("/")
        if slash:
            folders.setdefault(name, {})[rest] = content
        else:
            entries[name] = _FILE, _hash("blob", content)
    entries |= {name: (_FOLDER, _tree_hash(inner)) for name, inner in folders.items()}
    # Git sorts a folder as if its name ended in a slash.
    ordered = sorted(entries.items(), key=lambda item: item[0].encode() + (b"/" if item[1][0] == _FOLDER else b""))
    return _hash("tree", b"".join(f"{mode} {name}".encode() + b"\0" + bytes.fromhex(h) for name, (mode, h) in ordered))


def _hash(kind: str, content: bytes) -> str:
    return hashlib.sha1(f"{kind} {len(content)}".encode() + b"\0" + content, usedforsecurity=False).hexdigest()
