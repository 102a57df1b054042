"""Running one command from start to end, the same way whoever calls: a shell, the runner or an Airflow task."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from boost_collectors.core import locks, run_log
from boost_collectors.core.commands import BaseCommand, CommandSpec, is_given
from boost_collectors.core.context import RunContext, utc_now
from boost_collectors.core.database import Database
from boost_collectors.core.errors import CollectionSkipped, CommandError, ConfigurationError
from boost_collectors.core.http import HttpClient
from boost_collectors.core.log import bind, configure_redaction
from boost_collectors.core.options import Invocation, parse_arguments
from boost_collectors.core.progress import Progress, make_progress
from boost_collectors.core.settings import Settings
from boost_collectors.core.window import Window, WindowMode
from boost_collectors.core.workspace import Workspace

if TYPE_CHECKING:
    from boost_collectors.core.collectors import Unit
    from boost_collectors.core.protocols import TrackerResult


@dataclass(frozen=True, slots=True)
class Request:
    """One call of a command. ``arguments`` is its command line; what is set here wins over what stands there."""

    arguments: Sequence[str] = ()
    window: Window | None = None
    only: tuple[str, ...] = ()
    dry_run: bool = False
    group: str | None = None
    run_id: str = ""
    stop: threading.Event = field(default_factory=threading.Event)


def execute(
    spec: CommandSpec, request: Request, *, settings: Settings | None = None, progress: Progress | None = None
) -> TrackerResult | None:
    """Run a command and return what it collected.

    A collector runs under its lock and leaves one row in the run log, whatever its end. Raises the CollectorError
    that says what to do next: CollectionSkipped when a setting is missing or the source has no past.
    """
    with prepared(spec, request, settings=settings, progress=progress) as (command, invocation):
        if not spec.collects:
            return command.execute(invocation.options)
        context = command.context
        _refuse_missing_history(spec, context.window)
        if context.dry_run:
            return command.execute(invocation.options)
        with run_log.record(context) as entry, locks.hold(context.database, spec.name, context.only):
            entry.result = command.execute(invocation.options)
            return entry.result


def plan_units(spec: CommandSpec, request: Request, *, settings: Settings | None = None) -> list[Unit]:
    """The units a call would work on, after ``--only``. Raises as the command's plan does."""
    from boost_collectors.core.collectors import BaseCollectorCommand, UnitCollector

    with prepared(spec, request, settings=settings, progress=None) as (command, invocation):
        if not isinstance(command, BaseCollectorCommand):
            raise CommandError(f"{spec.name} has no units")
        collector = command.get_collector(**dict(invocation.options))
        if not isinstance(collector, UnitCollector):
            raise CommandError(f"{spec.name} has no units")
        collector.validate_config()
        return collector.selected_units()


@contextmanager
def prepared(
    spec: CommandSpec, request: Request, *, settings: Settings | None, progress: Progress | None
) -> Iterator[tuple[BaseCommand, Invocation]]:
    """The command with its context and its parsed arguments; closes what it opened."""
    command_class = spec.load()
    invocation = parse_arguments(spec.name, spec.help, command_class.options, request.arguments, collects=spec.collects)
    settings = settings or Settings.load()
    configure_redaction(settings)
    _refuse_missing_settings(spec, settings)
    run_id = request.run_id or new_run_id()
    with ExitStack() as stack:
        stack.enter_context(bind(run_id=run_id, group=request.group, command=spec.name))
        database = stack.enter_context(Database.from_settings(settings))
        http = stack.enter_context(HttpClient.from_settings(settings, stop=request.stop))
        context = RunContext(
            command=spec.name,
            settings=settings,
            database=database,
            http=http,
            workspace=Workspace.from_settings(settings),
            progress=progress or make_progress(),
            log=logging.getLogger(command_class.__module__),
            window=request.window or invocation.window or Window(),
            only=request.only or invocation.only,
            dry_run=request.dry_run or invocation.dry_run,
            group=request.group,
            run_id=run_id,
            stop=request.stop,
        )
        yield command_class(context), invocation


def new_run_id() -> str:
    """The id of a run that nobody has named: one that somebody starts by hand."""
    return f"cli__{utc_now().isoformat()}"


def missing_settings(spec: CommandSpec, settings: Settings) -> list[str]:
    """The variables without which the command is skipped and that are not set, as ``A`` or ``A or B``."""
    unset = [names for names in spec.requires if not any(is_given(settings, name) for name in names.split("|"))]
    return [names.replace("|", " or ") for names in unset]


def _refuse_missing_settings(spec: CommandSpec, settings: Settings) -> None:
    missing = missing_settings(spec, settings)
    if missing and len(missing) < len(spec.requires):
        raise ConfigurationError(f"{spec.name} is configured by half: it also needs {', '.join(missing)}")
    if missing:
        raise CollectionSkipped(f"{spec.name} needs {', '.join(missing)}: not set")


def _refuse_missing_history(spec: CommandSpec, window: Window) -> None:
    if window.mode is WindowMode.BACKFILL and not spec.history:
        raise CollectionSkipped(f"{spec.name} cannot read the past: its source keeps no history")
