"""Reading a list page by page, in pages as large as GitHub can answer in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from boost_collectors.core.errors import NetworkError, SourceError
from boost_collectors.github_activity_tracker.api.answers import Answer, ask
from boost_collectors.github_activity_tracker.api.overflow import Completion

if TYPE_CHECKING:
    from boost_collectors.core.github import GitHubClient

T = TypeVar("T")
GROW_AFTER = 4
"""How many pages in a row must come whole before a larger one is tried."""


@dataclass(slots=True)
class PageSize:
    """How many items to ask for at once: halved where GitHub gives up, grown again by half after some good pages.

    ``size`` is worth keeping between runs: what is too much for GitHub today will be tomorrow.
    """

    size: int
    most: int
    good: int = 0

    @classmethod
    def remembered(cls, size: int | None, most: int) -> PageSize:
        """The size that was kept, or the largest one."""
        return cls(min(max(size or most, 1), most), most)

    def failed(self) -> bool:
        """Halve the size. Returns whether that was possible."""
        if self.size == 1:
            return False
        self.size //= 2
        self.good = 0
        return True

    def succeeded(self) -> None:
        """Note a good page."""
        self.good += 1
        if self.good >= GROW_AFTER and self.size < self.most:
            self.size = min(self.most, self.size + (self.size + 1) // 2)
            self.good = 0


@dataclass(frozen=True, slots=True)
class Unread:
    """An item that GitHub could not show whole. ``number`` is None where not even that is known."""

    number: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of a list. ``cursor`` leads behind them; ``total_count`` counts the whole list; ``cost`` is points."""

    items: tuple[T, ...]
    cursor: str | None
    total_count: int
    cost: int
    has_next: bool = False
    unread: tuple[Unread, ...] = ()


def nothing_to_complete(_client: GitHubClient, _answer: Answer, _nodes: Mapping[int, dict[str, Any]]) -> Completion:
    """For nodes that have no lists of their own."""
    return Completion()


def nothing_to_follow(_nodes: Sequence[Mapping[str, Any] | None]) -> Mapping[str, Any]:
    """For lists whose next page needs no more than the cursor."""
    return {}


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """A list that GitHub pages: the document, where the connection is in its answer, and what its nodes become.

    ``complete`` adds to the nodes of a page, by their places, what the answer lacks. ``follow`` makes variables for the
    next page from the nodes of this one.
    """

    document: str
    path: tuple[str, str]
    convert: Callable[[Mapping[str, Any]], T]
    complete: Callable[[GitHubClient, Answer, Mapping[int, dict[str, Any]]], Completion] = nothing_to_complete
    follow: Callable[[Sequence[Mapping[str, Any] | None]], Mapping[str, Any]] = nothing_to_follow


def read(
    client: GitHubClient, listing: Listing[T], variables: Mapping[str, Any], size: PageSize, after: str | None = None
) -> Iterator[Page[T]]:
    """The pages of a list from ``after`` on. Raises NotFoundError when its owner is gone, and as the client does."""
    given = dict(variables)
    while True:
        answer = _ask(client, listing, {**given, "after": after}, size)
        page = _page(client, listing, answer)
        yield page
        if not page.has_next:
            return
        if page.cursor is None or page.cursor == after:
            raise SourceError(f"GitHub's list {'.'.join(listing.path)} leads from {after} to {page.cursor}")
        after = page.cursor
        given |= listing.follow(answer.demand(*listing.path, "nodes"))


def _ask(client: GitHubClient, listing: Listing[T], variables: Mapping[str, Any], size: PageSize) -> Answer:
    while True:
        try:
            answer = ask(client, listing.document, {**variables, "first": size.size}, patient=size.size == 1)
        except NetworkError:
            if not size.failed():
                raise
        else:
            size.succeeded()
            return answer


def _page(client: GitHubClient, listing: Listing[T], answer: Answer) -> Page[T]:
    connection = answer.demand(*listing.path)
    nodes = answer.demand(*listing.path, "nodes")
    broken = {place: answer.wrong(*listing.path, "nodes", place) for place in range(len(nodes))}
    whole = {place: node for place, node in enumerate(nodes) if node is not None and not broken[place]}
    done = listing.complete(client, answer, whole)
    broken |= done.failed
    items: list[T] = []
    unread: list[Unread] = []
    for place, node in enumerate(nodes):
        _sort_in(node, broken[place], listing.convert, items, unread)
    after = connection.get("pageInfo") or {}
    total, cost = int(connection.get("totalCount") or 0), answer.cost + done.cost
    return Page(tuple(items), after.get("endCursor"), total, cost, bool(after.get("hasNextPage")), tuple(unread))


def _sort_in(
    node: Mapping[str, Any] | None,
    reason: str,
    convert: Callable[[Mapping[str, Any]], T],
    items: list[T],
    unread: list[Unread],
) -> None:
    if node is None or reason:
        unread.append(Unread((node or {}).get("number"), reason or "GitHub answered null"))
        return
    try:
        items.append(convert(node))
    except SourceError as exc:
        unread.append(Unread(node.get("number"), str(exc)))
