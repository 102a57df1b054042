"""Groups of profiles that are one person, grown link by link, and never across what keeps two people apart."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence

from boost_collectors.cppa_user_tracker.matching.names import CONFLICTS, Tokens, agreement

LARGEST = 60
"""A person with more profiles than that is more likely a mistake: larger groups only grow by a person's decision."""


class Clusters:
    """Union-find over positions 0 … n-1, eight bytes for each, with what must hold of every group.

    The checks only ever get stricter as groups grow: so joining finished groups again, after an interrupted run,
    ends in the same groups.
    """

    def __init__(self, number: int) -> None:
        self._parents = array("q", range(number))
        self._sizes: dict[int, int] = {}
        self._names: dict[int, tuple[Tokens, ...]] = {}
        self._enemies: dict[int, set[int]] = {}
        self._given: set[int] = set()

    def copy(self) -> Clusters:
        """A copy that grows by itself; of the checks it keeps only who is kept apart."""
        other = Clusters(0)
        other._parents = array("q", self._parents)
        other._enemies = {root: set(enemies) for root, enemies in self._enemies.items()}
        return other

    def find(self, position: int) -> int:
        """The representative of the group of a position: its lowest position."""
        parents = self._parents
        root = position
        while parents[root] != root:
            root = parents[root]
        while parents[position] != root:
            parents[position], position = root, parents[position]
        return root

    def join(self, one: int, other: int, names: Iterable[Tokens] = ()) -> int:
        """Make two groups one, whatever speaks against it; ``names`` are added to it. Returns the representative."""
        left, right = sorted((self.find(one), self.find(other)))
        known = (*self._names.get(left, ()), *names)
        if left != right:
            self._parents[right] = left
            self._sizes[left] = self.size(left) + self._sizes.pop(right, 1)
            known += self._names.pop(right, ())
            self._take_enemies(left, right)
            if right in self._given:
                self._given.add(left)
        self._names[left] = tuple(dict.fromkeys(known))
        return left

    def size(self, root: int) -> int:
        """How many profiles a group has."""
        return self._sizes.get(root, 1)

    def mark_given(self, position: int) -> None:
        """This group is a person that somebody made by hand: two of those are never joined by themselves."""
        self._given.add(self.find(position))

    def keep_apart(self, one: Iterable[int], other: Iterable[int]) -> None:
        """No group may ever hold a profile of each side."""
        left, right = {self.find(each) for each in one}, {self.find(each) for each in other}
        for a in left:
            for b in right - {a}:
                self._enemies.setdefault(a, set()).add(b)
                self._enemies.setdefault(b, set()).add(a)

    def are_apart(self, one: int, other: int) -> bool:
        """True if a decision keeps the groups of two positions apart."""
        return self.find(other) in self._enemies.get(self.find(one), ())

    def is_doubtful(self, one: int, other: int, left: Sequence[Tokens], right: Sequence[Tokens]) -> bool:
        """True if the groups must not be joined without a person's word.

        ``left`` and ``right`` are the names of the two profiles, which count beside those of their groups.
        """
        a, b = self.find(one), self.find(other)
        if (a in self._given and b in self._given) or self.size(a) + self.size(b) > LARGEST:
            return True
        mine, theirs = {*self._names.get(a, ()), *left}, {*self._names.get(b, ()), *right}
        return any(agreement(name, their) in CONFLICTS for name in mine for their in theirs)

    def changed(self) -> Iterator[int]:
        """The representatives of groups of more than one profile."""
        return iter(sorted(self._sizes))

    def _take_enemies(self, left: int, right: int) -> None:
        for enemy in self._enemies.pop(right, ()):
            hostile = self._enemies[enemy]
            hostile.discard(right)
            if enemy != left:
                hostile.add(left)
                self._enemies.setdefault(left, set()).add(enemy)
