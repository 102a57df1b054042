"""Who would execute a task now: Celery workers that answer a ping, or live schedulers when tasks run beside them."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from airflow.configuration import conf

from plugins.health import airflow_metadata

# Reaching a dead broker must not use up the time a probe has.
BROKER_TIMEOUT = 1.0


def find_workers(timeout: float) -> list[str]:
    """Sorted names of the workers that can take work. Raises whatever the broker or database connection raises.

    With CeleryExecutor each worker that answers within ``timeout`` seconds; otherwise the schedulers, which run or
    launch the tasks themselves (LocalExecutor, KubernetesExecutor).
    """
    probe: Callable[[float], list[str]] = _celery_workers if uses_celery() else _schedulers
    return probe(timeout)


def uses_celery() -> bool:
    return "CeleryExecutor" in conf.get("core", "executor")


def _schedulers(_timeout: float) -> list[str]:
    return airflow_metadata.live_schedulers()


def _celery_workers(timeout: float) -> list[str]:
    app = importlib.import_module("airflow.providers.celery.executors.celery_executor_utils").app
    with app.connection() as connection:
        # Without this a dead broker costs six seconds and its error names the broker URL.
        connection.ensure_connection(max_retries=0, timeout=BROKER_TIMEOUT)
        replies = app.control.ping(timeout=timeout, connection=connection)
    return sorted({name for reply in replies or [] for name in reply})
