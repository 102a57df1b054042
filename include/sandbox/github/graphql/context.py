"""What every resolver of one request is handed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from include.sandbox.github.history import GitObject, Histories
from include.sandbox.github.model import Account, Comment, Item, Review, ReviewComment, Thread
from include.sandbox.github.repository import Repository
from include.sandbox.github.world import World

TYPENAMES: dict[type, str] = {
    Comment: "IssueComment",
    Review: "PullRequestReview",
    ReviewComment: "PullRequestReviewComment",
    Thread: "PullRequestReviewThread",
    Repository: "Repository",
}


@dataclass
class Context:
    """The world, the histories, who asks, and ``rate``: the fields of ``rateLimit``.

    ``oids`` are all hashes that the query names: the first of them that is needed brings all from git at once.
    """

    world: World
    histories: Histories
    viewer: Account
    rate: dict[str, Any]
    oids: list[str] = field(default_factory=list)
    _objects: dict[int, dict[str, GitObject | None]] = field(default_factory=dict)

    def typename(self, value: Any) -> str:
        """The object type of what an interface or union may stand for."""
        if isinstance(value, Item):
            return "PullRequest" if value.pull else "Issue"
        if isinstance(value, Account):
            return value.kind
        if isinstance(value, GitObject):
            return value.kind.title()
        return TYPENAMES[type(value)]

    def object(self, repository: Repository, name: str | None) -> GitObject | None:
        """A git object by hash or expression."""
        if not name:
            return None
        known = self._objects.setdefault(repository.id, {})
        if name not in known:
            wanted = [name, *self.oids]
            known.update(dict.fromkeys(wanted) | self.histories.objects(repository, wanted))
        return known[name]

    def commit(self, repository: Repository, oid: str | None) -> GitObject | None:
        """The commit that something names by its hash. GitHub knows it even where our history does not have it."""
        if not oid:
            return None

        def fetch() -> bytes:
            found = self.object(repository, oid)
            return found.raw if found else b""

        return GitObject(repository, oid, "commit", fetch)
