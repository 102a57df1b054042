"""With LOG_FORMAT=json every line a process writes is a JSON object that names its run and command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from boost_collectors import registry
from boost_collectors.__main__ import run
from boost_collectors.core.commands import BaseCommand, CommandSpec
from boost_collectors.core.options import Options
from include.sandbox import Sandbox

SECRET = "ghp_" + "s3cret" * 6
COMMAND = "run_boost_mailing_list_tracker"
SCHEDULE = f"groups: {{lists: {{default_time: 0:05, tasks: [{{command: {COMMAND}, schedule: daily}}]}}}}"


def lines(text: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in text.splitlines()]
    assert found
    assert SECRET not in text
    return found


def variables(database_url: str, tmp_path: Path) -> dict[str, str]:
    (tmp_path / "schedule.yaml").write_text(SCHEDULE, encoding="utf-8")
    return {
        "DATABASE_URL": database_url,
        "BOOST_COLLECTOR_SCHEDULE_YAML": str(tmp_path / "schedule.yaml"),
        "WORKSPACE_DIR": str(tmp_path / "workspace"),
        "LOG_DIR": str(tmp_path / "logs"),
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "DEBUG",
        "GITHUB_TOKEN": SECRET,
    }


def test_a_group_run_from_the_shell(database_url: str, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    arguments = ("run_scheduled_collectors", "--schedule", "default", "--group", "lists")
    with Sandbox() as sandbox:
        # The sandbox's lists, of which one cannot be read.
        sandbox.faults.add("/archives/*", "status", status=500, times=1)
        done = subprocess.run(
            [sys.executable, "-m", "boost_collectors", *arguments],
            cwd=pytestconfig.rootpath,
            env={**os.environ, **sandbox.environment(), **variables(database_url, tmp_path), "HTTP_MAX_ATTEMPTS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1, done.stderr
    told = lines(done.stderr)
    assert done.stdout == ""
    assert len({line["run_id"] for line in told}) == 1
    assert all(line["run_id"].startswith("cli__") for line in told)
    assert {line["command"] for line in told} == {"run_scheduled_collectors", COMMAND}
    of_collector = [line for line in told if line["command"] == COMMAND]
    assert {line["name"] for line in told if line["name"].startswith("httpcore")}, "threads made requests"
    assert not [line for line in told if line["name"].startswith("httpcore") and line not in of_collector]
    assert {line["group"] for line in of_collector} == {"lists"}
    assert [line for line in of_collector if line.get("unit")], "what a unit does names the unit"
    assert {"ERROR", "INFO"} <= {line["severity"] for line in told}
    # Threads write to both in an order of their own.
    assert sorted((tmp_path / "logs" / "app.log").read_text(encoding="utf-8").splitlines()) == sorted(
        done.stderr.splitlines()
    )


@pytest.mark.parametrize(
    ("command", "arguments", "code", "severity", "said"),
    [
        ("run_reddit_activity_tracker", (), 0, "INFO", "Skipped: "),
        ("run_scheduled_collectors", ("--schedule", "default", "--group", "nowhere"), 1, "ERROR", "nowhere"),
        (COMMAND, ("--what",), 2, "ERROR", "--what"),
    ],
)
def test_the_last_word_of_a_command_is_a_record_too(
    command: str,
    arguments: tuple[str, ...],
    code: int,
    severity: str,
    said: str,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in variables(database_url, tmp_path).items():
        monkeypatch.setenv(name, value)
    assert run(registry.find(command), arguments) == code
    last = lines(capsys.readouterr().err)[-1]
    assert (last["severity"], last["command"]) == (severity, command)
    assert said in last["message"]


def test_an_error_that_nobody_foresaw_shows_no_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, value in variables("postgresql+psycopg://nobody@127.0.0.1:1/none", tmp_path).items():
        monkeypatch.setenv(name, value)
    surprising = CommandSpec("surprise", f"{__name__}:Surprise", help="Fails in a way of its own.", collects=False)
    assert run(surprising, ()) == 1
    last = lines(capfd.readouterr().err)[-1]
    assert "ZeroDivisionError was not foreseen" in last["message"]
    assert "Traceback" in last["exc_info"]


class Surprise(BaseCommand):
    """A command with a mistake in it."""

    options = Options

    def execute(self, options: Options) -> None:
        raise ZeroDivisionError(f"divided {SECRET} by nothing")
