"""How far a history is stored: the commits that reach exactly what is, whatever their dates say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol

FRONTIER = "frontier"
"""The checkpoint's key."""


class HasParents(Protocol):
    """A commit, with its files or without."""

    @property
    def hash(self) -> str: ...

    @property
    def parents(self) -> tuple[str, ...]: ...


class Frontier:
    """Commits that reach exactly what is stored. It moves with every batch, in the batch's transaction."""

    def __init__(self, hashes: Collection[str] = ()) -> None:
        self.hashes = set(hashes)

    @classmethod
    def of(cls, cursor: Mapping[str, Any] | None) -> Frontier:
        """The frontier that a checkpoint holds; an empty one where nothing is stored."""
        return cls((cursor or {}).get(FRONTIER, ()))

    def cursor(self) -> dict[str, list[str]]:
        """The checkpoint that holds it."""
        return {FRONTIER: sorted(self.hashes)}

    def revisions(self, tips: Iterable[str]) -> list[str]:
        """What ``git log`` is asked for to get what the tips reach and this does not."""
        return [*sorted(tips), *(f"^{hash}" for hash in sorted(self.hashes))]

    def move_over(self, commits: Iterable[HasParents]) -> None:
        """Take commits in. They come parents before children."""
        for commit in commits:
            self.hashes.difference_update(commit.parents)
            self.hashes.add(commit.hash)
