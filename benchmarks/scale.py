"""What a row costs at 1, 10 and 100 times a size: in the bulk path, git reader, dashboard and vector selection.

The base is a share of all Boost, so that the largest size takes minutes and not a day: ``SCALE_BENCHMARK_OF_BOOST``
thousandths of 300,000 commits, 170,000 messages, and 5,000,000 usages with all that belongs to them. By default these
are 5, so the steps are 0.005, 0.05 and 0.5 times all Boost: a 200th of the sizes that were asked for. Each cost is the
best of several tries, more of the small ones; fixed costs, which weigh most in the smallest size, are part of it. What
is bounded is growth: a row of the larger size may cost 1.3 times what it costs in the smaller.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import _scale_rows, bulk_writer, git_reader
from benchmarks.figures import Figure
from benchmarks.processes import server
from boost_collectors.core.database import Database
from boost_collectors.core.database.embedded import EmbeddedPostgres

STEPS = (1, 10, 100)
SHARE = int(os.environ.get("SCALE_BENCHMARK_OF_BOOST", "5")) / 1000
COMMITS, MESSAGES = 300_000, 170_000
GROWTH = 1.3
TRIES = {1: 7, 10: 3, 100: 2}


def run() -> list[Figure]:
    """Measure on a server of its own."""
    with tempfile.TemporaryDirectory(prefix="scale-") as name, server() as postgres:
        folder = Path(name)
        return [
            *_figures("bulk", "a merged row", COMMITS, lambda rows: _merging(postgres, rows)),
            *_figures("git", "a commit read from git", COMMITS, lambda commits: _reading(folder, commits)),
            *_figures(
                "dashboard", "a usage in the dashboard", _scale_rows.USAGES, _scale_rows.dashboard(postgres, folder)
            ),
            *_figures("vectors", "a document selected for the index", MESSAGES, _scale_rows.selecting(postgres)),
        ]


def _figures(key: str, name: str, boost: int, prepared: Callable[[int], Callable[[], float]]) -> list[Figure]:
    """The cost of one of ``boost * SHARE * step`` rows. ``prepared`` makes so many and returns what takes seconds."""
    costs, counts = [], []
    for step in STEPS:
        count = max(1, round(boost * SHARE * step))
        seconds = prepared(count)
        costs.append(min(seconds() for _ in range(TRIES[step])) / count)
        counts.append(count)
    return [*_each(key, name, costs, counts), *_growth(key, name, costs)]


def _each(key: str, name: str, costs: Sequence[float], counts: Sequence[int]) -> list[Figure]:
    return [
        Figure(f"{key}_{step}", f"{name}, of {count:,}", cost * 1e6, "µs")
        for step, cost, count in zip(STEPS, costs, counts, strict=True)
    ]


def _growth(key: str, name: str, costs: Sequence[float]) -> list[Figure]:
    one, ten, hundred = costs
    return [
        Figure(f"{key}_growth", f"{name}, at 100", hundred / one, at_most=GROWTH, baseline="at 1"),
        Figure(f"{key}_growth_last", f"{name}, at 100", hundred / ten, at_most=GROWTH, baseline="at 10"),
    ]


def _merging(postgres: EmbeddedPostgres, rows: int) -> Callable[[], float]:
    """Merging that many rows into an empty table with three indexes."""
    postgres.ensure_database("bulk")
    url = postgres.url("bulk")

    def seconds() -> float:
        with Database(url) as database:
            bulk_writer.fresh_table(database)
            started = time.perf_counter()
            assert bulk_writer.merge(database, bulk_writer.commits(rows)).inserted == rows
            return time.perf_counter() - started

    return seconds


def _reading(folder: Path, commits: int) -> Callable[[], float]:
    """Reading a history of that many commits with their patches."""
    repository = git_reader.synthetic(folder / f"{commits}.git", commits)
    tips = git_reader.tips(repository)

    def seconds() -> float:
        reading = git_reader.read(repository, tips, True)
        assert reading.commits == commits
        return reading.seconds

    return seconds
