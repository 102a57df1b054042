"""No Airflow DAG: shows broken schedule groups as an import error here, so that the healthy ones still load."""

from __future__ import annotations

from include.orchestration.schedule_dags import refuse_broken_groups

refuse_broken_groups()
