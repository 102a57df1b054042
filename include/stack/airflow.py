"""How Airflow is configured on one machine: all by environment variables, next to its generated secrets."""

from __future__ import annotations

import json
import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from include.stack.folder import Folder
from include.stack.ports import free_ports, is_free

PROJECT = Path(__file__).resolve().parents[2]
USER = "admin"
COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")


@dataclass(frozen=True, slots=True)
class Secrets:
    """What Airflow needs to keep: made once per folder, in a file that only its owner can read."""

    password: str
    fernet_key: str
    jwt_secret: str
    secret_key: str

    @classmethod
    def of(cls, folder: Folder) -> Secrets:
        """The folder's secrets, made at the first call. Airflow's own password file is brought in line."""
        path = folder.airflow_home / "secrets.json"
        if path.exists():
            known = cls(**json.loads(path.read_text(encoding="utf-8")))
        else:
            known = cls(
                password=secrets.token_urlsafe(12),
                fernet_key=urlsafe_b64encode(secrets.token_bytes(32)).decode(),
                jwt_secret=secrets.token_urlsafe(64),
                secret_key=secrets.token_urlsafe(32),
            )
            _write_private(path, asdict(known))
        _write_private(password_file(folder), {USER: known.password})
        return known


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the components listen, on this machine only."""

    api: int
    task_logs: int
    trigger_logs: int
    sandbox: int

    @classmethod
    def choose(cls, folder: Folder, api: int | None = None) -> Ports:
        """The folder's ports of last time where they are still free, else other free ones; ``api`` wins.

        Bookmarks stay good, and so does what collectors remember of the sandbox's URLs, such as ETags.
        """
        path = folder.root / "ports.json"
        last: dict[str, int] = {}
        with suppress(OSError, ValueError):
            last = json.loads(path.read_text(encoding="utf-8"))
        names = [field.name for field in fields(cls)]
        chosen = {
            name: last[name] if name in last and is_free(last[name]) else fresh
            for name, fresh in zip(names, free_ports(len(names)), strict=True)
        }
        path.write_text(json.dumps(chosen), encoding="utf-8")
        return cls(**chosen | ({"api": api} if api else {}))


def password_file(folder: Folder) -> Path:
    """The file from which Airflow's simple auth manager reads the passwords."""
    return folder.airflow_home / "passwords.json"


def airflow_settings(folder: Folder, ports: Ports, keys: Secrets, *, metadata_url: str, dags: Path) -> dict[str, str]:
    """Airflow's configuration as environment variables."""
    url = f"http://127.0.0.1:{ports.api}"
    return {
        "AIRFLOW_HOME": str(folder.airflow_home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "16",
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "include.stack.host.localhost",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__FERNET_KEY": keys.fernet_key,
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(password_file(folder)),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(ports.api),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__SECRET_KEY": keys.secret_key,
        "AIRFLOW__API_AUTH__JWT_SECRET": keys.jwt_secret,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata_url,
        "AIRFLOW__SECRETS__BACKEND": "include.orchestration.secrets.SettingsBackend",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(ports.task_logs),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(ports.trigger_logs),
        # The defaults cost a second per task of a chain, and five minutes until a killed scheduler's tasks run again.
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.1",
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "30",
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        # A task may start before the api-server does, and its first answers take seconds on a busy machine.
        "AIRFLOW__WORKERS__EXECUTION_API_RETRIES": "8",
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "30",
    }


def process_environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """What every component needs besides Airflow's settings: the project on its path, no proxy to this machine."""
    exempt = ",".join(filter(None, [inherited.get("NO_PROXY") or inherited.get("no_proxy"), "127.0.0.1,localhost"]))
    return {
        "PYTHONPATH": os.pathsep.join(filter(None, [str(PROJECT), inherited.get("PYTHONPATH")])),
        "PYTHONUNBUFFERED": "1",
        "NO_PROXY": exempt,
        "no_proxy": exempt,
    }


def _write_private(path: Path, content: Mapping[str, str]) -> None:
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(content), encoding="utf-8")
    fresh.replace(path)
