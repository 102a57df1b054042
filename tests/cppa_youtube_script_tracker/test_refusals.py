"""What the Data API's refusals mean, by recorded and documented answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from boost_collectors.core.errors import RateLimited
from boost_collectors.cppa_youtube_script_tracker.quota_day import QuotaSpent
from boost_collectors.cppa_youtube_script_tracker.refusals import KeyRejected, meaning

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
RECORDED = Path(__file__).parents[3] / "shared" / "data" / "youtube" / "data-api" / "error_response.json"


def answer(status: int, reason: str = "", domain: str = "", message: str = "no", **more: Any) -> httpx.Response:
    errors = [{"message": message, "domain": domain, "reason": reason}]
    return httpx.Response(status, json={"error": {"code": status, "message": message, "errors": errors, **more}})


@pytest.mark.parametrize(
    "response",
    [
        answer(403, "quotaExceeded", "youtube.quota"),
        answer(403, "dailyLimitExceeded", "usageLimits"),
        answer(403, "QUOTAEXCEEDED"),
        answer(429, "", "youtube.quota"),
    ],
)
def test_a_spent_day_waits_for_the_next(response: httpx.Response) -> None:
    error = meaning(response, NOW)
    assert isinstance(error, QuotaSpent)
    assert error.retry_at == datetime(2026, 11, 28, 8, tzinfo=UTC)


@pytest.mark.parametrize("reason", ["rateLimitExceeded", "userRateLimitExceeded"])
def test_too_fast_waits_a_minute(reason: str) -> None:
    error = meaning(answer(403, reason, "usageLimits"), NOW)
    assert isinstance(error, RateLimited)
    assert not isinstance(error, QuotaSpent)
    assert error.retry_at == NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    "response",
    [
        answer(400, "keyInvalid", "usageLimits", "Bad Request"),
        answer(400, "badRequest", "global", "API key not valid. Please pass a valid API key."),
        answer(400, "", details=[{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]),
        answer(403, "accessNotConfigured", "usageLimits"),
        answer(403, "forbidden", "global", "The request is missing a valid API key."),
    ],
)
def test_a_key_that_is_not_accepted(response: httpx.Response) -> None:
    error = meaning(response, NOW)
    assert isinstance(error, KeyRejected)
    assert "YOUTUBE_API_KEY" in str(error)


@pytest.mark.parametrize(
    "response",
    [
        answer(404, "playlistNotFound", "youtube.playlistItem"),
        answer(403, "playlistItemsNotAccessible", "youtube.playlistItem"),
        answer(500, "backendError", "global"),
        httpx.Response(403, text="<html>"),
        httpx.Response(400, json=["no object"]),
    ],
)
def test_the_usual_rules_say_enough(response: httpx.Response) -> None:
    assert meaning(response, NOW) is None


def test_a_recorded_answer() -> None:
    if not RECORDED.is_file():
        pytest.skip(f"there is no recorded answer at {RECORDED}")
    assert isinstance(meaning(httpx.Response(400, json=json.loads(RECORDED.read_text())), NOW), KeyRejected)
