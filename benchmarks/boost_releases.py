"""Reading Boost releases against git itself: the same trees and the same files, out of the same clones.

Git prints the trees of every commit (``ls-tree``) and the contents of every metadata file, header and source
(``cat-file --batch``); the reader makes libraries, headers and includes of them. The wall time may be twice git's at
most. Fetches are counted too: two a repository, however many releases there are.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

from benchmarks.figures import Figure
from boost_collectors.boost_library_tracker.records import Submodule
from boost_collectors.boost_library_tracker.source import ReleaseSource
from boost_collectors.core.git_hosting import Hosting
from include.sandbox.git_releases import OWNER, START, STEP, SUPERPROJECT, BoostReleases, PublishedRelease

RELEASES, LIBRARIES, HEADERS, LINES = 12, 40, 60, 120
TIMES = 3
RATIO = 2.0
FETCHES = 2.0


def published() -> list[PublishedRelease]:
    """Releases of made-up libraries with many headers; a quarter of the libraries changes each time."""
    return [
        PublishedRelease(
            f"boost-1.{80 + number}.0",
            START + number * STEP,
            {f"lib{index:03d}": _files(index, (number + index) // 4) for index in range(LIBRARIES)},
        )
        for number in range(RELEASES)
    ]


def _files(index: int, state: int) -> dict[str, bytes]:
    name = f"lib{index:03d}"
    headers = {f"include/boost/{name}/{number}.hpp": _header(index, number, state) for number in range(HEADERS)}
    return {"meta/libraries.json": json.dumps({"key": name, "name": name.title()}).encode(), **headers}


def _header(index: int, number: int, state: int) -> bytes:
    needs = [f"#include <boost/lib{(index + step) % LIBRARIES:03d}/{number}.hpp>" for step in (1, 7)]
    changed = state if number % 10 == 0 else 0
    body = [f"int value_{line}_{changed}(int argument); // what it returns" for line in range(LINES)]
    return "\n".join(["#pragma once", *needs, *body, ""]).encode()


def made(folder: Path) -> Hosting:
    """The repositories of the releases, to be fetched from disk."""
    releases = BoostReleases(published())
    for name in (SUPERPROJECT, *(f"lib{index:03d}" for index in range(LIBRARIES))):
        path = folder / OWNER / f"{name}.git"
        subprocess.run(["git", "init", "--quiet", "--bare", str(path)], check=True)
        for key in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
            subprocess.run(["git", "-C", str(path), "config", key, "true"], check=True)
        stream = releases.history(OWNER, name)
        assert stream is not None
        command = ["git", "-C", str(path), "fast-import", "--quiet"]
        subprocess.run(command, input=b"".join(stream), check=True)
    return Hosting(f"file://{folder}")


def opened(hosting: Hosting, clones: Path) -> tuple[ReleaseSource, list[Submodule]]:
    """A source that has fetched everything, and every library's repository in every release."""

    def folder(owner: str) -> Path:
        (clones / owner).mkdir(parents=True, exist_ok=True)
        return clones / owner

    source = ReleaseSource(hosting, folder, Event(), sources=True)
    refs = source.releases()
    source.expect(refs)
    submodules = [submodule for ref in refs for submodule in source.submodules(ref)]
    source.fetch(submodules)
    return source, submodules


def reader_seconds(source: ReleaseSource, submodules: list[Submodule]) -> float:
    """How long the reader takes for all of it."""
    started = time.perf_counter()
    for submodule in submodules:
        files = source.read(submodule)
        assert files.libraries
        assert files.includes
    return time.perf_counter() - started


def git_seconds(clones: Path, submodules: list[Submodule]) -> float:
    """How long git takes to print the same trees and contents, each content once a repository."""
    printed: dict[str, set[str]] = {}
    started = time.perf_counter()
    for submodule in dict.fromkeys(submodules):
        clone = clones / f"{submodule.repository}.git"
        hashes = set(_listed(clone, submodule.commit)) - printed.setdefault(submodule.repository, set())
        printed[submodule.repository] |= hashes
        asked = "".join(f"{hash}\n" for hash in hashes).encode()
        command = ["git", "-C", str(clone), "cat-file", "--batch"]
        subprocess.run(command, input=asked, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def _listed(clone: Path, commit: str) -> Iterator[str]:
    listing = subprocess.run(["git", "-C", str(clone), "ls-tree", "-r", commit], check=True, capture_output=True)
    for line in listing.stdout.decode().splitlines():
        yield line.split()[2]


def run() -> list[Figure]:
    """Measure both in turn, so that what else the machine does meets both."""
    with tempfile.TemporaryDirectory(prefix="boost-releases-") as scratch:
        hosting, clones = made(Path(scratch) / "host"), Path(scratch) / "clones"
        pairs = []
        for _ in range(TIMES):
            source, submodules = opened(hosting, clones)
            pairs.append((git_seconds(clones, submodules), reader_seconds(source, submodules)))
        first, _ = opened(hosting, Path(scratch) / "again")
    git, reader = min(git for git, _ in pairs), min(reader for _, reader in pairs)
    return [
        Figure("time", "time of reading", reader / git, at_most=RATIO, baseline="git ls-tree and cat-file"),
        Figure("fetches", "fetches a repository", first.fetches / (LIBRARIES + 1), "", at_most=FETCHES),
        Figure("releases", f"releases of {LIBRARIES} libraries a second", RELEASES / reader, "/s"),
    ]
