"""One run over one repository: what its parts share, and the one way in which items are stored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from boost_collectors.core import pending
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import TransientError
from boost_collectors.core.window import WindowMode
from boost_collectors.github_activity_tracker import archive, services
from boost_collectors.github_activity_tracker.api.items import Kind
from boost_collectors.github_activity_tracker.api.pages import Unread
from boost_collectors.github_activity_tracker.cursors import unit_of
from boost_collectors.github_activity_tracker.records import Issue, Item, PullRequest, RepositoryState

if TYPE_CHECKING:
    from boost_collectors.core.github import GitHubClient

MOST_ATTEMPTS = 10
"""How often an item may be unreadable before nobody tries again by himself."""

Also = Callable[[Session], object]
"""What is written in the transaction of some items."""

OnStored = Callable[[Session, Sequence[Item], Collection[int]], object]
"""Told of items in the transaction that stores them, and of the numbers of those that changed."""


def nothing_else(_session: Session) -> None:
    """No more than the items."""


def nothing_more(_session: Session, _items: Sequence[Item], _changed: Collection[int]) -> None:
    """Nobody else keeps account of the items."""


@dataclass(slots=True)
class RepositoryRun:
    """A repository as GitHub shows it, the row it is stored in, and what this run did to it so far."""

    context: RunContext
    client: GitHubClient
    state: RepositoryState
    repo_id: int
    counts: Counts
    stored: dict[Kind, set[int]] = field(default_factory=lambda: {"issues": set(), "pulls": set()})
    """The numbers that this run read and stored."""
    on_stored: OnStored = nothing_more

    @property
    def key(self) -> str:
        return self.state.key

    @property
    def full(self) -> bool:
        """Whether everything is to be read again."""
        return self.context.window.mode is WindowMode.FULL

    def unit(self, what: str) -> tuple[str, str]:
        """Command and unit of one of the repository's checkpoints."""
        return self.context.command, unit_of(self.key, what)

    def go_on(self) -> None:
        """Raise TransientError when the run was asked to stop."""
        if self.context.stop.is_set():
            raise TransientError(f"{self.key} was left because the run was asked to stop")

    def store(self, items: Sequence[Item], unread: Iterable[Unread] = (), also: Also = nothing_else) -> None:
        """Store items, note those that could not be read, and do what else belongs to it, in one transaction.

        The archive comes first: were it last, a run that dies between the two would leave items out of it.
        """
        for item in items:
            archive.save(self.context.workspace, self.state.owner.login, self.state.name, item)
        issues = [item for item in items if isinstance(item, Issue)]
        pulls = [item for item in items if isinstance(item, PullRequest)]
        with self.context.database.session() as session:
            written = services.write_issues(session, self.repo_id, issues)
            written += services.write_pull_requests(session, self.repo_id, pulls)
            self.counts += written.counts
            if items:
                self.on_stored(session, items, written.changed)
            self._note(session, unread)
            also(session)
        self.stored["issues"].update(item.number for item in issues)
        self.stored["pulls"].update(item.number for item in pulls)

    def _note(self, session: Session, unread: Iterable[Unread]) -> None:
        for item in unread:
            self.counts.add("items_unread")
            self.context.log.warning("%s#%s cannot be read: %s", self.key, item.number or "?", item.reason)
            if item.number is None:
                continue  # the comparison of counts finds that it is not stored
            entry = (self.context.command, self.key, str(item.number))
            if pending.add(session, *entry, item.reason) >= MOST_ATTEMPTS:
                pending.quarantine(session, *entry, item.reason)
