"""Chosen commits of a repository, without their history, and of their files only those that are asked for.

    clone = PartialClone(folder, url, credentials, stop)
    clone.fetch_commits(commits)                        # trees come along, contents do not
    files = clone.files(commit)
    clone.fetch_blobs(entry.hash for entry in files if wanted(entry))
    for hash, content in clone.contents(hashes): ...

No branch is followed and no file is checked out. What is here already is never fetched again, so that a clone grows by
what a commit adds. Git would fetch a missing content silently, one request each, without our token: it is never asked
for one.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import NamedTuple

from boost_collectors.core.errors import SourceError
from boost_collectors.core.git import NETWORK_TIMEOUT, Git, GitCredentials, GitError, GitOutput
from boost_collectors.core.git_hosting import CLONE_TIMEOUT, STALL, alone

_FETCH = ("--quiet", "--filter=blob:none", "--no-tags", "--no-write-fetch-head", "--no-auto-gc")
_NOT_THERE = "not our ref"


class TreeEntry(NamedTuple):
    """A path of a commit: ``kind`` is blob, or commit for a submodule; symbolic links are left out."""

    kind: str
    hash: str
    path: str


class PartialClone:
    """A bare repository that is made when first used. Its methods raise what ``core.git.Git`` raises."""

    def __init__(self, folder: Path, url: str, credentials: GitCredentials | None, stop: Event) -> None:
        self.folder = folder
        self._url, self._stop = url, stop
        self._network = Git(folder, credentials=credentials, stop=stop, machine_config=True)
        self._git = Git(folder, stop=stop)

    def fetch_commits(self, hashes: Iterable[str]) -> int:
        """Make commits (or annotated tags) present, with their trees. Returns how many fetches that took.

        Those that the remote does not have stay missing, which ``kinds`` tells; they keep no other from coming.
        """
        wanted = list(dict.fromkeys(hashes))
        with alone(self.folder, self._stop):
            self._ensure()
            absent = self._absent(wanted)
            if not absent:
                return 0
            try:
                self._fetch(absent, "--depth=1")
                return 1
            except GitError as error:
                if _NOT_THERE not in str(error):
                    raise
            return 1 + self._fetch_each(absent)

    def fetch_blobs(self, hashes: Iterable[str]) -> int:
        """Make contents present, all that are missing in one fetch. Returns how many fetches that took: 0 or 1."""
        wanted = list(dict.fromkeys(hashes))
        with alone(self.folder, self._stop):
            absent = self._absent(wanted)
            if absent:
                self._fetch(absent)
            return int(bool(absent))

    def kinds(self, hashes: Iterable[str]) -> dict[str, str]:
        """What each object is (commit, tag, tree, blob); those that are not here are left out."""
        asked = "".join(f"{hash}\n" for hash in hashes).encode()
        output = self._git.run("cat-file", "--batch-check=%(objectname) %(objecttype)", input=asked)
        answers = (line.split(" ") for line in output.decode("ascii").splitlines())
        return {hash: kind for hash, kind in answers if kind != "missing"}

    def files(self, commit: str, *folders: str) -> list[TreeEntry]:
        """What a commit holds (in these folders and files), in git's order.

        Paths that are not UTF-8 stay told apart (``\\xe9``).
        """
        listing = self._git.run("ls-tree", "-r", "-z", "--full-tree", commit, *folders)
        return [entry for record in listing.split(b"\0") if record and (entry := _entry(record))]

    def contents(self, hashes: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The contents of objects that are here, in the order asked for, one of them in memory at a time."""
        asked = "".join(f"{hash}\n" for hash in hashes).encode()
        if asked:
            with self._git.stream("cat-file", "--batch", input=asked) as output:
                yield from _objects(_Reader(output))

    def remove(self) -> None:
        """Throw the clone away."""
        with alone(self.folder, self._stop), suppress(FileNotFoundError):
            shutil.rmtree(self.folder)

    def _ensure(self) -> None:
        if not (self.folder / "HEAD").is_file():
            self.folder.mkdir(exist_ok=True)
            self._git.run("init", "--quiet", "--bare")
        self._forget_remote()  # a fetch that was killed could not

    def _absent(self, hashes: Collection[str]) -> list[str]:
        present = self.kinds(hashes)
        return [hash for hash in hashes if hash not in present]

    def _fetch_each(self, hashes: Iterable[str]) -> int:
        tries = 0
        for hash in hashes:
            tries += 1
            try:
                self._fetch([hash], "--depth=1")
            except GitError as error:
                if _NOT_THERE not in str(error):
                    raise
        return tries

    def _fetch(self, hashes: Iterable[str], *options: str) -> None:
        wanted = "".join(f"{hash}\n" for hash in hashes).encode()
        try:
            self._network.run(
                *STALL, "fetch", *_FETCH, *options, "--stdin", self._url, input=wanted, timeout=CLONE_TIMEOUT
            )
        finally:
            self._forget_remote()

    def _forget_remote(self) -> None:
        """A fetch with a filter notes the remote as the place to get missing objects from."""
        self._git.run("config", "--remove-section", f"remote.{self._url}", accept=(0, 128), timeout=NETWORK_TIMEOUT)


def _entry(record: bytes) -> TreeEntry | None:
    head, _, path = record.partition(b"\t")
    mode, kind, hash = head.decode("ascii").split(" ")
    return None if mode == "120000" else TreeEntry(kind, hash, path.decode("utf-8", "backslashreplace"))


class _Reader:
    """What git writes, by lines and by numbers of bytes."""

    def __init__(self, output: GitOutput) -> None:
        self._output = output
        self._chunk, self._position = b"", 0

    def line(self) -> bytes:
        """The next line without its end; what is left, if there is no other; nothing at the end."""
        parts = []
        while (end := self._chunk.find(b"\n", self._position)) < 0:
            parts.append(self._chunk[self._position :])
            if not self._next_chunk():
                return b"".join(parts)
        parts.append(self._chunk[self._position : end])
        self._position = end + 1
        return b"".join(parts)

    def take(self, size: int) -> bytes:
        """So many bytes, or all that are left."""
        parts = []
        while size > (here := len(self._chunk) - self._position):
            parts.append(self._chunk[self._position :])
            size -= here
            if not self._next_chunk():
                return b"".join(parts)
        parts.append(self._chunk[self._position : self._position + size])
        self._position += size
        return b"".join(parts)

    def _next_chunk(self) -> bool:
        self._chunk, self._position = self._output.read(), 0
        return bool(self._chunk)


def _objects(reader: _Reader) -> Iterator[tuple[str, bytes]]:
    while head := reader.line():
        name, *kind_and_size = head.decode("ascii").split(" ")
        if len(kind_and_size) != 2:
            raise SourceError(f"git does not have the object it was asked for: {head.decode('ascii')}")
        yield name, reader.take(int(kind_and_size[1]))
        reader.take(1)  # git ends each with a line break
