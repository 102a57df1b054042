"""What the run log keeps of runs that end well, badly or not at all."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from boost_collectors.core import __version__, run_log
from boost_collectors.core.context import RunContext
from boost_collectors.core.database import Database
from boost_collectors.core.errors import (
    AuthenticationError,
    CollectionSkipped,
    ConfigurationError,
    NetworkError,
    RateLimited,
)
from boost_collectors.core.models import Run
from boost_collectors.core.protocol_dto import GenericTrackerResult
from boost_collectors.core.window import Window

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
Make = Callable[..., RunContext]


def rows(database: Database) -> list[Run]:
    with database.session() as session:
        return list(session.scalars(select(Run).order_by(Run.id)))


def clock() -> Callable[[], datetime]:
    ticks = iter(range(100))
    return lambda: NOON + timedelta(minutes=next(ticks))


def test_a_run_is_visible_while_it_goes_on(database: Database, make_context: Make) -> None:
    window = Window.between(NOON - timedelta(days=1), NOON)
    context = make_context("run_a", group="github", run_id="r1", window=window, only=("u2", "u1"), clock=lambda: NOON)
    with run_log.record(context):
        (run,) = rows(database)
    assert (run.command, run.group_id, run.run_id, run.units) == ("run_a", "github", "r1", ["u2", "u1"])
    assert (run.window_mode, run.window_since, run.window_until) == ("backfill", NOON - timedelta(days=1), NOON)
    assert (run.status, run.version, run.started_at, run.finished_at) == ("running", __version__, NOON, None)


def test_a_result_is_kept(database: Database, make_context: Make) -> None:
    context = make_context(clock=clock())
    with run_log.record(context) as entry:
        entry.result = GenericTrackerResult.ok(commits_inserted=5, requests=2)
    (run,) = rows(database)
    assert (run.status, run.counts, run.errors) == ("success", {"commits_inserted": 5, "requests": 2}, [])
    assert (run.failure_category, run.message, run.retry_at) == (None, "", None)
    assert run.finished_at is not None
    assert run.finished_at > run.started_at


def test_a_result_that_says_failure_is_a_failure(database: Database, make_context: Make) -> None:
    with run_log.record(make_context()) as entry:
        entry.result = GenericTrackerResult.failed("u1: no", units=3)
    (run,) = rows(database)
    assert (run.status, run.errors, run.counts["units"]) == ("failed", ["u1: no"], 3)


@pytest.mark.parametrize(
    ("error", "status", "category"),
    [
        (NetworkError("cut"), "failed", "network"),
        (AuthenticationError("rejected"), "failed", "auth"),
        (CollectionSkipped("no token"), "skipped", None),
        (RateLimited("slow down", retry_at=NOON), "rate_limited", "rate_limit"),
        (KeyError("x"), "failed", "unknown"),
        (ValueError(), "failed", "validation"),
        (KeyboardInterrupt(), "interrupted", "unknown"),
        (SystemExit(1), "interrupted", "unknown"),
    ],
)
def test_an_error_is_noted_and_goes_on(
    database: Database, make_context: Make, error: BaseException, status: str, category: str | None
) -> None:
    with pytest.raises(type(error)) as caught, run_log.record(make_context(clock=clock())):
        raise error
    assert caught.value is error
    (run,) = rows(database)
    assert (run.status, run.failure_category) == (status, category)
    assert str(error) in run.message
    assert run.message
    assert run.retry_at == getattr(error, "retry_at", None)
    assert run.finished_at is not None


def test_what_was_collected_before_the_error_is_kept(database: Database, make_context: Make) -> None:
    with pytest.raises(NetworkError), run_log.record(make_context()):
        raise NetworkError("cut", result=GenericTrackerResult.failed("u1: cut", seen=4))
    (run,) = rows(database)
    assert (run.counts["seen"], run.errors, run.status) == (4, ["u1: cut"], "failed")


def test_secrets_do_not_reach_the_table(
    database: Database, database_url: str, make_settings: Callable[..., Any], make_context: Make
) -> None:
    settings = make_settings(DATABASE_URL=database_url, GITHUB_TOKEN="very-secret-value")
    result = GenericTrackerResult.failed("https://x:very-secret-value@github.com failed\0")
    with pytest.raises(NetworkError), run_log.record(make_context(settings=settings)):
        raise NetworkError("token very-secret-value, ghp_abcdefghijklmnop0123456789", result=result)
    with database.session() as session:
        row = session.scalar(text("SELECT core_run::text FROM core_run"))
    assert "very-secret" not in row
    assert "ghp_abc" not in row
    assert "<redacted>" in row


def test_an_end_that_cannot_be_noted_does_not_hide_the_error(
    database: Database, make_context: Make, caplog: pytest.LogCaptureFixture
) -> None:
    def lose_the_table() -> None:
        with database.session() as session:
            session.execute(text("ALTER TABLE core_run RENAME TO core_walk"))
        raise NetworkError("cut")

    with pytest.raises(NetworkError, match="cut"), run_log.record(make_context()):
        lose_the_table()
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "run_test could not be noted" in caplog.text


def test_a_database_that_was_not_migrated_says_how_to(empty_database_url: str, make_context: Make) -> None:
    with (
        Database(empty_database_url) as empty,
        pytest.raises(ConfigurationError, match="boost_collectors migrate"),
        run_log.record(make_context(database=empty)),
    ):
        pytest.fail("there is no table to write to")


def test_a_run_whose_process_died_is_closed_by_the_next(
    database: Database, database_url: str, make_context: Make, tmp_path: Path
) -> None:
    code = """
import logging, sys
from boost_collectors.core import run_log
from boost_collectors.core.context import RunContext
from boost_collectors.core.database import Database
from boost_collectors.core.settings import Settings
settings = Settings.load({"DATABASE_URL": sys.argv[1], "WORKSPACE_DIR": sys.argv[2]}, env_file=None)
context = RunContext("run_a", settings, Database.from_settings(settings), None, None, None, logging.getLogger())
with run_log.record(context):
    print("running", flush=True)
    sys.stdin.read()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code, database_url, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"running\n"
    with run_log.record(make_context("run_a")), run_log.record(make_context("run_b")):
        assert [run.status for run in rows(database)] == ["running"] * 3
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    with run_log.record(make_context("run_b")):
        assert rows(database)[0].status == "running"
    while rows(database)[0].status == "running":
        with run_log.record(make_context("run_a")):
            pass
    dead = rows(database)[0]
    assert (dead.status, dead.message) == ("interrupted", "its process died")
    assert dead.finished_at is not None
    assert {run.status for run in rows(database)[1:]} == {"success"}


def test_the_newest_run_of_every_command_is_read(database: Database, make_context: Make) -> None:
    tick = clock()
    for command, group in [("run_b", "g1"), ("run_a", "g1"), ("run_a", "g2"), ("run_b", None)]:
        with run_log.record(make_context(command, group=group, clock=tick, run_id=f"{command}-{group}")):
            pass
    with database.session() as session:
        assert [run.run_id for run in run_log.latest_runs(session)] == ["run_a-g2", "run_b-None"]
        assert [run.run_id for run in run_log.latest_runs(session, "g1")] == ["run_a-g1", "run_b-g1"]
        assert run_log.latest_runs(session, "g3") == []
