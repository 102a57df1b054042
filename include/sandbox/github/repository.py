"""A repository and its numbered items: stored, changed by a test, or computed by a generator."""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from include.sandbox.github.clock import Stamp
from include.sandbox.github.model import Account, Item, Kind, Label

Key = tuple[Stamp | int, int]
"""The place of an item in a list: what the list is sorted by, then its number."""
ORDERS = {"created": "created_at", "updated": "updated_at", "comments": "comment_count"}


class ItemSource(Protocol):
    """Items 1 to N that are computed, not stored. All but ``item`` must be cheap."""

    def __len__(self) -> int: ...

    def kind(self, number: int) -> Kind: ...

    def count(self, kind: Kind | None) -> int: ...

    def is_open(self, number: int) -> bool: ...

    def open_count(self) -> int:
        """How many are open; worked out once."""
        ...

    def keys(self, order: str) -> Sequence[Key]:
        """The keys of all items, ascending; computed when indexed."""
        ...

    def item(self, number: int) -> Item: ...


class Items:
    """The issues and pull requests of one repository. What was put here stands before what ``source`` computes."""

    def __init__(self, source: ItemSource | None = None) -> None:
        self.source = source
        self._own: dict[int, Item | None] = {}
        self._last = len(source) if source else 0
        self._sorted: dict[str, list[Key]] = {}

    @property
    def next_number(self) -> int:
        return self._last + 1

    def get(self, number: int) -> Item | None:
        """The item, or None where there is none or it was deleted."""
        if number in self._own:
            return self._own[number]
        return self.source.item(number) if self._computed(number) and self.source else None

    def deleted(self, number: int) -> bool:
        """Whether there was an item of this number that is gone."""
        return number in self._own and self._own[number] is None

    def own(self, number: int) -> Item | None:
        """The item to be changed: from now on it is stored here. ``touched`` must follow the change."""
        item = self.get(number)
        if item is not None:
            self.put(item)
        return item

    def put(self, item: Item) -> None:
        self._own[item.number] = item
        self._last = max(self._last, item.number)
        self.touched()

    def remove(self, number: int) -> None:
        self._own[number] = None
        self.touched()

    def touched(self) -> None:
        """An own item changed: the order of the lists is found anew."""
        self._sorted = {}

    def count(self, kind: Kind | None = None) -> int:
        """How many items there are."""
        stored = sum(kind in (None, item.kind) for item in self.stored())
        if self.source is None:
            return stored
        hidden = [number for number in tuple(self._own) if self._computed(number)]
        return self.source.count(kind) - sum(kind in (None, self.source.kind(n)) for n in hidden) + stored

    def open_count(self) -> int:
        """How many issues and pull requests are open."""
        stored = sum(item.state == "open" for item in self.stored())
        if self.source is None:
            return stored
        hidden = [number for number in tuple(self._own) if self._computed(number)]
        return self.source.open_count() - sum(map(self.source.is_open, hidden)) + stored

    def keys(
        self, order: str, kind: Kind | None = None, *, after: Key | None = None, reverse: bool = False
    ) -> Iterator[Key]:
        """Keys in order, from the first one behind ``after`` (which need not be there any more)."""
        own = (key for key in _walk(self._own_keys(order), after, reverse) if self._is(self._own.get(key[1]), kind))
        if self.source is None:
            return own
        return heapq.merge(self._source_keys(self.source, order, kind, after, reverse), own, reverse=reverse)

    def count_since(self, order: str, kind: Kind | None, since: Key) -> int:
        """How many items stand at or behind ``since`` in ascending order."""
        return sum(1 for _ in self.keys(order, kind, after=since))

    def page(self, order: str, kind: Kind | None, start: int, size: int, *, reverse: bool = False) -> list[Item]:
        """Items by position."""
        keys = islice(self.keys(order, kind, reverse=reverse), start, start + size)
        return [item for item in map(self.at, keys) if item]

    def all(self, order: str = "created", kind: Kind | None = None, *, reverse: bool = False) -> Iterator[Item]:
        """Every item in order, each made as it is reached."""
        return filter(None, map(self.at, self.keys(order, kind, reverse=reverse)))

    def stored(self) -> list[Item]:
        """The items that are kept here, not computed."""
        return [item for item in tuple(self._own.values()) if item is not None]

    def at(self, key: Key) -> Item | None:
        """The item of a key; None if it went since."""
        return self.get(key[1])

    def _computed(self, number: int) -> bool:
        return self.source is not None and 1 <= number <= len(self.source)

    def _is(self, item: Item | None, kind: Kind | None) -> bool:
        return item is not None and kind in (None, item.kind)

    def _own_keys(self, order: str) -> list[Key]:
        known = self._sorted.get(order)
        if known is None:
            attribute = ORDERS[order]
            known = sorted((getattr(item, attribute), item.number) for item in self.stored())
            self._sorted[order] = known
        return known

    def _source_keys(
        self, source: ItemSource, order: str, kind: Kind | None, after: Key | None, reverse: bool
    ) -> Iterator[Key]:
        hidden = self._own
        for key in _walk(source.keys(order), after, reverse):
            if key[1] not in hidden and (kind is None or source.kind(key[1]) == kind):
                yield key


def _walk(keys: Sequence[Key], after: Key | None, reverse: bool) -> Iterator[Key]:
    if reverse:
        stop = len(keys) if after is None else bisect_left(keys, after)
        return (keys[index] for index in range(stop - 1, -1, -1))
    start = 0 if after is None else bisect_right(keys, after)
    return (keys[index] for index in range(start, len(keys)))


@dataclass(eq=False)
class Repository:
    """``git`` names the history in the git sandbox; it stays when the repository is renamed.

    ``transferred`` are the items that were moved away, by the number that they had here.
    """

    id: int
    owner: Account
    name: str
    git: str
    created_at: Stamp = "2015-01-01T00:00:00Z"
    updated_at: Stamp = "2024-01-01T00:00:00Z"
    pushed_at: Stamp | None = None
    description: str | None = None
    homepage: str | None = None
    default_branch: str = "develop"
    languages: dict[str, int] = field(default_factory=dict)
    license: str | None = None
    topics: tuple[str, ...] = ()
    stars: int = 0
    forks: int = 0
    watchers: int = 0
    size: int = 0
    archived: bool = False
    fork: bool = False
    private: bool = False
    has_issues: bool = True
    labels: dict[str, Label] = field(default_factory=dict)
    items: Items = field(default_factory=Items)
    transferred: dict[int, Item] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    @property
    def path(self) -> str:
        return f"/{self.owner.login}/{self.name}"
