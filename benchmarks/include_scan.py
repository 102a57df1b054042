"""Finding includes of Boost in real headers, against ripgrep counting the lines that look like them.

Both find and read the same files of Boost 1.81.0 on a memory disk, in turn, and the best time of each counts: with one
thread and one process, as a worker scans, and with as many as the machine has cores. ripgrep sees lines, also those in
comments and in ``#if 0``; the scanner must find the others, and no more than there are lines.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path

from benchmarks.figures import Figure
from boost_collectors.boost_usage_tracker.scan.includes import boost_includes

ARCHIVE = Path(__file__).parents[2] / "shared" / "data" / "boost-meta" / "boost-1.81.0-headers.tar.xz"
LINE = r'^[ \t]*#[ \t]*include[ \t]*[<"]boost/'
TIMES = 7
LARGEST_FILE = 1 << 23


def run() -> list[Figure]:
    """Unpack the headers and read them; says so and measures nothing where the data or ripgrep is missing."""
    program = shutil.which("rg")
    if program is None or not ARCHIVE.exists():
        print("include_scan is skipped: there is no", "rg" if program is None else ARCHIVE)
        return []
    place = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=place) as name, tarfile.open(ARCHIVE) as archive:
        archive.extractall(name, filter="data")
        return _measure(program, Path(name))


def _measure(program: str, folder: Path) -> list[Figure]:
    cores = os.cpu_count() or 1
    with get_context("fork").Pool(cores) as pool:

        def spread() -> int:
            return sum(pool.map(scan, _parts(list(_files(folder)), cores), chunksize=1))

        spread()
        many = _best(lambda: ripgrep(program, folder, cores), spread)
    one = _best(lambda: ripgrep(program, folder, 1), lambda: scan(list(_files(folder))))
    lines, found, plain = ripgrep(program, folder, 1), scan(list(_files(folder))), _plain_lines(folder)
    size = sum(Path(path).stat().st_size for path in _files(folder))
    return [
        Figure("rate against ripgrep, one core each", one[0] / one[1], at_least=0.5),
        Figure("rate against ripgrep, all cores each", many[0] / many[1]),
        Figure("scanned on one core", size / one[1] / 1e6, "MB/s"),
        Figure("lines that ripgrep counts", lines, "lines", at_least=plain, at_most=plain),
        Figure("includes that the scanner finds", found, "includes", at_least=lines * 0.99, at_most=lines),
    ]


def _best(first: Callable[[], int], second: Callable[[], int]) -> tuple[float, float]:
    """The best seconds of both, taken in turn so that what else the machine does meets both."""
    pairs = [(_seconds(first), _seconds(second)) for _ in range(TIMES)]
    return min(one for one, _ in pairs), min(other for _, other in pairs)


def _seconds(action: Callable[[], int]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def ripgrep(program: str, folder: Path, threads: int) -> int:
    """How many lines look like an include."""
    command = [program, "--no-config", "--no-ignore", "--hidden", "-j", str(threads), "-c", LINE, str(folder)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return sum(int(line.rpartition(":")[2]) for line in output.splitlines())


def scan(paths: Sequence[str]) -> int:
    """How many includes the scanner finds in files."""
    return sum(len(boost_includes(content)) for content in _contents(paths))


def _contents(paths: Sequence[str]) -> Iterator[bytes]:
    buffer = bytearray(LARGEST_FILE)
    view = memoryview(buffer)
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            yield bytes(view[: os.readv(descriptor, [buffer])])
        finally:
            os.close(descriptor)


def _files(folder: Path) -> Iterator[str]:
    folders = [str(folder)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    yield entry.path


def _parts(paths: Sequence[str], count: int) -> Iterator[Sequence[str]]:
    return (paths[start::count] for start in range(count))


def _plain_lines(folder: Path) -> int:
    """The same count by Python's own regular expressions: that ripgrep reads what the scanner reads."""
    pattern = re.compile(LINE.encode(), re.MULTILINE)
    return sum(len(pattern.findall(content)) for content in _contents(list(_files(folder))))
