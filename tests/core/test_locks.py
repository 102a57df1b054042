"""Run locks between connections, threads and processes, and what is left of them when a process is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import text

from boost_collectors.core.database import Database
from boost_collectors.core.errors import AlreadyRunning
from boost_collectors.core.locks import hold

HOLDER = """
import sys
from boost_collectors.core.database import Database
from boost_collectors.core.errors import AlreadyRunning
from boost_collectors.core.locks import hold
url, command, *units = sys.argv[1:]
try:
    with hold(Database(url), command, units):
        print("held", flush=True)
        sys.stdin.read()
except AlreadyRunning:
    print("taken", flush=True)
"""
Holder = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def other_process(database_url: str) -> Iterator[Holder]:
    """``other_process("run_a", "unit")``: a process that takes the lock; its first line says held or taken."""
    started: list[subprocess.Popen[str]] = []

    def start(command: str, *units: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, database_url, command, *units],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.communicate()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def is_free(database: Database, command: str, *units: str) -> bool:
    try:
        with hold(database, command, units):
            return True
    except AlreadyRunning:
        return False


@pytest.mark.parametrize(
    ("held", "wanted", "free"),
    [
        ((), (), False),
        ((), ("u1",), False),
        (("u1",), (), False),
        (("u1",), ("u1",), False),
        (("u1", "u2"), ("u3", "u2"), False),
        (("u1",), ("u2",), True),
        (("u1", "u1"), ("u2", "u2"), True),
    ],
)
def test_runs_exclude_each_other_as_far_as_they_overlap(
    database: Database, held: Sequence[str], wanted: Sequence[str], free: bool
) -> None:
    with hold(database, "run_a", held):
        assert is_free(database, "run_a", *wanted) is free
        assert is_free(database, "run_b", *wanted)
    assert is_free(database, "run_a", *wanted)


@pytest.mark.parametrize(
    ("held", "wanted", "complaint"),
    [
        (["u2"], ["u1", "u2"], "run_a is already running on u2"),
        ([], ["u1"], "run_a is already running on this database, on all"),
        (["u1"], [], "run_a is already running on this database"),
    ],
)
def test_a_refused_run_leaves_no_lock_behind(
    database: Database, held: list[str], wanted: list[str], complaint: str
) -> None:
    with (
        hold(database, "run_a", held),
        pytest.raises(AlreadyRunning, match=complaint),
        hold(database, "run_a", wanted),
    ):
        pytest.fail("both runs got the lock")
    assert is_free(database, "run_a")


def test_the_error_of_the_run_is_passed_on_and_frees_the_lock(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), hold(database, "run_a"):
        raise ZeroDivisionError
    assert is_free(database, "run_a")


def test_the_lock_holds_no_transaction_open(database: Database) -> None:
    with hold(database, "run_a"), database.session() as session:
        states = text(
            "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert set(session.scalars(states)) == {"idle"}


def test_losing_the_connection_does_not_hide_the_end_of_the_run(database: Database) -> None:
    with hold(database, "run_a"), database.session() as session:
        session.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = "
                 "(SELECT oid FROM pg_database WHERE datname = current_database())")
        )  # fmt: skip
    assert is_free(database, "run_a")


def test_processes_exclude_each_other(database: Database, other_process: Holder) -> None:
    first = other_process("run_a", "u1")
    assert first_line(first) == "held"
    assert first_line(other_process("run_a", "u1")) == "taken"
    assert not is_free(database, "run_a")
    assert is_free(database, "run_a", "u2")
    first.communicate()
    assert is_free(database, "run_a")


def test_a_killed_process_frees_its_lock(database: Database, other_process: Holder) -> None:
    process = other_process("run_a")
    assert first_line(process) == "held"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    while not is_free(database, "run_a"):
        pass


def test_of_many_at_once_exactly_one_gets_in(database: Database) -> None:
    barrier, finished = Barrier(8), Barrier(8)

    def attempt(_: int) -> bool:
        barrier.wait()
        try:
            with hold(database, "run_a"):
                finished.wait()
                return True
        except AlreadyRunning:
            finished.wait()
            return False

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(attempt, range(8))) == [False] * 7 + [True]
