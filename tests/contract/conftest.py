"""Every test of this folder runs once per collector command of the registry, against the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url, text

from boost_collectors import registry
from boost_collectors.core.commands import CommandSpec
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from include.sandbox import Sandbox
from include.sandbox.github.limits import LimitOptions
from tests.contract.content import Content, content
from tests.contract.killing import RunKilled, killer
from tests.contract.prerequisites import prepare
from tests.contract.write_guard import guarded

Collect = Callable[..., Any]
# A test makes more runs a minute than anybody would. The limits themselves are tested where the quota is kept.
UNHURRIED = LimitOptions(search=1000, code_search=1000)
CANARY = "canary-5ecret-value-9131"
"""A secret that must appear nowhere."""


@pytest.fixture(autouse=True)
def _only_owners_write(pytestconfig: pytest.Config) -> Iterator[None]:
    package = pytestconfig.rootpath / "boost_collectors"
    with guarded([folder.name for folder in package.iterdir() if folder.is_dir()]):
        yield


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "spec" in metafunc.fixturenames:
        specs = [spec for spec in registry.COMMANDS.values() if spec.collects]
        if metafunc.definition.get_closest_marker("reads_a_source"):
            # What fills no table, or is not remote, makes something of what others have collected, and asks no source.
            specs = [spec for spec in specs if spec.tables and spec.remote]
        if metafunc.definition.get_closest_marker("replays"):
            specs = [spec for spec in specs if spec.replay]
        metafunc.parametrize("spec", specs, ids=[spec.name for spec in specs])


@pytest.fixture(scope="session")
def sandbox_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture
def sandbox(sandbox_cache: Path) -> Iterator[Sandbox]:
    with Sandbox(cache=sandbox_cache, limits=UNHURRIED) as server:
        yield server


@pytest.fixture
def database_url(spec: CommandSpec, database_server: Any) -> Iterator[str]:
    """A fresh database with what the command needs of other commands."""
    with database_server.database() as url:
        prepare(spec, url)
        yield url


@pytest.fixture
def sandbox_settings(sandbox: Sandbox, database_url: str, make_settings: Callable[..., Settings]) -> Settings:
    # Little patience: what is retried and how is tested where the transport is.
    impatient = {"HTTP_MAX_ATTEMPTS": "2", "HTTP_MAX_WAIT_SECONDS": "0.05"}
    return make_settings(**sandbox.environment(), **impatient, DATABASE_URL=database_url)


@pytest.fixture
def collect(spec: CommandSpec, sandbox_settings: Settings) -> Collect:
    """Run the command once, with what is given to ``Request``."""

    def run(settings: Settings | None = None, **request: Any) -> Any:
        return execute(spec, Request(**request), settings=settings or sandbox_settings)

    return run


@dataclass(frozen=True)
class Undisturbed:
    """What one run makes of the sandbox on an empty database, and a window that holds some of it but not all.

    ``database``, by name, and ``workspace`` stay as the run left them, for tests of what comes after it.
    """

    content: Content
    database: str
    workspace: str
    window: tuple[datetime, datetime] | None


_UNDISTURBED = pytest.StashKey[dict[str, Undisturbed]]()


@pytest.fixture(scope="session")
def _kept() -> Iterator[ExitStack]:
    with ExitStack() as databases:
        yield databases


@pytest.fixture
def run_undisturbed(
    pytestconfig: pytest.Config,
    sandbox_cache: Path,
    tmp_path_factory: pytest.TempPathFactory,
    database_server: Any,
    make_settings: Callable[..., Settings],
    _kept: ExitStack,
) -> Callable[[CommandSpec], Undisturbed]:
    """The outcome of a command's undisturbed run, found once per command and test process."""
    known = pytestconfig.stash.setdefault(_UNDISTURBED, {})

    def run(spec: CommandSpec) -> Undisturbed:
        if spec.name not in known:
            url = _kept.enter_context(database_server.database())
            # A workspace of its own: what this run fetched must not spare the test's run its disturbed source.
            workspace = str(tmp_path_factory.mktemp("undisturbed"))
            with Sandbox(cache=sandbox_cache, limits=UNHURRIED) as server:
                prepare(spec, url)
                settings = make_settings(**server.environment(), DATABASE_URL=url, WORKSPACE_DIR=workspace)
                execute(spec, Request(), settings=settings)
            with Database(url) as database:
                name = str(make_url(url).database)
                known[spec.name] = Undisturbed(content(database), name, workspace, _window(spec, database))
        return known[spec.name]

    return run


@pytest.fixture
def whole_run(spec: CommandSpec, run_undisturbed: Callable[[CommandSpec], Undisturbed]) -> Undisturbed:
    return run_undisturbed(spec)


@pytest.fixture
def undisturbed(whole_run: Undisturbed) -> Content:
    """What the database holds after an undisturbed run."""
    return whole_run.content


@pytest.fixture
def window(spec: CommandSpec, whole_run: Undisturbed) -> tuple[datetime, datetime]:
    """A span that holds some of what the source has, but not all."""
    if whole_run.window is None:
        pytest.skip(f"{spec.name}: its source keeps no history")
    return whole_run.window


def _window(spec: CommandSpec, database: Database) -> tuple[datetime, datetime] | None:
    """Two moments, a third and two thirds through what the command's window bounds; None without history."""
    if not spec.history:
        return None
    table, _, column = spec.window_column.partition(".")
    with database.engine.connect() as connection:
        values = connection.execute(text(f'SELECT DISTINCT "{column}" FROM "{table}" ORDER BY 1')).scalars().all()
    since, until = values[len(values) // 3], values[-(len(values) // 3)]
    return moment(since), moment(until)


def moment(value: datetime | str) -> datetime:
    """A value of a window column as an instant: a text ``YYYY-MM`` is its first day."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(f"{value}-01").replace(tzinfo=UTC)


@pytest.fixture
def time_passes(database_url: str) -> Callable[[], None]:
    """Make what GitHub's quota ledger knows be over, as it is when the time has come that an error named."""

    def forget() -> None:
        with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
            connection.execute("TRUNCATE core_github_token, core_github_quota, core_github_lease")

    return forget


@pytest.fixture
def project(sandbox_settings: Settings) -> Iterator[Database]:
    with Database.from_settings(sandbox_settings) as database:
        yield database


@pytest.fixture(scope="session")
def run_killed(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunKilled]:
    with killer(pytestconfig.rootpath, tmp_path_factory.mktemp("killed")) as run:
        yield run
