"""What a run will cost before it starts: points by repository, and what of it the quota lets through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil
from typing import Any

from boost_collectors.github_activity_tracker.activity import DONE
from boost_collectors.github_activity_tracker.api.items import KINDS, Kind
from boost_collectors.github_activity_tracker.cursors import looks, unit_of
from boost_collectors.github_activity_tracker.item_lists import PAGE_SIZES
from boost_collectors.github_activity_tracker.records import RepositoryState

Cursors = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a repository will take, and when it was read to the end last (empty: never)."""

    key: str
    points: int
    done_at: str


def estimate(key: str, state: RepositoryState, cursors: Cursors, *, full: bool = False) -> Estimate:
    """The points that a repository's issues and pull requests will take, from its state and its stored cursors."""
    points = sum(_pages(key, state, kind, {} if full else cursors) for kind in KINDS)
    done = cursors.get(unit_of(key, DONE), {})
    return Estimate(key, points, str(done.get("at", "")))


def _pages(key: str, state: RepositoryState, kind: Kind, cursors: Cursors) -> int:
    cursor = cursors.get(unit_of(key, kind), {})
    count = state.issue_count if kind == "issues" else state.pull_count
    if cursor.get("seen") == looks(state, kind) and not cursor.get("walk"):
        return 0
    return 1 if cursor.get("watermark") else max(1, ceil(count / PAGE_SIZES[kind]))


def stalest_first(estimates: Iterable[Estimate]) -> list[Estimate]:
    """Repositories that were never read to the end first, then by when they were; otherwise in the order given."""
    return sorted(estimates, key=lambda one: one.done_at)


def fitting(estimates: Sequence[Estimate], points: int) -> int:
    """How many of the repositories, in this order, the points are enough for."""
    return sum(total <= points for total in accumulate(one.points for one in estimates))
