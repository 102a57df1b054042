"""The health endpoint on a running api-server: what Airflow's routing, plugins and metadata really make of it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from boost_collectors.core.database.embedded import EmbeddedPostgres
from include.stack.airflow import PROJECT
from include.stack.runtime import METADATA
from plugins.health.report import CACHE_SECONDS
from tests.airflow.api_servers import api_server
from tests.airflow.local_stack import LocalStack, eventually

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

TOKEN = "right-token"
PROBES = 200


@pytest.fixture
def client(running_stack: LocalStack) -> Iterator[httpx.Client]:
    """A client of the stack's own api-server."""
    with httpx.Client(base_url=running_stack.url, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the further api-servers log."""
    return tmp_path_factory.mktemp("api-servers")


@pytest.fixture(scope="module")
def others(running_stack: LocalStack, logs: Path) -> Iterator[dict[str, str]]:
    """Two more api-servers: ``locked`` asks for a token and cannot reach its database, ``broken`` has no plugin."""
    plugins = logs / "plugins"
    plugins.mkdir()
    (plugins / "health_plugin.py").write_text('raise ImportError("as if a dependency were missing")\n')
    unreachable = "postgresql://collector:hunter22@127.0.0.1:1/nothing"
    with ExitStack() as running:
        locked = running.enter_context(
            api_server(running_stack, logs / "locked.log", HEALTH_CHECK_TOKEN=TOKEN, DATABASE_URL=unreachable)
        )
        broken = running.enter_context(
            api_server(running_stack, logs / "broken.log", AIRFLOW__CORE__PLUGINS_FOLDER=str(plugins))
        )
        yield {"locked": locked, "broken": broken}


def probe(url: str, token: str = "") -> subprocess.CompletedProcess[str]:
    """The probe as a container runs it."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "plugins.health.probe", url],
        cwd=PROJECT,
        env={**kept, "HEALTH_CHECK_TOKEN": token, "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_after_a_run_the_system_is_healthy_and_says_what_ran(stack: LocalStack, client: httpx.Client) -> None:
    run = stack.run("everything")
    assert run["state"] == "success"

    def answer_of_now() -> httpx.Response | None:
        answer = client.get("/health/")
        told = answer.json()["checks"]["collector_groups"]["everything"].get("last_run", {})
        return answer if told.get("run_id") == run["dag_run_id"] and told["ended_at"] else None

    answer = eventually("the run is told of", answer_of_now, 10)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    payload = answer.json()
    assert payload["status"] == "healthy"
    assert set(payload) == {"status", "checks", "ready", "fresh", "completeness", "slack_events", "checked_at"}
    checks = payload["checks"]
    assert set(checks) == {"database", "celery_workers", "collector_groups", "collector_meta", "pinecone_sync"}
    assert set(checks["database"]) == {"ok", "latency_ms"}
    assert checks["celery_workers"] == {
        "ok": True,
        "workers": ["scheduler@localhost"],
        "responded": 1,
        "expected": 1,
    }
    assert checks["collector_meta"] == {"any_stale": False, "enforce_freshness": True, "error": None, "skipped": None}
    group = checks["collector_groups"]["everything"]
    assert group["stale"] is False
    assert datetime.fromisoformat(group["last_success_at"]) <= datetime.fromisoformat(payload["checked_at"])
    assert _as_airflow_tells(group["last_run"]) == {
        "run_id": run["dag_run_id"],
        "state": run["state"],
        "run_type": run["run_type"],
        "started_at": datetime.fromisoformat(run["start_date"]),
        "ended_at": datetime.fromisoformat(run["end_date"]),
    }
    done = probe(f"{stack.url}/health/")
    assert (done.returncode, done.stderr) == (0, "")


def _as_airflow_tells(last_run: dict[str, Any]) -> dict[str, Any]:
    times = {name: datetime.fromisoformat(last_run[name]) for name in ("started_at", "ended_at")}
    return last_run | times


def test_only_schedulers_with_a_live_heartbeat_are_workers(running_stack: LocalStack, client: httpx.Client) -> None:
    insert = (
        "INSERT INTO job (job_type, state, hostname, start_date, latest_heartbeat)"
        " VALUES (%s, 'running', %s, now(), %s) RETURNING id"
    )
    now = datetime.now(UTC)
    jobs = [
        ("SchedulerJob", "second", now + timedelta(minutes=5)),
        ("SchedulerJob", "long-dead", now - timedelta(hours=1)),
        ("TriggererJob", "no-scheduler", now + timedelta(minutes=5)),
    ]
    url = EmbeddedPostgres(running_stack.folder.root / "postgres").url(METADATA).replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as metadata:
        added = [metadata.execute(insert, job).fetchone() for job in jobs]
        try:
            expected = ["scheduler@localhost", "scheduler@second"]
            eventually("the second scheduler counts", lambda: _workers(client) == expected, 20)
        finally:
            metadata.execute("DELETE FROM job WHERE id = ANY(%s)", ([row[0] for row in added if row],))


def _workers(client: httpx.Client) -> list[str]:
    workers: list[str] = client.get("/health/").json()["checks"]["celery_workers"]["workers"]
    return workers


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_airflow_lets_only_get_through_to_the_checks(client: httpx.Client, method: str) -> None:
    answer = client.request(method, "/health/")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert "checks" not in answer.text


@pytest.mark.parametrize("path", ["/health", "/health/more", "/health//"])
def test_no_other_path_is_answered_as_if_all_were_well(client: httpx.Client, path: str) -> None:
    assert client.get(path, follow_redirects=False).status_code in (308, 404)


def test_a_storm_of_probes_costs_hardly_more_than_one(running_stack: LocalStack) -> None:
    async def storm() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(trust_env=False, timeout=60, limits=limits) as client:
            url = f"{running_stack.url}/health/"
            return await asyncio.gather(*[client.get(url) for _ in range(PROBES)])

    begun = time.monotonic()
    answers = asyncio.run(storm())
    seconds = time.monotonic() - begun
    rounds = {answer.json()["checked_at"] for answer in answers}
    assert len(answers) == PROBES
    # The answer that was there before the storm, one round, and one more for each time it could get too old.
    assert len(rounds) <= 2 + seconds / CACHE_SECONDS


def test_with_a_token_nothing_is_told_to_those_without(others: dict[str, str]) -> None:
    url = f"{others['locked']}/health/"
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"bearer {TOKEN}"}):
        answer = httpx.get(url, headers=headers, trust_env=False)
        assert answer.status_code == 401
        assert answer.json() == {"status": "unauthorized", "detail": "Invalid or missing token"}
    assert httpx.head(url, trust_env=False).status_code == 405
    assert probe(url, "wrong").returncode == 1


def test_a_database_that_is_down_is_told_as_json(others: dict[str, str], running_stack: LocalStack) -> None:
    url = f"{others['locked']}/health/"
    answer = httpx.get(url, headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False, timeout=30)
    assert answer.status_code == 503
    payload = answer.json()
    assert payload["status"] == "unhealthy"
    assert payload["checks"]["database"] == {"ok": False, "error": "database_check_failed"}
    assert payload["checks"]["collector_groups"] == {}
    assert payload["checks"]["collector_meta"]["skipped"] == "database check failed"
    assert payload["checks"]["celery_workers"]["ok"] is True  # Airflow's own database is another one
    assert "hunter22" not in answer.text
    done = probe(url, TOKEN)
    assert (done.returncode, done.stderr) == (1, "503 unhealthy\n")


def test_a_plugin_that_did_not_load_does_not_fool_the_probe(others: dict[str, str]) -> None:
    url = f"{others['broken']}/health/"
    answer = httpx.get(url, trust_env=False)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/html")
    done = probe(url)
    assert done.returncode == 1
    assert "the health plugin is not loaded" in done.stderr


def test_no_log_of_an_api_server_holds_a_secret(others: dict[str, str], running_stack: LocalStack, logs: Path) -> None:
    for log in (*logs.glob("*.log"), *running_stack.folder.logs.glob("*.log")):
        content = log.read_text(encoding="utf-8", errors="replace")
        shown = [secret for secret in (running_stack.password, TOKEN, "hunter22") if secret in content]
        assert shown == [], log.name
