"""Names for the tasks of a group that stay the same when the file is reordered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from boost_collectors.runner.schedule import Task

ARGUMENTS_LENGTH_MAX = 80


def with_ids(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """The tasks of one group with their ids set.

    An id is the command's name. Where a command repeats it gains, one after another until it is unique: the
    schedule, its weekday, day or minutes, its arguments, and at last a digest of all that.
    """
    if len({task.command for task in tasks}) == len(tasks):
        return tuple(replace(task, id=_safe(task.command)) for task in tasks)
    names = [_candidates(task) for task in tasks]
    counts = [Counter(level) for level in zip(*names, strict=True)]
    return tuple(replace(task, id=_first_unique(own, counts)) for task, own in zip(tasks, names, strict=True))


def _first_unique(candidates: tuple[str, ...], counts: list[Counter[str]]) -> str:
    for candidate, seen in zip(candidates, counts, strict=True):
        if seen[candidate] == 1:
            return candidate
    return candidates[-1]


def _candidates(task: Task) -> tuple[str, ...]:
    by_schedule = f"{_safe(task.command)}__{task.schedule}"
    by_timing = f"{by_schedule}{_timing(task)}"
    arguments = _safe("_".join(argument.strip("-") for argument in task.args))[:ARGUMENTS_LENGTH_MAX]
    by_arguments = f"{by_timing}__{arguments}" if arguments else by_timing
    digest = sha256(repr((by_timing, task.args)).encode(errors="surrogatepass")).hexdigest()[:8]
    return _safe(task.command), by_schedule, by_timing, by_arguments, f"{by_arguments}__{digest}"


def _timing(task: Task) -> str:
    if task.minutes is not None:
        return f"_{task.minutes}min"
    return "".join(f"_{part}" for part in (task.weekday, task.day) if part is not None)


def _safe(text: str) -> str:
    # Airflow allows letters, digits, dashes, dots and underscores.
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", text)
