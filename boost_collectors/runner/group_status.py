"""Writing down how a group's whole batch ended, whichever way it did."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import CommandError
from boost_collectors.runner import services
from boost_collectors.runner.batch import Report
from boost_collectors.runner.schedule import LoadedSchedule

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Run:
    """What the recorder is told in the course of a run."""

    report: Report = field(default_factory=Report)


class GroupStatus:
    """Records the end of one run for ``group``; with None, as for a partial run, it records nothing.

    A failure before any task ran counts too, if the group is one that the schedule names. When the file could not
    be read at all, a group that ran before is known.
    """

    def __init__(self, context: RunContext, group: str | None) -> None:
        self._context = context
        self._group = group
        self._declared: tuple[str, ...] = ()

    def declared(self, schedule: LoadedSchedule) -> None:
        """Tell which groups the schedule names."""
        self._declared = schedule.declared

    @contextmanager
    def recorded(self) -> Iterator[Run]:
        """Record the block's end. An error of the database does not hide the error that the run had."""
        run = Run()
        try:
            yield run
        except BaseException as error:
            try:
                self._failed_early(error)
            except Exception:
                logger.exception("The failure of group %s could not be recorded", self._group)
            raise
        self._finished(run.report)

    def _failed_early(self, error: BaseException) -> None:
        if self._group is not None and self._is_known(self._group):
            code = error.returncode if isinstance(error, CommandError) else 1
            self._write(self._group, code or 1)

    def _is_known(self, group: str) -> bool:
        if self._declared:
            return group in self._declared
        with self._context.database.session() as session:
            return services.get_group_status(session, group) is not None

    def _finished(self, report: Report) -> None:
        if self._group is None:
            return
        if not report.executed and not report.exit_code:
            logger.info("Nothing ran in group %s; its status stays", self._group)
            return
        try:
            self._write(self._group, report.exit_code)
        except Exception:
            if not report.exit_code:
                raise
            logger.exception("The failure of group %s could not be recorded", self._group)

    def _write(self, group: str, exit_code: int) -> None:
        now = self._context.clock()
        with self._context.database.session() as session:
            if exit_code:
                services.record_group_failure(session, group, exit_code=exit_code, when=now)
            else:
                services.record_group_success(session, group, when=now)
