"""The Airflow DAGs of all collector groups, made from the schedule file. See docs/orchestration.md."""

from __future__ import annotations

from airflow.sdk import get_parsing_context

from include.orchestration.schedule_dags import configured_dags

globals().update(configured_dags(only=get_parsing_context().dag_id))
