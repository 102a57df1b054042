"""What a release of Boost is made of, read from git at its tag: no request to GitHub's API, no token needed.

The superproject says which commit of which repository a release holds. Of each repository one fetch brings those
commits for all wanted releases, another one the few files that are read: metadata, and, for dependencies, headers and
sources.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TypeVar

from boost_collectors.boost_library_tracker.includes import HEADERS, SOURCES, included
from boost_collectors.boost_library_tracker.metadata import library_submodules, parse_libraries
from boost_collectors.boost_library_tracker.records import LibraryRecord, Submodule
from boost_collectors.boost_library_tracker.release_check import REPOSITORY, TagRef, remote_releases
from boost_collectors.core.errors import NotFoundError, SourceError
from boost_collectors.core.git import Git, GitError
from boost_collectors.core.git_hosting import Hosting, submodule_key
from boost_collectors.core.partial_clone import PartialClone, TreeEntry
from boost_collectors.core.workspace import strict_segment

PARALLEL = 4
"""How many repositories are fetched at once."""

GITMODULES = ".gitmodules"
METADATA = re.compile(r"(?:[^/]+/)?meta/libraries\.json")
"""A repository's own metadata, and that of a library inside it (``index/meta/libraries.json`` of geometry)."""

_DATE = re.compile(rb"^(?:tagger|committer) .*> (\d+) [+-]\d{4}$", re.MULTILINE)

T = TypeVar("T")

logger = logging.getLogger(__name__)


class BrokenRelease(SourceError):
    """A tag that names no whole release, and will not until it is moved or what it names is pushed."""


@dataclass(frozen=True, slots=True)
class ModuleFiles:
    """What a commit of a library's repository holds: its metadata, and the include paths of its headers.

    ``includes`` are the Boost headers that its headers and sources include, where those were asked for.
    """

    libraries: tuple[LibraryRecord, ...]
    headers: tuple[str, ...]
    includes: frozenset[str]


class ReleaseSource:
    """Releases and what they hold, read by way of clones in ``folder``. Methods raise what ``core.git.Git`` raises.

    ``sources`` asks for what headers and sources include, too.
    """

    def __init__(self, hosting: Hosting, folder: Callable[[str], Path], stop: Event, *, sources: bool = False) -> None:
        self._hosting, self._folder, self._stop = hosting, folder, stop
        self._sources = sources
        self._clones: dict[str, PartialClone] = {}
        self._wanted: dict[str, list[str]] = {}
        self._absent: dict[str, set[str]] = {}
        self._read: dict[str, tuple[str, ModuleFiles]] = {}
        self._included: dict[str, dict[str, tuple[str, ...]]] = {}
        self._submodules: dict[str, list[Submodule]] = {}
        self.fetches = 0

    def releases(self) -> list[TagRef]:
        """The stable releases, in the order of their versions."""
        git = Git(credentials=self._hosting.credentials, stop=self._stop, machine_config=True)
        return remote_releases(git, self._hosting.repository(REPOSITORY))

    def expect(self, refs: Sequence[TagRef]) -> None:
        """Say which releases will be read, so that what they hold is fetched together."""
        clone = self._clone(REPOSITORY)
        objects = [sha for ref in refs for sha in (ref.object, ref.commit)]
        self.fetches += self._mended(REPOSITORY, lambda: clone.fetch_commits(objects))
        kinds = clone.kinds([ref.commit for ref in refs])
        here = [ref for ref in refs if kinds.get(ref.commit) == "commit"]
        self.fetches += clone.fetch_blobs(
            entry.hash for ref in here for entry in clone.files(ref.commit, GITMODULES) if entry.kind == "blob"
        )
        wanted: dict[str, list[str]] = defaultdict(list)
        for ref in here:
            for submodule in self._read_submodules(ref):
                wanted[submodule.repository].append(submodule.commit)
        self._wanted, self._absent = dict(wanted), {}

    def date(self, ref: TagRef) -> datetime:
        """When the release was tagged, or for a tag without a date of its own when its commit was made."""
        ((_, content),) = self._clone(REPOSITORY).contents([ref.object])
        head, _, _ = content.partition(b"\n\n")
        match = _DATE.search(head)
        if match is None:
            raise BrokenRelease(f"the tag {ref.tag} of {REPOSITORY} has no date")
        return datetime.fromtimestamp(int(match[1]), UTC)

    def submodules(self, ref: TagRef) -> list[Submodule]:
        """The libraries' repositories in a release. Raises BrokenRelease when the tag names no tree that says it."""
        if ref.tag not in self._submodules:
            raise BrokenRelease(f"{REPOSITORY} does not have the commit {ref.commit} of {ref.tag}")
        return self._submodules[ref.tag]

    def fetch(self, submodules: Iterable[Submodule]) -> None:
        """Make what the expected releases hold of these repositories present, several at once.

        Raises NotFoundError for a repository that does not exist, BrokenRelease for a commit that the remote lacks.
        """
        given = list(submodules)
        pending = [key for key in dict.fromkeys(s.repository for s in given) if key not in self._absent]
        with ThreadPoolExecutor(PARALLEL) as pool:
            self.fetches += sum(pool.map(self._fetch, pending))
        for submodule in given:
            if submodule.commit in self._absent[submodule.repository]:
                raise BrokenRelease(f"{submodule.repository} does not have the commit {submodule.commit}")

    def read(self, submodule: Submodule) -> ModuleFiles:
        """The libraries and headers of a repository that is fetched."""
        known = self._read.get(submodule.repository)
        if known is None or known[0] != submodule.commit:
            read = self._mended(submodule.repository, lambda: self._read_files(submodule))
            known = submodule.commit, read
            self._read[submodule.repository] = known
        return known[1]

    def _fetch(self, key: str) -> int:
        try:
            fetches = self._mended(key, lambda: self._fetch_wanted(key))
            if self._absent[key]:  # the remote lacks commits, or the clone has lost some
                self._clone(key).remove()
                fetches += self._fetch_wanted(key)
            return fetches
        except NotFoundError as error:
            raise NotFoundError(f"the repository {key} does not exist: {error}") from error

    def _fetch_wanted(self, key: str) -> int:
        clone, commits = self._clone(key), list(dict.fromkeys(self._wanted.get(key, ())))
        fetches = clone.fetch_commits(commits)
        kinds = clone.kinds(commits)
        here = [commit for commit in commits if kinds.get(commit) == "commit"]
        fetches += clone.fetch_blobs(hash for commit in here for hash in self._blobs(clone, commit))
        self._absent[key] = set(commits) - set(here)
        return fetches

    def _mended(self, key: str, action: Callable[[], T]) -> T:
        """Do something with a clone; one that git cannot work with is made anew, once."""
        try:
            return action()
        except GitError as error:
            logger.warning("The clone of %s cannot be used and is made anew: %s", key, error)
        self._clone(key).remove()
        if key != REPOSITORY:
            self.fetches += self._fetch_wanted(key)
        return action()

    def _blobs(self, clone: PartialClone, commit: str) -> Iterator[str]:
        for entry in clone.files(commit):
            scanned = self._sources and entry.path.startswith((HEADERS, SOURCES))
            if entry.kind == "blob" and (scanned or METADATA.fullmatch(entry.path)):
                yield entry.hash

    def _read_submodules(self, ref: TagRef) -> list[Submodule]:
        clone = self._clone(REPOSITORY)
        entries = clone.files(ref.commit)
        files = [entry.hash for entry in entries if entry.path == GITMODULES and entry.kind == "blob"]
        texts = [content.decode("utf-8", "replace") for _, content in clone.contents(files)]
        commits = {entry.path: entry.hash for entry in entries if entry.kind == "commit"}
        found = list(self._named(ref, "".join(texts), commits))
        self._submodules[ref.tag] = found
        return found

    def _named(self, ref: TagRef, text: str, commits: dict[str, str]) -> Iterator[Submodule]:
        for entry in library_submodules(text):
            key = submodule_key(entry.url, REPOSITORY, self._hosting)
            if key is None or entry.path not in commits:
                reason = "is hosted elsewhere" if key is None else "has no commit"
                logger.warning("Submodule %s of %s %s: not read", entry.path, ref.tag, reason)
            else:
                yield Submodule(entry.name, entry.path, key, commits[entry.path])

    def _read_files(self, submodule: Submodule) -> ModuleFiles:
        clone = self._clone(submodule.repository)
        entries = [entry for entry in clone.files(submodule.commit) if entry.kind == "blob"]
        metadata = [entry.hash for entry in entries if METADATA.fullmatch(entry.path)]
        sources = {entry.hash for entry in entries if self._sources and entry.path.startswith((HEADERS, SOURCES))}
        # Releases follow each other: what the next one shares with this one is scanned once.
        before = self._included.get(submodule.repository, {})
        scanned = {hash: before[hash] for hash in sources & before.keys()}
        records: list[LibraryRecord] = []
        for hash, content in clone.contents(dict.fromkeys([*metadata, *sorted(sources - scanned.keys())])):
            if hash in sources:
                scanned[hash] = included(content)
            else:
                records += parse_libraries(content, submodule.name)
        self._included[submodule.repository] = scanned
        unique = {record.name: record for record in reversed(records)}
        includes = frozenset(path for paths in scanned.values() for path in paths)
        return ModuleFiles(tuple(reversed(unique.values())), tuple(_headers(entries)), includes)

    def _clone(self, key: str) -> PartialClone:
        if key not in self._clones:
            owner, _, name = key.partition("/")
            strict_segment(owner, "repository owner")
            path = self._folder(owner) / f"{strict_segment(name, 'repository name')}.git"
            url, credentials = self._hosting.repository(key), self._hosting.credentials
            self._clones[key] = PartialClone(path, url, credentials, self._stop)
        return self._clones[key]


def _headers(entries: Iterable[TreeEntry]) -> Iterator[str]:
    """What an ``#include`` names: paths below ``include/``."""
    for entry in entries:
        if entry.path.startswith(f"{HEADERS}boost/"):
            yield entry.path.removeprefix(HEADERS)
