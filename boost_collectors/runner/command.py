"""``run_scheduled_collectors``: run what the schedule has for a kind, a group and a day, in this process."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Mapping
from typing import Literal

import click
from pydantic import Field, field_validator

from boost_collectors import registry
from boost_collectors.core import __version__
from boost_collectors.core.commands import BaseCommand, CommandSpec
from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import CommandError
from boost_collectors.core.options import Options
from boost_collectors.runner.batch import Report, run_batch
from boost_collectors.runner.group_status import GroupStatus
from boost_collectors.runner.loading import configured_path, load_schedule
from boost_collectors.runner.schedule import WEEKDAYS, LoadedSchedule, ScheduleConfigurationError, Task
from boost_collectors.runner.selection import DEFAULT_GROUP_BATCH_SCHEDULE_KIND, Selection, select_tasks

logger = logging.getLogger(__name__)


class ScheduledOptions(Options):
    """The flags of ``run_scheduled_collectors``."""

    schedule: Literal["daily", "weekly", "monthly", "on_release", "interval", "default"] = Field(
        description="What to run; default is a group's whole daily batch."
    )
    day_of_week: str | None = Field(None, description="For weekly: monday..sunday or mon..sun.")
    day_of_month: int | None = Field(None, description="For monthly: 1-31.")
    interval_minutes: int | None = Field(None, description="For interval: 1-180.")
    group: str | None = Field(None, description="Only this group; needed for default.")
    stop_on_failure: bool = Field(False, description="Stop at the first task that fails.")
    strict: bool = Field(False, description="Run nothing if anything in the schedule file is wrong.")
    date: str | None = Field(None, description="Run what was due on this UTC day, YYYY-MM-DD, instead of today.")

    @field_validator("date")
    @classmethod
    def _is_day(cls, value: str | None) -> str | None:
        if value is not None and datetime.date.fromisoformat(value).isoformat() != value:
            raise ValueError(f"{value!r} is not a day as YYYY-MM-DD")
        return value

    @property
    def day(self) -> datetime.date | None:
        """The day asked for, if any."""
        return datetime.date.fromisoformat(self.date) if self.date else None


class TasksFailed(CommandError):
    """The run went through, and ``returncode`` is the exit code of the last task that failed."""


class RunScheduledCollectorsCommand(BaseCommand):
    """Selects tasks from the schedule file and runs them in order."""

    options = ScheduledOptions

    def __init__(self, context: RunContext, commands: Mapping[str, CommandSpec] = registry.COMMANDS) -> None:
        super().__init__(context)
        self._commands = commands

    def execute(self, options: Options) -> None:
        """Run the selected tasks. Raises CommandError when none could run, TasksFailed when any failed."""
        assert isinstance(options, ScheduledOptions)
        logger.info(
            "Scheduled collectors, version %s: %s",
            __version__,
            options.schedule,
            extra={"collector_version": __version__},
        )
        _require_flags(options)
        status = GroupStatus(self.context, options.group if _is_batch(options) else None)
        with status.recorded() as run:
            schedule = load_schedule(configured_path(self.context.settings), commands=self._commands)
            status.declared(schedule)
            tasks = self._selected(schedule, options)
            if not tasks:
                _say_nothing_to_do(options)
                return
            run.report = self._run(tasks, options)
        if run.report.exit_code:
            raise TasksFailed(str(run.report), returncode=run.report.exit_code)

    def _selected(self, schedule: LoadedSchedule, options: ScheduledOptions) -> list[Task]:
        _require_usable(schedule, options)
        for warning in schedule.warnings:
            if options.group in (None, warning.group):
                logger.warning("Schedule %s: %s", schedule.path, warning)
        today = options.day or self.context.clock().date()
        try:
            selection = _selection(options, today)
        except ValueError as error:
            raise CommandError(str(error)) from error
        return select_tasks(schedule.groups.values(), selection, options.group)

    def _run(self, tasks: list[Task], options: ScheduledOptions) -> Report:
        report = run_batch(tasks, self.context, commands=self._commands, stop_on_failure=options.stop_on_failure)
        level = logging.WARNING if report.exit_code else logging.INFO
        logger.log(level, "Scheduled collectors, %s: %s", options.schedule, report)
        return report


def _is_batch(options: ScheduledOptions) -> bool:
    return options.schedule == DEFAULT_GROUP_BATCH_SCHEDULE_KIND


def _require_flags(options: ScheduledOptions) -> None:
    dated = options.date is not None
    needed = {
        "default": ("--group", options.group is not None),
        "weekly": ("--day-of-week", bool(options.day_of_week) or dated),
        "monthly": ("--day-of-month", options.day_of_month is not None or dated),
        "interval": ("--interval-minutes", options.interval_minutes is not None),
    }
    flag, given = needed.get(options.schedule, ("", True))
    if not given:
        raise CommandError(f"--schedule {options.schedule} requires {flag}")


def _require_usable(schedule: LoadedSchedule, options: ScheduledOptions) -> None:
    """Refuse a file, a group or (strict) a file with any group that cannot be used."""
    try:
        if options.strict or not schedule.declared:
            schedule.require()
        if options.group is not None and options.group not in schedule.declared:
            known = ", ".join(schedule.declared)
            raise CommandError(f"Unknown group {options.group!r}; the schedule has: {known}")
        schedule.require(options.group)
    except ScheduleConfigurationError as error:
        raise CommandError(f"Schedule YAML cannot be used: {error}") from error


def _selection(options: ScheduledOptions, today: datetime.date) -> Selection:
    if _is_batch(options):
        return Selection.batch(today)
    dated = options.date is not None
    return Selection.checked(
        options.schedule,
        day_of_week=options.day_of_week or (WEEKDAYS[today.weekday()] if dated else None),
        day_of_month=today.day if options.day_of_month is None and dated else options.day_of_month,
        interval_minutes=options.interval_minutes,
        month=today.month,
        year=today.year,
    )


def _say_nothing_to_do(options: ScheduledOptions) -> None:
    where = f" in group {options.group}" if options.group else ""
    logger.info("No task to run for schedule %s%s", options.schedule, where)
    click.echo(f"Warning: no task to run for schedule {options.schedule}{where}")
