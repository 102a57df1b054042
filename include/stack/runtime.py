"""A running stack: everything started in order, healthy, and ended whatever happens."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from rich.console import Console
from sqlalchemy.exc import OperationalError

from boost_collectors.core.database import Database
from boost_collectors.core.database.commands import upgrade
from boost_collectors.core.database.embedded import EmbeddedPostgres
from boost_collectors.core.settings import Settings
from include.sandbox.server import environment as sandbox_environment
from include.stack.airflow import COMPONENTS, USER, Ports, Secrets, airflow_settings, process_environment
from include.stack.api import AirflowApi
from include.stack.errors import StackError, tail
from include.stack.folder import Folder, Running
from include.stack.processes import started_at
from include.stack.profile import Profile, check_port
from include.stack.signals import Signals
from include.stack.supervisor import Supervisor

METADATA = "airflow"
PUSHED = ("bo/embedded", "sample-networks/courier", "zoe-m/quoted")
"""The sandbox's repositories outside Boost to which, for the demo, somebody has just pushed."""
HEALTHY_SECONDS = 180.0


@dataclass(frozen=True)
class Stack:
    """What runs, for those who work with it. ``started`` is when its components were started (UTC)."""

    profile: Profile
    folder: Folder
    supervisor: Supervisor
    api: AirflowApi
    database: Database
    settings: Settings
    urls: Mapping[str, str]
    started: datetime


@contextmanager
def running(profile: Profile, console: Console) -> Iterator[Stack]:
    """Start everything, hand it over when it is healthy, and end it when the block ends, however it ends.

    Raises StackError when something is missing or dies, StopRequested when a signal says so.
    """
    _check_machine(profile)
    folder = Folder(profile.root)
    folder.create()
    with Signals() as signals, folder.held():
        supervisor = Supervisor(folder, signals)
        starter = _Starter(profile, folder, supervisor, console)
        try:
            yield starter.start()
        except (httpx.HTTPError, OperationalError) as error:
            # If a component died, that explains it better.
            supervisor.pause(1)
            raise StackError(f"Airflow or the database does not answer: {error}") from error
        finally:
            starter.stop()


class _Starter:
    def __init__(self, profile: Profile, folder: Folder, supervisor: Supervisor, console: Console) -> None:
        self._profile, self._folder, self._supervisor, self._console = profile, folder, supervisor, console
        self._server: EmbeddedPostgres | None = None
        self._ports = Ports.choose(folder, profile.api_port)
        self._keys = Secrets.of(folder)
        self._environment = {**profile.environment, **process_environment(profile.environment)}
        if profile.sandbox:
            self._environment |= sandbox_environment(self._sandbox_url)

    def start(self) -> Stack:
        self._note({})
        if removed := self._supervisor.remove_leftovers():
            self._console.print(f"Ended {removed} processes that a killed run had left.")
        settings = Settings.load(self._environment)
        database = Database.from_settings(settings)
        if self._profile.sandbox:
            self._supervisor.start("sandbox", self._sandbox_command(), self._environment)
        with self._timed("PostgreSQL"):
            self._environment |= self._airflow(self._metadata_url(settings))
        with self._timed("Databases at their newest schema"):
            self._migrate(database)
        with self._timed("Airflow"):
            started, api = self._start_airflow()
        urls = self._urls()
        self._note(urls)
        return Stack(self._profile, self._folder, self._supervisor, api, database, settings, urls, started)

    def stop(self) -> None:
        """End the components, then the database they write to."""
        self._console.print("Stopping …")
        self._supervisor.stop()
        if self._server:
            self._server.stop()

    @property
    def _sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self._ports.sandbox}"

    def _sandbox_command(self) -> list[str]:
        command = ["include.sandbox", "--port", str(self._ports.sandbox), "--cache", str(self._folder.sandbox_cache)]
        # All groups run within a minute, for which GitHub grants thirty searches: nobody wants to wait for the next.
        command += ["--limit", "search=1000", "--limit", "code_search=1000"]
        # Who uses Boost is looked for among what was pushed to lately.
        command += [word for name in PUSHED for word in ("--pushed", name)]
        return command + (["--data", str(self._profile.data)] if self._profile.data else [])

    def _metadata_url(self, settings: Settings) -> str:
        own = self._profile.airflow_overrides.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")
        if own:
            return own
        self._server = server = EmbeddedPostgres(settings.embedded_postgres_dir)
        self._server.start()
        self._supervisor.watch("PostgreSQL", lambda: server.is_running, server.directory / "data" / "server.log")
        self._server.ensure_database(METADATA)
        return self._server.url(METADATA)

    def _airflow(self, metadata_url: str) -> dict[str, str]:
        ours = airflow_settings(
            self._folder, self._ports, self._keys, metadata_url=metadata_url, dags=self._profile.dags
        )
        return ours | dict(self._profile.airflow_overrides)

    def _migrate(self, database: Database) -> None:
        command = ["include.stack.metadata", str(self._profile.airflow_settings)]
        with self._supervisor.running("metadata", command, self._environment):
            upgrade(database.url)

    def _start_airflow(self) -> tuple[datetime, AirflowApi]:
        started = datetime.now(UTC)
        for name in COMPONENTS:
            self._supervisor.start(name, ["airflow", name], self._environment)
        api = AirflowApi(f"http://127.0.0.1:{self._ports.api}", self._keys.password)
        deadline = time.monotonic() + HEALTHY_SECONDS
        while late := api.waiting_for(started):
            if time.monotonic() > deadline:
                name = late[0].replace("_", "-")
                raise StackError(
                    f"Airflow is not healthy: waited for {', '.join(late)}.\n{tail(self._folder.log(name))}"
                )
            self._supervisor.pause(0.2)
        api.login()
        return started, api

    def _urls(self) -> dict[str, str]:
        ui = f"http://127.0.0.1:{self._ports.api}"
        urls = {"Airflow": f"{ui}/", "Health": f"{ui}/health/"}
        return urls | ({"Sandbox": f"{self._sandbox_url}/"} if self._profile.sandbox else {})

    def _note(self, urls: Mapping[str, str]) -> None:
        started = started_at(os.getpid())
        assert started is not None
        self._folder.note(Running(self._profile.kind, os.getpid(), started, dict(urls)))

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        begun = time.monotonic()
        with self._console.status(f"{what} …"):
            yield
        self._console.print(f"{what}: ready ({time.monotonic() - begun:.1f} s)")


def login_line(stack: Stack) -> str:
    """User and password of the UI."""
    return f"user {USER}, password {Secrets.of(stack.folder).password}"


def _check_machine(profile: Profile) -> None:
    if shutil.which("git") is None:
        raise StackError("git is not installed, or not on the PATH; the collectors need it.")
    check_port(profile)
