"""What tests are given: a real PostgreSQL with a fresh, migrated database each, settings without secrets, a context.

One server serves the whole test session, workers of pytest-xdist included. A small process of its own stops it: it
sees the end of the session whichever way that comes, ``kill -9`` included.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from psycopg import sql
from sqlalchemy import make_url

from boost_collectors.core import log
from boost_collectors.core.context import RunContext
from boost_collectors.core.database import Database
from boost_collectors.core.database.embedded import EmbeddedPostgres
from boost_collectors.core.database.migrations import upgrade
from boost_collectors.core.http import HttpClient
from boost_collectors.core.progress import make_progress
from boost_collectors.core.settings import Settings
from boost_collectors.core.workspace import Workspace

# Fixtures that tests of several folders share, and who runs which test.
pytest_plugins = ["tests.airflow.fixtures", "tests.scheduling"]

# How long an example takes says how busy the machine is, not whether the code is right.
hypothesis_settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("any machine")

TEMPLATE = "migrated"
UNREACHABLE = "postgres://nobody@127.0.0.1:1/nothing"
_FOLDER = pytest.StashKey[Path]()
_JANITOR = pytest.StashKey["subprocess.Popen[bytes]"]()
_MEMORY = Path("/dev/shm")
_ENOUGH_MEMORY = 2_000_000_000
_CLEAN_UP = """
import shutil, sys
from pathlib import Path
folder = Path(sys.argv[1])
sys.stdin.read()
from boost_collectors.core.database.embedded import EmbeddedPostgres
EmbeddedPostgres(folder / "server").remove()
shutil.rmtree(folder)
"""


def pytest_configure(config: pytest.Config) -> None:
    given = getattr(config, "workerinput", {}).get("database_folder")
    if given:
        config.stash[_FOLDER] = Path(given)
        return
    folder = Path(tempfile.mkdtemp(prefix="boost-collectors-tests-", dir=_fast_place()))
    folder.chmod(0o755)  # the server may run as another user, who must get through
    config.stash[_FOLDER] = folder
    config.stash[_JANITOR] = subprocess.Popen(
        [sys.executable, "-c", _CLEAN_UP, str(folder)],
        stdin=subprocess.PIPE,
        cwd=config.rootpath,
        start_new_session=True,
    )


def _fast_place() -> Path | None:
    if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ENOUGH_MEMORY:
        return _MEMORY
    return None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["database_folder"] = str(node.config.stash[_FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    janitor = config.stash.get(_JANITOR, None)
    if janitor is not None:
        janitor.communicate(timeout=60)


@pytest.fixture(autouse=True)
def _no_logging_left() -> Iterator[None]:
    """Undo what a test does that runs a command as a process would: that configures logging for good."""
    root = logging.getLogger()
    level = root.level
    yield
    if log._handlers:
        for handler in log._handlers:
            root.removeHandler(handler)
            handler.close()
        log._handlers.clear()
        root.setLevel(level)
        logging.captureWarnings(False)


@dataclass(frozen=True)
class DatabaseServer:
    """The session's server, and new databases on it."""

    server: EmbeddedPostgres

    @contextmanager
    def database(self, template: str = TEMPLATE) -> Iterator[str]:
        """The URL of a new database, a copy of the template, that is gone after the block."""
        name = f"test_{uuid.uuid4().hex}"
        with self.server.connect() as admin:
            admin.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        yield self.server.url(name)
        with self.server.connect() as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def end_sessions(self, url: str) -> None:
        """End what a killed process left open in a database: the server may notice a moment later than the next run."""
        with self.server.connect() as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = %s",
                [make_url(url).database],
            )


@pytest.fixture(scope="session")
def database_server(pytestconfig: pytest.Config) -> DatabaseServer:
    """The PostgreSQL server of this test session, with the migrated template."""
    folder = pytestconfig.stash[_FOLDER]
    server = EmbeddedPostgres(folder / "server", durable=False)
    server.start()
    with _locked(folder / "template.lock") as lock:
        if not lock.read():
            server.ensure_database(TEMPLATE)
            upgrade(server.url(TEMPLATE))
            lock.write("made")
    return DatabaseServer(server)


@contextmanager
def _locked(path: Path) -> Iterator[IO[str]]:
    with path.open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        yield lock


@pytest.fixture
def database_url(database_server: DatabaseServer) -> Iterator[str]:
    """The URL of a fresh, migrated database of this test's own."""
    with database_server.database() as url:
        yield url


@pytest.fixture
def empty_database_url(database_server: DatabaseServer) -> Iterator[str]:
    """The URL of a database of this test's own without any table."""
    with database_server.database("template0") as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The fresh, migrated database, ready for sessions."""
    with Database(database_url) as database:
        yield database


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., Settings]:
    """``make_settings(GITHUB_TOKEN="x")``: settings of exactly these variables and a temporary workspace.

    Without ``DATABASE_URL`` the database cannot be reached, so that no test starts a server by mistake.
    """
    given = {"WORKSPACE_DIR": str(tmp_path / "workspace"), "DATABASE_URL": UNREACHABLE}

    def make(**variables: str) -> Settings:
        return Settings.load(given | variables, env_file=None)

    return make


@pytest.fixture
def settings(make_settings: Callable[..., Settings], database_url: str) -> Settings:
    """Settings with the test's database, a temporary workspace and no token."""
    return make_settings(DATABASE_URL=database_url)


@pytest.fixture
def make_context(settings: Settings, database: Database) -> Iterator[Callable[..., RunContext]]:
    """``make_context(command="x", window=..., only=...)``: a context as a run gets it; any field may be given."""
    with HttpClient.from_settings(settings) as http:

        def make(command: str = "run_test", **fields: Any) -> RunContext:
            given = {
                "settings": settings,
                "database": database,
                "http": http,
                "workspace": Workspace.from_settings(fields.get("settings", settings)),
                "progress": make_progress(),
                "log": logging.getLogger(f"test.{command}"),
                "run_id": f"test__{uuid.uuid4().hex}",
            }
            return RunContext(command=command, **{**given, **fields})

        yield make
