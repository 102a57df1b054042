"""Running selected tasks one after another, and what the run as a whole came to."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from boost_collectors.core.commands import CommandSpec
from boost_collectors.core.context import RunContext
from boost_collectors.runner.outcome import Outcome, run_task
from boost_collectors.runner.release_gate import ReleaseGate
from boost_collectors.runner.schedule import Task

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Report:
    """The outcomes of the tasks that ran, in order, and what went wrong beside them."""

    outcomes: list[Outcome] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def executed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.skipped is None]

    @property
    def failures(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.failed]

    @property
    def exit_code(self) -> int:
        """The code of the last task that failed; 1 when only something beside the tasks did; else 0."""
        if self.failures:
            return self.failures[-1].exit_code
        return 1 if self.problems else 0

    def __str__(self) -> str:
        failed = [f"{outcome.task.command} ({outcome.reason})" for outcome in self.failures]
        text = f"{len(self.executed) - len(failed)} succeeded, {len(failed)} failed"
        return ": ".join([text, "; ".join(failed + self.problems)]) if failed or self.problems else text


def run_batch(
    tasks: Sequence[Task],
    context: RunContext,
    *,
    commands: Mapping[str, CommandSpec],
    stop_on_failure: bool,
) -> Report:
    """Run the tasks in order. A failure does not keep the next one from running, unless ``stop_on_failure``."""
    report = Report()
    gate = ReleaseGate.check(tasks, context)
    if gate.problem:
        report.problems.append(gate.problem)
    runnable = [task for task in tasks if gate.admits(task)]
    for position, task in enumerate(runnable):
        if context.stop.is_set():
            report.problems.append("the run was asked to stop")
            _log_not_run(runnable[position:], "the run was asked to stop")
            break
        outcome = run_task(task, context, commands)
        report.outcomes.append(outcome)
        if outcome.failed and stop_on_failure:
            _log_not_run(runnable[position + 1 :], f"{task.command} failed ({outcome.reason})")
            break
    gate.close(report.outcomes)
    return report


def _log_not_run(tasks: Sequence[Task], reason: str) -> None:
    for task in tasks:
        logger.warning("Skipping %s of group %s: %s", task.command, task.group, reason)
