"""Counting what a run did, by kind and outcome."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from boost_collectors.core.database.bulk import MergeResult


class Counts:
    """Named counters: ``messages_inserted``, ``commits_unchanged``, ``requests``."""

    def __init__(self) -> None:
        self._values: Counter[str] = Counter()

    def add(self, name: str, amount: int = 1) -> None:
        self._values[name] += amount

    def merged(self, kind: str, result: MergeResult) -> None:
        """Add what a bulk merge did under ``<kind>_inserted``, ``<kind>_updated`` and ``<kind>_unchanged``."""
        self.add(f"{kind}_inserted", result.inserted)
        self.add(f"{kind}_updated", result.updated)
        self.add(f"{kind}_unchanged", result.unchanged)

    def __iadd__(self, other: Counts) -> Counts:
        self._values.update(other._values)
        return self

    def __getitem__(self, name: str) -> int:
        return self._values[name]

    def as_dict(self) -> dict[str, int]:
        return dict(sorted(self._values.items()))
