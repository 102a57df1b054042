"""Reading the documentation of one library: breadth first from its start page, along the links within its scope."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from boost_collectors.boost_library_docs_tracker.html_page import HtmlPage
from boost_collectors.boost_library_docs_tracker.markdown import to_markdown
from boost_collectors.boost_library_docs_tracker.places import Scope, resolve
from boost_collectors.boost_library_docs_tracker.source import Fetched, NotAPage, OutsideError, PageSource
from boost_collectors.core.errors import (
    CollectorError,
    NotFoundError,
    RateLimited,
    TransientError,
)

logger = logging.getLogger(__name__)

OUTAGE = 3
"""So many pages in a row that the network does not give mean that the source is down, not that they are bad."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was read and converted. ``asked`` is where it was asked for, before redirects."""

    path: str
    markdown: str
    asked: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A page that could not be read. ``is_gone``: the source does not have it, and trying again does not help."""

    path: str
    error: Exception
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Passed:
    """An address that gives no page of this library: no HTML, another's page, or one that was read already."""

    path: str


Outcome = Page | Failure | Passed


@dataclass(slots=True)
class Position:
    """How far the reading of a library is. ``starts``: its first page, and where that one sent its reader."""

    starts: list[str]
    queue: deque[str]
    seen: set[str]
    read: set[str] = field(default_factory=set)

    @classmethod
    def at(cls, start: str) -> Self:
        """Before the first page."""
        return cls([start], deque([start]), {start})

    @classmethod
    def from_cursor(cls, cursor: Mapping[str, Any]) -> Self:
        """As ``cursor`` had it."""
        read = set(cursor["read"])
        return cls(list(cursor["starts"]), deque(cursor["queue"]), read | set(cursor["seen"]), read)

    def cursor(self) -> dict[str, Any]:
        """The position as JSON."""
        unread = sorted(self.seen - self.read)
        return {"starts": self.starts, "queue": list(self.queue), "seen": unread, "read": sorted(self.read)}


class LibraryReading:
    """Reads the pages of one library in one release, from where ``position`` stands, and moves it."""

    def __init__(self, source: PageSource, folder: str, key: str, position: Position, *, stop: threading.Event) -> None:
        self._source = source
        self._stop = stop
        self._folder = folder
        self._follows = bool(key.strip())
        self.position = position
        self._scope = Scope.of(key, position.starts[0])
        for start in position.starts[1:]:
            self._scope = self._scope.with_start(start)
        self._unreachable: list[Failure] = []

    def pages(self, most: int | None = None) -> Iterator[Sequence[Outcome]]:
        """Every page once, as it is read; ``most`` ends it after so many. The position is past what has come.

        Raises RateLimited, and TransientError when the source is down or the run was asked to stop: what was not read
        then is still in the queue.
        """
        if not self._follows:
            logger.warning("A library without key: only %s is read", self.position.starts[0])
        while len(self.position.queue) > len(self._unreachable) and (most is None or len(self.position.read) < most):
            outcomes = self._next()
            if outcomes:
                yield outcomes
            if any(isinstance(outcome, Page) for outcome in outcomes):
                self._source.pause()
        if self._unreachable:
            yield self._settled()

    def _next(self) -> Sequence[Outcome]:
        outcome = self._outcome(self.position.queue[len(self._unreachable)])
        if isinstance(outcome, Failure) and isinstance(outcome.error, TransientError):
            self._unreachable.append(outcome)
            if len(self._unreachable) == OUTAGE:
                paths = ", ".join(item.path for item in self._unreachable)
                raise TransientError(f"none of {paths} could be read: {outcome.error}")
            return []
        return self._settled(outcome)

    def _settled(self, *outcomes: Outcome) -> Sequence[Outcome]:
        """What came of the first pages of the queue: the source is not down, so those before were bad."""
        settled = [*self._unreachable, *outcomes]
        self._unreachable = []
        for _ in settled:
            self.position.queue.popleft()
        return settled

    def _outcome(self, path: str) -> Outcome:
        if self._stop.is_set():
            raise TransientError(f"asked to stop before {path}")
        try:
            return self._read(path)
        except RateLimited:
            raise
        except NotAPage as what:
            logger.info("%s", what)
            return Failure(path, what) if path == self.position.starts[0] else Passed(path)
        except Exception as error:
            return Failure(path, error, isinstance(error, NotFoundError | OutsideError))

    def _read(self, path: str) -> Page | Passed:
        fetched = self._source.read(path)
        self.position.seen.add(fetched.path)
        is_ours = path in self.position.starts or self._scope.holds(fetched.path)
        if not is_ours or fetched.path in self.position.read:
            return Passed(path)
        page = HtmlPage(fetched.text)
        links = self._links(page, fetched, path)
        converted = Page(fetched.path, to_markdown(page), path)
        self.position.read.add(fetched.path)
        self.position.queue.extend(links)
        self.position.seen.update(links)
        return converted

    def _links(self, page: HtmlPage, fetched: Fetched, path: str) -> list[str]:
        """The pages that this one leads to and that nobody has seen yet, in their order."""
        if not self._follows:
            return []
        if path in self.position.starts:
            self._widen(page, fetched, path)
        base = page.base
        found = (
            resolve(self._folder, fetched.path, link, base) for link in page.links() if self._source.leads_on(link)
        )
        new = (place for place in found if place and place not in self.position.seen and self._scope.holds(place))
        return list(dict.fromkeys(new))

    def _widen(self, page: HtmlPage, fetched: Fetched, path: str) -> None:
        """A start page may only stand for one elsewhere, where the documentation really begins."""
        target = resolve(self._folder, fetched.path, page.refresh, page.base) if page.refresh else None
        for start in (fetched.path, target):
            if start and start != path and start not in self.position.starts:
                self.position.starts.append(start)
                self._scope = self._scope.with_start(start)


def reason(error: Exception) -> str:
    """An error in one line, for what nobody foresaw with its class."""
    text = " ".join(str(error).split())
    return text if isinstance(error, CollectorError) else f"{type(error).__name__}: {text}"
