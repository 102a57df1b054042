"""The three things one can ask for: ``demo``, ``up`` and ``down``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console

from boost_collectors.core.database.embedded import EmbeddedPostgres
from boost_collectors.core.execution import missing_settings
from boost_collectors.core.settings import Settings
from boost_collectors.core.workspace_orphans import clean_up_at_start
from boost_collectors.registry import COMMANDS
from boost_collectors.runner import startup_notice
from include.deploy.celery import uses_celery
from include.stack.errors import StopRequested
from include.stack.folder import Folder
from include.stack.processes import end_politely, kill, members
from include.stack.profile import Profile
from include.stack.report import print_answers, print_dashboard, print_health, print_rows, print_urls, row_counts
from include.stack.runs import run_every_dag
from include.stack.runtime import Stack, login_line, running

STOP_SECONDS = 60.0


def demo(profile: Profile, console: Console, *, once: bool) -> int:
    """Run every DAG once and show what came of it; then keep running, unless ``once``. Returns the exit code."""
    with running(profile, console) as stack:
        before = row_counts(stack.database)
        succeeded = run_every_dag(stack, console)
        print_rows(console, before, row_counts(stack.database))
        healthy = print_health(console, stack.api.health(stack.settings.health_check_token))
        print_answers(console, stack.database, stack.settings)
        print_urls(console, stack.urls, login_line(stack))
        print_dashboard(console, stack.settings)
        if not (succeeded and healthy):
            console.print("Not everything went well: see above.")
        if not once:
            _keep_running(stack, console)
        return 0 if succeeded and healthy else 1


def up(profile: Profile, console: Console) -> int:
    """Run until told to stop; the schedule decides what is collected when. Returns the exit code."""
    with running(profile, console) as stack:
        for line in skipped_commands(stack.settings):
            console.print(line)
        print_urls(console, stack.urls, login_line(stack))
        clean_up_at_start(stack.settings)
        _tell_of_the_start(stack, console)
        _keep_running(stack, console)
        return 0


def _tell_of_the_start(stack: Stack, console: Console) -> None:
    settings = stack.settings
    if not startup_notice.wanted(settings):
        return
    if uses_celery(stack.profile.airflow_overrides):
        workers = startup_notice.check_workers(settings)
    else:
        workers = startup_notice.Check("Workers: processes of the scheduler", ok=True)
    checks = [startup_notice.check_database(stack.database), workers, startup_notice.check_triggers()]
    for service in startup_notice.send(settings, checks):
        console.print(f"The start-up notice did not reach {service}.")


def down(profiles: Sequence[Profile], console: Console) -> int:
    """Stop what runs in the folders of these profiles, their embedded PostgreSQL included. Returns the exit code."""
    stopped = [what for profile in profiles for what in _stop(profile)]
    for what in stopped or ["Nothing was running."]:
        console.print(what)
    return 0


def skipped_commands(settings: Settings) -> list[str]:
    """A line for each command that has to be skipped, with the variables that it waits for."""
    return [
        f"{spec.name} {'is skipped' if len(missing) == len(spec.requires) else 'fails'} until "
        f"{' and '.join(missing)} is set."
        for spec in COMMANDS.values()
        if spec.collects and (missing := missing_settings(spec, settings))
    ]


def _keep_running(stack: Stack, console: Console) -> None:
    console.print("Running. Ctrl-C stops it.")
    try:
        while True:
            stack.supervisor.pause(3600)
    except StopRequested as reason:
        console.print(f"Asked to stop: {reason}.")


def _stop(profile: Profile) -> Iterator[str]:
    folder = Folder(profile.root)
    other = folder.running()
    if other:
        end_politely(other.pid, STOP_SECONDS)
        yield f"Stopped `make {other.kind}` (process {other.pid})."
    if left := kill(members(profile.root)):
        yield f"Ended {left} left-over processes in {profile.root}."
    server = EmbeddedPostgres(Settings.load(profile.environment).embedded_postgres_dir)
    if server.is_running:
        server.stop()
        yield f"Stopped PostgreSQL in {server.directory}."
