"""Slack's Web API by its own library: repeats, limits, refusals, and what is handed back."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.adapters import SlackWebApiAdapter, SlackWebApiProtocol
from boost_collectors.core.adapters.slack_retry import Pace, SlackRetryHandler, retry_after
from boost_collectors.core.errors import AuthenticationError, NetworkError, RateLimited, SourceError
from include.sandbox import Sandbox
from include.sandbox.slack.editing import SampleWorkspace

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    (tmp_path / "samples" / "slack").mkdir(parents=True)
    SampleWorkspace(tmp_path / "samples" / "slack", "T1").user("U1", "mila")
    with Sandbox(samples=tmp_path / "samples") as server:
        yield server


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def api(sandbox: Sandbox, waits: list[float]) -> SlackWebApiAdapter:
    retry = SlackRetryHandler(3, 100.0, waits.append)
    url = f"{sandbox.url}/slack/api/"
    return SlackWebApiAdapter(bot_token=" xoxb-T1 ", base_url=url, retry=retry, clock=lambda: NOW)


def test_it_is_made_from_a_client_or_a_token(api: SlackWebApiAdapter) -> None:
    assert isinstance(api, SlackWebApiProtocol)
    with pytest.raises(ValueError, match="from a client or from a bot token"):
        SlackWebApiAdapter()
    with pytest.raises(ValueError, match="from a client or from a bot token"):
        SlackWebApiAdapter(client=api._client, bot_token="x")


def test_a_refusal_by_code_is_handed_back(api: SlackWebApiAdapter) -> None:
    assert api.users_info("U404") == {"ok": False, "error": "user_not_found"}
    assert api.users_list()["members"][0]["id"] == "U1"


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert SlackWebApiAdapter(bot_token="xoxb-T1", base_url=f"{sandbox.url}/slack/api/").auth_test()["ok"]


@pytest.mark.parametrize("kind", ["dropped", "truncated", "malformed"])
def test_what_is_cut_is_asked_for_again(
    api: SlackWebApiAdapter, sandbox: Sandbox, waits: list[float], kind: str
) -> None:
    sandbox.faults.add("*", kind, times=2)
    assert api.auth_test()["team_id"] == "T1"
    assert waits == [1.0, 2.0]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 503}, NetworkError),
        ({"kind": "dropped"}, NetworkError),
        ({"kind": "malformed"}, NetworkError),
        ({"kind": "status", "status": 401}, AuthenticationError),
        ({"kind": "status", "status": 404}, SourceError),
    ],
)
def test_what_stays_wrong_is_raised(
    api: SlackWebApiAdapter, sandbox: Sandbox, fault: dict[str, Any], error: type[Exception]
) -> None:
    sandbox.faults.add("*", times=None, **fault)
    with pytest.raises(error, match=r"Slack auth\.test"):
        api.auth_test()


def test_a_limit_is_waited_for_without_using_up_an_attempt(
    api: SlackWebApiAdapter, sandbox: Sandbox, waits: list[float]
) -> None:
    sandbox.faults.add("*", "status", status=429, retry_after=7, times=5)
    assert api.auth_test()["ok"]
    assert waits == [7.0] * 5


def test_all_waits_together_are_bounded(api: SlackWebApiAdapter, sandbox: Sandbox, waits: list[float]) -> None:
    sandbox.faults.add("*", "status", status=429, retry_after=40, times=None)
    with pytest.raises(RateLimited) as limit:
        api.auth_test()
    assert waits == [40.0, 40.0]
    assert limit.value.retry_at == NOW + timedelta(seconds=40)


@pytest.mark.parametrize("code", ["ratelimited", "rate_limited"])
def test_a_limit_told_by_code_is_a_limit(
    api: SlackWebApiAdapter, tmp_path: Path, waits: list[float], code: str
) -> None:
    (tmp_path / "samples" / "slack" / "errors.json").write_text(json.dumps({"auth.test": code}))
    with pytest.raises(RateLimited):
        api.auth_test()
    assert set(waits) == {2.0}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"Retry-After": "30"}, 30.0), ({"retry-after": ["4"]}, 4.0), ({"Retry-After": "soon"}, 2.0), ({}, 2.0)],
)
def test_how_long_slack_asks_to_wait(headers: dict[str, Any], seconds: float) -> None:
    assert retry_after(headers) == seconds


def test_nothing_of_an_answer_is_logged(api: SlackWebApiAdapter, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        api.users_list()
    assert "mila" not in caplog.text


class TestPace:
    def test_calls_beyond_the_limit_wait_for_the_minute_to_pass(self) -> None:
        now, waits = [0.0], []

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            now[0] += seconds

        def later(seconds: float) -> RateLimited:
            return RateLimited("later", retry_at=NOW + timedelta(seconds=seconds))

        pace = Pace({"slow": 2}, max_wait=60, sleep=sleep, clock=lambda: now[0], later=later)
        for _ in range(5):
            pace("slow")
            pace("free")
            now[0] += 1
        assert waits == [58.0, 58.0]

    def test_a_wait_that_is_too_long_is_left_to_the_caller(self) -> None:
        def later(seconds: float) -> RateLimited:
            return RateLimited("later", retry_at=NOW + timedelta(seconds=seconds))

        pace = Pace({"slow": 1}, max_wait=10, sleep=lambda _: None, clock=lambda: 0.0, later=later)
        pace("slow")
        with pytest.raises(RateLimited) as limit:
            pace("slow")
        assert limit.value.retry_at == NOW + timedelta(seconds=60)
