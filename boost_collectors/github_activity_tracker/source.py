"""Where commits come from: bare clones of the repositories, kept in the workspace and brought up to date by fetch.

Branches and tags are followed, heads of pull requests are not. A clone holds nothing that the remote does not have,
so one that is damaged is thrown away and made anew. Of a repository whose files nobody asks for, ``CommitsClone``
holds the commits of the default branch alone.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from threading import Event
from typing import ClassVar, NamedTuple

from boost_collectors.core.counts import Counts
from boost_collectors.core.git import NETWORK_TIMEOUT, Git, GitError, GitLocked
from boost_collectors.core.git_hosting import CLONE_TIMEOUT, STALL, Hosting, alone
from boost_collectors.core.window import Window
from boost_collectors.core.workspace import Workspace, strict_segment
from boost_collectors.github_activity_tracker.git import instant, path_text

logger = logging.getLogger(__name__)

SUPERPROJECT = "boost"
"""The repository whose submodules are the libraries."""

BRANCHES_AND_TAGS = ("refs/heads/*", "refs/tags/*")


@dataclass(slots=True)
class RemoteRefs:
    """A remote's branches and tags: what they name (``refs``) and that with tags peeled (``tips``); its HEAD."""

    head: str | None = None
    refs: dict[str, str] = field(default_factory=dict)
    tips: dict[str, str] = field(default_factory=dict)


class Header(NamedTuple):
    """What a commit is without its message and files. Instants are aware, None when git has none."""

    hash: str
    parents: tuple[str, ...]
    authored_at: datetime | None
    committed_at: datetime | None


class Clone:
    """One bare clone. Its methods raise what ``core.git.Git`` raises."""

    FOLDER: ClassVar = "clones"
    FILTER: ClassVar[tuple[str, ...]] = ()

    def __init__(self, workspace: Workspace, key: str, hosting: Hosting, stop: Event) -> None:
        owner, _, name = key.partition("/")
        self.key = key
        folder = workspace.path("github_activity_tracker", self.FOLDER, strict_segment(owner, "repository owner"))
        self.path = folder / f"{strict_segment(name, 'repository name')}.git"
        self._url = hosting.repository(key)
        self._stop = stop
        self._remote = Git(self.path, credentials=hosting.credentials, stop=stop, machine_config=True)
        self._elsewhere = Git(credentials=hosting.credentials, stop=stop, machine_config=True)
        self.git = Git(self.path, stop=stop)

    @property
    def exists(self) -> bool:
        return (self.path / "HEAD").is_file()

    def refresh(self) -> int:
        """Make branches, tags and HEAD those of the remote. Returns how many fetches that took: 0 or 1."""
        with alone(self.path, self._stop):
            try:
                return self._refresh()
            except (GitError, GitLocked) as exc:
                if not self.exists:
                    raise
                logger.warning("The clone of %s is damaged and will be made anew: %s", self.key, exc)
                self._remove()
                return self._refresh()

    def renew(self) -> int:
        """Throw the clone away and make it anew."""
        with alone(self.path, self._stop):
            self._remove()
            return self._refresh()

    def take_over(self, former: Clone) -> None:
        """Go on with the clone that was made under a former name, where there is one and none under this."""
        with alone(former.path, self._stop), alone(self.path, self._stop):
            if former.exists and not self.exists:
                former.path.rename(self.path)

    def _refresh(self) -> int:
        remote = self.remote_refs()
        first = not self.exists
        if first:
            self.path.mkdir(exist_ok=True)
            self.git.run("init", "--quiet", "--bare")
        fetched = remote.refs != self.own_refs()
        if fetched:
            self._fetch(self._refspecs(remote), CLONE_TIMEOUT if first else NETWORK_TIMEOUT)
        if remote.head:
            self.git.run("symbolic-ref", "HEAD", remote.head)
        return int(fetched)

    def _refspecs(self, _remote: RemoteRefs) -> list[str]:
        return [f"+{pattern}:{pattern}" for pattern in BRANCHES_AND_TAGS]

    def _fetch(self, refspecs: Iterable[str], timeout: float) -> None:
        flags = ("--quiet", "--prune", "--no-tags", "--update-shallow", "--no-write-fetch-head", "--no-auto-gc")
        self._remote.run(*STALL, "fetch", *flags, *self.FILTER, self._url, *refspecs, timeout=timeout)
        self.git.run("-c", "gc.autoDetach=false", "gc", "--auto", "--quiet", timeout=NETWORK_TIMEOUT)

    def remote_refs(self) -> RemoteRefs:
        """What the remote has now."""
        answer = self._elsewhere.run(
            *STALL, "ls-remote", "--quiet", "--symref", self._url, "HEAD", *BRANCHES_AND_TAGS, timeout=NETWORK_TIMEOUT
        )
        found = RemoteRefs()
        for line in answer.decode("utf-8", "replace").splitlines():
            value, _, name = line.partition("\t")
            if name == "HEAD":
                found.head = value.removeprefix("ref: ") if value.startswith("ref: ") else found.head
            else:
                found.tips[name.removesuffix("^{}")] = value
                found.refs.setdefault(name.removesuffix("^{}"), value)
        return found

    def own_refs(self) -> dict[str, str]:
        """The clone's branches and tags, tags unpeeled."""
        lines = self.git.run("for-each-ref", "--format=%(objectname) %(refname)").decode("utf-8", "replace")
        return {name: value for value, _, name in (line.partition(" ") for line in lines.splitlines())}

    def tips(self) -> dict[str, str]:
        """The commit that every branch and tag names, tags peeled; those that name something else are left out."""
        names = sorted(self.own_refs())
        asked = "".join(f"{name}^{{commit}}\n" for name in names)
        answers = self._batch_check(asked)
        return {name: answer[0] for name, answer in zip(names, answers, strict=True) if answer[-1] == "commit"}

    def existing(self, hashes: Collection[str]) -> set[str]:
        """Those of the commits that the clone has."""
        # Not cat-file: in a clone that was filtered it would ask the remote for every object that is missing.
        looking = ("rev-list", "--no-walk=unsorted", "--ignore-missing", "--missing=allow-any", "--stdin")
        found = self.git.run(*looking, input=_lines(sorted(hashes))) if hashes else b""
        return set(found.decode("ascii").split())

    def _batch_check(self, asked: str) -> list[list[str]]:
        output = self.git.run("cat-file", "--batch-check=%(objectname) %(objecttype)", input=asked.encode())
        return [line.split(" ") for line in output.decode("utf-8", "replace").splitlines()]

    def count(self, revisions: Iterable[str]) -> int:
        """How many commits ``revisions`` (``hash`` or ``^hash``) reach."""
        output = self.git.run("rev-list", "--count", "--stdin", input=_lines(revisions), timeout=NETWORK_TIMEOUT)
        return int(output)

    def nth(self, revisions: Iterable[str], position: int) -> str:
        """The commit at a position (from 0) of what ``read_commits`` gives, found without looking at files."""
        hashes = self._records(b"\n", "rev-list", "--reverse", "--topo-order", "--stdin", input=_lines(revisions))
        return next(islice(hashes, position, None), "")

    def reachable(self, revisions: Iterable[str]) -> Iterator[str]:
        """The hashes of all commits that ``revisions`` reach, as they come."""
        return self._records(b"\n", "rev-list", "--stdin", input=_lines(revisions))

    def headers(self, revisions: Iterable[str], *, walk: bool = True) -> Iterator[Header]:
        """Commits without their files, in the order of ``read_commits``; git looks at nothing else for them."""
        order = ("--reverse", "--topo-order") if walk else ("--no-walk=unsorted",)
        arguments = ("log", "--stdin", *order, "--no-mailmap", "--format=tformat:%H%x09%P%x09%at%x09%ct")
        if asked := _lines(revisions):
            for line in self._records(b"\n", *arguments, input=asked):
                hash, parents, authored, committed = line.split("\t")
                yield Header(hash, tuple(parents.split()), instant(authored), instant(committed))

    def committed_in(self, window: Window, tips: Iterable[str]) -> list[str]:
        """The commits whose committer date lies in the window, parents before children.

        Every commit is looked at: git's own limits by date stop at the first commit that is older, and dates are
        not always in order.
        """
        since = window.since.timestamp() if window.since else float("-inf")
        until = window.until.timestamp() if window.until else float("inf")
        arguments = ("rev-list", "--reverse", "--topo-order", "--timestamp", "--stdin")
        lines = (line.split(" ") for line in self._records(b"\n", *arguments, input=_lines(tips)))
        return [hash for seconds, hash in lines if since <= int(seconds) < until]

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether ``new`` contains ``old``."""
        return self.git.succeeds("merge-base", "--is-ancestor", old, new)

    def files(self) -> Iterator[str]:
        """The paths in the newest commit of the default branch; of the newest ref if HEAD names none."""
        head = "HEAD"
        if not self.git.succeeds("rev-parse", "--verify", "--quiet", "HEAD^{commit}"):
            newest = self.git.run("for-each-ref", "--sort=-creatordate", "--count=1", "--format=%(refname)")
            head = newest.decode("utf-8", "replace").strip()
        if head:
            paths = self._raw_records(b"\0", "ls-tree", "-r", "-z", "--name-only", "--full-tree", head)
            yield from map(path_text, paths)

    def submodules(self) -> list[str]:
        """The URLs in ``.gitmodules`` at HEAD, in file order; none if there is no such file."""
        if not self.git.succeeds("rev-parse", "--verify", "--quiet", "HEAD:.gitmodules"):
            return []
        entries = self.git.run(
            "config", "--blob=HEAD:.gitmodules", "-z", "--get-regexp", r"^submodule\..*\.url$", accept=(0, 1)
        )
        return [entry.partition("\n")[2] for entry in entries.decode("utf-8", "replace").split("\0") if entry]

    def _records(self, end: bytes, *arguments: str, input: bytes = b"") -> Iterator[str]:
        for record in self._raw_records(end, *arguments, input=input):
            yield record.decode("ascii")

    def _raw_records(self, end: bytes, *arguments: str, input: bytes = b"") -> Iterator[bytes]:
        with self.git.stream(*arguments, input=input) as output:
            tail = b""
            while chunk := output.read():
                *records, tail = (tail + chunk).split(end)
                yield from records

    def _remove(self) -> None:
        if self.path.exists():
            shutil.rmtree(self.path)


class CommitsClone(Clone):
    """A clone of the default branch that holds commits and no files: of LLVM a tenth of the whole.

    ``headers``, ``count``, ``reachable`` and ``committed_in`` work on it; whatever looks at files would fetch them.
    A host that cannot filter sends everything, which does as well.
    """

    FOLDER = "commits"
    FILTER = ("--filter=tree:0",)

    def remote_refs(self) -> RemoteRefs:
        """The remote's default branch."""
        answer = self._elsewhere.run(
            *STALL, "ls-remote", "--quiet", "--symref", self._url, "HEAD", timeout=NETWORK_TIMEOUT
        )
        values = [line.partition("\t")[0] for line in answer.decode("utf-8", "replace").splitlines()]
        head = next((value.removeprefix("ref: ") for value in values if value.startswith("ref: ")), None)
        tip = next((value for value in values if not value.startswith("ref: ")), None)
        refs = {head: tip} if head and tip else {}
        return RemoteRefs(head, refs, dict(refs))

    def _refspecs(self, remote: RemoteRefs) -> list[str]:
        # A default branch of another name takes the place of the one before.
        self._remove_refs(self.own_refs().keys() - remote.refs.keys())
        return [f"+{name}:{name}" for name in remote.refs]

    def _remove_refs(self, names: Iterable[str]) -> None:
        for name in names:
            self.git.run("update-ref", "-d", name)


def read_whole(clone: Clone, counts: Counts, read: Callable[[], object], *, fetched: int | None = None) -> None:
    """Bring a clone up to date and read it; one that proves to be damaged is made anew and read again.

    ``fetched`` is what an earlier ``refresh`` of this run said. Counts ``git_fetches``.
    """
    counts.add("git_fetches", clone.refresh() if fetched is None else fetched)
    try:
        read()
    except GitError as exc:
        logger.warning("The clone of %s cannot be read and is made anew: %s", clone.key, exc)
        counts.add("git_fetches", clone.renew())
        read()


def _lines(revisions: Iterable[str]) -> bytes:
    return "".join(f"{revision}\n" for revision in revisions).encode("ascii")
