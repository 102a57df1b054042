"""Which token is for what, and whether it works."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from boost_collectors.core.adapters import GitHubApiAdapter, GitHubApiProtocol
from boost_collectors.core.context import utc_now
from boost_collectors.core.database import Database
from boost_collectors.core.errors import AuthenticationError, ConfigurationError
from boost_collectors.core.github.access import get_github_client, validate_github_token_for_use
from boost_collectors.core.github.client import GitHubClient
from boost_collectors.core.github.tokens import get_github_token
from boost_collectors.core.redaction import Redactor
from boost_collectors.core.settings import Settings
from tests.core.github.small_github import Answer, SmallGitHub

MakeSettings = Callable[..., Settings]
MakeClient = Callable[..., GitHubClient]


def test_the_pool_is_dealt_out_in_turn_to_all_threads(make_settings: MakeSettings) -> None:
    settings = make_settings(GITHUB_TOKENS_SCRAPING="one, ,two")
    with ThreadPoolExecutor(16) as pool:
        dealt = Counter(pool.map(lambda _: get_github_token("scraping", settings), range(200)))
    assert dealt == {"one": 100, "two": 100}


def test_a_changed_list_counts_at_once(make_settings: MakeSettings) -> None:
    before, after = (make_settings(GITHUB_TOKENS_SCRAPING=tokens) for tokens in ("one,two", "two,three"))
    assert {get_github_token("scraping", before) for _ in range(4)} == {"one", "two"}
    assert {get_github_token("scraping", after) for _ in range(4)} == {"two", "three"}


def test_each_use_has_its_token(make_settings: MakeSettings) -> None:
    settings = make_settings(GITHUB_TOKEN=" all ", GITHUB_TOKEN_WRITE="write")
    assert get_github_token("scraping", settings) == "all"
    assert {get_github_token(use, settings) for use in ("push", "create_pr", "write")} == {"write"}
    assert get_github_token("push", make_settings(GITHUB_TOKEN="all")) == "all"


def test_what_is_missing_is_said(make_settings: MakeSettings) -> None:
    settings = make_settings()
    with pytest.raises(ValueError, match="No scraping token"):
        get_github_token("scraping", settings)
    with pytest.raises(ValueError, match="No write token"):
        validate_github_token_for_use("create_pr", settings)
    with pytest.raises(ValueError, match=r"Unknown use .* scraping, push, create_pr, write"):
        get_github_token("reading", settings)


def test_a_missing_token_gives_no_client(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    assert get_github_client("write", settings) is None
    assert "No write token" in caplog.text


def test_a_client_by_use(server: SmallGitHub, make_settings: MakeSettings, database: Database) -> None:
    server.users = {"write-token": "ann"}
    settings = make_settings(GITHUB_TOKEN_WRITE="write-token", GITHUB_API_URL=server.url)
    client = get_github_client("push", settings, database)
    assert client is not None
    with client:
        assert client.rest("/user").data == {"login": "ann"}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(401, {"message": "Bad credentials"}), "invalid or not authorized.*401"),
        (Answer(403, {"message": "Forbidden"}), "invalid or not authorized.*403"),
        (Answer(500), "500"),
        (Answer(403, {"message": "API rate limit exceeded"}), "rate limit is spent.*API rate limit exceeded"),
        (Answer(hang_up=True), "unreachable.*ConnectionError"),
    ],
)
def test_a_token_that_does_not_work_is_told_why(
    server: SmallGitHub, make_settings: MakeSettings, answer: Answer, told: str
) -> None:
    server.play("/user", answer)
    settings = make_settings(GITHUB_TOKEN="marker-5ecret", GITHUB_API_URL=server.url)
    with pytest.raises(ValueError, match=told) as caught:
        validate_github_token_for_use("scraping", settings)
    assert "5ecret" not in str(caught.value)


def test_a_good_token_passes(server: SmallGitHub, make_settings: MakeSettings) -> None:
    server.users = {"good": "ann"}
    validate_github_token_for_use("write", make_settings(GITHUB_TOKEN="good", GITHUB_API_URL=server.url))
    assert len(server.seen) == 1


def test_an_app_installation_reads_with_a_token_of_its_own(
    server: SmallGitHub, make_settings: MakeSettings, database: Database
) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem = key.private_bytes(*form).decode().replace("\n", "\\n")
    server.users = {"ephemeral-5ecret": "app"}
    ends_at = (utc_now() + timedelta(hours=1)).isoformat()
    issued = {"token": "ephemeral-5ecret", "expires_at": ends_at.replace("+00:00", "Z")}
    server.play("/app/installations/42/access_tokens", Answer(201, issued))
    settings = make_settings(
        GITHUB_API_URL=server.url,
        GITHUB_APP_ID="7",
        GITHUB_APP_INSTALLATION_ID="42",
        GITHUB_APP_PRIVATE_KEY=pem,
    )
    with GitHubClient.from_settings(settings, database, clock=server.clock) as client:
        client.rest("/repos/o/r")
        client.rest("/repos/o/r")
        assert client.quota("core").tokens == 1
    asked = server.asked("/app/installations/42/access_tokens")
    assert len(asked) == 1
    claims = jwt.decode(
        asked[0].headers["authorization"].removeprefix("Bearer "), key.public_key(), algorithms=["RS256"]
    )
    assert claims["iss"] == "7"
    assert server.asked("/repos/o/r")[0].headers["authorization"] == "token ephemeral-5ecret"
    assert Redactor().redact("got ephemeral-5ecret") == "got <redacted>"


def test_an_app_that_is_refused(server: SmallGitHub, make_settings: MakeSettings, database: Database) -> None:
    given = {"GITHUB_API_URL": server.url, "GITHUB_APP_ID": "7", "GITHUB_APP_INSTALLATION_ID": "42"}
    with pytest.raises(ConfigurationError, match="GITHUB_APP_PRIVATE_KEY"):
        GitHubClient.from_settings(make_settings(**given), database)
    broken = make_settings(**given, GITHUB_APP_PRIVATE_KEY="no-pem-5ecret")
    with (
        GitHubClient.from_settings(broken, database) as client,
        pytest.raises((ConfigurationError, AuthenticationError), match="not a private key") as caught,
    ):
        client.rest("/repos/o/r")
    assert "5ecret" not in str(caught.value)


def test_the_adapter_takes_a_client_or_a_token(make_client: MakeClient, server: SmallGitHub) -> None:
    server.users = {"token-one": "ann"}
    client = make_client("token-one")
    with pytest.raises(ValueError, match="not both"):
        GitHubApiAdapter(client, token="x")
    with pytest.raises(ValueError, match="client or a token"):
        GitHubApiAdapter()
    adapter: GitHubApiProtocol = GitHubApiAdapter(client)
    assert isinstance(adapter, GitHubApiProtocol)
    assert adapter.rate_limit_remaining is None
    link = f'<{server.url}/repositories/1/issues?page=2>; rel="next"'
    server.play("/list", Answer(body=[1], headers={"Link": link, "ETag": '"1"'}))
    following = f"{server.url}/repositories/1/issues?page=2"
    assert adapter.rest_request_with_link("/list") == ([1], following)
    assert adapter.rest_request_conditional_with_link("/list") == ([1], '"1"', following)
    assert adapter.rest_request_url(following) == {"path": "/repositories/1/issues?page=2"}
    assert adapter.get_repository_info("o", "r") == {"path": "/repos/o/r"}
    server.play("/list", Answer(304))
    assert adapter.rest_request_conditional_with_all_links("/list", etag='"1"') == (None, '"1"', {})
    assert adapter.rest_request("/list") == {}
    server.play("/graphql", Answer(body={"data": {"a": 1}}))
    assert adapter.graphql_request("query { a }") == {"data": {"a": 1}}
    assert adapter.rate_limit_remaining == server.remaining("ann")
    with pytest.raises(ValueError, match="outside"):
        adapter.rest_request_url("http://elsewhere.example/github-api/x")
