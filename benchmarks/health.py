"""How long a probe waits for ``GET /health/`` on a running api-server, against Airflow's own health route.

A scheduler and an api-server of their own are started on an embedded PostgreSQL. Requests come from another process,
100 a second over kept connections, sent whether or not earlier ones have been answered. The routes take turns, so that
whatever else the machine does meets all of them. Baselines: ``/api/v2/monitor/health``, which also asks a database, at
a quarter of the rate (it cannot keep up with the whole), and our route refusing a POST, which asks nothing: what
Airflow's routing and Flask cost by themselves.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from benchmarks.figures import Figure
from benchmarks.open_loop import Latencies, Load, send
from include.stack.profile import Profile, demo_profile
from include.stack.runtime import running

RATE, SECONDS, TURNS = 100, 20, 5
LIMIT_MS = 25
MONITOR_RATE = RATE / 4


def run() -> list[Figure]:
    """The figures, milliseconds and ratios."""
    with _api_server() as url:
        loads = _loads(url)
        for load in loads.values():
            send(load)  # warm
        turns: dict[str, list[Latencies]] = {name: [] for name in loads}
        for _ in range(TURNS):
            for name, load in loads.items():
                turns[name].append(send(load))
    health, monitor, refused = (Latencies.of(turns[name]) for name in ("health", "monitor", "refused"))
    return [
        _beside("p50", health.percentile(50), monitor.percentile(50)),
        _beside("p99", health.percentile(99), monitor.percentile(99), LIMIT_MS),
        Figure("best_p99", "p99 of the best of its turns", min(turn.percentile(99) for turn in turns["health"]), "ms"),
        Figure(
            "p50_unchecked", "p50", health.percentile(50) / refused.percentile(50),
            baseline="the same route without a check", better="less",
        ),
    ]  # fmt: skip


def _beside(which: str, ours: float, theirs: float, most: float | None = None) -> Figure:
    return Figure(
        which, f"GET /health/, {which}", ours, "ms", at_most=most,
        baseline="/api/v2/monitor/health", baseline_value=theirs, better="less",
    )  # fmt: skip


def _loads(url: str) -> dict[str, Load]:
    seconds = SECONDS / TURNS
    return {
        "health": Load(f"{url}/health/", RATE, seconds, status=503),  # nothing has been collected there yet
        "refused": Load(f"{url}/health/", RATE, seconds, method="POST", status=405),
        "monitor": Load(f"{url}/api/v2/monitor/health", MONITOR_RATE, seconds),
    }


@contextmanager
def _api_server() -> Iterator[str]:
    """The URL of the api-server of a stack without DAGs, which is gone after the block."""
    with tempfile.TemporaryDirectory(prefix="health-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the database server may run as another user
        (folder / "dags").mkdir()
        demo = demo_profile({**os.environ, "WORKSPACE_DIR": name})
        profile = Profile("demo", demo.root, demo.environment, dags=folder / "dags")
        with running(profile, Console(quiet=True)) as stack:
            yield stack.api.url
