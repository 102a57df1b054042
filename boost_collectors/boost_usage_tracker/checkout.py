"""Looking into a repository by git: its newest commit without history, and of its files those that may use Boost.

No request to GitHub's API is made, however many files there are. What was scanned before is compared by the hashes of
its files: contents that did not change are not fetched again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from threading import Event

from boost_collectors.boost_usage_tracker.records import FileUse, Scan
from boost_collectors.boost_usage_tracker.scan import places
from boost_collectors.boost_usage_tracker.scan.includes import boost_includes
from boost_collectors.boost_usage_tracker.scan.manifests import (
    Declaration,
    declaration,
    manifest_kind,
    version_macro,
)
from boost_collectors.core.git import NETWORK_TIMEOUT, Git
from boost_collectors.core.git_hosting import STALL, Hosting
from boost_collectors.core.partial_clone import PartialClone

BLOBS_AT_ONCE = 5_000
"""Contents fetched by one git, and so kept on disk together before they are read."""

ALL_OF_IT = 2**31 - 1
"""The depth that git takes for the whole history."""

_HEAD = re.compile(r"^([0-9a-f]{40,64})\tHEAD$", re.MULTILINE)


class Checkout(PartialClone):
    """A repository's newest commit, in a folder that is to be removed afterwards. Raises what ``core.git.Git`` does."""

    def __init__(self, folder: Path, key: str, hosting: Hosting, stop: Event) -> None:
        super().__init__(folder, hosting.repository(key), hosting.credentials, stop)
        self.key = key
        self._asking = Git(credentials=hosting.credentials, stop=stop, machine_config=True)
        self._local = Git(folder, stop=stop)
        self.fetches = 0

    def head(self) -> str:
        """The newest commit of the default branch; empty for a repository without commits."""
        answer = self._asking.run(*STALL, "ls-remote", "--quiet", self._url, "HEAD", timeout=NETWORK_TIMEOUT)
        found = _HEAD.search(answer.decode("ascii", "replace"))
        return found[1] if found else ""

    def paths(self, commit: str) -> dict[str, str]:
        """The hash of every file of a commit by its path."""
        return {entry.path: entry.hash for entry in self.files(commit) if entry.kind == "blob"}

    def has(self, commit: str) -> bool:
        """Whether the commit could be fetched: one that was rewritten may be gone at the remote."""
        return commit in self.kinds([commit])

    def read(self, hashes: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Fetch and read contents by their hashes, a bounded number at a time, each once."""
        left = iter(dict.fromkeys(hashes))
        while chunk := list(islice(left, BLOBS_AT_ONCE)):
            self.fetches += self.fetch_blobs(chunk)
            yield from self.contents(chunk)

    def committed_at(self, commit: str) -> datetime:
        """When a commit was committed."""
        return _instant(self._local.run("log", "-1", "--format=%ct", commit).decode())

    def last_changes(self, commit: str, paths: Collection[str]) -> dict[str, datetime]:
        """When each file was committed last. Fetches the whole history, without contents."""
        self._fetch([commit], f"--depth={ALL_OF_IT}")
        self.fetches += 1
        wanted, found = set(paths), dict[str, datetime]()
        when = datetime.min.replace(tzinfo=UTC)
        for record in self._records("log", "-z", "--no-renames", "--name-only", "--format=%x01%ct", commit):
            text = record.lstrip(b"\n")
            if text.startswith(b"\x01"):
                when = _instant(text[1:].decode())
            elif (path := text.decode("utf-8", "backslashreplace")) in wanted:
                found[path] = when
                wanted.discard(path)
                if not wanted:
                    break
        return found

    def _records(self, *arguments: str) -> Iterator[bytes]:
        with self._local.stream(*arguments) as output:
            tail = b""
            while chunk := output.read():
                *records, tail = (tail + chunk).split(b"\0")
                yield from records
        yield tail


def _instant(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def scan(checkout: Checkout, commit: str, *, since: str = "", dated: bool = True) -> Scan:
    """What a commit uses, or if ``since`` is a commit that can be had, what changed from that one to it.

    Files are dated by the commit that touched them last, which takes the history; without ``dated`` they have no date.
    Files that changed since another commit have the date of ``commit``.
    """
    checkout.fetches += checkout.fetch_commits(filter(None, [commit, since]))
    now = checkout.paths(commit)
    before = checkout.paths(since) if since and checkout.has(since) else None
    found = Scan(commit, whole=before is None)
    changed = {path for path, hash in now.items() if before is None or before.get(path) != hash}
    found.removed = set(before or ()) - now.keys()
    headers, declarations = _contents(checkout, now, changed)
    found.read, found.declarations = changed, declarations
    if before is None or any(map(_tells_version, changed | found.removed)):
        found.is_embedded, found.version = _version(checkout, now)
    else:
        found.version = None
    found.files = _dated(checkout, found, headers, dated)
    found.fetches = checkout.fetches
    return found


def _contents(
    checkout: Checkout, now: Mapping[str, str], paths: Iterable[str]
) -> tuple[dict[str, tuple[str, ...]], dict[str, Declaration]]:
    """The headers and the declarations in files, by path."""
    by_hash: dict[str, list[str]] = {}
    for path in sorted(paths):
        if not places.is_vendored(path) and (places.may_include(path) or manifest_kind(path)):
            by_hash.setdefault(now[path], []).append(path)
    headers: dict[str, tuple[str, ...]] = {}
    declared: dict[str, Declaration] = {}
    for hash, content in checkout.read(by_hash):
        for path in by_hash[hash]:
            if places.may_include(path) and (names := tuple(dict.fromkeys(boost_includes(content)))):
                headers[path] = names
            if found := declaration(path, content):
                declared[path] = found
    return headers, declared


def _tells_version(path: str) -> bool:
    return places.is_version_header(path) or bool(manifest_kind(path) and not places.is_vendored(path))


def _version(checkout: Checkout, now: Mapping[str, str]) -> tuple[bool, str]:
    """Whether a copy of Boost is inside, and the version: the copy's, else the first that a manifest names."""
    headers = sorted(filter(places.is_version_header, now), key=lambda path: (path.count("/"), path))
    others = (path for path in now if _tells_version(path) and not places.is_version_header(path))
    by_hash: dict[str, list[str]] = {}
    for path in (order := [*headers, *sorted(others, key=places.manifest_order)]):
        by_hash.setdefault(now[path], []).append(path)
    versions: dict[str, str] = {}
    for hash, content in checkout.read(by_hash):
        versions |= {path: version for path in by_hash[hash] if (version := _version_in(path, content))}
    first = next((path for path in order if path in versions), None)
    return (places.is_version_header(first), versions[first]) if first else (False, "")


def _version_in(path: str, content: bytes) -> str | None:
    if places.is_version_header(path):
        return version_macro(content)
    found = declaration(path, content)
    return found.version if found else None


def _dated(checkout: Checkout, found: Scan, headers: Mapping[str, tuple[str, ...]], dated: bool) -> dict[str, FileUse]:
    if not found.whole:
        when = checkout.committed_at(found.commit)
        return {path: FileUse(names, when) for path, names in headers.items()}
    dates = checkout.last_changes(found.commit, headers) if dated and headers else {}
    return {path: FileUse(names, dates.get(path)) for path, names in headers.items()}
