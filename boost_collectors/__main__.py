"""``python -m boost_collectors COMMAND [options]``: every command, the same way Airflow runs it."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import click
from rich.console import Console

from boost_collectors import registry
from boost_collectors.core import __version__
from boost_collectors.core.commands import CommandSpec
from boost_collectors.core.errors import CollectionSkipped, CollectorError, CommandError
from boost_collectors.core.execution import Request, execute, new_run_id
from boost_collectors.core.log import bind, configure_logging
from boost_collectors.core.settings import Settings

logger = logging.getLogger(__name__)


class CommandGroup(click.Group):
    """The registry as a click group: a command's module is imported only when it runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(registry.COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        spec = registry.COMMANDS.get(cmd_name)
        return None if spec is None else _lazy_command(spec)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            registry.find(args[0])
        except CommandError as error:
            raise click.UsageError(str(error), ctx) from None
        return super().resolve_command(ctx, args)


def _lazy_command(spec: CommandSpec) -> click.Command:
    # Arguments are parsed inside, by the same code that parses a schedule's args.
    @click.command(
        spec.name,
        short_help=spec.help,
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def call(arguments: tuple[str, ...]) -> None:
        sys.exit(run(spec, arguments))

    return call


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="boost_collectors")
def main() -> None:
    """Boost Data Collector: collect the Boost and C++ community's activity into PostgreSQL."""


def run(spec: CommandSpec, arguments: tuple[str, ...]) -> int:
    """Run one command as a process does: messages on stderr, the exit code returned."""
    request = Request(arguments=arguments, run_id=new_run_id(), stop=threading.Event())
    with bind(run_id=request.run_id, command=spec.name):
        return _run(spec, request)


def _run(spec: CommandSpec, request: Request) -> int:
    settings: Settings | None = None
    try:
        settings = Settings.load()
        configure_logging(settings)
        with _stopping_on(signal.SIGTERM, request.stop.set):
            execute(spec, request, settings=settings)
    except click.UsageError as error:
        _say(settings, logging.ERROR, error.format_message(), error.show)
        return 2
    except click.exceptions.Exit as done:
        return done.exit_code
    except CollectionSkipped as reason:
        _say(settings, logging.INFO, f"Skipped: {reason}")
        return 0
    except CommandError as error:
        _say(settings, logging.ERROR, f"Error: {error}")
        return error.returncode or 1
    except CollectorError as error:
        _say(settings, logging.ERROR, f"Failed: {error}")
        return 1
    except Exception as error:
        if settings is None:
            raise
        # By the log, whose handlers take secrets out: Python's own traceback would show them.
        logger.critical("%s was not foreseen; please report it: %s", type(error).__name__, error, exc_info=True)
        return 1
    return 0


def _say(settings: Settings | None, level: int, text: str, show: Callable[[], None] | None = None) -> None:
    """A last word to who called: a record where logs are JSON, so that every line of stderr is, else ``show``."""
    if settings is not None and settings.log_format == "json":
        logger.log(level, text)
    elif show is not None:
        show()
    else:
        Console(stderr=True, highlight=False, soft_wrap=True).print(text, markup=False)


class _stopping_on:  # noqa: N801 - reads as a statement where it is used
    """Call ``action`` instead of dying when the signal arrives, so that a run ends at a safe point."""

    def __init__(self, number: int, action: Callable[[], Any]) -> None:
        self._number, self._action = number, action

    def __enter__(self) -> None:
        self._previous = signal.signal(self._number, lambda *_: self._action())

    def __exit__(self, *_: object) -> None:
        signal.signal(self._number, self._previous)


if __name__ == "__main__":
    main()
