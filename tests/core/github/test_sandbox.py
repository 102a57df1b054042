"""The client against the sandbox's GitHub, which keeps GitHub's published rules on a clock that tests set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from boost_collectors.core.database import Database
from boost_collectors.core.errors import RateLimited
from boost_collectors.core.github.client import GitHubClient
from boost_collectors.core.github.quota import Bucket
from boost_collectors.core.settings import Settings
from include.sandbox.github.limits import LimitOptions
from include.sandbox.server import Sandbox

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TOKENS = {"token-a1": "ann", "token-a2": "ann", "token-b1": "bob", "token-b2": "bob", "token-c1": "cyd"}
OWNERS = ("ann", "bob", "cyd")
QUERY = "query { rateLimit { cost remaining resetAt } viewer { login } }"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    limits = LimitOptions(core=60, graphql=40, points_rest=None, points_graphql=None)
    with Sandbox(limits=limits) as sandbox:
        sandbox.github.clock.set(NOW)
        sandbox.github.tokens.update(TOKENS)
        yield sandbox


@pytest.fixture
def make_worker(
    sandbox: Sandbox, database_url: str, make_settings: Callable[..., Settings]
) -> Iterator[Callable[[], GitHubClient]]:
    """A worker as another process would be: a database pool, a client and leases of its own; it may not wait."""
    databases, clients = [], []
    given = {"GITHUB_TOKENS_SCRAPING": ",".join(TOKENS), "GITHUB_QUOTA_RESERVE": "0"}
    settings = make_settings(**sandbox.environment() | given)

    def no_wait(seconds: float) -> None:
        raise AssertionError(f"a wait of {seconds} s")

    def make() -> GitHubClient:
        databases.append(Database(database_url))
        clock = sandbox.github.clock
        client = GitHubClient.from_settings(
            settings, databases[-1], clock=lambda: datetime.fromtimestamp(clock.now(), UTC), sleep=no_wait
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()
    for database in databases:
        database.close()


def remaining(sandbox: Sandbox, bucket: str) -> list[int]:
    return [sandbox.github.limits.window(owner, bucket).remaining for owner in OWNERS]


def until_spent(ask: Callable[[], object]) -> tuple[int, datetime]:
    answered = 0
    while True:
        try:
            ask()
        except RateLimited as error:
            return answered, error.retry_at
        answered += 1


def test_three_workers_use_up_every_window_and_defer_to_the_next(
    sandbox: Sandbox, make_worker: Callable[[], GitHubClient]
) -> None:
    workers = [make_worker() for _ in range(3)]
    # Five tokens were asked for their user in the first hour.
    for expected in (3 * 60 - len(TOKENS), 3 * 60):
        with ThreadPoolExecutor(3) as pool:
            ended = list(pool.map(lambda worker: until_spent(lambda: worker.rest("/user")), workers))
        assert sum(answered for answered, _ in ended) == expected
        assert remaining(sandbox, "core") == [0, 0, 0]
        assert sum(sandbox.github.limits.refused.values()) == 0
        retry_at = {moment for _, moment in ended}
        assert len(retry_at) == 1
        assert min(retry_at) - datetime.fromtimestamp(sandbox.github.clock.now(), UTC) == timedelta(hours=1)
        sandbox.github.clock.set(min(retry_at))


def test_graphql_is_counted_apart(sandbox: Sandbox, make_worker: Callable[[], GitHubClient]) -> None:
    worker = make_worker()
    answered, retry_at = until_spent(lambda: worker.graphql(QUERY))
    assert (answered, retry_at) == (3 * 40, NOW + timedelta(hours=1))
    assert remaining(sandbox, "graphql") == [0, 0, 0]
    assert sum(sandbox.github.limits.refused.values()) == 0
    assert worker.points[Bucket.GRAPHQL] == 120
    assert worker.rest("/user").status == 200


def test_three_workers_spend_two_buckets_at_once_and_exceed_neither(
    sandbox: Sandbox, make_worker: Callable[[], GitHubClient]
) -> None:
    workers = [make_worker() for _ in range(3)]
    asks: list[Callable[[], object]] = [partial(worker.rest, "/user") for worker in workers]
    asks += [partial(worker.graphql, QUERY) for worker in workers]
    with ThreadPoolExecutor(len(asks)) as pool:
        ended = list(pool.map(until_spent, asks))
    # Whoever defers does so because there is nothing left: every point of every owner was spent, and no more.
    assert sum(answered for answered, _ in ended[:3]) == 3 * 60 - len(TOKENS)
    assert sum(answered for answered, _ in ended[3:]) == 3 * 40
    for bucket, limit in (("core", 60), ("graphql", 40)):
        assert [sandbox.github.limits.window(owner, bucket).used for owner in OWNERS] == [limit] * 3
    assert sum(sandbox.github.limits.refused.values()) == 0
    assert {moment for _, moment in ended} == {NOW + timedelta(hours=1)}


def test_a_secondary_limit_moves_the_work_to_the_others(
    sandbox: Sandbox, make_worker: Callable[[], GitHubClient]
) -> None:
    worker = make_worker()
    worker.rest("/user")
    for owner in ("ann", "bob"):
        sandbox.github.limits.hold(owner, 60)
    assert {worker.rest("/user").data["login"] for _ in range(10)} == {"cyd"}
    assert sandbox.github.limits.refused["secondary"] <= 2


def test_an_unchanged_page_is_free(sandbox: Sandbox, make_worker: Callable[[], GitHubClient]) -> None:
    worker = make_worker()
    page = worker.rest("/repos/boostorg/config/issues", params={"state": "all"})
    before = remaining(sandbox, "core")
    again = worker.rest("/repos/boostorg/config/issues", params={"state": "all"}, etag=page.etag)
    assert (again.not_modified, again.data) == (True, None)
    assert remaining(sandbox, "core") == before
