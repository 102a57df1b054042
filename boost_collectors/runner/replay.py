"""``replay COMMAND``: rows of a collector made anew from the answers that its source gave, without the source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

from pydantic import Field

from boost_collectors import registry
from boost_collectors.core import locks
from boost_collectors.core.commands import BaseCommand
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import CommandError
from boost_collectors.core.options import BARE, Options

Rebuild = Callable[[RunContext], Counts]


class ReplayOptions(Options):
    """Whose answers."""

    command: str = Field("", description="The collector whose raw archive is read.", json_schema_extra=BARE)


class ReplayCommand(BaseCommand):
    """Reads ``RAW_DIR`` and writes rows; no checkpoint moves, so that the collector goes on where it stood."""

    options = ReplayOptions

    def execute(self, options: Options) -> None:
        """Replay under the collector's lock. Raises CommandError for a command that keeps no raw answers."""
        assert isinstance(options, ReplayOptions)
        spec = registry.find(options.command)
        if not spec.replay:
            known = ", ".join(sorted(spec.name for spec in registry.COMMANDS.values() if spec.replay))
            raise CommandError(f"{spec.name} cannot be replayed; these can: {known}")
        module, _, name = spec.replay.partition(":")
        rebuild: Rebuild = getattr(import_module(module), name)
        context = replace(self.context, command=spec.name)
        with locks.hold(context.database, spec.name):
            counts = rebuild(context)
        context.log.info("Replayed %s: %s", spec.name, counts.as_dict())
