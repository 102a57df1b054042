"""The collector over smart HTTP, from a host that may misbehave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from boost_collectors.core.context import RunContext
from boost_collectors.core.database import Database
from boost_collectors.core.errors import NetworkError, RateLimited
from boost_collectors.github_activity_tracker.collector import BoostGithubActivityCollector
from include.sandbox import Sandbox

Collect = Callable[..., BoostGithubActivityCollector]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def collect(sandbox: Sandbox, make_settings: Any, make_context: Any, database_url: str) -> Collect:
    def make(**fields: Any) -> BoostGithubActivityCollector:
        without_token = sandbox.environment() | {"GITHUB_TOKENS_SCRAPING": ""}
        settings = make_settings(DATABASE_URL=database_url, **without_token)
        context: RunContext = make_context("run_boost_github_activity_tracker", settings=settings, **fields)
        return BoostGithubActivityCollector(context)

    return make


def commits(database: Database) -> list[tuple[str, int]]:
    query = (
        "SELECT repo_name, count(*) FROM github_activity_tracker_gitcommit c "
        "JOIN github_activity_tracker_githubrepository r ON r.id = c.repo_id GROUP BY 1 ORDER BY 1"
    )
    with database.session() as session:
        return [tuple(row) for row in session.execute(text(query))]


def test_the_sample_repositories_are_collected_without_an_api_request(
    collect: Collect, sandbox: Sandbox, database: Database
) -> None:
    first = collect().run()
    assert first.success
    assert first.counts["commits_inserted"] == sum(count for _, count in commits(database))
    assert {name for name, _ in commits(database)} == {"boost", "config", "json", "system"}
    assert all(request.path.startswith("/git/") for request in sandbox.requests)
    sent = len(sandbox.requests)
    second = collect().run()
    assert (second.counts["git_fetches"], second.counts["units"]) == (0, 4)
    # Protocol version 2 asks twice: what the server can do, and what its refs are.
    assert len(sandbox.requests) - sent <= 2 * 4


@pytest.mark.parametrize(
    ("kind", "details"),
    [("status", {"status": 503}), ("dropped", {}), ("truncated", {})],
)
def test_a_host_that_fails_once_loses_nothing(
    collect: Collect, sandbox: Sandbox, database: Database, kind: str, details: dict[str, Any]
) -> None:
    sandbox.faults.add("/git/boostorg/system.git/*", kind, after=2, **details)
    collector = collect()
    result = collector.run()
    assert not result.success
    assert {key: type(error) for key, error in collector.failures.items()} == {"boostorg/system": NetworkError}
    assert {name for name, _ in commits(database)} >= {"boost", "config", "json"}
    assert collect().run().success
    damaged = commits(database)
    assert collect().run().success
    assert commits(database) == damaged
    assert dict(damaged)["system"] > 0


def test_a_host_that_throttles_ends_the_run_until_later(collect: Collect, sandbox: Sandbox, database: Database) -> None:
    sandbox.faults.add("/git/boostorg/system.git/*", "status", status=429, after=2)
    collector = collect()
    assert not collector.run().success
    limit = collector.failures["boostorg/system"]
    assert isinstance(limit, RateLimited)
    assert limit.retry_at > datetime.now(UTC)
    assert collect().run().success
