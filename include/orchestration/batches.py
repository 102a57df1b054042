"""Spreading units of work over mapped tasks: few batches of about the same cost."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from math import ceil
from typing import Protocol

UNITS_PER_BATCH = 10
MAX_BATCHES = 16


class Weighted(Protocol):
    """A unit as ``core.collectors.Unit`` describes it; named here so that reading this imports no collector."""

    @property
    def key(self) -> str: ...

    @property
    def cost(self) -> float: ...


def batch_count(units: int) -> int:
    """How many batches: one per ten units, at most sixteen, because a task costs more to schedule than a small unit."""
    return min(MAX_BATCHES, ceil(units / UNITS_PER_BATCH))


def balance(units: Sequence[Weighted]) -> list[list[str]]:
    """The units' keys in batches of nearly equal cost; the same units give the same batches.

    The costliest unit not yet placed goes to the cheapest batch (longest processing time first), which is never more
    than 4/3 of the best possible. Within a batch the planned order is kept. No units give no batches.
    """
    loads = [(0.0, 0, number) for number in range(batch_count(len(units)))]
    members: list[list[int]] = [[] for _ in loads]
    for index in sorted(range(len(units)), key=lambda i: (-units[i].cost, units[i].key)):
        cost, size, number = heapq.heappop(loads)
        members[number].append(index)
        heapq.heappush(loads, (cost + units[index].cost, size + 1, number))
    return [[units[index].key for index in sorted(batch)] for batch in members]
