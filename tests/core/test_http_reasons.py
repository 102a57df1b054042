"""Sources that give the reason for a refusal in its body."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from boost_collectors.core.errors import AuthenticationError, CollectorError, RateLimited
from boost_collectors.core.http import HttpClient
from boost_collectors.core.http_retry import RetryPolicy
from include.sandbox import Sandbox

WRONG_KEY = {"X-Goog-Api-Key": "another"}


def explain(response: httpx.Response) -> CollectorError | None:
    reason = response.json()["error"]["errors"][0]["reason"]
    return AuthenticationError("the key is wrong") if reason == "keyInvalid" else None


def test_the_reason_of_a_place_decides_there_and_nowhere_else(tmp_path: Path) -> None:
    with Sandbox(cache=tmp_path / "one") as one, Sandbox(cache=tmp_path / "two") as two, HttpClient() as client:
        client.explain(one.url, explain)
        with pytest.raises(AuthenticationError, match="the key is wrong"):
            client.get(f"{one.url}/youtube/v3/videos?id=x", headers=WRONG_KEY)
        with pytest.raises(CollectorError, match="400 BAD REQUEST"):
            client.get(f"{two.url}/youtube/v3/videos?id=x", headers=WRONG_KEY)


def test_without_a_reason_the_status_decides(tmp_path: Path) -> None:
    with Sandbox(cache=tmp_path) as sandbox, HttpClient(policy=RetryPolicy(max_attempts=1)) as client:
        client.explain(sandbox.url, lambda _: None)
        sandbox.faults.add("/youtube/*", "status", status=429, retry_after=5)
        with pytest.raises(RateLimited):
            client.get(f"{sandbox.url}/youtube/v3/videos?id=x")
        assert client.requests == 1
