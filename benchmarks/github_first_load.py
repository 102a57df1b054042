"""The first load of an organisation as large as boostorg, and the run after it.

170 repositories with 300,000 commits, 60,000 issues and 40,000 pull requests, each with three comments, the pull
requests also with three reviews and a thread of two: that is ``GITHUB_BENCHMARK_SCALE=1``; ``make bench`` takes a
hundredth. Sandbox, PostgreSQL (durable) and collector have a process each; the collector is the command as it ships, on
one token, without Markdown. What is stored is counted against what was generated; the second run may write no row.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from benchmarks.figures import Figure
from benchmarks.processes import ROOT, SandboxProcess, environment, new_database, own_peak_memory, sandbox, server
from boost_collectors.core.database import Database
from boost_collectors.core.database.migrations import all_tables
from include.sandbox.github.generated import GeneratedOrganization

COMMAND = "run_boost_github_activity_tracker"
SCALE = float(os.environ.get("GITHUB_BENCHMARK_SCALE", "0.01"))
MOST_MEMORY = 600
T = "github_activity_tracker_"
# Comparisons and bookkeeping are written by every run.
COLLECTED = (T, "cppa_user_tracker_")
NOTED = f"{T}completeness"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command: its counts, seconds by the clock and by its own processor, and peak memory in bytes."""

    counts: dict[str, int]
    seconds: float
    cpu: float
    peak: int


def run() -> list[Figure]:
    """Load, count, and run once more."""
    organization = boost_like(SCALE)
    with tempfile.TemporaryDirectory() as name, server() as postgres:
        url = new_database(postgres)
        with sandbox("--cache", f"{name}/sandbox", "--generate", spelled(organization)) as source:
            first = _collect(source, url, name, organization.name)
            missing = _missing(url, organization)
            before = _versions(url)
            second = _collect(source, url, name, organization.name)
            rewritten = _versions(url) != before
            return _figures(organization, source, (first, second), missing, rewritten)


def boost_like(scale: float) -> GeneratedOrganization:
    """An organisation of so many times the commits, issues and pull requests of boostorg."""
    return GeneratedOrganization(
        name="boostorg-like",
        superproject="boost",
        repositories=170,
        commits=round(300_000 * scale),
        issues=round(60_000 * scale),
        pull_requests=round(40_000 * scale),
    )


def spelled(organization: GeneratedOrganization) -> str:
    """What ``--generate`` takes."""
    names = ("name", "superproject", "repositories", "commits", "issues", "pull_requests")
    return ",".join(f"{name}={getattr(organization, name)}" for name in names)


def _figures(
    organization: GeneratedOrganization, source: SandboxProcess, runs: tuple[Run, Run], missing: int, rewritten: bool
) -> list[Figure]:
    first, second = runs
    items = organization.issues + organization.pull_requests
    return [
        Figure("commits", "commits", organization.commits, ""),
        Figure("items", "issues and pull requests", items, ""),
        Figure("first", "first load", first.seconds, "s"),
        Figure("processor", "of it the collector's own processor time", first.cpu, "s"),
        Figure("rate", "commits and items a second", (organization.commits + items) / first.seconds, "/s"),
        Figure("requests", "API requests", first.counts["github_requests"], "", better="less"),
        Figure("points", "GraphQL points", first.counts["github_graphql_points"], "", better="less"),
        Figure("missing", "rows missing or too many", missing, "", at_most=0),
        Figure("memory", "peak memory of the collector", first.peak / 1e6, "MB", at_most=MOST_MEMORY),
        Figure("sandbox_memory", "peak memory of the sandbox", source.peak_memory / 1e6, "MB", at_most=MOST_MEMORY),
        Figure("second", "second run", second.seconds, "s"),
        Figure("second_requests", "its API requests that counted", _counted(second), "", at_most=100),
        Figure("rewritten", "tables that it wrote to", int(rewritten), "", at_most=0),
    ]


def _counted(run: Run) -> int:
    return run.counts["github_requests"] - run.counts.get("github_not_modified", 0)


def _collect(source: SandboxProcess, url: str, folder: str, owner: str) -> Run:
    variables = source.environment | {
        "BOOST_GITHUB_OWNER": owner,
        "DATABASE_URL": url.replace("+psycopg", ""),
        "WORKSPACE_DIR": f"{folder}/workspace",
    }
    command = [sys.executable, "-m", "benchmarks.github_first_load"]
    started = time.perf_counter()
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, env=environment(**variables), text=True, cwd=ROOT
    )
    told = json.loads(done.stdout.splitlines()[-1])
    return Run(told["counts"], time.perf_counter() - started, told["cpu"], told["peak"])


def _collect_and_tell() -> None:
    from boost_collectors import registry
    from boost_collectors.core.execution import Request, execute
    from boost_collectors.core.settings import Settings

    arguments = ["--skip-markdown-export"]
    result = execute(registry.find(COMMAND), Request(arguments), settings=Settings.load(env_file=None))
    assert result is not None
    told = {"counts": dict(result.counts), "cpu": time.process_time(), "peak": own_peak_memory()}
    print(json.dumps(told))


def _missing(url: str, organization: GeneratedOrganization) -> int:
    """By how many rows the tables differ from what was generated; 0 when nothing is lost and nothing doubled."""
    items = organization.issues + organization.pull_requests
    expected = {
        "githubrepository": organization.repositories,
        "gitcommit": organization.commits,
        "gitcommitfilechange": organization.commits,
        "issue": organization.issues,
        "pullrequest": organization.pull_requests,
        "pullrequestverdict": organization.pull_requests * organization.reviews,
        "pullrequestthread": organization.pull_requests * organization.threads,
        "pullrequestreview": organization.pull_requests * organization.threads * 2,
    }
    stored = {name: _count(url, name) for name in (*expected, "issuecomment", "pullrequestcomment")}
    comments = stored.pop("issuecomment") + stored.pop("pullrequestcomment")
    differing = {name: (stored[name], count) for name, count in expected.items() if stored[name] != count}
    if differing:
        print(f"stored and generated differ: {differing}")
    return sum(abs(found - count) for found, count in differing.values()) + abs(
        comments - items * organization.comments
    )


def _count(url: str, name: str) -> int:
    with Database(url) as database, database.session() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {T}{name}")).scalar_one())


def _versions(url: str) -> dict[str, tuple[Any, ...]]:
    """A fingerprint of the physical rows of every table: differs as soon as one is written, if with the same values."""
    names = [table.name for table in all_tables().sorted_tables if table.name.startswith(COLLECTED)]
    query = "SELECT count(*), sum(hashtext(ctid::text || xmin::text)::bigint) FROM {}"
    with Database(url) as database, database.session() as session:
        return {name: tuple(session.execute(text(query.format(name))).one()) for name in names if name != NOTED}


if __name__ == "__main__":
    _collect_and_tell()
