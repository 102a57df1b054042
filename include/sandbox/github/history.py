"""Commits, tags, trees and files: read by git from the repositories of the git sandbox."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from include.sandbox.git_store import GIT_ENVIRONMENT, RepositoryStore
from include.sandbox.github.clock import Stamp, stamp
from include.sandbox.github.repository import Repository


@dataclass(frozen=True, slots=True)
class Signature:
    """Who and when; ``offset`` is the zone as git writes it (``+0100``)."""

    name: str
    email: str
    seconds: int
    offset: str

    @property
    def at(self) -> Stamp:
        return stamp(self.seconds)

    @property
    def iso(self) -> str:
        """With its own zone, as GraphQL's GitTimestamp has it."""
        shift = int(self.offset[1:3]) * 3600 + int(self.offset[3:5]) * 60
        local = stamp(self.seconds + (-shift if self.offset[0] == "-" else shift))
        return local.replace("Z", f"{self.offset[:3]}:{self.offset[3:]}")


@dataclass(frozen=True, slots=True)
class GitObject:
    """Any object. ``content`` is what git keeps of it without a header, or what fetches that when it is needed."""

    repository: Repository
    oid: str
    kind: str
    content: bytes | Callable[[], bytes]

    @property
    def raw(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else self.content()

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The header lines of a commit or tag, in order; continued lines (signatures) left out."""
        head = self.raw.partition(b"\n\n")[0].decode("utf-8", "replace")
        lines = (line.partition(" ") for line in head.split("\n") if not line.startswith(" "))
        return [(name, value) for name, _, value in lines]

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    def signature(self, name: str) -> Signature:
        """``author``, ``committer`` or ``tagger``."""
        who, _, rest = self.header(name).rpartition("> ")
        person, _, email = who.rpartition("<")
        moment, _, offset = rest.partition(" ")
        return Signature(person.strip(), email, int(moment or 0), offset or "+0000")

    @property
    def parents(self) -> list[str]:
        return [value for key, value in self.headers if key == "parent"]

    @property
    def message(self) -> str:
        """The message without the newline at its end."""
        return self.raw.partition(b"\n\n")[2].decode("utf-8", "replace").rstrip("\n")

    def entries(self) -> Iterator[tuple[str, str, str]]:
        """Mode, name and hash of each entry of a tree."""
        rest = self.raw
        while rest:
            head, _, rest = rest.partition(b"\0")
            mode, _, name = head.decode("utf-8", "replace").partition(" ")
            yield mode, name, rest[:20].hex()
            rest = rest[20:]


@dataclass(frozen=True, slots=True)
class GitRef:
    """A reference: its full name, what it points at, and the commit behind an annotated tag."""

    repository: Repository
    name: str
    oid: str
    kind: str
    commit: str

    @property
    def short(self) -> str:
        return self.name.split("/", 2)[2]


class Histories:
    """The git side of every repository; all answers are empty for one without a history."""

    def __init__(self, store: RepositoryStore) -> None:
        self._store = store

    def folder(self, repository: Repository) -> Path | None:
        """The bare repository, built if need be."""
        owner, _, name = repository.git.partition("/")
        return self._store.find(owner, name)

    def objects(self, repository: Repository, names: Iterable[str]) -> dict[str, GitObject]:
        """The objects of these hashes or expressions that there are, in one call of git."""
        wanted = [name for name in dict.fromkeys(names) if name and "\n" not in name]
        output = (
            self._run(repository, "cat-file", "--batch", stdin="".join(f"{n}\n" for n in wanted)) if wanted else b""
        )
        found: dict[str, GitObject] = {}
        for name in wanted:
            head, _, output = output.partition(b"\n")
            parts = head.decode("utf-8", "replace").rsplit(" ", 2)
            if len(parts) == 3 and parts[2].isdecimal():
                size = int(parts[2])
                found[name] = GitObject(repository, parts[0], parts[1], output[:size])
                output = output[size + 1 :]
        return found

    def object(self, repository: Repository, name: str) -> GitObject | None:
        return self.objects(repository, [name]).get(name)

    def refs(self, repository: Repository, prefix: str) -> list[GitRef]:
        """The references below a prefix (``refs/tags/``), by name."""
        form = "--format=%(refname)%00%(objectname)%00%(objecttype)%00%(*objectname)"
        lines = self._run(repository, "for-each-ref", form, prefix).decode("utf-8", "replace").splitlines()
        rows = (line.split("\0") for line in lines)
        return [GitRef(repository, name, oid, kind, peeled or oid) for name, oid, kind, peeled in rows]

    def log(self, repository: Repository, start: str, *options: str) -> list[str]:
        """Hashes from ``git rev-list``: newest first; empty where ``start`` is nothing."""
        return self._run(repository, "rev-list", *options, start, "--").decode().split()

    def log_of_path(self, repository: Repository, start: str, path: str, *options: str) -> list[str]:
        """Hashes of the commits that changed a path."""
        return self._run(repository, "rev-list", *options, start, "--", path).decode().split()

    def changes(self, repository: Repository, oid: str) -> list[tuple[str, str, int, int]]:
        """Status letter, path, added and deleted lines of each file against the first parent."""
        common = ("diff-tree", "-r", "--root", "-m", "--first-parent", "--no-commit-id", "--no-renames", "-z")
        states = self._run(repository, *common, "--name-status", oid).decode("utf-8", "replace").split("\0")
        letters = dict(zip(states[1::2], states[0::2], strict=False))
        counts = self._run(repository, *common, "--numstat", oid).decode("utf-8", "replace").split("\0")
        rows = (line.split("\t", 2) for line in counts if line)
        return [(letters.get(path, "M"), path, _number(added), _number(deleted)) for added, deleted, path in rows]

    def pushed_at(self, repository: Repository) -> Stamp | None:
        """The newest committer date of any branch."""
        form = "--format=%(committerdate:unix)"
        newest = self._run(repository, "for-each-ref", "--sort=-committerdate", "--count=1", form, "refs/heads/")
        return stamp(int(newest)) if newest.strip() else None

    def _run(self, repository: Repository, *arguments: str, stdin: str = "") -> bytes:
        folder = self.folder(repository)
        if folder is None:
            return b""
        command = ["git", *arguments]
        done = subprocess.run(
            command, cwd=folder, env=GIT_ENVIRONMENT, input=stdin.encode(), capture_output=True, check=False
        )
        return done.stdout if done.returncode == 0 else b""


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
