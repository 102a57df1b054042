"""Lets on_release tasks of one run through when there is a release new to them, and moves their watermarks."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from boost_collectors.boost_library_tracker.release_check import (
    Consumer,
    Release,
    all_boost_versions_from_api,
    mark_seen,
    unseen,
)
from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import CollectorError
from boost_collectors.runner.outcome import Outcome
from boost_collectors.runner.schedule import ScheduleKind, Task

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class ReleaseGate:
    """``problem`` says why the check itself failed; then no on_release task is admitted."""

    context: RunContext
    problem: str = ""
    _new: dict[Consumer, list[Release]] = field(default_factory=dict)

    @classmethod
    def check(cls, tasks: Sequence[Task], context: RunContext) -> ReleaseGate:
        """Look for releases, if one of the tasks cares: the tags are read once for all of them."""
        gate = cls(context)
        waiting = [task for task in tasks if task.schedule is ScheduleKind.ON_RELEASE]
        if not waiting:
            return gate
        try:
            releases = all_boost_versions_from_api(context.settings, stop=context.stop)
        except CollectorError as error:
            names = ", ".join(task.command for task in waiting)
            gate.problem = f"Failed to check for new Boost release, so {names} did not run: {error}"
            logger.error("%s", gate.problem)
            return gate
        with context.database.session() as session:
            gate._new = {Consumer.of(task): unseen(session, Consumer.of(task), releases) for task in waiting}
        return gate

    def admits(self, task: Task) -> bool:
        """False for an on_release task that has nothing new to do."""
        if task.schedule is not ScheduleKind.ON_RELEASE:
            return True
        new = self._new.get(Consumer.of(task), [])
        if new:
            logger.info("New for %s of group %s: %s", task.command, task.group, ", ".join(r.tag for r in new))
        elif not self.problem:
            logger.info("No new Boost release for %s of group %s", task.command, task.group)
        return bool(new)

    def close(self, outcomes: Iterable[Outcome]) -> None:
        """Move the watermarks of the on_release tasks that did their work."""
        done = [
            Consumer.of(outcome.task)
            for outcome in outcomes
            if outcome.task.schedule is ScheduleKind.ON_RELEASE and not outcome.failed and outcome.skipped is None
        ]
        if not done:
            return
        with self.context.database.session() as session:
            for consumer in done:
                mark_seen(session, consumer, self._new[consumer])
