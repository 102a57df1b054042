"""Commands for DAG runs in tests: real collectors that note what they were asked in their workspace, and end as told.

How a unit ends is written in its key: ``fine``, ``broken`` (for good), ``flaky`` (the first time only), ``limited``
(the source asks to wait, the first time only).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import Field

from boost_collectors.core.collectors import BaseCollectorCommand, Unit, UnitCollector
from boost_collectors.core.commands import CommandSpec
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import CollectionSkipped, NetworkError, PermanentError, RateLimited
from boost_collectors.core.options import Options

NOTES = "sample_commands"


class SampleOptions(Options):
    units: str = Field("fine", description="The units to plan, comma-separated.")
    wait: float = Field(1.0, description="Seconds that a limited unit asks to wait.")


class SampleCollector(UnitCollector):
    def __init__(self, context: Any, units: str, wait: float) -> None:
        super().__init__(context)
        self._units, self._seconds = units, wait

    def validate_config(self) -> None:
        if self._units == "nothing-to-do":
            raise CollectionSkipped("there is nothing to do here")
        if self._units == "unplannable":
            raise PermanentError("the units cannot be planned")

    def plan(self) -> Sequence[Unit]:
        return [Unit(key) for key in self._units.split(",") if key]

    def collect_unit(self, unit: Unit) -> Counts:
        first = self._note(unit)
        kind = unit.key.partition("-")[0]
        if kind == "broken":
            raise PermanentError(f"{unit.key} cannot be read")
        if kind == "flaky" and first:
            raise NetworkError(f"{unit.key} did not answer")
        if kind == "limited" and first:
            retry_at = datetime.now(UTC) + timedelta(seconds=self._seconds)
            raise RateLimited(f"{unit.key} asks to wait", retry_at=retry_at)
        counts = Counts()
        counts.add("things_inserted", 2)
        return counts

    def _note(self, unit: Unit) -> bool:
        context = self.context
        path = context.workspace.path(NOTES) / f"{context.command}.{unit.key}.jsonl"
        first = not path.exists()
        note = {
            "command": context.command,
            "unit": unit.key,
            "group": context.group,
            "run_id": context.run_id,
            "only": context.only,
            "dry_run": context.dry_run,
            "mode": context.window.mode.value,
            "since": context.window.since and context.window.since.isoformat(),
            "until": context.window.until and context.window.until.isoformat(),
        }
        with path.open("a", encoding="utf-8") as notes:
            notes.write(json.dumps(note) + "\n")
        return first


class SampleCommand(BaseCollectorCommand):
    options = SampleOptions

    def get_collector(self, **options: Any) -> SampleCollector:
        return SampleCollector(self.context, **options)


def sample_specs() -> dict[str, CommandSpec]:
    """Registry entries: ``sample`` and ``other`` run whole, ``mapped`` in batches, ``needy`` needs a token."""
    target = f"{__name__}:SampleCommand"
    specs = (
        CommandSpec("sample", target, "A sample.", tables=("sample_table",)),
        CommandSpec("other", target, "Another sample."),
        CommandSpec("mapped", target, "A sample with many units.", tables=("mapped_table",), mapped=True),
        CommandSpec("needy", target, "A sample that needs a token.", requires=("GITHUB_TOKEN",)),
        CommandSpec("forgetful", target, "A sample whose source has no past.", history=False),
    )
    return {spec.name: spec for spec in specs}


def read_notes(workspace: Path) -> list[dict[str, Any]]:
    """What the commands were asked, by file."""
    files = sorted((workspace / NOTES).glob("*.jsonl"))
    return [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]
