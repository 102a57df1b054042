"""Boost's documentation pages as Markdown, against pandoc on the same pages: one process per page, as it is used.

Needs the real pages, which are not in the repository, and pandoc.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import Figure, MissingError
from boost_collectors.boost_library_docs_tracker.html_page import decode
from boost_collectors.boost_library_docs_tracker.markdown import html_to_markdown

PAGES = Path(__file__).parents[2] / "shared" / "data" / "boost-docs"
PANDOC = ("pandoc", "--from", "html", "--to", "gfm+pipe_tables", "--wrap", "none")


def run(pages: Path = PAGES) -> list[Figure]:
    """Convert every page by both, in the same run, in turns, so that both meet the same load."""
    files = sorted(pages.rglob("*.html"))
    if not files or shutil.which(PANDOC[0]) is None:
        lacking = f"pages below {pages}" if not files else "pandoc on the PATH"
        raise MissingError(f"there are no {lacking}" if not files else f"there is no {lacking}")
    html_to_markdown("<p>warm</p>")
    pairs = [(_measured(_ours, file), _measured(_pandoc, file)) for file in files]
    ours, ours_cpu, theirs, theirs_cpu = (sum(part) for part in zip(*(a + b for a, b in pairs), strict=True))
    return [
        Figure(
            "pages",
            f"pages a second, of {len(files)}",
            len(files) / ours,
            "pages/s",
            baseline="pandoc",
            baseline_value=len(files) / theirs,
            better="more",
        ),
        Figure("speed", "speed", theirs / ours, at_least=10, baseline="pandoc"),
        Figure("speed_processor", "speed by processor time", theirs_cpu / ours_cpu, at_least=10, baseline="pandoc"),
    ]


def _ours(file: Path) -> None:
    html_to_markdown(decode(file.read_bytes()))


def _pandoc(file: Path) -> None:
    subprocess.run([*PANDOC, file], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _measured(convert: Callable[[Path], None], file: Path) -> tuple[float, float]:
    """Seconds, and seconds of processor time, those of the processes it started included."""
    before, started = os.times(), time.perf_counter()
    convert(file)
    seconds, after = time.perf_counter() - started, os.times()
    return seconds, sum(after[:4]) - sum(before[:4])
