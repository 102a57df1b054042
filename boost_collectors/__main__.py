"""``python -m boost_collectors COMMAND [options]``: every command, the same way Airflow runs it."""

from __future__ import annotations

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
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.log import configure_logging
from boost_collectors.core.settings import Settings


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
    stop = threading.Event()
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        settings = Settings.load()
        configure_logging(settings)
        with _stopping_on(signal.SIGTERM, stop.set):
            execute(spec, Request(arguments=arguments, stop=stop), settings=settings)
    except click.UsageError as error:
        error.show()
        return 2
    except click.exceptions.Exit as done:
        return done.exit_code
    except CollectionSkipped as reason:
        errors.print(f"Skipped: {reason}", markup=False)
        return 0
    except CommandError as error:
        errors.print(f"Error: {error}", markup=False)
        return error.returncode or 1
    except CollectorError as error:
        errors.print(f"Failed: {error}", markup=False)
        return 1
    return 0


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
