"""Airflow's configuration of the CeleryExecutor, made of our settings."""

from __future__ import annotations

import json
from collections.abc import Mapping

from boost_collectors.core.settings import Settings

EXECUTOR = "AIRFLOW__CORE__EXECUTOR"
# Longer than any task may run (TASK_DEFAULTS): Redis hands out again what nobody has confirmed by then.
VISIBILITY_SECONDS = 24 * 60 * 60


def uses_celery(environ: Mapping[str, str]) -> bool:
    """True if this environment's executor is Celery's, perhaps beside others."""
    return "CeleryExecutor" in environ.get(EXECUTOR, "")


def celery_settings(settings: Settings) -> dict[str, str]:
    """The variables that make Airflow use CELERY_BROKER_URL, CELERY_RESULT_BACKEND and CELERY_MAX_TASKS_PER_CHILD."""
    return {
        "AIRFLOW__CELERY__BROKER_URL": settings.celery_broker_url,
        "AIRFLOW__CELERY__RESULT_BACKEND": settings.celery_result_backend,
        "AIRFLOW__CELERY__EXTRA_CELERY_CONFIG": json.dumps(
            {"worker_max_tasks_per_child": settings.celery_max_tasks_per_child}
        ),
        "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": str(VISIBILITY_SECONDS),
    }
