"""Many workers, few tokens: the quota is never exceeded, always used up, and nobody waits for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from boost_collectors.core.database import Database
from boost_collectors.core.errors import RateLimited
from boost_collectors.core.github.client import GitHubClient
from boost_collectors.core.github.ledger import LEASE_TIME, Ledger
from boost_collectors.core.github.quota import Bucket
from tests.core.github.small_github import START, Answer, SmallGitHub

MakeClient = Callable[..., GitHubClient]
ROOT = Path(__file__).parents[3]
USERS = {"token-a1": "ann", "token-a2": "ann", "token-b1": "bob", "token-b2": "bob", "token-c1": "cyd"}
TOKENS = tuple(USERS)


def until_spent(ask: Callable[[], object]) -> None:
    """Ask until there is no quota left."""
    with suppress(RateLimited):
        while True:
            ask()


def test_three_workers_share_five_tokens_of_three_owners(server: SmallGitHub, database_url: str) -> None:
    server.users = dict(USERS)
    server.limits[Bucket.CORE] = 300
    workers = [start_worker(server, database_url) for _ in range(3)]
    ended = [worker.communicate(timeout=60)[0].split() for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    # Each owner's last point was spent, and no request was refused for it.
    assert [server.remaining(login) for login in ("ann", "bob", "cyd")] == [0, 0, 0]
    assert server.refused.total() == 0
    asked_users = len(server.asked("/user"))
    assert sum(int(answered) for answered, _ in ended) == 900 - asked_users
    assert {datetime.fromisoformat(retry_at) for _, retry_at in ended} == {START + timedelta(hours=1)}


def start_worker(server: SmallGitHub, database_url: str, threads: int = 4) -> subprocess.Popen[str]:
    arguments = [server.url, database_url, ",".join(TOKENS), server.now.isoformat(), str(threads)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.core.github.sharing_worker", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_each_block_goes_to_the_owner_with_most_left(server: SmallGitHub, make_client: MakeClient) -> None:
    server.users = dict(USERS)
    server.limits[Bucket.CORE] = 500
    client = make_client(*TOKENS)
    for number in range(300):
        client.rest(f"/repos/o/r{number}")
    left = [server.remaining(login) for login in ("ann", "bob", "cyd")]
    assert max(left) - min(left) <= 40


def test_one_transaction_serves_many_requests(server: SmallGitHub, make_client: MakeClient, database: Database) -> None:
    server.users = dict(USERS)
    client = make_client(*TOKENS)
    client.rest("/repos/o/r")
    before = commits(database)
    for number in range(390):
        client.rest(f"/repos/o/r{number}")
    assert commits(database) - before <= 10


def commits(database: Database) -> int:
    """Leases ever made: each is one transaction."""
    with database.session() as session:
        return int(session.connection().exec_driver_sql("SELECT max(id) FROM core_github_lease").scalar_one())


def test_spent_quota_defers_and_comes_back(server: SmallGitHub, make_client: MakeClient, waits: list[float]) -> None:
    server.users = {"token-a1": "ann"}
    server.limits[Bucket.SEARCH] = 3
    client = make_client("token-a1")
    for _ in range(3):
        client.rest("/search/issues", params={"q": "x"})
    with pytest.raises(RateLimited) as caught:
        client.rest("/search/issues", params={"q": "x"})
    assert caught.value.retry_at == START + timedelta(minutes=1)
    assert client.rest("/repos/o/r").status == 200
    server.advance(minutes=1)
    assert client.rest("/search/issues", params={"q": "x"}).status == 200
    assert (waits, server.refused.total()) == ([], 0)


def test_the_earliest_reset_is_named(server: SmallGitHub, make_client: MakeClient) -> None:
    server.users = {"token-a1": "ann", "token-b1": "bob"}
    server.limits[Bucket.CODE_SEARCH] = 1
    first, both = make_client("token-a1"), make_client("token-a1", "token-b1")
    first.rest("/search/code")
    server.advance(seconds=20)
    both.rest("/search/code")
    with pytest.raises(RateLimited) as caught:
        both.rest("/search/code")
    assert caught.value.retry_at == START + timedelta(minutes=1)


def test_the_reserve_is_left_for_writing(server: SmallGitHub, make_client: MakeClient) -> None:
    server.users = {"token-a1": "ann"}
    server.limits[Bucket.CORE] = 40
    reader = make_client("token-a1", GITHUB_QUOTA_RESERVE="50")
    until_spent(lambda: reader.rest("/repos/o/r"))
    assert server.remaining("ann") == 4
    writer = make_client("token-a1", use="write", GITHUB_QUOTA_RESERVE="50")
    assert writer.send("POST", "/repos/o/r/issues", {"title": "x"}).status == 200


def test_points_of_a_dead_worker_come_back(server: SmallGitHub, make_client: MakeClient, database: Database) -> None:
    server.users = {"token-a1": "ann"}
    server.limits[Bucket.CORE] = 101
    client = make_client("token-a1")
    client.rest("/repos/o/r")
    owner = next(iter(client._owners.names()))
    ledger = Ledger(database, reserve=0, clock=server.clock)
    ledger.lease(Bucket.CORE, [owner], 80)
    for _ in range(19):
        client.rest("/repos/o/r")
    with pytest.raises(RateLimited):
        client.rest("/repos/o/r")
    server.advance(seconds=LEASE_TIME.total_seconds())
    for _ in range(80):
        client.rest("/repos/o/r")
    assert (server.remaining("ann"), server.refused.total()) == (0, 0)


def test_spending_outside_the_ledger_is_noticed(server: SmallGitHub, make_client: MakeClient) -> None:
    server.users = {"token-a1": "ann", "token-b1": "bob"}
    server.limits[Bucket.CORE] = 100
    client = make_client("token-a1", "token-b1")
    client.rest("/repos/o/r")
    server.used["ann", Bucket.CORE] = 100
    until_spent(lambda: client.rest("/repos/o/r"))
    assert server.remaining("bob") == 0
    assert server.refused.total() <= 1


def test_an_answer_that_spends_the_last_point_is_kept(server: SmallGitHub, make_client: MakeClient) -> None:
    server.users = {"token-a1": "ann"}
    server.limits[Bucket.CODE_SEARCH] = 1
    answer = make_client("token-a1").rest("/search/code")
    assert (answer.status, answer.headers["x-ratelimit-remaining"]) == (200, "0")


def test_unchanged_resources_cost_nothing(server: SmallGitHub, make_client: MakeClient) -> None:
    server.users = {"token-a1": "ann"}
    server.limits[Bucket.CORE] = 4
    server.play("/repos/o/r", Answer(304, headers={"ETag": '"1"'}))
    client = make_client("token-a1")
    for _ in range(30):
        assert client.rest("/repos/o/r", etag='"1"').not_modified
    assert client.counts()["github_not_modified"] == 30
    assert client.quota("core").remaining == server.remaining("ann") == 3


def test_what_a_query_costs_is_learnt(server: SmallGitHub, make_client: MakeClient) -> None:
    server.users = {"token-a1": "ann"}
    server.limits[Bucket.GRAPHQL] = 100
    server.play("/graphql", Answer(body={"data": {"rateLimit": {"cost": 7}}}, cost=7))
    client = make_client("token-a1")
    until_spent(lambda: client.graphql("query { rateLimit { cost } }"))
    assert (client.points[Bucket.GRAPHQL], server.remaining("ann", Bucket.GRAPHQL)) == (98, 2)
    assert server.refused.total() == 0


def test_a_secondary_limit_moves_on_to_another_owner_and_grows(
    server: SmallGitHub, make_client: MakeClient, waits: list[float]
) -> None:
    server.users = {"token-a1": "ann"}
    client = make_client("token-a1")
    limit = Answer(403, {"message": "You have exceeded a secondary rate limit."})
    server.play("/repos/o/r", limit)
    times = []
    for _ in range(3):
        with pytest.raises(RateLimited) as caught:
            client.rest("/repos/o/r")
        times.append((caught.value.retry_at - server.now).total_seconds())
        server.now = caught.value.retry_at
    assert (times, waits) == ([60, 120, 240], [])
    server.users["token-b1"] = "bob"
    server.play("/repos/o/r", limit, Answer(body={"id": 1}))
    both = make_client("token-a1", "token-b1")
    assert both.rest("/repos/o/r").data == {"id": 1}
    with pytest.raises(RateLimited):
        make_client("token-a1" if "ann" not in both.rest("/user").data["login"] else "token-b1").graphql("query { a }")


def test_threads_share_one_lease(server: SmallGitHub, make_client: MakeClient) -> None:
    server.users = {"token-a1": "ann"}
    server.limits[Bucket.CORE] = 200
    client = make_client("token-a1")

    def ask(_: int) -> bool:
        try:
            return client.rest("/repos/o/r").status == 200
        except RateLimited:
            return False

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(ask, range(300))) == 199
    assert (server.remaining("ann"), server.refused.total()) == (0, 0)
