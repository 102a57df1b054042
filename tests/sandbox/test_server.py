"""The server itself: what it records, its control pages, and the process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from include.sandbox import Sandbox
from include.sandbox.__main__ import main
from include.sandbox.server import environment

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.url, trust_env=False) as client:
        yield client


def test_every_source_is_pointed_here(sandbox: Sandbox, client: httpx.Client) -> None:
    variables = sandbox.environment()
    urls = {name: value for name, value in variables.items() if name.endswith("_URL")}
    assert urls.keys() >= {"GITHUB_API_URL", "GITHUB_GIT_URL", "MAILING_LIST_API_URL", "WG21_PAPERS_URL"}
    assert all(url.startswith(sandbox.url) for url in urls.values())
    assert variables == environment(sandbox.url)
    assert all(url in client.get("/").text for url in urls.values())


def test_requests_are_recorded_in_order_with_query_and_headers(sandbox: Sandbox, client: httpx.Client) -> None:
    client.get("/nowhere", params=[("page", "2"), ("page", "3"), ("empty", "")], headers={"X-Thing": "a"})
    client.post("/git/boostorg/none/git-upload-pack", headers={"Authorization": "Bearer not-to-be-shown"})
    first, second = sandbox.requests
    assert (first.method, first.path, first.status, first.fault) == ("GET", "/nowhere", 404, "")
    assert first.query == (("page", "2"), ("page", "3"), ("empty", ""))
    assert first.url == "/nowhere?page=2&page=3&empty="
    assert first.headers["x-thing"] == "a"
    assert second.headers["authorization"] == "Bearer not-to-be-shown"
    assert second.method == "POST"
    assert sandbox.requests[-1] == second


def test_control_pages_show_no_credentials_and_are_not_recorded(sandbox: Sandbox, client: httpx.Client) -> None:
    client.get("/nowhere", headers={"Authorization": "Bearer not-to-be-shown"})
    shown = client.get("/_sandbox/requests")
    assert shown.json()[0]["headers"]["authorization"] == "***"
    assert "not-to-be-shown" not in shown.text
    assert len(sandbox.requests) == 1
    assert client.delete("/_sandbox/requests").status_code == 204
    assert client.get("/_sandbox/requests").json() == []


def test_faults_are_set_over_http(client: httpx.Client) -> None:
    assert client.post("/_sandbox/faults", json={"path": "/", "kind": "status", "status": 502}).status_code == 201
    answer = client.post("/_sandbox/faults", json=[{"path": "/", "kind": "status", "status": 429, "retry_after": 0.5}])
    assert [rule["status"] for rule in answer.json()] == [502, 429]
    assert [client.get("/").status_code for _ in range(2)] == [502, 200]
    assert client.delete("/_sandbox/faults").status_code == 204
    assert client.get("/_sandbox/faults").json() == []


def test_a_wrong_fault_is_refused_with_its_key(client: httpx.Client) -> None:
    answer = client.post("/_sandbox/faults", json={"path": "/", "kind": "melt"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["loc"] == [0, "kind"]
    assert client.get("/_sandbox/faults").json() == []


def test_a_process_of_its_own_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    faults = tmp_path / "faults.json"
    faults.write_text(json.dumps([{"path": "/", "kind": "status", "status": 418}]))
    command = [sys.executable, "-m", "include.sandbox", "--faults", str(faults), "--cache", str(tmp_path / "cache")]
    command += ["--limit", "search=77", "--limit", "code_search=7", "--pushed", "sample-networks/courier"]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("sandbox: ").strip()
        assert f"GITHUB_GIT_URL={url}/git" in [process.stdout.readline().strip() for _ in environment(url)]
        with httpx.Client(base_url=url, trust_env=False) as client:
            assert [client.get("/").status_code for _ in range(2)] == [418, 200]
            buckets = client.get("/github-api/rate_limit").json()["resources"]
            assert [buckets[name]["limit"] for name in ("search", "code_search")] == [77, 7]
            query = f"pushed:>={datetime.now(UTC).date() - timedelta(days=1)}"
            found = client.get("/github-api/search/repositories", params={"q": query}).json()["items"]
            assert [repository["full_name"] for repository in found] == ["sample-networks/courier"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_a_limit_that_there_is_not_is_named() -> None:
    answer = CliRunner().invoke(main, ["--limit", "serch=5"])
    assert answer.exit_code == 2
    assert "no such limit: serch" in answer.output
