"""The clone that files are published from: bare, one commit deep, without the contents of files that are there.

A commit is made by ``git fast-import`` on top of the branch's head, so that publishing reads and writes what changes
and nothing else, whatever the size of the repository.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from boost_collectors.core.errors import CollectorError, CommandError, NetworkError, RateLimited, TransientError
from boost_collectors.core.git import NETWORK_TIMEOUT, Git, GitCredentials
from boost_collectors.core.publish_paths import checked_path

Content = bytes | Path
"""What a file shall hold, or the file that holds it."""

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
SIZE_LIMIT = 1 << 30
"""Bytes a clone may take; one that has grown beyond is made anew."""

_NEXT = "refs/publish/next"
_MODE = "100644"
_DIFF = ("diff-tree", "-r", "-z", "--no-renames")
_REJECTED = re.compile(
    r"\[rejected\]|\[remote rejected\].*(cannot lock ref|failed to update ref|but expected)|stale info"
)


class BranchMoved(Exception):
    """Somebody else pushed to the branch since its head was read."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who a commit is by, and when. ``name`` and ``email`` lose what git cannot hold."""

    name: str
    email: str
    at: datetime

    def line(self) -> str:
        """``Name <address> seconds +0000``."""
        name, email = (re.sub(r"[<>\x00-\x1f\x7f]", "", part).strip() for part in (self.name, self.email))
        return f"{name or 'unknown'} <{email}> {int(self.at.timestamp())} +0000"


class PublishClone:
    """The clone of one branch of one repository, made when first used."""

    def __init__(
        self,
        folder: Path,
        url: str,
        branch: str,
        credentials: GitCredentials | None,
        stop: threading.Event,
        *,
        create_branch: bool = False,
    ) -> None:
        self.folder, self._url, self._branch, self._create_branch = folder, url, branch, create_branch
        self.begins_branch = False
        """Whether the head that was fetched last is that of another branch, which ours shall begin at."""
        self._git = Git(folder, credentials=credentials, stop=stop)
        self._network = Git(folder, credentials=credentials, stop=stop, machine_config=True)

    def prepare(self) -> None:
        """Make the clone's folder, or make it anew if it is broken, another's or too big. Raises CommandError."""
        with failing_as("Could not prepare clone"):
            if self._is_usable():
                self._unlock()
                return
            self._remove()
            self.folder.mkdir(parents=True)
            self._git.run("init", "--quiet", "--bare", ".")
            for key, value in self._configuration().items():
                self._git.run("config", key, value)

    def fetch_head(self) -> str | None:
        """The commit the branch is at, or begins at; None for a repository without any branch. Raises CommandError or
        what git's network commands raise.
        """
        first = not (self.folder / "FETCH_HEAD").exists()
        text = "Git clone failed (may the token read and write this repository?)" if first else "Git pull failed"
        with failing_as(text):
            heads = self._heads()
            if not heads:
                return None
            if self._branch not in heads and not self._create_branch:
                raise CommandError(f"the repository has no branch {self._branch}")
            options = ["--quiet", "--no-tags", "--depth=1", "--filter=blob:none"]
            self.begins_branch = self._branch not in heads
            source = "HEAD" if self.begins_branch else f"refs/heads/{self._branch}"
            ref = f"+{source}:refs/remotes/origin/{self._branch}"
            self._network.run("fetch", *options, "origin", ref, timeout=NETWORK_TIMEOUT)
            return self._git.run("rev-parse", f"refs/remotes/origin/{self._branch}").decode().strip()

    def paths(self, head: str | None) -> Iterator[str]:
        """Every path the commit has, in git's order."""
        if head is not None:
            yield from self._null_separated("ls-tree", "-r", "-z", "--name-only", head)

    def commit(
        self,
        head: str | None,
        files: Iterable[tuple[str, Content]],
        stale: Iterable[str],
        message: str,
        by: Signature,
    ) -> str | None:
        """A commit on top of ``head`` with these files and without the stale ones; None if nothing would change.

        Files are read one at a time, when their turn comes, and git is given those that differ from the head's.
        Raises CommandError for a path that leads elsewhere.
        """
        return self._imported(head, self._changes(files, stale, self._blobs(head)), message, by)

    def reapply(self, commit: str, old_head: str | None, head: str | None, message: str, by: Signature) -> str | None:
        """The change of ``commit`` against ``old_head``, on top of another head; None if nothing is left of it."""
        with failing_as("Could not reset"):
            return self._imported(head, self._same_changes(commit, old_head), message, by)

    def changed(self, commit: str, head: str | None) -> int:
        """How many files differ between two commits."""
        return sum(1 for _ in self._null_separated(*_DIFF, "--name-only", head or EMPTY_TREE, commit))

    def push(self, commit: str) -> None:
        """Make the commit the branch's head. Raises BranchMoved if the head is not its parent any more."""
        try:
            with failing_as("Git push failed"):
                # Deltas against contents that were never fetched would fetch them.
                order = ["push", "--quiet", "--no-thin", "origin", f"{commit}:refs/heads/{self._branch}"]
                self._network.run(*order, timeout=NETWORK_TIMEOUT)
        except CollectorError as error:
            if _REJECTED.search(str(error)):
                raise BranchMoved(str(error)) from error
            raise

    def _is_usable(self) -> bool:
        if not (self.folder / "HEAD").is_file() or _size(self.folder) > SIZE_LIMIT:
            return False
        try:
            return self._git.run("config", "remote.origin.url").decode().strip() == self._url
        except CollectorError:
            return False

    def _unlock(self) -> None:
        # Only one run at a time works here: a lock that is there was left by a git that was killed.
        for lock in self.folder.rglob("*.lock"):
            lock.unlink()

    def _remove(self) -> None:
        if self.folder.is_dir() and not self.folder.is_symlink():
            shutil.rmtree(self.folder)
        else:
            self.folder.unlink(missing_ok=True)

    def _configuration(self) -> Mapping[str, str]:
        return {
            "remote.origin.promisor": "true",
            "remote.origin.partialclonefilter": "blob:none",
            "gc.auto": "0",
            "fastimport.unpackLimit": "1",
            # Last: the clone counts as made when it knows where it belongs.
            "remote.origin.url": self._url,
        }

    def _heads(self) -> set[str]:
        listed = self._network.run("ls-remote", "--heads", "origin", timeout=NETWORK_TIMEOUT).decode()
        return {line.partition("\trefs/heads/")[2] for line in listed.splitlines()}

    def _imported(self, head: str | None, changes: Iterable[bytes], message: str, by: Signature) -> str | None:
        def stream() -> Iterator[bytes]:
            yield f"commit {_NEXT}\nauthor {by.line()}\ncommitter {by.line()}\n".encode()
            yield from _data(message.encode())
            yield f"from {head}\n".encode() if head else b""
            yield from changes
            yield b"\ndone\n"

        self._git.run("fast-import", "--quiet", "--force", "--done", input=stream(), timeout=NETWORK_TIMEOUT)
        commit = self._git.run("rev-parse", _NEXT).decode().strip()
        return commit if self._tree(commit) != self._tree(head) else None

    def _tree(self, commit: str | None) -> str:
        return self._git.run("rev-parse", f"{commit}^{{tree}}").decode().strip() if commit else EMPTY_TREE

    def _changes(
        self, files: Iterable[tuple[str, Content]], stale: Iterable[str], blobs: Mapping[str, bytes]
    ) -> Iterator[bytes]:
        deleted = set()
        for path in stale:
            deleted.add(path)
            yield _delete(checked_path(path))
        for path, content in files:
            held = self._read(content)
            same = blobs.get(checked_path(path)) == _blob_id(held)
            if not same or not deleted.isdisjoint(_with_parents(path)):
                yield f"M {_MODE} inline {_quoted(path)}\n".encode()
                yield from _data(held)

    def _blobs(self, head: str | None) -> dict[str, bytes]:
        """The ids of the head's files by path, without those of another mode than published files have."""
        if head is None:
            return {}
        entries = (entry.partition("\t") for entry in self._null_separated("ls-tree", "-r", "-z", head))
        listed = ((about.split(" "), path) for about, _, path in entries)
        return {path: bytes.fromhex(blob) for (mode, _, blob), path in listed if mode == _MODE}

    def _read(self, content: Content) -> bytes:
        if isinstance(content, bytes):
            return content
        if content.resolve().is_relative_to(self.folder.resolve()):
            raise CommandError(f"files to publish and the clone must not overlap: {content} is in {self.folder}")
        return content.read_bytes()

    def _same_changes(self, commit: str, old_head: str | None) -> Iterator[bytes]:
        fields = self._null_separated(*_DIFF, "--raw", old_head or EMPTY_TREE, commit)
        for about, path in zip(fields, fields, strict=True):
            _, mode, _, blob, status = about.split(" ")
            yield _delete(path) if status == "D" else _keep(mode, blob, path)

    def _null_separated(self, *arguments: str) -> Iterator[str]:
        with self._git.stream(*arguments) as output:
            rest = b""
            while chunk := output.read():
                *whole, rest = (rest + chunk).split(b"\0")
                yield from (part.decode("utf-8", "surrogateescape") for part in whole)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _blob_id(content: bytes) -> bytes:
    """What git calls a file with this content, so that git need not be asked."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).digest()


def _with_parents(path: str) -> Iterator[str]:
    """``a``, ``a/b`` and ``a/b/c`` of ``a/b/c``: deleting any of them deletes the file."""
    return itertools.accumulate(path.split("/"), "{}/{}".format)


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _keep(mode: str, blob: str, path: str) -> bytes:
    return f"M {mode} {blob} {_quoted(path)}\n".encode("utf-8", "surrogateescape")


def _delete(path: str) -> bytes:
    return f"D {_quoted(path)}\n".encode("utf-8", "surrogateescape")


def _data(content: bytes) -> Iterator[bytes]:
    yield b"data %d\n" % len(content)
    yield content
    yield b"\n"


@contextmanager
def failing_as(text: str) -> Iterator[None]:
    """Begin the error of a failing step with ``text``.

    What may succeed later stays an error that is tried again; everything else is a CommandError.
    """
    try:
        yield
    except RateLimited as error:
        raise RateLimited(f"{text}: {error}", retry_at=error.retry_at) from error
    except TransientError as error:
        kind = NetworkError if isinstance(error, NetworkError) else TransientError
        raise kind(f"{text}: {error}") from error
    except (CollectorError, OSError) as error:
        raise CommandError(f"{text}: {error}") from error
