"""Asking GitHub's GraphQL API and telling whole answers from partial ones.

GitHub may answer with data and errors at once: what the errors name is unknown then, not empty. An answer that took
too long fails as a whole; asking for less helps.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from boost_collectors.core.errors import NetworkError, NotFoundError, SourceError
from boost_collectors.core.github.errors import GraphQLError

if TYPE_CHECKING:
    from boost_collectors.core.github import GitHubClient

W = TypeVar("W")
Path = tuple[str | int, ...]

_TOO_MUCH_TYPES = frozenset({"MAX_NODE_LIMIT_EXCEEDED", "RESOURCE_LIMITS_EXCEEDED"})
_TOO_MUCH_TEXT = re.compile(r"something went wrong|timed? ?out|resource limits|couldn't respond", re.IGNORECASE)


class TooMuch(NetworkError):
    """The answer would have been too big or taken too long. Asking for less helps, asking again may."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The data of an answer, what GitHub says went wrong below some paths, and the points it took."""

    data: Mapping[str, Any]
    errors: Sequence[Mapping[str, Any]] = ()

    @property
    def cost(self) -> int:
        limits: Mapping[str, Any] = self.data.get("rateLimit") or {}
        return int(limits.get("cost") or 0)

    def at(self, *path: str | int) -> Any:
        """The value at a path; None where anything on the way is null."""
        value: Any = self.data
        for step in path:
            if value is None:
                return None
            value = value[step]
        return value

    def wrong(self, *path: str | int) -> str:
        """What went wrong at or below a path; empty if nothing did."""
        return "; ".join(_message(error) for error in self.errors if path_of(error)[: len(path)] == path)

    def is_missing(self, *path: str | int) -> bool:
        """Whether GitHub says that what the path names does not exist."""
        return any(path_of(error) == path and error.get("type") == "NOT_FOUND" for error in self.errors)

    def demand(self, *path: str | int) -> Any:
        """The value at a path that must be there. Raises NotFoundError or SourceError with GitHub's own words."""
        value = self.at(*path)
        if value is not None:
            return value
        steps = [path[: place + 1] for place in range(len(path))]
        shown = "; ".join(map(_message, self.errors)) or f"GitHub answered null for {'.'.join(map(str, path))}"
        raise NotFoundError(shown) if any(self.is_missing(*step) for step in steps) else SourceError(shown)


def path_of(error: Mapping[str, Any]) -> Path:
    """Where in the answer an error belongs; empty for the whole."""
    return tuple(error.get("path") or ())


def ask(client: GitHubClient, document: str, variables: Mapping[str, Any], *, patient: bool = True) -> Answer:
    """One query. Variables that are None are left out. Without patience a 502 is not asked about again.

    Raises TooMuch, SourceError for an answer without data, and what the client raises.
    """
    given = {name: value for name, value in variables.items() if value is not None}
    try:
        return Answer(client.graphql(document, given, attempts=None if patient else 1))
    except GraphQLError as exc:
        if any(_is_too_much(error) for error in exc.errors):
            raise TooMuch(f"GitHub could not answer in time: {exc}") from exc
        if exc.data is None:
            raise SourceError(f"GitHub refused the query: {exc}") from exc
        return Answer(exc.data, exc.errors)


def ask_split(
    client: GitHubClient, wanted: Sequence[W], make: Callable[[Sequence[W]], tuple[str, Mapping[str, Any]]]
) -> Iterator[tuple[Sequence[W], Answer]]:
    """The answer to a query made for all of ``wanted``, or answers for halves of it where the whole is too much."""
    try:
        answer = ask(client, *make(wanted), patient=len(wanted) < 2)
    except NetworkError:
        if len(wanted) < 2:
            raise
        middle = len(wanted) // 2
        yield from ask_split(client, wanted[:middle], make)
        yield from ask_split(client, wanted[middle:], make)
    else:
        yield wanted, answer


def chunks(values: Sequence[W], size: int) -> Iterator[Sequence[W]]:
    """The values in lists of at most ``size``."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _message(error: Mapping[str, Any]) -> str:
    return str(error.get("message") or error.get("type") or "an error without words")


def _is_too_much(error: Mapping[str, Any]) -> bool:
    return error.get("type") in _TOO_MUCH_TYPES or bool(_TOO_MUCH_TEXT.search(_message(error)))
