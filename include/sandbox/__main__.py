"""``python -m include.sandbox``: the sandbox server as a process of its own."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import click

from include.sandbox.github.generated import GeneratedOrganization
from include.sandbox.github.limits import LimitOptions
from include.sandbox.server import Sandbox
from include.sandbox.shelf import SAMPLES

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option("--data", type=FOLDER, help="Folder of real data to serve too.")
@click.option("--samples", type=FOLDER, help="Folder that replaces the hand-made data; one folder per source.")
@click.option("--cache", type=click.Path(file_okay=False, path_type=Path), help="Where built repositories are kept.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 in a container.")
@click.option("--port", type=int, default=0, show_default="a free one", help="Local port.")
@click.option("--faults", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON list of faults.")
@click.option(
    "--limit", multiple=True, help="One of GitHub's limits: search=1000, core=60, ... as its LimitOptions has them."
)
@click.option(
    "--pushed", multiple=True, metavar="OWNER/NAME", help="A repository of the samples that was pushed to just now."
)
@click.option("--generate", multiple=True, help="A generated organisation: repositories=170,issues=60000,name=big,...")
def main(
    data: Path | None,
    samples: Path | None,
    cache: Path | None,
    host: str,
    port: int,
    faults: Path | None,
    limit: tuple[str, ...],
    pushed: tuple[str, ...],
    generate: tuple[str, ...],
) -> None:
    """Serve every source on one local port until told to stop."""
    generated = [GeneratedOrganization.parse(text) for text in generate]
    sandbox = Sandbox(
        data, cache=cache, host=host, port=port, samples=samples or SAMPLES, generated=generated, limits=_limits(limit)
    )
    if faults:
        sandbox.faults.load(faults)
    for name in pushed:
        sandbox.github.changes.edit_repository(name, pushed_at=sandbox.github.clock.stamp())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    click.echo(f"sandbox: {sandbox.url}")
    for name, value in sandbox.environment().items():
        click.echo(f"{name}={value}")
    try:
        sandbox.serve()
    except KeyboardInterrupt:
        pass
    finally:
        sandbox.close()


def _limits(given: tuple[str, ...]) -> LimitOptions:
    try:
        pairs = [text.partition("=") for text in given]
        return LimitOptions().changed({name: int(number) for name, _, number in pairs})
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--limit") from None


if __name__ == "__main__":
    main()
