"""Which libraries need a library, directly or through others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set

Clients = Mapping[int, Set[int]]
"""The libraries that depend on a library, in one release."""


class DependencyGraph:
    """Who depends on whom, release by release."""

    def __init__(self, edges: Iterable[tuple[int, int, int]]) -> None:
        """``edges`` are ``(version, library, client)``."""
        clients: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        for version, library, client in edges:
            clients[version][library].add(client)
        self._clients = {version: dict(libraries) for version, libraries in clients.items()}

    def consumers(self, library: int, version: int) -> dict[int, int]:
        """The depth of each library that needs this one in a release; empty when either is unknown."""
        return consumers(self._clients.get(version, {}), library)


def consumers(clients: Clients, library: int) -> dict[int, int]:
    """The depth of each library that needs this one: 1 for those that name it, the shortest way for the others."""
    found: dict[int, int] = {}
    seen, level, depth = {library}, {library}, 0
    while level:
        level = set().union(*(clients.get(each, ()) for each in level)) - seen
        depth += 1
        found |= dict.fromkeys(level, depth)
        seen |= level
    return found
