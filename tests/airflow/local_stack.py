"""``make up`` on the sandbox's sources, for tests to use and abuse: real Airflow, real PostgreSQL, real processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, TypeVar

import psutil
from sqlalchemy import select, text

from boost_collectors.core.database import Database
from boost_collectors.core.database.embedded import EmbeddedPostgres
from boost_collectors.core.database.migrations import all_tables
from boost_collectors.core.models import Run
from boost_collectors.core.settings import Settings, known_variables
from include.sandbox import Sandbox
from include.sandbox.webhooks import addresses
from include.stack.airflow import PROJECT, Ports, Secrets
from include.stack.folder import Folder
from include.stack.processes import members
from tests.airflow.rest_api import RestApi
from tests.contract.content import Content, content
from tests.orchestration.metric_receivers import StatsdReceiver
from tests.orchestration.sample_commands import NOTES

DAGS = Path(__file__).parent / "dags"
READY = "Running."
START_SECONDS = 120.0
STOP_SECONDS = 60.0
# What the folder holds besides what collectors keep in it. The samples may be at work at any time.
OWN_FOLDERS = {"airflow", "logs", "postgres", NOTES}
QUICK = {
    # Fewer processes to start than 16, and a killed scheduler's tasks run again after seconds rather than minutes.
    "AIRFLOW__CORE__PARALLELISM": "4",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "8",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "2",
    # Little patience with the sources: what is retried and how is tested where the transport is.
    "HTTP_MAX_ATTEMPTS": "2",
    "HTTP_MAX_WAIT_SECONDS": "1",
}

T = TypeVar("T")


def eventually(what: str, find: Callable[[], T], seconds: float = 60.0) -> T:
    """What ``find`` returns as soon as that is true. Fails, naming ``what``, when it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not (found := find()):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain: {what}"
        time.sleep(0.1)
    return found


class LocalStack:
    """The stack of one folder. ``sandbox`` outlives its restarts; ``api`` and ``database`` are those of this start.

    ``metrics`` gets what its processes tell, and ``sandbox.webhooks`` the notices. ``schedule`` and ``samples`` are the
    texts of the two schedule files (see ``dags/groups_of_the_tests.py``).
    """

    api: RestApi
    database: Database

    def __init__(self, root: Path, sandbox: Sandbox, *, schedule: str, samples: str) -> None:
        self.root, self.sandbox = root, sandbox
        self.folder = Folder(root / "workspace")
        self.output = root / "output.log"
        (root / "schedule.yaml").write_text(schedule, encoding="utf-8")
        (root / "samples.yaml").write_text(samples, encoding="utf-8")
        self.metrics = StatsdReceiver()
        self.environment = self._environment()
        self._process: subprocess.Popen[bytes] | None = None
        self._clients = ExitStack()

    def _environment(self) -> dict[str, str]:
        blank = {variable.name: "" for variable in known_variables()}
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        ours = {
            "WORKSPACE_DIR": str(self.folder.root),
            "LOG_DIR": str(self.folder.logs),
            "BOOST_COLLECTOR_SCHEDULE_YAML": str(self.root / "schedule.yaml"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        }
        watching = {**self.metrics.environment, **addresses(self.sandbox.url)}
        return {**blank, **kept, **self.sandbox.environment(), **watching, **ours, **QUICK}

    @property
    def url(self) -> str:
        """Where the api-server is, without a slash at its end."""
        return self.api.url

    @property
    def password(self) -> str:
        """The UI's password; the user is ``include.stack.airflow.USER``."""
        return Secrets.of(self.folder).password

    def start(self) -> None:
        """Start it and wait until it is healthy and knows its DAGs."""
        self.folder.create()
        port = Ports.choose(self.folder).api
        with self.output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "include.stack", "up", "--port", str(port)],
                cwd=PROJECT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        eventually("the stack is up", self._is_up, START_SECONDS)
        self._clients = ExitStack()
        self.api = self._clients.enter_context(RestApi(f"http://127.0.0.1:{port}", self.password))
        settings = Settings.load(self.environment, env_file=None)
        self.database = self._clients.enter_context(Database.from_settings(settings))
        self.api.login()
        eventually("the DAGs are known", self._knows_its_dags)

    def _is_up(self) -> bool:
        said = self.said()
        assert self._process is not None
        assert self._process.poll() is None, said
        return READY in said

    def _knows_its_dags(self) -> bool:
        problems = self.api.import_errors()
        assert not problems, problems
        return bool(self.api.dags())

    def said(self) -> str:
        """What the supervisor has printed since the start."""
        return self.output.read_text(encoding="utf-8")

    def wait(self) -> int:
        """Wait for its end, without asking for it; returns the exit code."""
        assert self._process is not None
        self._clients.close()
        return self._process.wait(STOP_SECONDS)

    def stop(self) -> int:
        """End it as Ctrl-C or ``make down`` does; returns the exit code."""
        assert self._process is not None
        self._process.terminate()
        return self.wait()

    def remove(self) -> None:
        """Leave no process and no database server behind, whatever became of the supervisor."""
        self._clients.close()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
            self._process.kill()
        for pid in members(self.folder.root):
            with suppress(psutil.Error):
                psutil.Process(pid).kill()
        EmbeddedPostgres(self.folder.root / "postgres").remove()
        self.metrics.close()

    def reset(self) -> None:
        """Nothing collected, nothing remembered, no faults. The run log stays; no task that writes may be running."""
        tables = ", ".join(f'"{table.name}"' for table in all_tables().sorted_tables if table is not Run.__table__)
        with self.database.session() as session:
            session.execute(text(f"TRUNCATE {tables}"))
        for folder in self.folder.root.iterdir():
            if folder.is_dir() and folder.name not in OWN_FOLDERS:
                shutil.rmtree(folder)
        self.sandbox.faults.clear()
        self.sandbox.requests.clear()
        self.sandbox.webhooks.clear()

    def content(self) -> Content:
        """What has been collected."""
        return content(self.database)

    def run_log(self, run_id: str) -> list[Run]:
        """The rows that the commands of a DAG run have left, oldest first."""
        with self.database.session() as session:
            rows = list(session.scalars(select(Run).where(Run.run_id == run_id).order_by(Run.id)))
            session.expunge_all()
            return rows

    def component(self, name: str) -> psutil.Process:
        """The process of a component (``scheduler``, ...), the one that the supervisor started."""
        assert self._process is not None
        children = psutil.Process(self._process.pid).children()
        (found,) = [child for child in children if name in " ".join(child.cmdline())]
        return found

    def run(self, dag_id: str, **form: Any) -> dict[str, Any]:
        """Trigger a run (see :meth:`RestApi.ask_for`) and wait for its end; returns it."""
        return self.ended(dag_id, self.api.ask_for(dag_id, **form))

    def ended(self, dag_id: str, run_id: str, seconds: float = 240.0) -> dict[str, Any]:
        """The run once it is over."""

        def over() -> dict[str, Any]:
            run = self.api.dag_run(dag_id, run_id)
            return run if run["state"] in ("success", "failed") else {}

        return eventually(f"{dag_id} {run_id} ends", over, seconds)
