"""Connections: pages of a list by cursors that name an element's place, so that they hold when the list shifts."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from include.sandbox.github.graphql.execution import MAX_PAGE, FieldError
from include.sandbox.github.ids import cursor, parse_cursor

Key = tuple[Any, ...]


@dataclass(slots=True)
class Page:
    """What a connection's fields are read from. ``total`` is counted only when asked for."""

    nodes: list[Any]
    keys: list[Key]
    has_next: bool
    has_previous: bool
    total: Callable[[], int]
    extra: Any = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """The paging arguments of a connection, checked."""

    size: int
    backwards: bool
    after: Key | None
    before: Key | None

    @classmethod
    def of(cls, name: str, arguments: dict[str, Any]) -> Bounds:
        """Raises FieldError for what GitHub refuses: no bound, too many records, a cursor that is none."""
        which = "last" if arguments.get("last") is not None and arguments.get("first") is None else "first"
        size = arguments.get(which)
        if size is None:
            raise FieldError(
                "MISSING_PAGINATION_BOUNDARIES",
                f"You must provide a `first` or `last` value to properly paginate the `{name}` connection.",
            )
        if not 0 <= size <= MAX_PAGE:
            asked = f"Requesting {size} records on the `{name}` connection"
            kind = "EXCESSIVE_PAGINATION" if size > 0 else "INVALID_PAGINATION"
            raise FieldError(kind, f"{asked} exceeds the `{which}` limit of {MAX_PAGE} records.")
        return cls(size, which == "last", *(_place(arguments.get(side)) for side in ("after", "before")))


def _place(text: str | None) -> Key | None:
    if text is None:
        return None
    key = parse_cursor(text)
    if key is None:
        raise FieldError("INVALID_CURSOR_ARGUMENTS", f"`{text}` does not appear to be a valid cursor.")
    return key


def page_of(
    name: str, arguments: dict[str, Any], elements: Sequence[Any], key: Callable[[Any], Key], *, reverse: bool = False
) -> Page:
    """A page of a list that is at hand, sorted by ``key``; ``reverse`` turns the order round."""
    bounds = Bounds.of(name, arguments)
    pairs = sorted(((key(element), index) for index, element in enumerate(elements)), key=lambda pair: pair[0])
    keys = [pair[0] for pair in pairs]
    after, before = (bounds.before, bounds.after) if reverse else (bounds.after, bounds.before)
    low = 0 if after is None else bisect_right(keys, after)
    high = len(keys) if before is None else bisect_left(keys, before)
    from_low = bounds.backwards == reverse
    start, stop = (low, min(high, low + bounds.size)) if from_low else (max(low, high - bounds.size), high)
    chosen = pairs[start:stop]
    if reverse:
        chosen.reverse()
    lower, upper = start > 0, stop < len(keys)
    return Page(
        [elements[index] for _key, index in chosen],
        [each for each, _index in chosen],
        lower if reverse else upper,
        upper if reverse else lower,
        lambda: len(elements),
    )


def page_from(
    name: str,
    arguments: dict[str, Any],
    walk: Callable[[Key | None, bool], Iterable[tuple[Key, Any]]],
    total: Callable[[], int],
    *,
    reverse: bool = False,
) -> Page:
    """A page of a list that is walked: ``walk(after, backwards)`` gives keys and elements beyond a key."""
    bounds = Bounds.of(name, arguments)
    start, stop = (bounds.before, bounds.after) if bounds.backwards else (bounds.after, bounds.before)
    down = bounds.backwards != reverse
    found: list[tuple[Key, Any]] = []
    more = False
    for key, element in walk(start, down):
        if stop is not None and (key <= stop if down else key >= stop):
            break
        if len(found) == bounds.size:
            more = True
            break
        found.append((key, element))
    if bounds.backwards:
        found.reverse()
    behind = start is not None
    has_next, has_previous = (behind, more) if bounds.backwards else (more, behind)
    return Page([each for _key, each in found], [key for key, _each in found], has_next, has_previous, total)


def edges(page: Page) -> list[tuple[Key, Any, Page]]:
    """Key and node of each element, with their page."""
    return [(key, node, page) for key, node in zip(page.keys, page.nodes, strict=True)]


CONNECTION = {
    "nodes": lambda page, _arguments, _context: page.nodes,
    "edges": lambda page, _arguments, _context: edges(page),
    "pageInfo": lambda page, _arguments, _context: page,
    "totalCount": lambda page, _arguments, _context: page.total(),
}
EDGE = {
    "cursor": lambda edge, _arguments, _context: cursor(edge[0]),
    "node": lambda edge, _arguments, _context: edge[1],
}
PAGE_INFO = {
    "endCursor": lambda page, _arguments, _context: cursor(page.keys[-1]) if page.keys else None,
    "startCursor": lambda page, _arguments, _context: cursor(page.keys[0]) if page.keys else None,
    "hasNextPage": lambda page, _arguments, _context: page.has_next,
    "hasPreviousPage": lambda page, _arguments, _context: page.has_previous,
}
