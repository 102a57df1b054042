"""The few calls of Airflow's REST API that the stack makes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Self

import httpx

from include.stack.airflow import USER

PAGE = 100
HEARTBEATS = {
    "scheduler": "latest_scheduler_heartbeat",
    "dag_processor": "latest_dag_processor_heartbeat",
    "triggerer": "latest_triggerer_heartbeat",
}


class AirflowApi:
    """A client of the stack's own api-server; a context manager."""

    def __init__(self, url: str, password: str) -> None:
        self.url = url
        self._password = password
        # Proxies of the environment are for the outside.
        self._client = httpx.Client(base_url=url, timeout=30, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def waiting_for(self, since: datetime) -> list[str]:
        """The components that have not reported to be healthy since then; empty when all have."""
        try:
            answer = self._client.get("/api/v2/monitor/health")
        except httpx.TransportError:
            return ["api-server"]
        if answer.status_code != 200:
            return ["api-server"]
        health = answer.json()
        late = [name for name, key in HEARTBEATS.items() if not _beats(health.get(name) or {}, key, since)]
        return late if health["metadatabase"]["status"] == "healthy" else ["metadatabase", *late]

    def login(self) -> None:
        """Get a token for the calls below."""
        answer = self._client.post("/auth/token", json={"username": USER, "password": self._password})
        answer.raise_for_status()
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def dags(self) -> list[dict[str, Any]]:
        """Every DAG that its file still holds."""
        return self._all("/api/v2/dags", "dags", {"exclude_stale": "true"})

    def import_errors(self) -> list[dict[str, Any]]:
        """DAG files that could not be loaded, with the reason."""
        return self._all("/api/v2/importErrors", "import_errors")

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler run the DAG."""
        self._client.patch(f"/api/v2/dags/{dag_id}", json={"is_paused": False}).raise_for_status()

    def trigger(self, dag_id: str) -> str:
        """Ask for a run now; returns its id."""
        answer = self._client.post(f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None})
        answer.raise_for_status()
        return str(answer.json()["dag_run_id"])

    def run_state(self, dag_id: str, run_id: str) -> str:
        """queued, running, success or failed."""
        answer = self._client.get(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")
        answer.raise_for_status()
        return str(answer.json()["state"])

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """The task instances of a run."""
        return self._all(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances", "task_instances")

    def unfinished_runs(self) -> list[dict[str, Any]]:
        """The runs of all DAGs that are queued or running."""
        return self._all("/api/v2/dags/~/dagRuns", "dag_runs", {"state": ["queued", "running"]})

    def fail_run(self, dag_id: str, run_id: str) -> None:
        """End a run as failed."""
        self._client.patch(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}", json={"state": "failed"}).raise_for_status()

    def health(self, token: str) -> httpx.Response:
        """The answer of our own health endpoint; ``token`` may be blank."""
        return self._client.get("/health/", headers={"Authorization": f"Bearer {token}"} if token else {})

    def _all(self, path: str, key: str, params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        while True:
            answer = self._client.get(path, params={**(params or {}), "limit": PAGE, "offset": len(rows)})
            answer.raise_for_status()
            page = answer.json()
            rows += page[key]
            if not page[key] or len(rows) >= page["total_entries"]:
                return rows


def moment(text: str | None) -> datetime:
    """A time of the API; the beginning of time for null."""
    return datetime.fromisoformat(text) if text else datetime.min.replace(tzinfo=UTC)


def _beats(component: dict[str, Any], key: str, since: datetime) -> bool:
    # The last heartbeat of an earlier run counts as healthy for half a minute.
    return component.get("status") == "healthy" and moment(component.get(key)) >= since
