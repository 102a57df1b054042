"""Finding includes of Boost in real headers, against ripgrep counting the lines that look like them.

Both find and read the same files of Boost 1.81.0 on a memory disk, in turn, and the best of each counts: with one
thread and one process, as a worker scans, and with as many as the machine has cores. The clock says what the machine
had left for each, processor time what each needs. ripgrep sees lines, also those in comments and in ``#if 0``; the
scanner must find the others, and no more than there are lines.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from benchmarks.figures import Figure, MissingError
from boost_collectors.boost_usage_tracker.scan.includes import boost_includes

ARCHIVE = Path(__file__).parents[2] / "shared" / "data" / "boost-meta" / "boost-1.81.0-headers.tar.xz"
LINE = r'^[ \t]*#[ \t]*include[ \t]*[<"]boost/'
TIMES = 15
ENOUGH, LARGEST_FILE = 1 << 16, 1 << 23


def run() -> list[Figure]:
    """Unpack the headers and read them. Raises MissingError where they or ripgrep are not there."""
    program = shutil.which("rg")
    if program is None or not ARCHIVE.exists():
        raise MissingError("there is no ripgrep" if program is None else "the headers of Boost 1.81.0 are not there")
    place = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=place) as name, tarfile.open(ARCHIVE) as archive:
        archive.extractall(name, filter="data")
        return _measure(program, Path(name))


def _measure(program: str, folder: Path) -> list[Figure]:
    cores = os.cpu_count() or 1
    with get_context("fork").Pool(cores) as pool:

        def spread() -> int:
            return sum(pool.starmap(scan, [(folder, part, cores) for part in range(cores)], chunksize=1))

        spread()
        many = _best(lambda: ripgrep(program, folder, cores), spread)
    one = _best(lambda: ripgrep(program, folder, 1), lambda: scan(folder))
    lines, found, plain = ripgrep(program, folder, 1), scan(folder), _plain_lines(folder)
    size = sum(map(len, _contents(folder)))
    return [
        Figure("rate", "rate on one core", one[0].clock / one[1].clock, at_least=0.5, baseline="ripgrep"),
        Figure(
            "rate_processor",
            "the same by processor time",
            one[0].processor / one[1].processor,
            at_least=0.5,
            baseline="ripgrep",
        ),
        Figure(
            "processor",
            "processor time",
            one[1].processor * 1000,
            "ms",
            baseline="ripgrep",
            baseline_value=one[0].processor * 1000,
            better="less",
        ),
        Figure("rate_all_cores", "rate on all cores", many[0].clock / many[1].clock, baseline="ripgrep", better="more"),
        Figure("scanned", "scanned on one core", size / one[1].clock / 1e6, "MB/s"),
        Figure("lines", "lines that ripgrep counts", lines, "", at_least=plain, at_most=plain),
        Figure(
            "includes",
            "includes that the scanner finds",
            found,
            "",
            at_least=round(lines * 0.99),
            at_most=lines,
            baseline="lines of ripgrep",
            baseline_value=lines,
        ),
    ]


class Seconds(NamedTuple):
    """What a run took."""

    clock: float
    processor: float
    """User and system time of this process and of those it has waited for."""


def _best(first: Callable[[], int], second: Callable[[], int]) -> tuple[Seconds, Seconds]:
    """The best seconds of both, taken in turn so that what else the machine does meets both."""
    pairs = [(_seconds(first), _seconds(second)) for _ in range(TIMES)]
    ones, others = zip(*pairs, strict=True)
    return Seconds(*map(min, *ones)), Seconds(*map(min, *others))


def _seconds(action: Callable[[], int]) -> Seconds:
    started, used = time.perf_counter(), _processor()
    action()
    return Seconds(time.perf_counter() - started, _processor() - used)


def _processor() -> float:
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def ripgrep(program: str, folder: Path, threads: int) -> int:
    """How many lines look like an include."""
    command = [program, "--no-config", "--no-ignore", "--hidden", "-j", str(threads), "-c", LINE, str(folder)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return sum(int(line.rpartition(":")[2]) for line in output.splitlines())


def scan(folder: Path, part: int = 0, parts: int = 1) -> int:
    """How many includes the scanner finds in the files of a folder, or in every so manyth of them."""
    return sum(len(boost_includes(content)) for content in _contents(folder, part, parts))


def _contents(folder: Path, part: int = 0, parts: int = 1) -> Iterator[bytes]:
    for name, inside in islice(_files(folder), part, None, parts):
        descriptor = os.open(name, os.O_RDONLY, dir_fd=inside)
        content = os.read(descriptor, ENOUGH)
        if len(content) == ENOUGH:
            content += os.read(descriptor, LARGEST_FILE)
        os.close(descriptor)
        yield content


def _files(folder: Path) -> Iterator[tuple[str, int]]:
    """Every file below a folder: its name, and the open folder in which it is."""
    folders = [os.open(folder, os.O_RDONLY)]
    while folders:
        inside = folders.pop()
        with os.scandir(inside) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(os.open(entry.name, os.O_RDONLY, dir_fd=inside))
                else:
                    yield entry.name, inside
        os.close(inside)


def _plain_lines(folder: Path) -> int:
    """The same count by Python's own regular expressions: that ripgrep reads what the scanner reads."""
    pattern = re.compile(LINE.encode(), re.MULTILINE)
    return sum(len(pattern.findall(content)) for content in _contents(folder))
