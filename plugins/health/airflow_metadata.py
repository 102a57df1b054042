"""What the health endpoint reads from Airflow's own database, kept in this one file.

Airflow promises no stability for its metadata tables, but its REST API would have the api-server call itself on every
probe. These two queries are all we use; tests run them against the real schema.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any


def live_schedulers() -> list[str]:
    """Names of the schedulers that are alive by their own heartbeat, as ``scheduler@<host>``, sorted."""
    from airflow.jobs.job import Job
    from airflow.utils.session import create_session
    from sqlalchemy import select

    query = select(Job).where(Job.job_type == "SchedulerJob", Job.state == "running")
    with create_session() as session:
        return sorted({f"scheduler@{job.hostname}" for job in session.scalars(query) if job.is_alive()})


def latest_runs(dag_ids: list[str]) -> dict[str, dict[str, Any]]:
    """The newest run of each DAG that has one: its run id, state, type and when it started and ended (ISO or None)."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    query = (
        select(DagRun.dag_id, DagRun.run_id, DagRun.state, DagRun.run_type, DagRun.start_date, DagRun.end_date)
        .where(DagRun.dag_id.in_(dag_ids))
        .distinct(DagRun.dag_id)
        .order_by(DagRun.dag_id, DagRun.run_after.desc())
    )
    with create_session() as session:
        return {
            row.dag_id: {
                "run_id": row.run_id,
                "state": str(row.state),
                "run_type": str(row.run_type),
                "started_at": _iso(row.start_date),
                "ended_at": _iso(row.end_date),
            }
            for row in session.execute(query)
        }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
