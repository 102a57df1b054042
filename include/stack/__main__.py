"""``python -m include.stack demo|up|down``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console

from boost_collectors.core.errors import CollectorError
from include.stack import modes
from include.stack.errors import StackError, StopRequested
from include.stack.profile import demo_profile, up_profile

PORT = click.option("--port", type=click.IntRange(1, 65535), help="Port of the Airflow UI.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run Airflow, PostgreSQL and the collectors on this machine."""


@main.command()
@click.option("--once", is_flag=True, help="End when everything has run: 0 when all went well, else 1.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path, resolve_path=True),
    help="Folder of real data that the sandbox serves too.",
)
@PORT
def demo(once: bool, data: Path | None, port: int | None) -> None:
    """Run every group once on the built-in sandbox sources and show what was collected."""
    _end(lambda console: modes.demo(demo_profile(port=port, data=data), console, once=once))


@main.command()
@PORT
def up(port: int | None) -> None:
    """Run on the real sources with the settings of .env, by the schedule, until Ctrl-C."""
    _end(lambda console: modes.up(up_profile(port=port), console))


@main.command()
def down() -> None:
    """Stop what runs in the workspace, the embedded PostgreSQL included."""
    _end(lambda console: modes.down([demo_profile(), up_profile()], console))


def _end(action: Callable[[Console], int]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    try:
        sys.exit(action(console))
    except (StackError, CollectorError) as error:
        console.print(f"Error: {error}", markup=False)
        sys.exit(1)
    except StopRequested as reason:
        console.print(f"Stopped before the end: {reason}.")
        sys.exit(128 + reason.signal_number if reason.signal_number else 1)


if __name__ == "__main__":
    main()
