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
from itertools import islice
from pathlib import Path
from threading import Event
from typing import NamedTuple

from boost_collectors.core.errors import SourceError
from boost_collectors.core.git import NETWORK_TIMEOUT, Git, GitCredentials, GitError
from boost_collectors.core.git_hosting import CLONE_TIMEOUT, STALL, alone

READ_AT_ONCE = 1000
"""How many contents are read by one git, and so are in memory together."""

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
        """The contents of objects that are here, in the order asked for, a bounded number of them in memory."""
        left = iter(hashes)
        while asked := list(islice(left, READ_AT_ONCE)):
            output = self._git.run("cat-file", "--batch", input="".join(f"{hash}\n" for hash in asked).encode())
            yield from _objects(output)

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


def _objects(output: bytes) -> Iterator[tuple[str, bytes]]:
    position = 0
    while position < len(output):
        end = output.index(b"\n", position)
        head = output[position:end].decode("ascii").split(" ")
        if len(head) != 3:
            raise SourceError(f"git does not have the object it was asked for: {' '.join(head)}")
        size = int(head[2])
        yield head[0], output[end + 1 : end + 1 + size]
        position = end + 2 + size
