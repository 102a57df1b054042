"""The rules of asking again, with plain values and no network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from boost_collectors.core.errors import (
    AuthenticationError,
    CollectorError,
    NetworkError,
    NotFoundError,
    RateLimited,
    SourceError,
)
from boost_collectors.core.http_retry import (
    LONGEST_WAIT_SECONDS,
    Fail,
    MalformedBody,
    Ok,
    Retry,
    RetryPolicy,
    asked_wait,
    shown_url,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
REQUEST = httpx.Request("GET", "https://example.org/page?token=s3cret&page=2")
POLICY = RetryPolicy(max_attempts=3, max_wait=60)


def response(status: int, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=named, request=REQUEST)


@pytest.mark.parametrize("status", [200, 201, 204, 206])
def test_a_good_answer_is_used(status: int) -> None:
    assert POLICY.decide(REQUEST, response(status), 1, NOW) == Ok()


@pytest.mark.parametrize(("attempt", "after"), [(1, 1.0), (2, 2.0), (5, 16.0), (9, 60.0), (10_000, 60.0)])
def test_waits_double_up_to_the_longest(attempt: int, after: float) -> None:
    decision = RetryPolicy(max_attempts=10**6, max_wait=60).decide(REQUEST, httpx.ReadError("cut"), attempt, NOW)
    assert isinstance(decision, Retry)
    assert decision.after == after


def test_the_last_attempt_fails_with_the_reason_and_without_secrets() -> None:
    decision = POLICY.decide(REQUEST, response(502), 3, NOW)
    assert isinstance(decision, Fail)
    assert isinstance(decision.error, NetworkError)
    assert str(decision.error) == "GET https://example.org/page?token=HIDDEN&page=2: 502 Bad Gateway"


def test_a_malformed_body_is_retried_and_then_the_sources_fault() -> None:
    assert POLICY.decide(REQUEST, MalformedBody("not JSON"), 1, NOW) == Retry(
        1.0, "GET https://example.org/page?token=HIDDEN&page=2: not JSON"
    )
    last = POLICY.decide(REQUEST, MalformedBody("not JSON"), 3, NOW)
    assert isinstance(last, Fail)
    assert isinstance(last.error, SourceError)


def test_a_wait_of_exactly_the_longest_is_granted() -> None:
    decision = POLICY.decide(REQUEST, response(429, retry_after="60"), 1, NOW)
    assert isinstance(decision, Retry)
    assert decision.after == 60


def test_a_spent_quota_is_waited_for() -> None:
    reset = str(int((NOW + timedelta(seconds=40)).timestamp()))
    decision = POLICY.decide(REQUEST, response(403, x_ratelimit_remaining="0", x_ratelimit_reset=reset), 1, NOW)
    assert isinstance(decision, Retry)
    assert decision.after == 40


def test_a_short_outage_announced_by_the_source_is_waited_for() -> None:
    decision = POLICY.decide(REQUEST, response(503, retry_after="20"), 1, NOW)
    assert isinstance(decision, Retry)
    assert decision.after == 20


def test_a_throttle_beyond_all_dates_still_has_one() -> None:
    decision = POLICY.decide(REQUEST, response(429, retry_after="1e300"), 1, NOW)
    assert isinstance(decision, Fail)
    assert isinstance(decision.error, RateLimited)
    assert decision.error.retry_at == NOW + timedelta(seconds=LONGEST_WAIT_SECONDS)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, AuthenticationError), (404, NotFoundError), (422, SourceError), (429, RateLimited), (502, NetworkError)],
)
def test_an_error_tells_the_status_of_its_answer(status: int, kind: type[CollectorError]) -> None:
    decision = RetryPolicy(max_attempts=1, max_wait=60).decide(REQUEST, response(status), 1, NOW)
    assert isinstance(decision, Fail)
    assert type(decision.error) is kind
    assert decision.error.status == status


def test_an_error_without_an_answer_has_no_status() -> None:
    decision = RetryPolicy(max_attempts=1, max_wait=60).decide(REQUEST, httpx.ConnectError("refused"), 1, NOW)
    assert isinstance(decision, Fail)
    assert decision.error.status is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry_after": ""}, None),
        ({"retry_after": "inf"}, None),
        ({"retry_after": "Tomorrow, 99 Foo 2026"}, None),
        ({"retry_after": "Sun, 01 Mar 2026 12:00:05 -0000"}, 5.0),
        ({"retry_after": "Sun, 01 Mar 2026 13:00:05 +0100"}, 5.0),
        ({"x_ratelimit_remaining": "0"}, None),
        ({"x_ratelimit_remaining": "7", "x_ratelimit_reset": "99999999999"}, None),
        ({"x_ratelimit_remaining": "0.0", "x_ratelimit_reset": "483"}, 483.0),
        ({"x_ratelimit_remaining": "1.0", "x_ratelimit_reset": "483"}, None),
    ],
)
def test_asked_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_wait(response(429, **headers), NOW) == seconds


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:pw@example.org/a?b=c", "https://example.org/a?b=c"),
        ("https://token@example.org/", "https://example.org/"),
        (
            "https://example.org/?api_key=1&Signature=2&search=x",
            "https://example.org/?api_key=HIDDEN&Signature=HIDDEN&search=x",
        ),
        ("https://user:p/w@example.org:port/a?token=1", "https://example.org:port/a"),
    ],
)
def test_no_url_shows_a_secret(url: str, shown: str) -> None:
    assert shown_url(url) == shown
