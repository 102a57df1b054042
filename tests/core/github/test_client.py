"""The client against a real server on this machine and a real database."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from boost_collectors.core.database import Database
from boost_collectors.core.errors import (
    AuthenticationError,
    ConfigurationError,
    NetworkError,
    NotFoundError,
    RateLimited,
    SourceError,
    TransientError,
)
from boost_collectors.core.github.client import GitHubClient
from boost_collectors.core.github.errors import GraphQLError
from boost_collectors.core.github.quota import Bucket
from boost_collectors.core.github.transport import Transport
from boost_collectors.core.settings import Settings
from tests.core.github.small_github import ROOT, Answer, SmallGitHub

MakeClient = Callable[..., GitHubClient]
STUMBLE = Answer(502, b"<html>")


@pytest.fixture
def client(server: SmallGitHub, make_client: MakeClient) -> GitHubClient:
    server.users = {"token-one": "ann"}
    return make_client("token-one")


def test_reading_and_asking(server: SmallGitHub, client: GitHubClient) -> None:
    assert client.rest("/repos/o/r").data == {"path": "/repos/o/r"}
    server.play("/graphql", Answer(body={"data": {"rateLimit": {"cost": 3}}}, cost=3))
    assert client.graphql("query($n: Int) { a }", {"n": 1}) == {"rateLimit": {"cost": 3}}
    assert json.loads(server.asked("/graphql")[0].body) == {"query": "query($n: Int) { a }", "variables": {"n": 1}}
    assert client.counts() == {
        "github_requests": 4,
        "github_graphql_points": 3,
        "github_rest_points": 1,
        "github_not_modified": 0,
        "github_points_left": client.quota("graphql").remaining,
    }
    assert client.quota("graphql").remaining == 4997
    assert (client.quota("core").remaining, client.quota("core").limit, client.quota("core").used) == (4998, 5000, 2)


def test_what_a_request_carries(server: SmallGitHub, make_client: MakeClient) -> None:
    server.users = {"token-one": "ann"}
    client = make_client("token-one", HTTP_USER_AGENT="tester/1")
    client.rest("/repos/o/r/issues", params={"state": "all", "since": None}, etag='"7"')
    asked = server.asked("/repos/o/r/issues")[0]
    assert asked.path == f"{ROOT}/repos/o/r/issues?state=all"
    assert asked.headers["authorization"] == "token token-one"
    assert asked.headers["user-agent"] == "tester/1"
    assert asked.headers["accept"] == "application/vnd.github+json"
    assert asked.headers["if-none-match"] == '"7"'


def test_pages_follow_the_links(server: SmallGitHub, client: GitHubClient) -> None:
    link = f'<{server.url}/repositories/7/issues?page=2>; rel="next", <{server.url}/x>; rel="last"'
    server.play("/repos/o/r/issues", Answer(body=[1], headers={"Link": link}))
    server.play("/repositories/7/issues", Answer(body=[2]))
    assert [page.data for page in client.pages("/repos/o/r/issues", params={"state": "all"})] == [[1], [2]]
    assert server.asked("/repos/o/r/issues")[0].path.endswith("?per_page=100&state=all")
    assert server.asked("/repositories/7/issues")[0].path.endswith("?page=2")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https:///x", "missing host"),
        ("repos/o/r", "missing host"),
        ("ftp://127.0.0.1/github-api/x", "only http is allowed"),
        ("http://elsewhere.example/github-api/x", "outside"),
        ("http://127.0.0.1:1/github-api/x", "outside"),
    ],
)
def test_a_link_that_leads_away_is_not_followed(server: SmallGitHub, client: GitHubClient, url: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        client.rest(url)
    assert server.seen == []


def test_a_stumble_is_tried_again(server: SmallGitHub, client: GitHubClient, waits: list[float]) -> None:
    server.play("/repos/o/r", STUMBLE, Answer(hang_up=True), Answer(202), Answer(body=[1]))
    assert client.rest("/repos/o/r").data == [1]
    assert waits == [1, 2, 4]


def test_a_lasting_stumble_is_a_network_error(server: SmallGitHub, make_client: MakeClient, waits: list[float]) -> None:
    server.users = {"token-one": "ann"}
    server.play("/repos/o/r", STUMBLE)
    with pytest.raises(NetworkError, match="502 Bad Gateway"):
        make_client("token-one", HTTP_MAX_ATTEMPTS="2").rest("/repos/o/r")
    assert (len(server.asked("/repos/o/r")), waits) == (2, [1])


def test_a_query_may_be_asked_only_once(server: SmallGitHub, client: GitHubClient, waits: list[float]) -> None:
    server.play("/graphql", STUMBLE)
    with pytest.raises(NetworkError):
        client.graphql("query { a }", attempts=1)
    assert (len(server.asked("/graphql")), waits) == (1, [])


@pytest.mark.parametrize("answer", [STUMBLE, Answer(hang_up=True)], ids=["502", "hang-up"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_write_that_may_have_arrived_is_not_repeated(
    server: SmallGitHub, client: GitHubClient, method: str, answer: Answer
) -> None:
    server.play("/repos/o/r/issues", answer)
    with pytest.raises(NetworkError):
        client.send(method, "/repos/o/r/issues", {"title": "x"})
    assert [asked.body for asked in server.asked("/repos/o/r/issues")] == [b'{"title": "x"}']


def test_a_mutation_is_not_repeated(server: SmallGitHub, client: GitHubClient) -> None:
    server.play("/graphql", Answer(hang_up=True))
    with pytest.raises(NetworkError, match="not known whether"):
        client.graphql("mutation { addStar }")
    assert len(server.asked("/graphql")) == 1


def test_a_server_that_is_not_there_is_tried_again_even_to_write(waits: list[float]) -> None:
    with SmallGitHub() as gone:
        url = gone.url
    transport = Transport(url, user_agent="tester", timeout=5)
    with pytest.raises(NetworkError, match="ConnectionError"):
        transport.send(None, "POST", "/x", payload={})
    transport.close()


def test_a_write_without_a_body_in_the_answer(server: SmallGitHub, client: GitHubClient) -> None:
    server.play("/repos/o/r/contents/x", Answer(204))
    answer = client.send("DELETE", "/repos/o/r/contents/x")
    assert (answer.status, answer.data) == (204, None)
    assert server.asked("/repos/o/r/contents/x")[0].body == b"{}"


def test_refusals_keep_githubs_words(server: SmallGitHub, client: GitHubClient) -> None:
    server.play("/repos/o/gone", Answer(404, {"message": "Not Found"}))
    server.play("/repos/o/r/labels", Answer(422, {"message": "Validation Failed", "errors": ["bad colour"]}))
    with pytest.raises(NotFoundError, match="404 Not Found: Not Found"):
        client.rest("/repos/o/gone")
    with pytest.raises(SourceError, match="Validation Failed; bad colour"):
        client.send("POST", "/repos/o/r/labels")


def test_graphql_errors_carry_the_partial_data(server: SmallGitHub, client: GitHubClient) -> None:
    server.play("/graphql", Answer(body={"data": {"a": 1}, "errors": [{"message": "b is gone", "type": "NOT_FOUND"}]}))
    with pytest.raises(GraphQLError, match="GraphQL errors: b is gone") as caught:
        client.graphql("query { a b }")
    assert (caught.value.data, caught.value.types) == ({"a": 1}, {"NOT_FOUND"})


def test_a_raw_file_is_bytes(server: SmallGitHub, client: GitHubClient) -> None:
    server.play("/repos/o/r/contents/x", Answer(body=b"\xff\x00", headers={"Content-Type": "application/octet-stream"}))
    assert client.rest("/repos/o/r/contents/x", accept="application/vnd.github.raw+json").data == b"\xff\x00"


def test_a_renamed_repository_is_followed_with_its_query(server: SmallGitHub, client: GitHubClient) -> None:
    server.play("/repos/o/old/issues", Answer(301, headers={"Location": f"{server.url}/repositories/7/issues?page=3"}))
    assert client.rest("/repos/o/old/issues", params={"page": 3}).data == {"path": "/repositories/7/issues?page=3"}
    assert server.asked("/repositories/7/issues")[0].headers["authorization"] == "token token-one"


def test_another_host_gets_no_credentials(server: SmallGitHub, client: GitHubClient) -> None:
    with SmallGitHub.running() as other:
        other.play("/file", Answer(body=b"content", headers={"Content-Type": "text/plain"}))
        server.play("/repos/o/r/zipball", Answer(302, headers={"Location": f"{other.url}/file"}))
        assert client.rest("/repos/o/r/zipball").data == b"content"
        assert "authorization" not in other.seen[0].headers


def test_endless_redirects_end(server: SmallGitHub, client: GitHubClient) -> None:
    server.play("/repos/o/r", Answer(301, headers={"Location": f"{server.url}/repos/o/r"}))
    with pytest.raises(SourceError, match="redirects"):
        client.rest("/repos/o/r")


def test_a_dead_token_is_dropped_with_a_warning(
    server: SmallGitHub, make_client: MakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    server.users = {"good-token": "bob"}
    client = make_client("dead-token", "good-token")
    assert client.rest("/repos/o/r").status == 200
    assert client.quota("core").tokens == 1
    assert "refuses it" in caplog.text
    # The next worker does not ask about it again.
    before = len(server.asked("/user"))
    make_client("dead-token", "good-token").rest("/repos/o/r")
    assert len(server.asked("/user")) == before


def test_a_token_that_dies_meanwhile_is_switched(server: SmallGitHub, make_client: MakeClient) -> None:
    server.users = {"token-a": "ann", "token-b": "bob"}
    client = make_client("token-a", "token-b")
    client.rest("/repos/o/r")
    used = server.asked("/repos/o/r")[0].headers["authorization"].removeprefix("token ")
    del server.users[used]
    assert client.rest("/repos/o/r").status == 200
    server.users.clear()
    with pytest.raises(AuthenticationError, match="Bad credentials"):
        client.rest("/repos/o/r")


def test_without_a_token_there_is_no_client(settings: Settings, database: Database) -> None:
    with pytest.raises(ConfigurationError, match="No scraping token"):
        GitHubClient.from_settings(settings, database)
    with pytest.raises(ValueError, match="Unknown use"):
        GitHubClient.from_settings(settings, database, "reading")


def test_a_run_that_is_asked_to_stop_asks_no_more(server: SmallGitHub, make_client: MakeClient) -> None:
    server.users = {"token-one": "ann"}
    stop = threading.Event()
    stop.set()
    with pytest.raises(TransientError, match="asked to stop"):
        make_client("token-one", stop=stop).rest("/repos/o/r")
    assert server.seen == []


def test_a_longer_wait_than_we_grant_is_a_rate_limit(server: SmallGitHub, client: GitHubClient) -> None:
    server.play("/repos/o/r", Answer(503, headers={"Retry-After": "4000"}))
    with pytest.raises(RateLimited) as caught:
        client.rest("/repos/o/r")
    assert (caught.value.retry_at - server.now).total_seconds() == 4000


def test_a_server_without_limits(server: SmallGitHub, client: GitHubClient) -> None:
    server.unlimited = True
    for _ in range(50):
        client.rest("/search/code")
    assert client.quota(Bucket.CODE_SEARCH).remaining > 1_000_000


def test_no_secret_is_ever_told(
    server: SmallGitHub, make_client: MakeClient, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    marker = "marker-5ecret"
    server.users = {marker: "ann"}
    client = make_client(marker)
    told = [repr(client), str(client.rest("/repos/o/r"))]
    for answer in (STUMBLE, Answer(404), Answer(422, {"message": "no"}), Answer(hang_up=True), Answer(401)):
        server.play("/repos/o/r", answer)
        with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it is, it must not tell
            client.rest("/repos/o/r")
        told.append(f"{caught.value!r} {caught.value.__cause__!r}")
    with database.session() as session:
        told += map(str, session.connection().exec_driver_sql("SELECT * FROM core_github_token"))
    assert [text for text in (*told, *(asked.path for asked in server.seen), caplog.text) if marker in text] == []


@pytest.mark.parametrize(
    ("api_url", "graphql_url"),
    [
        ("https://api.github.com", "https://api.github.com/graphql"),
        ("https://ghe.example/api/v3", "https://ghe.example/api/graphql"),
        ("http://127.0.0.1:9/github-api", "http://127.0.0.1:9/github-api/graphql"),
    ],
)
def test_where_graphql_is(api_url: str, graphql_url: str) -> None:
    assert Transport(api_url, user_agent="tester", timeout=5).graphql_url == graphql_url


def test_enterprise_urls_reach_the_server(server: SmallGitHub, make_client: MakeClient) -> None:
    server.users = {"token-one": "ann"}
    client = make_client("token-one", GITHUB_API_URL=server.url.replace(ROOT, "/api/v3"))
    server.root = "/api/v3"
    assert client.rest("/repos/o/r").data == {"path": "/repos/o/r"}
    server.root = "/api"
    server.play("/graphql", Answer(body={"data": {"a": 1}}))
    assert client.graphql("query { a }") == {"a": 1}


def test_a_proxy_of_the_environment_does_not_serve_this_machine(server: SmallGitHub) -> None:
    code = (
        "import sys; from boost_collectors.core.github.transport import Transport;"
        "print(Transport(sys.argv[1], user_agent='tester', timeout=5).send(None, 'GET', '/x').status)"
    )
    environment = {**os.environ, "HTTP_PROXY": "http://127.0.0.1:1", "http_proxy": "http://127.0.0.1:1", "NO_PROXY": ""}
    command = [sys.executable, "-c", code, server.url]
    assert subprocess.check_output(command, text=True, env=environment) == "401\n"
