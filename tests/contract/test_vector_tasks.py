"""What every task that fills the vector index must do: each one of the schedule, on what its collector stored."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from boost_collectors import registry
from boost_collectors.core.collectors import BaseCollectorCommand
from boost_collectors.core.commands import CommandSpec
from boost_collectors.core.database import Database
from boost_collectors.core.errors import (
    PermanentError,
    RateLimited,
    TransientError,
)
from boost_collectors.core.execution import Request, execute, prepared
from boost_collectors.core.settings import Settings
from boost_collectors.cppa_pinecone_sync import services
from boost_collectors.cppa_pinecone_sync.place import Place
from include.sandbox import Sandbox
from tests.contract.conftest import CANARY, Undisturbed
from tests.contract.content import versions
from tests.contract.killing import RunKilled

KILLS, COMMITS = 2, 5
"""How often a run is killed, and before which of its commits at most."""
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "status", "status": 500, "retry_after": 0.01},
    {"kind": "status", "status": 429, "retry_after": 0.01},
    {"kind": "status", "status": 400},
)
SCHEDULE = Path(__file__).parents[2] / "include" / "schedule" / "boost_collector_schedule.yaml"


@dataclass(frozen=True)
class VectorTask:
    """A task of the schedule that fills the index, and the collector whose rows it hands over."""

    spec: CommandSpec
    arguments: tuple[str, ...]
    collector: CommandSpec

    def __str__(self) -> str:
        return self.spec.name

    @property
    def name(self) -> str:
        kind = self.arguments[0].partition("=")[2] if self.arguments else ""
        return f"{self.spec.name}-{kind}" if kind else self.spec.name


def _tasks() -> Iterator[VectorTask]:
    groups = yaml.safe_load(SCHEDULE.read_text(encoding="utf-8"))["groups"].values()
    for task in (task for group in groups for task in group["tasks"]):
        spec, arguments = registry.find(task["command"]), tuple(task.get("args", ()))
        if spec.pool == "pinecone":
            path = arguments[-1].partition("=")[2] if arguments else spec.target.removeprefix("boost_collectors.")
            folder = f"boost_collectors.{path.partition('.')[0]}."
            yield VectorTask(spec, arguments, next(one for one in _collectors() if one.target.startswith(folder)))


def _collectors() -> list[CommandSpec]:
    return [spec for spec in registry.COMMANDS.values() if spec.collects and spec.tables]


TASKS = {task.name: task for task in _tasks()}
EVERY_TASK = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
EVERY_COLLECTOR = pytest.mark.parametrize(
    "task", {task.collector.name: task for task in TASKS.values()}.values(), ids=lambda task: task.collector.name
)
# What only the command decides, not the kind of its documents.
EVERY_COMMAND = pytest.mark.parametrize(
    "task", {task.spec.name: task for task in reversed(TASKS.values())}.values(), ids=str
)


@dataclass(frozen=True)
class Bench:
    """A database as the collector left it, and an index that only the task fills."""

    task: VectorTask
    sandbox: Sandbox
    settings: Settings
    url: str

    def run(self, *more: str, settings: Settings | None = None) -> Any:
        return execute(self.task.spec, Request((*self.task.arguments, *more)), settings=settings or self.settings)

    def calls(self) -> list[str]:
        return [request.path for request in self.sandbox.requests if request.path.startswith("/pinecone")]

    def vectors(self) -> dict[str, dict[str, Any]]:
        """Every record of each namespace of the dense index. Fails when the other one or the ledger differ."""
        found = {}
        name = self.settings.pinecone_index_name
        with Database(self.url) as database, database.session() as session:
            for namespace in services.documents_by_namespace(session, "public"):
                halves = services.ledger_halves(session, Place("any", namespace))
                held = [self.sandbox.pinecone.vectors(index, namespace) for index in (name, f"{name}-sparse")]
                assert held[0] == held[1]
                assert halves == (set(held[0]), set(held[1]))
                found[namespace] = held[0]
        return found


@pytest.fixture
def make_bench(
    run_undisturbed: Callable[[CommandSpec], Undisturbed],
    sandbox: Sandbox,
    make_settings: Callable[..., Settings],
    database_server: Any,
) -> Callable[[VectorTask], Any]:
    @contextmanager
    def make(task: VectorTask) -> Iterator[Bench]:
        collected = run_undisturbed(task.collector)
        with database_server.database(collected.database) as url:
            variables = {**sandbox.environment(), "DATABASE_URL": url, "WORKSPACE_DIR": collected.workspace}
            settings = make_settings(**variables)
            yield Bench(task, sandbox, settings, url)

    return make


@pytest.fixture
def bench(task: VectorTask, make_bench: Callable[[VectorTask], Any]) -> Iterator[Bench]:
    with make_bench(task) as made:
        yield made


@pytest.fixture
def calm(bench: Bench, task: VectorTask, make_bench: Callable[[VectorTask], Any]) -> dict[str, dict[str, Any]]:
    """What an undisturbed first run makes of the same rows; the index is empty again."""
    with make_bench(task) as undisturbed:
        undisturbed.run()
        found: dict[str, dict[str, Any]] = undisturbed.vectors()
    for account in bench.sandbox.pinecone.accounts.values():
        account.indexes.clear()
    return found


def test_every_collector_with_documents_has_a_task(pytestconfig: pytest.Config) -> None:
    package = pytestconfig.rootpath / "boost_collectors"
    folders = {path.parent.name for path in package.glob("*/preprocessor.py")}
    assert {task.collector.target.split(".")[1] for task in TASKS.values()} == folders


@EVERY_TASK
def test_a_second_run_costs_no_call_and_writes_no_row_and_a_full_one_neither(bench: Bench) -> None:
    assert bench.run("--dry-run").counts["total"] > 0
    assert (bench.calls(), bench.vectors()) == ([], {})
    first = bench.run()
    assert first.success
    assert first.counts["upserted"] > 0
    held = bench.vectors()
    assert any(held.values())
    for namespace in held:
        execute(registry.find("audit_pinecone_sync"), Request((f"--namespace={namespace}",)), settings=bench.settings)
    bench.sandbox.requests.clear()
    with Database(bench.url) as database:
        before = _documents(database)
        assert bench.run().counts["upserted"] == 0
        full = bench.run("--full")
        assert _documents(database) == before
    assert (full.counts["total"], full.counts["upserted"]) == (first.counts["total"], 0)
    assert bench.calls() == []
    assert bench.vectors() == held


@EVERY_COMMAND
def test_killed_again_and_again_at_any_commit_it_ends_as_undisturbed(
    bench: Bench, calm: dict[str, Any], run_killed: RunKilled, database_server: Any
) -> None:
    points = sorted(random.Random(bench.task.name).sample(range(1, COMMITS + 1), KILLS))
    environment = {**bench.sandbox.environment(), "DATABASE_URL": bench.url}
    environment["WORKSPACE_DIR"] = str(bench.settings.workspace_dir)
    killed = [run_killed(point, bench.task.spec.name, environment, *bench.task.arguments) for point in points]
    assert any(killed)
    database_server.end_sessions(bench.url)
    bench.run()
    assert bench.vectors() == calm


@EVERY_COMMAND
def test_an_index_that_refuses_loses_nothing(bench: Bench, calm: dict[str, Any]) -> None:
    for fault in FAULTS:
        bench.sandbox.faults.add("*/records/*", times=None, **fault)
        with pytest.raises((TransientError, RateLimited, PermanentError)):
            bench.run("--strict")
        bench.sandbox.faults.clear()
    assert bench.run("--strict").success
    assert bench.vectors() == calm


@EVERY_COMMAND
def test_a_refused_key_is_said_without_the_key(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    settings = bench.settings.model_copy(update={"pinecone_api_key": CANARY})
    with caplog.at_level(logging.DEBUG), pytest.raises(PermanentError, match="401") as failure:
        bench.run(settings=settings)
    assert CANARY not in str(failure.value)
    assert CANARY not in caplog.text


@EVERY_COLLECTOR
def test_the_hook_of_a_collector_leaves_the_index_alone_unless_a_flag_names_a_place(
    bench: Bench, task: VectorTask
) -> None:
    options = task.collector.load().options.model_fields
    skips = [f"--{name.replace('_', '-')}" for name in ("skip_pinecone", "ignore_pinecone") if name in options]
    assert _after_hook(bench, *skips[:1]) == _after_hook(bench, *skips) == _after_hook(bench) == []
    if "pinecone_namespace" in options:
        place = "--pinecone-namespace=elsewhere"
        for forbidding in [*skips, "--dry-run"]:
            assert _after_hook(bench, place, forbidding) == []
        bench.sandbox.faults.add("*/records/*", "status", status=400, times=None)
        with pytest.raises(TransientError, match="tried again"):
            _after_hook(bench, place)
        bench.sandbox.faults.clear()
        _after_hook(bench, place)
        assert bench.vectors()["elsewhere"]


def _after_hook(bench: Bench, *flags: str) -> list[str]:
    """The requests that a collector's last phase makes with these flags, on what it has stored."""
    bench.sandbox.requests.clear()
    with prepared(bench.task.collector, Request(flags), settings=bench.settings, progress=None) as (
        command,
        invocation,
    ):
        assert isinstance(command, BaseCollectorCommand)
        command.get_collector(**dict(invocation.options)).sync_pinecone()
    return bench.calls()


def _documents(database: Database) -> dict[str, Any]:
    """The physical version of every row but for those that say when it was last looked."""
    return {table: rows for table, rows in versions(database).items() if "syncstatus" not in table}
