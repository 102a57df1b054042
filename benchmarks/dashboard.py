"""The dashboard of five million usages, against going through the usages one by one as objects.

200 libraries, 30,000 repositories outside Boost, 60 releases and 60,000 commits, made by PostgreSQL on a durable server
of its own. The command as it ships runs twice over them, each time in a process of its own, without publishing. The
baseline asks for the repository, its owner and the header of each usage when it comes to it, for ten seconds: so did
the earlier system, with 236,010 statements and in 218 s for 232,060 usages.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine, create_engine, event, select, text
from sqlalchemy.orm import Session

from benchmarks._dashboard_rows import Scale, fill
from benchmarks.figures import Figure
from benchmarks.processes import ROOT, new_database, own_peak_memory, server
from boost_collectors import registry
from boost_collectors.boost_library_usage_dashboard.places import SLUG
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings

USAGES = int(os.environ.get("DASHBOARD_BENCHMARK_USAGES", "5000000"))
BASELINE_SECONDS = 10.0
COMMAND = "run_boost_library_usage_dashboard"


def run() -> list[Figure]:
    """Measure on an embedded server of its own."""
    with tempfile.TemporaryDirectory() as name, server() as postgres:
        url = new_database(postgres)
        fill_database(url)
        return _figures(url, Path(name))


def fill_database(url: str) -> None:
    """Put the rows of the report into a new database; ``DASHBOARD_BENCHMARK_USAGES`` says how many usages."""
    engine = create_engine(url)
    with engine.begin() as connection:
        fill(connection, replace(Scale(), usages=USAGES))
    # What autovacuum would have done by the next day.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def _figures(url: str, folder: Path) -> list[Figure]:
    first = _measured("report", url, folder)
    second = _measured("report", url, folder)
    each = _measured("baseline", url, folder)["seconds_each"]
    pages = folder / SLUG
    largest = max(path.stat().st_size for path in (pages / "libraries").iterdir())
    return [
        Figure("report", f"first report of {USAGES:,} usages", first["seconds"], "s", at_most=60),
        Figure("memory", "its peak memory", first["memory"] / 1e6, "MB", at_most=500),
        Figure("statements", "its SQL statements", first["statements"], "", at_most=40),
        Figure("files", "its files", first["files"], ""),
        Figure("report_again", "a report that finds nothing changed", second["seconds"], "s", at_most=10),
        Figure("statements_again", "its SQL statements", second["statements"], "", at_most=40),
        Figure("files_again", "files that it wrote", second["files"], "", at_most=0),
        Figure("index_size", "size of the index page", (pages / "index.html").stat().st_size / 1e3, "kB", at_most=150),
        Figure("page_size", "size of the largest page of a library", largest / 1e3, "kB", at_most=100),
        Figure(
            "speed", "speed", each * USAGES / first["seconds"], at_least=20, baseline="usages one by one as objects"
        ),
    ]


def _measured(what: str, url: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.dashboard", what, url, str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _report(url: str, folder: Path) -> dict[str, float]:
    logging.basicConfig(level=logging.WARNING)
    settings = Settings.load({"WORKSPACE_DIR": str(folder), "DATABASE_URL": url}, env_file=None)
    statements = [0]

    @event.listens_for(Engine, "before_cursor_execute")
    def count(*_: object) -> None:
        statements[0] += 1

    before = _files(folder)
    started = time.perf_counter()
    execute(registry.find(COMMAND), Request(("--skip-publish",)), settings=settings)
    seconds = time.perf_counter() - started
    written = [path for path, at in _files(folder).items() if before.get(path) != at]
    return {
        "seconds": seconds,
        "memory": own_peak_memory(),
        "statements": statements[0],
        "files": len(written),
    }


def _files(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def _baseline(url: str, _folder: Path) -> dict[str, float]:
    from boost_collectors.boost_usage_tracker.models import BoostUsage
    from boost_collectors.cppa_user_tracker.models import GithubAccount
    from boost_collectors.github_activity_tracker.models import GithubFile, GithubRepository

    seen = 0
    with Session(create_engine(url)) as session:
        started = time.perf_counter()
        for usage in session.scalars(select(BoostUsage).execution_options(yield_per=1000)):
            repository = session.scalars(select(GithubRepository).filter_by(id=usage.repo_id)).one()
            session.scalars(select(GithubAccount).filter_by(baseprofile_ptr_id=repository.owner_account_id)).one()
            session.scalars(select(GithubFile).filter_by(id=usage.boost_header_id)).one_or_none()
            seen += 1
            if time.perf_counter() - started > BASELINE_SECONDS:
                break
        return {"seconds_each": (time.perf_counter() - started) / seen}


if __name__ == "__main__":
    does = {"report": _report, "baseline": _baseline}[sys.argv[1]]
    print(json.dumps(does(sys.argv[2], Path(sys.argv[3]))))
