"""``python -m include.deploy.alive SERVICE``: the health checks of the containers; exit code 0 when it lives.

Airflow's own check imports all of Airflow, seconds of a processor for every look; these ask one thing each. Whether the
deployment as a whole does its work is another question: ``python -m plugins.health.probe`` asks it.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Mapping
from functools import partial

from boost_collectors.core.errors import ConfigurationError
from boost_collectors.core.settings import Settings
from include.deploy.secret_files import with_secret_files

JOBS = {"scheduler": "SchedulerJob", "dag-processor": "DagProcessorJob", "triggerer": "TriggererJob"}
HEARTBEAT_SECONDS = 60
TIMEOUT = 4.0
HEARTBEAT = """
SELECT 1 FROM job
WHERE job_type = %s AND hostname = %s AND state = 'running' AND latest_heartbeat > now() - make_interval(secs => %s)
"""


def api_server(environ: Mapping[str, str]) -> str:
    """Alive is who answers as our health endpoint does, whatever it says of others."""
    import httpx

    url = f"http://127.0.0.1:{environ.get('AIRFLOW__API__PORT') or 8080}/health/"
    answer = httpx.get(url, timeout=TIMEOUT, trust_env=False)
    if answer.headers.get("content-type", "").startswith("application/json"):
        return ""
    return f"status {answer.status_code} without JSON: the health plugin is not loaded"


def job(job_type: str, environ: Mapping[str, str]) -> str:
    """Alive is whose heartbeat Airflow's database has heard of this host."""
    import psycopg
    from sqlalchemy import make_url

    host = _host(environ)
    url = make_url(environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), connect_timeout=int(TIMEOUT)) as connection:
        found = connection.execute(HEARTBEAT, (job_type, host, HEARTBEAT_SECONDS)).fetchone()
    return "" if found else f"no heartbeat of a {job_type} on {host} for {HEARTBEAT_SECONDS} s"


def worker(environ: Mapping[str, str]) -> str:
    """Alive is the worker of this host that answers a ping."""
    from celery import Celery

    name = f"celery@{_host(environ)}"
    app = Celery(broker=Settings.load(environ).celery_broker_url, set_as_current=False)
    with app.connection() as connection:
        connection.ensure_connection(max_retries=0, timeout=TIMEOUT)
        replies = app.control.ping(destination=[name], timeout=TIMEOUT, limit=1, connection=connection)
    return "" if replies else f"{name} does not answer"


def slack_events(environ: Mapping[str, str]) -> str:
    """Alive is who is connected to every workspace that has both tokens."""
    from boost_collectors.core.database import Database
    from boost_collectors.slack_event_handler.services import summary

    settings = Settings.load(environ)
    wanted = set(settings.slack_team_ids) & set(settings.slack_bot_tokens) & set(settings.slack_app_tokens)
    with Database.from_settings(settings) as database, database.session() as session:
        states = {each["team_id"]: each["state"] for each in summary(session)["workspaces"]}
    missing = sorted(team for team in wanted if states.get(team) != "connected")
    return f"not connected to {', '.join(missing)}" if missing else ""


def _host(environ: Mapping[str, str]) -> str:
    return environ.get("HOSTNAME") or socket.gethostname()


CHECKS: dict[str, Callable[[Mapping[str, str]], str]] = {
    "api-server": api_server,
    **{name: partial(job, kind) for name, kind in JOBS.items()},
    "worker": worker,
    "slack-events": slack_events,
}


def problem(service: str, environ: Mapping[str, str]) -> str:
    """Why the service does not count as alive; empty when it does. No secret is in it."""
    try:
        return CHECKS[service](with_secret_files(environ))
    except ConfigurationError as error:
        return str(error)
    except Exception as error:  # whatever a client raises: its text may hold the URL that it was given
        return f"no answer: {type(error).__name__}"


def main(arguments: list[str]) -> int:
    """Check the one service named; the exit code."""
    if len(arguments) != 1 or arguments[0] not in CHECKS:
        sys.stderr.write(f"usage: python -m include.deploy.alive {'|'.join(CHECKS)}\n")
        return 2
    found = problem(arguments[0], os.environ)
    sys.stderr.write(f"{found}\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
