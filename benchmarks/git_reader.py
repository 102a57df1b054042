"""The git reader against git itself: both read the same history, git into /dev/null, the reader into commits.

A synthetic repository, and real ones of Boost where they are there; ``python -m benchmarks.git_reader CLONE ...``
takes others. Each is read with and without patches, by both in turn, and the best counts. The commits must be as many
as ``git rev-list --count`` says. The reader's own processor time is the figure to look at when the machine does other
work. Memory is that of a process that reads one repository and nothing else; the synthetic one is also read to a tenth.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from benchmarks.figures import Figure, show
from boost_collectors.core.git import Git
from boost_collectors.github_activity_tracker.git import log_arguments, read_commits

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "git"
COMMITS = int(os.environ.get("GIT_BENCHMARK_COMMITS", "30000"))
TIMES = 3
SECONDS = 5
RATIO = 1.3
GROWTH = 1.2


@dataclass(frozen=True)
class Reading:
    """One way of reading, measured."""

    commits: int
    changes: int
    characters: int
    seconds: float
    cpu: float
    peak_kib: int


def synthetic(path: Path, commits: int) -> Path:
    """A bare repository whose commits change two of 300 small files each."""
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=master", str(path)], check=True)
    writer = subprocess.Popen(["git", "-C", str(path), "fast-import", "--quiet"], stdin=subprocess.PIPE)
    assert writer.stdin is not None
    for number in range(commits):
        writer.stdin.write(_commit(number))
    writer.stdin.close()
    if writer.wait():
        raise SystemExit("git fast-import failed")
    return path


def _commit(number: int) -> bytes:
    message = b"Change number %d\n\nWhat is done here, and why.\n" % number
    person = b"Author %d <author%d@example.org> %d +0000" % (number % 97, number % 97, 1_000_000_000 + number * 600)
    head = b"commit refs/heads/master\nauthor %s\ncommitter %s\ndata %d\n%s\n" % (person, person, len(message), message)
    return head + b"".join(_file(number, which) for which in (number % 300, number * 7 % 300))


def _file(number: int, which: int) -> bytes:
    lines = b"".join(b"line %d of file %d\n" % (line, which) for line in range(30))
    text = lines + b"changed by %d\n" % number + lines
    return b"M 100644 inline libs/library%d/include/file%d.hpp\ndata %d\n%s\n" % (which % 20, which, len(text), text)


def opened(source: Path, scratch: Path) -> Path:
    """A bare repository from a folder, a bundle or a tar file."""
    if source.is_dir():
        return source
    target = scratch / source.name
    if source.suffix == ".tar":
        with tarfile.open(source) as archive:
            archive.extractall(target, filter="data")
        return next(target.glob("**/HEAD")).parent
    subprocess.run(["git", "clone", "--quiet", "--mirror", str(source), str(target)], check=True)
    return target


def tips(repository: Path) -> list[str]:
    """The commits that branches and tags name."""
    names = Git(repository).run("for-each-ref", "--format=%(objectname)", "refs/heads", "refs/tags")
    return sorted(set(names.decode().split()))


def git_seconds(repository: Path, revisions: Sequence[str], *, patches: bool) -> tuple[float, float]:
    """How long git takes to print what the reader reads, by the clock and by the processor."""
    command = ["git", "-C", str(repository), *log_arguments("0" * 48, patches=patches)]
    started, before = time.perf_counter(), _cpu(resource.RUSAGE_CHILDREN)
    subprocess.run(command, input="\n".join(revisions).encode(), stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started, _cpu(resource.RUSAGE_CHILDREN) - before


def _cpu(whose: int) -> float:
    usage = resource.getrusage(whose)
    return usage.ru_utime + usage.ru_stime


def read(repository: Path, revisions: Sequence[str], patches: bool) -> Reading:
    """Read everything and keep nothing."""
    commits = changes = characters = 0
    started, before = time.perf_counter(), _cpu(resource.RUSAGE_SELF)
    for commit in read_commits(Git(repository), revisions, patches=patches):
        commits += 1
        changes += len(commit.files)
        characters += commit.size
    seconds = time.perf_counter() - started
    cpu = _cpu(resource.RUSAGE_SELF) - before
    return Reading(commits, changes, characters, seconds, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def read_alone(repository: Path, revisions: Sequence[str], *, patches: bool) -> Reading:
    """``read`` in a process of its own, whose peak of memory is that of the reader."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(read, (repository, revisions, patches))


def _pairs(
    repository: Path, revisions: Sequence[str], *, patches: bool
) -> Iterator[tuple[tuple[float, float], Reading]]:
    """Git and the reader in turn, so that what else the machine does meets both; short ones more often."""
    started = time.perf_counter()
    times = 0
    while times < TIMES or time.perf_counter() - started < SECONDS:
        times += 1
        seconds = git_seconds(repository, revisions, patches=patches)
        yield seconds, read_alone(repository, revisions, patches=patches)


def measure(repository: Path, *, patches: bool) -> Iterator[Figure]:
    """The figures of one repository."""
    revisions = tips(repository)
    pairs = list(_pairs(repository, revisions, patches=patches))
    git = min(seconds for (seconds, _), _ in pairs)
    git_cpu = min(cpu for (_, cpu), _ in pairs)
    best = min((reading for _, reading in pairs), key=lambda reading: reading.seconds)
    counted = int(Git(repository).run("rev-list", "--count", "--stdin", input="\n".join(revisions).encode()))
    name, how = repository.name.removesuffix(".git"), "patches" if patches else "no patches"
    key, label = f"{name}_{how.replace(' ', '_')}", f"{name}, {how}"
    log, processor = "git log", min(reading.cpu for _, reading in pairs) / git_cpu
    return iter([
        Figure(f"{key}_time", f"{label}: time", best.seconds / git, at_most=RATIO, baseline=log),
        Figure(
            f"{key}_processor", f"{label}: the reader's own processor time", processor, better="less", baseline=log
        ),
        Figure(f"{key}_rate", f"{label}: commits a second", best.commits / best.seconds, "/s"),
        Figure(f"{key}_commits", f"{label}: commits", best.commits, "", at_least=counted, at_most=counted),
    ])  # fmt: skip


def measure_growth(repository: Path) -> list[Figure]:
    """Compare the memory for a tenth of a history with that for the whole."""
    (tip,) = tips(repository)
    tenth = read_alone(repository, [f"{tip}~{COMMITS - COMMITS // 10}"], patches=True)
    whole = read_alone(repository, [tip], patches=True)
    name = f"peak memory for {whole.commits:,} commits"
    return [
        Figure("memory", name, whole.peak_kib * 1024 / 1e6, "MB", better="less"),
        Figure(
            "memory_growth", name, whole.peak_kib / tenth.peak_kib, at_most=GROWTH,
            baseline=f"for {tenth.commits:,}",
        ),
    ]  # fmt: skip


def run(arguments: Sequence[str] = ()) -> list[Figure]:
    """Measure the repositories that are named, or the synthetic one and the real ones that are there."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="git-reader-") as folder:
        scratch = Path(folder)
        sources = [Path(argument) for argument in arguments]
        if not sources:
            made = synthetic(scratch / "synthetic.git", COMMITS)
            figures += measure_growth(made)
            sources = [made, *sorted(DATA.glob("boostorg-*"))]
        for source in sources:
            repository = opened(source, scratch)
            for patches in (True, False):
                figures += measure(repository, patches=patches)
    return figures


if __name__ == "__main__":
    show("git_reader", run(sys.argv[1:]))
