"""``startcollector NAME``: makes a collector that runs, and passes the contract suite, before a line is changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from pydantic import Field
from rich.console import Console

from boost_collectors.core.commands import BaseCommand
from boost_collectors.core.errors import CommandError
from boost_collectors.core.options import BARE, Options
from boost_collectors.core.settings.kinds import PROJECT_ROOT
from boost_collectors.scaffold.plan import GENERATED, Plan, make_plan
from boost_collectors.scaffold.transaction import all_or_nothing, undo


class StartCollectorOptions(Options):
    """Where and what."""

    app_label: str = Field(
        "", description="Name of the collector's folder, tables and command: weather.", json_schema_extra=BARE
    )
    path: str = Field("", description="The checkout to write to; by default this one.")
    dry_run: bool = Field(False, description="Name the files; write nothing.")


class StartCollectorCommand(BaseCommand):
    """Writes the collector's files, or none of them."""

    options = StartCollectorOptions

    def execute(self, options: Options) -> None:
        """Make it and say what comes next. Raises CommandError for a name or a checkout that does not fit."""
        assert isinstance(options, StartCollectorOptions)
        root = Path(options.path).resolve() if options.path else PROJECT_ROOT
        console = Console(highlight=False, soft_wrap=True, markup=False)
        if not options.dry_run and undo(root):
            console.print("Undid what an interrupted startcollector had begun.")
        plan = make_plan(options.app_label, root)
        for path in sorted(plan.files):
            console.print(f"{'changes' if (root / path).exists() else 'makes'} {path}")
        if options.dry_run:
            return
        start(plan)
        console.print(f"\nIts entry in the example of the schedule:\n{plan.snippet}")
        console.print(
            f"Next: docs/first_collector.md, and {sys.executable} -m pytest tests/contract -k {options.app_label}"
        )


def start(plan: Plan) -> None:
    """Write the plan's files and renew what is made from the settings; all of it or nothing."""
    with all_or_nothing(plan.root, plan.files, also=GENERATED):
        environment = os.environ | {"PYTHONPATH": str(plan.root)}
        command = [sys.executable, "-m", "boost_collectors.core.settings"]
        done = subprocess.run(command, cwd=plan.root, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CommandError(f"The settings cannot be read any more: {done.stderr[-2000:]}")
