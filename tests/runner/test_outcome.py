"""Every way a task can end, and what it does to the run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from boost_collectors.core.commands import CommandSpec
from boost_collectors.core.context import RunContext
from boost_collectors.runner.outcome import Outcome, run_task
from boost_collectors.runner.schedule import ScheduleKind, Task


@pytest.fixture
def run(make_context: Callable[..., RunContext], commands: Mapping[str, CommandSpec]) -> Callable[..., Outcome]:
    def run(*args: str, command: str = "one") -> Outcome:
        task = Task("g", command, ScheduleKind.DAILY, id=command, args=args)
        return run_task(task, make_context(), commands)

    return run


@pytest.mark.parametrize(
    ("args", "code", "exit_code", "reason"),
    [
        ([], 0, 0, ""),
        (["--end", "ok-result"], 0, 0, ""),
        (["--end", "exit"], 0, 0, ""),
        (["--end", "exit", "--code", "0"], 0, 0, ""),
        (["--help"], 0, 0, ""),
        (["--end", "exit", "--code", "5"], 5, 5, "exit code 5"),
        (["--end", "exit", "--words", "text"], 1, 1, "exit code text"),
        (["--end", "command-error"], 1, 1, "command error: told to fail"),
        (["--end", "command-error", "--code", "7"], 7, 7, "command error: told to fail"),
        (["--end", "command-error", "--code", "0"], 1, 1, "command error: told to fail"),
        (["--end", "failed-result"], 1, 1, "command error: half of it; the other half"),
        (["--end", "boom"], -1, 1, "exception ZeroDivisionError: boom"),
        (["--end", "network"], -1, 1, "exception NetworkError: the line is dead"),
        (["--no-such-flag"], 2, 2, "command error: No such option '--no-such-flag'."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_how_a_task_ended(run: Callable[..., Outcome], args: list[str], code: int, exit_code: int, reason: str) -> None:
    outcome = run(*args)
    assert (outcome.code, outcome.exit_code, outcome.reason) == (code, exit_code, reason)
    assert outcome.failed is (code != 0)
    assert outcome.skipped is None


def test_a_skip_is_neither_success_nor_failure(run: Callable[..., Outcome]) -> None:
    outcome = run("--end", "skip")
    assert outcome.skipped == "nothing to do here"
    assert not outcome.failed


def test_a_setting_that_is_missing_skips(
    make_context: Callable[..., RunContext], commands: Mapping[str, CommandSpec]
) -> None:
    spec = CommandSpec("one", commands["one"].target, "", requires=("GITHUB_TOKEN",), collects=False)
    outcome = run_task(Task("g", "one", ScheduleKind.DAILY, id="one"), make_context(), {"one": spec})
    assert outcome.skipped is not None
    assert "GITHUB_TOKEN" in outcome.skipped


def test_settings_of_which_only_some_are_there_are_an_error(
    make_context: Callable[..., RunContext], commands: Mapping[str, CommandSpec]
) -> None:
    needed = ("GITHUB_TOKEN", "WORKSPACE_DIR")
    spec = CommandSpec("one", commands["one"].target, "", requires=needed, collects=False)
    outcome = run_task(Task("g", "one", ScheduleKind.DAILY, id="one"), make_context(), {"one": spec})
    assert outcome.skipped is None
    assert "configured by half: it also needs GITHUB_TOKEN" in outcome.reason


def test_an_unknown_command_is_a_command_error(run: Callable[..., Outcome]) -> None:
    outcome = run(command="migrat")
    assert (outcome.code, outcome.exit_code) == (1, 1)
    assert "Unknown command: 'migrat'; did you mean 'migrate'?" in outcome.reason


def test_an_interrupt_goes_through(run: Callable[..., Outcome]) -> None:
    with pytest.raises(KeyboardInterrupt):
        run("--end", "interrupt")


@pytest.mark.parametrize(
    ("args", "token"), [(["--end", "command-error"], "told to fail"), (["--end", "failed-result"], "the other half")]
)
def test_the_reason_is_logged(
    run: Callable[..., Outcome], args: list[str], token: str, caplog: pytest.LogCaptureFixture
) -> None:
    run(*args)
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert token in record.getMessage()


def test_an_exception_is_logged_with_its_traceback_and_category(
    run: Callable[..., Outcome], caplog: pytest.LogCaptureFixture
) -> None:
    run("--end", "network")
    record: Any = next(record for record in caplog.records if record.exc_info)
    assert (record.task, record.group, record.failure_category) == ("one", "g", "network")
