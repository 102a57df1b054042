"""What the sandbox's GitHub holds: accounts, repositories, and issues and pull requests with all that is below them.

Times are texts as GitHub writes them (:data:`include.sandbox.github.clock.Stamp`). ``author`` is None for an account
that was deleted. Ids are GitHub's numeric database ids; node ids are made from them when asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from include.sandbox.github.clock import Stamp

if TYPE_CHECKING:
    from include.sandbox.github.repository import Repository

Kind = Literal["issue", "pull"]
SITE = "https://github.com"


@dataclass(slots=True)
class Account:
    """``kind`` is GitHub's type name: User, Bot, Organization or Mannequin. ``emails`` are those of its commits."""

    id: int
    login: str
    kind: str = "User"
    name: str | None = None
    email: str | None = None
    emails: tuple[str, ...] = ()
    company: str | None = None
    location: str | None = None
    blog: str | None = None
    bio: str | None = None
    created_at: Stamp = "2015-01-01T00:00:00Z"
    updated_at: Stamp = "2024-01-01T00:00:00Z"

    @property
    def avatar_url(self) -> str:
        return f"https://avatars.githubusercontent.com/u/{self.id}?v=4"

    @property
    def path(self) -> str:
        """Its page on the site; bots live among the apps."""
        return f"/apps/{self.login.removesuffix('[bot]')}" if self.kind == "Bot" else f"/{self.login}"


@dataclass(slots=True)
class Label:
    """A label of a repository."""

    id: int
    name: str
    color: str = "ededed"
    description: str | None = None
    repository: Repository | None = None


@dataclass(slots=True)
class Child:
    """What every part of an item has. ``item`` is the issue or pull request that it belongs to."""

    id: int
    item: Item
    author: Account | None
    body: str
    created_at: Stamp
    updated_at: Stamp

    @property
    def repository(self) -> Repository:
        return self.item.repository


@dataclass(slots=True)
class Comment(Child):
    """A comment in the conversation."""

    @property
    def path(self) -> str:
        return f"{self.item.path}#issuecomment-{self.id}"


@dataclass(slots=True)
class Review(Child):
    """A review; ``created_at`` is when it was submitted."""

    state: str = "COMMENTED"
    commit: str = ""

    @property
    def path(self) -> str:
        return f"{self.item.path}#pullrequestreview-{self.id}"


@dataclass(slots=True)
class ReviewComment(Child):
    """A comment on a line of the change."""

    file: str = ""
    line: int | None = None
    original_line: int | None = None
    diff_hunk: str = ""
    commit: str = ""
    review_id: int | None = None
    thread_id: int = 0
    reply_to: int | None = None

    @property
    def path(self) -> str:
        return f"{self.item.path}#discussion_r{self.id}"


@dataclass(slots=True)
class Thread:
    """A conversation on a line; its comments name it by ``thread_id``."""

    id: int
    item: Item
    file: str
    line: int | None
    is_resolved: bool = False
    is_outdated: bool = False
    resolved_by: Account | None = None

    @property
    def repository(self) -> Repository:
        return self.item.repository


@dataclass(slots=True)
class Content:
    """Everything below an item, each list in the order of creation."""

    comments: list[Comment] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    review_comments: list[ReviewComment] = field(default_factory=list)

    def children(self) -> list[Child]:
        """Comments, reviews and review comments."""
        return [*self.comments, *self.reviews, *self.review_comments]


@dataclass(slots=True)
class Pull:
    """What only a pull request has. Its REST id as an issue differs from its id as a pull request."""

    issue_id: int
    head: str = ""
    base: str = ""
    head_branch: str = "feature"
    base_branch: str = "develop"
    is_draft: bool = False
    merged_at: Stamp | None = None
    merged_by: Account | None = None
    merge_commit: str | None = None


@dataclass
class Item:
    """An issue, or a pull request when ``pull`` is there. ``state`` is open or closed, as in REST.

    ``load`` makes the content when it is first asked for; ``comment_count`` is known without it.
    """

    id: int
    number: int
    repository: Repository
    title: str
    body: str
    author: Account | None
    created_at: Stamp
    updated_at: Stamp
    state: str = "open"
    state_reason: str | None = None
    closed_at: Stamp | None = None
    labels: tuple[str, ...] = ()
    assignees: tuple[Account, ...] = ()
    locked: bool = False
    pull: Pull | None = None
    expected_comments: int = 0
    load: Callable[[Item], Content] = field(default=lambda _item: Content(), repr=False)

    @cached_property
    def content(self) -> Content:
        return self.load(self)

    @property
    def kind(self) -> Kind:
        return "pull" if self.pull else "issue"

    @property
    def comment_count(self) -> int:
        return len(self.content.comments) if "content" in self.__dict__ else self.expected_comments

    @property
    def path(self) -> str:
        return f"{self.repository.path}/{'pull' if self.pull else 'issues'}/{self.number}"
