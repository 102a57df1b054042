"""The limits obey GitHub's published rules, by a clock that tests move."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from include.sandbox import Sandbox
from include.sandbox.github import GitHub


def used(answer: httpx.Response) -> tuple[str, int, int]:
    headers = answer.headers
    return headers["X-RateLimit-Resource"], int(headers["X-RateLimit-Used"]), int(headers["X-RateLimit-Remaining"])


def test_a_bucket_belongs_to_the_user_whatever_the_token(client: httpx.Client, github: GitHub) -> None:
    assert used(client.get("/user")) == ("core", 1, 4999)
    other = client.get("/user", headers={"Authorization": "token second-token-of-collector"})
    assert used(other) == ("core", 2, 4998)
    assert used(client.get("/user", headers={"Authorization": "token token-of-ada"})) == ("core", 1, 4999)
    assert used(client.post("/graphql", json={"query": "{ viewer { login } }"})) == ("graphql", 1, 4999)


def test_an_empty_bucket_is_refused_until_its_reset(client: httpx.Client, github: GitHub) -> None:
    github.limits.configure(core=2)
    first = client.get("/user")
    assert int(first.headers["X-RateLimit-Reset"]) == int(github.clock.now()) + 3600
    last = client.get("/user")
    assert (last.status_code, last.headers["X-RateLimit-Remaining"]) == (200, "0")
    refused = client.get("/user")
    assert refused.status_code == 403
    assert refused.json()["message"] == "API rate limit exceeded for user ID 5009."
    assert used(refused) == ("core", 2, 0)
    assert client.get("/rate_limit").json()["resources"]["core"]["remaining"] == 0
    github.clock.advance(3600)
    assert used(client.get("/user")) == ("core", 1, 1)


def test_graphql_says_so_in_a_200(client: httpx.Client, github: GitHub) -> None:
    github.limits.configure(graphql=1)
    query = {"query": "{ rateLimit { remaining used limit resetAt } }"}
    spent = client.post("/graphql", json=query)
    assert spent.json()["data"]["rateLimit"] == {
        "remaining": 0, "used": 1, "limit": 1, "resetAt": "2026-06-01T13:00:00Z"
    }  # fmt: skip
    refused = client.post("/graphql", json=query)
    assert (refused.status_code, refused.json()["errors"][0]["type"]) == (200, "RATE_LIMITED")
    assert refused.headers["X-RateLimit-Remaining"] == "0"


def test_searches_are_counted_by_the_minute(client: httpx.Client, github: GitHub) -> None:
    github.limits.configure(code_search=1)
    asked = {"q": "error_code repo:boostorg/system"}
    assert used(client.get("/search/code", params=asked)) == ("code_search", 1, 0)
    assert client.get("/search/code", params=asked).status_code == 403
    assert used(client.get("/search/issues", params={"q": "repo:boostorg/json"})) == ("search", 1, 29)
    github.clock.advance(60)
    assert client.get("/search/code", params=asked).status_code == 200


def test_without_a_token_there_are_sixty_an_hour(client: httpx.Client, github: GitHub) -> None:
    del client.headers["Authorization"]
    assert used(client.get("/repos/boostorg/system")) == ("core", 1, 59)
    assert client.post("/graphql", json={"query": "{ viewer { login } }"}).status_code == 401


@pytest.mark.parametrize("retry_after", [60, None])
def test_too_many_points_in_a_minute_are_a_secondary_limit(
    client: httpx.Client, github: GitHub, retry_after: int | None
) -> None:
    github.limits.configure(points_rest=3, retry_after=retry_after)
    answers = [client.get("/repos/boostorg/system") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 403]
    assert "secondary rate limit" in answers[-1].json()["message"]
    assert answers[-1].headers.get("Retry-After") == (str(retry_after) if retry_after else None)
    assert client.get("/user").status_code == 200, "another endpoint"
    github.clock.advance(61)
    assert client.get("/repos/boostorg/system").status_code == 200


def test_too_many_at_once_are_a_secondary_limit(sandbox: Sandbox, client: httpx.Client, github: GitHub) -> None:
    github.limits.configure(concurrent=0, secondary_status=429)
    assert client.get("/user").status_code == 429
    github.limits.configure(concurrent=100)
    with ThreadPoolExecutor(4) as pool:
        assert {answer.status_code for answer in pool.map(client.get, ["/user"] * 8)} == {200}
    assert 1 <= github.limits.peak <= 4


def test_a_query_for_too_much_gives_up(client: httpx.Client, github: GitHub) -> None:
    github.limits.configure(timeout_nodes=99)
    query = '{ repository(owner: "generated", name: "lib0000") { issues(first: %d) { totalCount } } }'
    assert client.post("/graphql", json={"query": query % 100}).status_code == 502
    assert client.post("/graphql", json={"query": query % 50}).status_code == 200


def test_an_installation_has_a_token_and_a_bucket_of_its_own(client: httpx.Client, github: GitHub) -> None:
    made = client.post("/app/installations/7/access_tokens").json()
    assert made["expires_at"] == "2026-06-01T13:00:00Z"
    answer = client.get("/repos/boostorg/json", headers={"Authorization": f"token {made['token']}"})
    assert used(answer) == ("core", 1, 4999)
    assert github.tokens[made["token"]] == "installation-7[bot]"
