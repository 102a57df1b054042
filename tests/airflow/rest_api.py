"""What the tests ask of Airflow's REST API, as its UI and scripts of users do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx

from include.stack.api import AirflowApi


class RestApi(AirflowApi):
    """The stack's client with the calls that a person makes."""

    def ask_for(self, dag_id: str, *, logical_date: datetime | None = None, **conf: Any) -> str:
        """Trigger a run with a filled-in form; returns its id."""
        date = logical_date and logical_date.isoformat()
        return str(self._post(f"dags/{dag_id}/dagRuns", {"logical_date": date, "conf": conf})["dag_run_id"])

    def backfill(self, dag_id: str, since: datetime, until: datetime, *, reprocess: str = "none") -> None:
        """``airflow backfill create`` with these bounds."""
        asked = {
            "dag_id": dag_id,
            "from_date": since.isoformat(),
            "to_date": until.isoformat(),
            "reprocess_behavior": reprocess,
            "max_active_runs": 1,
        }
        self._post("backfills", asked)

    def clear(self, dag_id: str, run_id: str, tasks: Sequence[str]) -> list[str]:
        """Clear tasks of a run, so that they run again; returns what was cleared."""
        asked = {"dry_run": False, "dag_run_id": run_id, "task_ids": list(tasks), "only_failed": False}
        cleared = self._post(f"dags/{dag_id}/clearTaskInstances", asked | {"reset_dag_runs": True})
        return [task["task_id"] for task in cleared["task_instances"]]

    def dag_runs(self, dag_id: str) -> list[dict[str, Any]]:
        """The runs of a DAG, the earliest first."""
        runs = self._all(f"/api/v2/dags/{dag_id}/dagRuns", "dag_runs")
        return sorted(runs, key=lambda run: run["run_after"])

    def dag_run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """One run."""
        answer = self._client.get(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")
        answer.raise_for_status()
        return dict(answer.json())

    def page(self, path: str) -> httpx.Response:
        """The answer of a page of the UI."""
        return self._client.get(f"/{path}")

    def states(self, dag_id: str, run_id: str) -> dict[str, str | None]:
        """The state of each task of a run, mapped ones as ``id[index]``."""
        return {_name(task): task["state"] for task in self.tasks(dag_id, run_id)}

    def task(self, dag_id: str, run_id: str, name: str) -> dict[str, Any]:
        """One task instance, by the name that :meth:`states` gives it."""
        (found,) = [task for task in self.tasks(dag_id, run_id) if _name(task) == name]
        return found

    def log(self, dag_id: str, run_id: str, task_id: str, attempt: int = 1) -> str:
        """What a task has logged."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/logs/{attempt}"
        answer = self._client.get(path, headers={"Accept": "application/json"})
        answer.raise_for_status()
        return answer.text

    def asset_events(self, asset: str, run_id: str) -> list[dict[str, Any]]:
        """The events that a run has left of an asset, by its name."""
        events = self._all("/api/v2/assets/events", "asset_events")
        return [event for event in events if (event["name"], event["source_run_id"]) == (asset, run_id)]

    def versions(self, dag_id: str) -> int:
        """How many versions of a DAG there have been."""
        return len(self._all(f"/api/v2/dags/{dag_id}/dagVersions", "dag_versions"))

    def _post(self, path: str, content: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._client.post(f"/api/v2/{path}", json=content)
        assert answer.is_success, answer.text
        return dict(answer.json())


def _name(task: Mapping[str, Any]) -> str:
    return f"{task['task_id']}[{task['map_index']}]" if task["map_index"] >= 0 else str(task["task_id"])
