"""The guard: no ratio, count or memory of a kept result may be worse by more than a quarter than was accepted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks._results import Result
from benchmarks.figures import Figure, number

BASELINES = Path(__file__).with_name("baselines.json")
WORSE = 1.25

Accepted = dict[str, dict[str, float]]
"""Values by the key of the figure, by command."""


def accepted(file: Path = BASELINES) -> Accepted:
    """What was accepted; nothing where there is no file."""
    found: Accepted = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


def accept(results: Iterable[Result], file: Path = BASELINES) -> None:
    """Take the figures of these results as what others are compared with from now on."""
    values = accepted(file)
    for result in results:
        guarded = {figure.key: round(figure.value, 4) for figure in result.figures if figure.is_guarded}
        if guarded:
            values[result.command] = guarded
    file.write_text(json.dumps(values, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def fallen(results: Iterable[Result], values: Accepted) -> Iterator[str]:
    """A sentence for each figure that is worse than accepted by more than a quarter, or is not measured any more."""
    for result in results:
        if not result.figures:
            continue
        found = {figure.key: figure for figure in result.figures}
        for key, value in values.get(result.command, {}).items():
            figure = found.get(key)
            if figure is None:
                yield f"{result.benchmark}: {key} is not measured any more, it was {number(value)}"
            elif _is_worse(figure, value):
                yield f"{result.benchmark}: {figure.name}: {figure.measured}, it was {number(value)}"


def _is_worse(figure: Figure, value: float) -> bool:
    if figure.good_way == "more":
        return figure.value * WORSE < value
    return figure.value > value * WORSE
