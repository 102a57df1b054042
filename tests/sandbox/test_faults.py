"""Each fault as a client sees it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from include.sandbox import Sandbox

LIST = "/archives/api/list/boost@lists.boost.org/emails/"
PAPERS = "/jtc1/sc22/wg21/docs/papers/"


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(server: Sandbox) -> Iterator[Sandbox]:
    yield server
    server.faults.clear()
    server.requests.clear()


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.url, trust_env=False) as client:
        yield client


def page(client: httpx.Client, offset: int, limit: int = 2) -> list[str]:
    answer = client.get(LIST, params={"limit": limit, "offset": offset})
    return [row["message_id_hash"] for row in answer.json()["results"]]


@pytest.mark.parametrize("status", [429, 500, 502, 403])
def test_a_status_is_answered_once_then_the_source_is_well(sandbox: Sandbox, client: httpx.Client, status: int) -> None:
    sandbox.faults.add("/archives/*", "status", status=status)
    first, second = client.get(LIST), client.get(LIST)
    assert (first.status_code, second.status_code) == (status, 200)
    assert "Retry-After" not in first.headers


def test_retry_after_in_seconds(sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox.faults.add("*", "status", status=429, retry_after=7)
    assert client.get(LIST).headers["Retry-After"] == "7"


def test_retry_after_as_a_date(sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox.faults.add("*", "status", status=429, retry_after=90, retry_after_as_date=True)
    header = client.get(LIST).headers["Retry-After"]
    assert header.endswith("GMT")
    assert abs(parsedate_to_datetime(header) - datetime.now(UTC) - timedelta(seconds=90)) < timedelta(seconds=5)


def test_latency_comes_on_top_of_another_fault(sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox.faults.add("*", "latency", seconds=0.2)
    sandbox.faults.add("*", "status", status=500)
    begun = time.monotonic()
    assert client.get(LIST).status_code == 500
    assert time.monotonic() - begun >= 0.2


@pytest.mark.parametrize("path", [LIST, PAPERS])
def test_a_truncated_body_is_shorter_than_promised(sandbox: Sandbox, client: httpx.Client, path: str) -> None:
    sandbox.faults.add("*", "truncated")
    with pytest.raises(httpx.RemoteProtocolError, match=r"incomplete|closed"):
        client.get(path)
    assert client.get(path).status_code == 200


def test_malformed_json(sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox.faults.add("*", "malformed")
    answer = client.get(LIST)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_malformed_html_keeps_its_content_type_and_length(sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox.faults.add("*", "malformed")
    answer = client.get(f"{PAPERS}2023/")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "</html>" not in answer.text
    assert int(answer.headers["Content-Length"]) == len(answer.content)


def test_a_dropped_connection_gives_no_answer(sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox.faults.add("*", "dropped", times=2)
    for _ in range(2):
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            client.get(LIST)
    assert client.get(LIST).status_code == 200
    assert [(request.status, request.fault) for request in sandbox.requests] == [
        (0, "dropped"),
        (0, "dropped"),
        (200, ""),
    ]


def test_a_repeated_page_is_the_one_before(sandbox: Sandbox, client: httpx.Client) -> None:
    first, second = page(client, 0), page(client, 2)
    assert first != second
    sandbox.faults.add("*offset=2*", "repeated_page")
    assert page(client, 2) == first
    assert page(client, 2) == second


def test_a_shifted_page_begins_with_the_last_item_of_the_page_before(sandbox: Sandbox, client: httpx.Client) -> None:
    first, second = page(client, 0), page(client, 2)
    sandbox.faults.add("*", "shifted_page", times=None)
    assert page(client, 0) == first
    assert page(client, 2) == [first[-1], second[0]]


def test_a_page_shifted_the_other_way_misses_an_item(sandbox: Sandbox, client: httpx.Client) -> None:
    every = page(client, 0, limit=5)
    sandbox.faults.add("*", "shifted_page", items=-1)
    assert page(client, 2) == every[3:5]


def test_a_rule_may_let_requests_pass_first_and_go_on_for_ever(sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox.faults.add(f"{PAPERS}*", "status", status=500, after=1, times=None)
    assert [client.get(PAPERS).status_code for _ in range(4)] == [200, 500, 500, 500]
    assert client.get(LIST).status_code == 200
    assert sandbox.faults.list()[0]["seen"] == 4


@pytest.mark.parametrize("wrong", [{"status": 200}, {"times": 0}, {"status_code": 500}])
def test_a_rule_that_cannot_be_is_refused(sandbox: Sandbox, wrong: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        sandbox.faults.add("*", "status", **wrong)
    with pytest.raises(ValueError, match="explode"):
        sandbox.faults.add("*", "explode")


def test_rules_come_from_a_file(sandbox: Sandbox, client: httpx.Client, tmp_path: Path) -> None:
    rules = tmp_path / "faults.json"
    rules.write_text(json.dumps([{"path": "*", "kind": "status", "status": 503}, {"path": "*", "kind": "dropped"}]))
    sandbox.faults.load(rules)
    assert client.get(LIST).status_code == 503
    assert [rule["kind"] for rule in sandbox.faults.list()] == ["status", "dropped"]
