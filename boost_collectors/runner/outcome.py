"""Running one task of the schedule in this process, and what became of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import click

from boost_collectors import registry
from boost_collectors.core.commands import CommandSpec
from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import CollectionSkipped, CommandError, classify_failure
from boost_collectors.core.execution import Request, execute
from boost_collectors.runner.schedule import Task

EXCEPTION_CODE = -1
"""Recorded for a task that ended by an exception which names no exit code."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a task ended. ``code`` is 0 on success; ``skipped`` tells why nothing was done, and then nothing counts."""

    task: Task
    code: int = 0
    reason: str = ""
    skipped: str | None = None

    @property
    def failed(self) -> bool:
        return self.code != 0

    @property
    def exit_code(self) -> int:
        """What the code does to the exit code of the whole run."""
        return 1 if self.code == EXCEPTION_CODE else self.code


def run_task(task: Task, context: RunContext, commands: Mapping[str, CommandSpec] = registry.COMMANDS) -> Outcome:
    """Run the task's command with its arguments, verbatim. Every ordinary end is an outcome, and is logged."""
    logger.info("Task %s of group %s starts: %s %s", task.id, task.group, task.command, " ".join(task.args))
    outcome = _guarded(task, context, commands)
    if outcome.skipped is not None:
        logger.info("Task %s of group %s was skipped: %s", task.id, task.group, outcome.skipped)
    elif outcome.failed:
        logger.error("Task %s of group %s failed (%s)", task.id, task.group, outcome.reason)
    else:
        logger.info("Task %s of group %s succeeded", task.id, task.group)
    return outcome


def _guarded(task: Task, context: RunContext, commands: Mapping[str, CommandSpec]) -> Outcome:
    try:
        return _called(task, context, commands)
    except CollectionSkipped as reason:
        return Outcome(task, skipped=str(reason))
    except SystemExit as end:
        return _exited(task, end.code)
    except click.exceptions.Exit as end:
        return _exited(task, end.exit_code)
    except click.ClickException as error:
        return Outcome(task, error.exit_code, f"command error: {error.format_message()}")
    except CommandError as error:
        return Outcome(task, error.returncode or 1, f"command error: {error}")
    except Exception as error:
        logger.exception(
            "Task %s of group %s raised %s",
            task.id,
            task.group,
            type(error).__name__,
            extra={"task": task.id, "group": task.group, "failure_category": classify_failure(error).value},
        )
        return Outcome(task, EXCEPTION_CODE, f"exception {type(error).__name__}: {error}")


def _called(task: Task, context: RunContext, commands: Mapping[str, CommandSpec]) -> Outcome:
    spec = commands.get(task.command) or registry.find(task.command)
    request = Request(arguments=task.args, group=task.group, run_id=context.run_id, stop=context.stop)
    result = execute(spec, request, settings=context.settings, progress=context.progress)
    if result is not None and not result.success:
        return Outcome(task, 1, "command error: " + ("; ".join(result.errors) or "the result says that it failed"))
    return Outcome(task)


def _exited(task: Task, code: object) -> Outcome:
    number = code if isinstance(code, int) else int(code is not None)
    return Outcome(task, int(number), f"exit code {code}" if number else "")
