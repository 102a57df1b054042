"""The three ways in, in their order, and what happens when a token dies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from boost_collectors.core.errors import CollectionSkipped, CollectorError, PermanentError
from include.sandbox.reddit import BEARER, CSRF, SESSION
from tests.reddit_activity_tracker.places import Bench, Places, ago

NONE = dict.fromkeys(
    ("REDDIT_CLIENT_ID", "REDDIT_CLIENT_SECRET", "REDDIT_BEARER_TOKEN", "REDDIT_SESSION_COOKIE", "REDDIT_CSRF_TOKEN"),
    "",
)
MINTS = {"/reddit/www/api/v1/access_token": "client", "/reddit/www/svc/shreddit/token": "cookie"}


def _jwt(dies_at: datetime) -> str:
    return jwt.encode({"exp": dies_at.timestamp()}, "k" * 32)


def _ways(bench: Bench) -> list[str]:
    """How the last run came by tokens."""
    return [MINTS[request.path] for request in bench.sandbox.requests if request.path in MINTS]


def _collect(bench: Bench, **given: str) -> Mapping[str, int]:
    return bench.collect(settings=bench.settings(**{**NONE, **given}))


@pytest.mark.parametrize(
    ("given", "ways"),
    [
        ({"REDDIT_BEARER_TOKEN": BEARER}, []),
        ({"REDDIT_BEARER_TOKEN": f"Bearer {BEARER}"}, []),
        ({"REDDIT_SESSION_COOKIE": SESSION}, ["cookie"]),
        ({"REDDIT_SESSION_COOKIE": f"loid=x; reddit_session={SESSION}", "REDDIT_CSRF_TOKEN": CSRF}, ["cookie"]),
        ({"REDDIT_SESSION_COOKIE": SESSION, "REDDIT_BEARER_TOKEN": BEARER}, []),
        ({"REDDIT_SESSION_COOKIE": SESSION, "REDDIT_BEARER_TOKEN": _jwt(ago(days=1))}, ["cookie"]),
        ({"REDDIT_CLIENT_ID": "your_client_id", "REDDIT_CLIENT_SECRET": "x", "REDDIT_BEARER_TOKEN": BEARER}, []),
    ],
    ids=["bearer", "prefixed", "cookie", "cookie and csrf", "bearer before cookie", "expired bearer", "sample values"],
)
def test_each_way_in(bench: Bench, places: Places, given: dict[str, str], ways: list[str]) -> None:
    first = places.submit()
    _collect(bench, **given)
    assert set(bench.submissions) == {first}
    assert _ways(bench) == ways


def test_the_application_comes_first(bench: Bench, places: Places) -> None:
    places.submit()
    bench.collect(settings=bench.settings(REDDIT_BEARER_TOKEN=BEARER, REDDIT_SESSION_COOKIE=SESSION))
    assert _ways(bench) == ["client"]


def test_a_token_that_reddit_forgets_is_renewed_and_the_request_repeated(bench: Bench, places: Places) -> None:
    ids = places.fill(350)
    places.options(token_uses=2)
    places.save()
    bench.collect()
    assert set(bench.submissions) == set(ids)
    assert _ways(bench) == ["client"] * 3
    assert [request.status for request in bench.sandbox.requests].count(401) == 2


def test_a_token_near_its_end_is_renewed_before_it_is_refused(bench: Bench, places: Places) -> None:
    places.fill(250)
    places.options(token_life=59)
    places.save()
    bench.collect()
    assert _ways(bench) == ["client"] * 4
    assert 401 not in {request.status for request in bench.sandbox.requests}


def test_a_refused_bearer_token_gives_way_to_the_cookie_or_fails(bench: Bench, places: Places) -> None:
    first = places.submit()
    places.options(bearer_revoked=True)
    given = {**NONE, "REDDIT_BEARER_TOKEN": BEARER}
    error = bench.fail(settings=bench.settings(**given))
    assert isinstance(error, PermanentError)
    assert "REDDIT_BEARER_TOKEN" in str(error)
    assert BEARER not in str(error)
    _collect(bench, REDDIT_BEARER_TOKEN=BEARER, REDDIT_SESSION_COOKIE=SESSION)
    assert set(bench.submissions) == {first}


@pytest.mark.parametrize(
    ("given", "kind", "text"),
    [
        (
            {"REDDIT_USER_AGENT": ""},
            CollectionSkipped,
            "REDDIT_CLIENT_ID or REDDIT_BEARER_TOKEN or REDDIT_SESSION_COOKIE",
        ),
        ({}, PermanentError, "REDDIT_CLIENT_ID or REDDIT_BEARER_TOKEN or REDDIT_SESSION_COOKIE"),
        ({"REDDIT_BEARER_TOKEN": BEARER, "REDDIT_USER_AGENT": ""}, PermanentError, "REDDIT_USER_AGENT"),
        ({"REDDIT_BEARER_TOKEN": _jwt(datetime.now(UTC) + timedelta(seconds=30))}, PermanentError, "has expired"),
        ({"REDDIT_CLIENT_ID": "one", "REDDIT_CLIENT_SECRET": ""}, PermanentError, "REDDIT_CLIENT_SECRET"),
        ({"REDDIT_CLIENT_ID": "one", "REDDIT_CLIENT_SECRET": "your_client_secret"}, PermanentError, "not set"),
    ],
    ids=["nothing", "only a user agent", "no user agent", "expired", "half an application", "sample secret"],
)
def test_without_a_way_in_nothing_is_asked(
    bench: Bench, given: dict[str, str], kind: type[CollectorError], text: str
) -> None:
    error = bench.fail(settings=bench.settings(**{**NONE, **given}))
    assert isinstance(error, kind)
    assert text in str(error)
    assert len(bench.sandbox.requests) == 0


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"REDDIT_CLIENT_ID": "someone", "REDDIT_CLIENT_SECRET": "else-s3cret"}, "401"),
        ({"REDDIT_SESSION_COOKIE": "stale-s3cret"}, "csrf_token"),
        ({"REDDIT_SESSION_COOKIE": "stale-s3cret", "REDDIT_CSRF_TOKEN": CSRF}, "403"),
    ],
    ids=["application", "cookie", "csrf"],
)
def test_credentials_that_reddit_refuses_fail_for_good(bench: Bench, given: dict[str, str], text: str) -> None:
    error = bench.fail(settings=bench.settings(**{**NONE, **given}))
    assert isinstance(error, PermanentError)
    assert text in str(error)
    assert "s3cret" not in str(error)
    assert len(bench.sandbox.requests) == 1


def test_every_request_says_who_asks(bench: Bench, places: Places) -> None:
    places.submit()
    bench.collect(settings=bench.settings(REDDIT_USER_AGENT="linux:test:v1 (by /u/someone)"))
    assert {request.headers["user-agent"] for request in bench.sandbox.requests} == {"linux:test:v1 (by /u/someone)"}
