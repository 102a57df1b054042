"""Whether the system is healthy: every check, its fixed error codes, and the verdict.

No exception text ever enters the payload; it goes to the log. Each check is made at most once per ``CACHE_SECONDS``,
however many probes ask. Half a second later it is still answered from, while a thread makes it anew: under steady
probing nobody waits for a check.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from boost_collectors.core.database import Database
from boost_collectors.core.settings import Settings
from plugins.health import airflow_metadata, project_database, workers
from plugins.health.cache import SingleFlight
from plugins.health.groups import daily_groups, group_entries

logger = logging.getLogger(__name__)

CACHE_SECONDS = 1.5
GRACE_SECONDS = 0.5
WORKER_CACHE_SECONDS = 5.0
# Pinging Celery workers takes HEALTH_CELERY_INSPECT_TIMEOUT, however many answer.
WORKER_GRACE_SECONDS = 5.0
# What was compared changes once a run; the question goes over thousands of rows.
COMPLETENESS_CACHE_SECONDS = 60.0
SKIPPED = "database check failed"

Payload = dict[str, Any]


class HealthReport:
    """All checks of one deployment. Settings and schedule are read when a round of checks needs them."""

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        find_workers: Callable[[float], list[str]] = workers.find_workers,
        latest_runs: Callable[[list[str]], dict[str, Payload]] = airflow_metadata.latest_runs,
        cached: bool = True,
    ) -> None:
        self._given = settings
        self._find_workers = find_workers
        self._latest_runs = latest_runs
        self._settings = SingleFlight(lambda: self._given or Settings.load(), ttl=math.inf)
        self._resources = ExitStack()
        self._database = SingleFlight(self._connect, ttl=math.inf)
        self._workers: SingleFlight[Payload]
        self._round: SingleFlight[tuple[Payload, int]]
        self._completeness = SingleFlight(
            lambda: project_database.completeness(self._database.get()), COMPLETENESS_CACHE_SECONDS if cached else 0
        )
        if cached:
            self._workers = SingleFlight(self._check_workers, WORKER_CACHE_SECONDS, WORKER_GRACE_SECONDS)
            self._round = SingleFlight(self._run, CACHE_SECONDS, GRACE_SECONDS)
        else:
            self._workers, self._round = SingleFlight(self._check_workers, 0), SingleFlight(self._run, 0)

    def token(self) -> str:
        """The bearer token probes must send; empty when none is configured."""
        return self._settings.get().health_check_token

    def run(self) -> tuple[Payload, int]:
        """The payload and the HTTP status, at most two seconds old; made now if nothing is to be ``cached``."""
        return self._round.get()

    def close(self) -> None:
        """Close the connections to the project database."""
        self._resources.close()

    def _connect(self) -> Database:
        return self._resources.enter_context(Database.from_settings(self._settings.get()))

    def _run(self) -> tuple[Payload, int]:
        settings = self._settings.get()
        database = self._check_database()
        found = self._workers.get()
        groups, meta = self._check_groups(settings, database["ok"])
        checks = {
            "database": database,
            "celery_workers": found,
            "collector_groups": groups,
            "collector_meta": meta,
            "pinecone_sync": self._check_pinecone(database["ok"]),
        }
        ready = database["ok"] and found["ok"]
        fresh = not (meta["any_stale"] or meta["error"])
        healthy = ready and (fresh or not meta["enforce_freshness"])
        payload = {
            "status": "healthy" if healthy else "unhealthy",
            "checks": checks,
            "ready": ready,
            "fresh": fresh,
            "completeness": self._check_completeness(database["ok"]),
            "slack_events": self._check_slack_events(database["ok"]),
            "checked_at": datetime.now(UTC).isoformat(),
        }
        return payload, HTTPStatus.OK if healthy else HTTPStatus.SERVICE_UNAVAILABLE

    def _check_database(self) -> Payload:
        started = time.monotonic()
        try:
            project_database.ping(self._database.get())
        except Exception:
            logger.exception("The database check failed")
            return {"ok": False, "error": "database_check_failed"}
        return {"ok": True, "latency_ms": round((time.monotonic() - started) * 1000)}

    def _check_workers(self) -> Payload:
        settings = self._settings.get()
        expected, timeout = settings.health_celery_min_workers, settings.health_celery_inspect_timeout
        if expected is None or timeout is None:
            return _workers([], 1, "celery_settings_invalid")
        try:
            return _workers(self._find_workers(timeout), expected)
        except Exception:
            logger.exception("The worker check failed")
            return _workers([], expected, "celery_check_failed")

    def _check_groups(self, settings: Settings, database_ok: bool) -> tuple[Payload, Payload]:
        meta: Payload = {
            "any_stale": False,
            "enforce_freshness": settings.health_enforce_collector_freshness,
            "error": None,
            "skipped": None,
        }
        if not database_ok:
            return {}, meta | {"skipped": SKIPPED}
        hours = _stale_hours(settings)
        if hours is None:
            return {}, meta | {"error": "collector_settings_invalid"}
        try:
            daily = daily_groups(Path(settings.boost_collector_schedule_yaml))
        except Exception:
            logger.exception("The schedule cannot be read")
            return {}, meta | {"error": "collector_schedule_unavailable"}
        try:
            statuses = project_database.group_statuses(self._database.get())
        except Exception:
            logger.exception("The group statuses cannot be read")
            return {}, meta | {"error": "collector_check_failed"}
        groups = group_entries(daily, statuses, datetime.now(UTC) - hours)
        self._add_latest_runs(groups)
        return groups, meta | {"any_stale": any(entry["stale"] for entry in groups.values())}

    def _add_latest_runs(self, groups: Payload) -> None:
        try:
            runs = self._latest_runs(list(groups))
        except Exception:
            logger.exception("The latest runs cannot be read from Airflow's database")
            return
        for group_id, run in runs.items():
            groups[group_id]["last_run"] = run

    def _check_pinecone(self, database_ok: bool) -> Payload:
        if not database_ok:
            return {"skipped": SKIPPED}
        try:
            return project_database.pinecone_syncs(self._database.get())
        except Exception:
            logger.exception("The vector sync status cannot be read")
            return {"error": "pinecone_sync_check_failed"}

    def _check_completeness(self, database_ok: bool) -> Payload:
        if not database_ok:
            return {"skipped": SKIPPED}
        try:
            return self._completeness.get()
        except Exception:
            logger.exception("The completeness of repositories cannot be read")
            return {"error": "completeness_check_failed"}

    def _check_slack_events(self, database_ok: bool) -> Payload:
        if not database_ok:
            return {"skipped": SKIPPED}
        try:
            return project_database.slack_events(self._database.get())
        except Exception:
            logger.exception("The state of the Slack event handler cannot be read")
            return {"error": "slack_events_check_failed"}


def run_health_checks(settings: Settings | None = None) -> tuple[Payload, int]:
    """One round of checks without HTTP: the payload and the status the endpoint would answer with."""
    with closing(HealthReport(settings, cached=False)) as report:
        return report.run()


def _workers(names: list[str], expected: int, error: str | None = None) -> Payload:
    entry: Payload = {
        "ok": error is None and len(names) >= expected,
        "workers": names,
        "responded": len(names),
        "expected": expected,
    }
    return entry | {"error": error} if error else entry


def _stale_hours(settings: Settings) -> timedelta | None:
    """How old the last success of a daily group may be; None when the setting is no usable number."""
    hours = settings.health_collector_stale_hours
    try:
        return None if hours is None else timedelta(hours=hours)
    except OverflowError:
        return None
