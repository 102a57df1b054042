"""``python -m include.deploy.smoke URL GROUP``: does a fresh deployment work? Runs a group and asks for its health.

Exit code 0 when every DAG could be loaded, the group's run ended well and ``/health/`` says healthy. The password is
taken from Airflow's own file, which AIRFLOW_PASSWORDS_FILE names.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import httpx

from boost_collectors.core.errors import CommandError
from boost_collectors.core.settings import Settings
from include.stack.airflow import USER
from include.stack.api import AirflowApi

PATIENCE_SECONDS = 300.0
POLL_SECONDS = 1.0


def smoke(api: AirflowApi, group: str, *, token: str = "", seconds: float = PATIENCE_SECONDS) -> None:
    """Raises CommandError with what is wrong with the deployment."""
    deadline = time.monotonic() + seconds
    api.login()
    while not (dags := [dag["dag_id"] for dag in api.dags()]):
        _wait(deadline, "no DAG was parsed")
    if errors := api.import_errors():
        raise CommandError("; ".join(f"{error['filename']}: {error['stack_trace']}" for error in errors))
    if group not in dags:
        raise CommandError(f"there is no DAG {group!r}, only {', '.join(sorted(dags))}")
    api.unpause(group)
    run_id = api.trigger(group)
    while (state := api.run_state(group, run_id)) not in ("success", "failed"):
        _wait(deadline, f"{group} is still {state}")
    if state == "failed":
        failed = [task["task_id"] for task in api.tasks(group, run_id) if task["state"] == "failed"]
        raise CommandError(f"{group} failed in {', '.join(failed)}")
    answer = api.health(token)
    if answer.status_code != 200 or not answer.headers.get("content-type", "").startswith("application/json"):
        raise CommandError(f"GET /health/ -> {answer.status_code}: {answer.text[:2000]}")


def _wait(deadline: float, what: str) -> None:
    if time.monotonic() > deadline:
        raise CommandError(f"{what} after {PATIENCE_SECONDS:.0f} s")
    time.sleep(POLL_SECONDS)


def main(arguments: list[str]) -> int:
    """Check the deployment at this URL; the exit code."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m include.deploy.smoke URL GROUP\n")
        return 2
    url, group = arguments
    try:
        passwords = json.loads(Path(os.environ["AIRFLOW_PASSWORDS_FILE"]).read_text(encoding="utf-8"))
        with AirflowApi(url, passwords[USER]) as api:
            smoke(api, group, token=Settings.load().health_check_token)
    except CommandError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    except (KeyError, OSError, ValueError, httpx.HTTPError) as error:
        sys.stderr.write(f"Error: {url} does not answer, or its password file is not readable: {error!r}\n")
        return 1
    sys.stdout.write(f"{url}: {group} ran, and everything is healthy\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
