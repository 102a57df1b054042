"""Issues and pull requests as typed records: what every reader of GitHub makes and every writer takes.

Text is never None (empty instead); times are aware UTC or None. ``author`` is None where GitHub names nobody (a
deleted account). Ids are GitHub's numeric database ids, those of threads are node ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """An account as an item names it. ``kind`` is GitHub's type name: User, Bot, Organization, Mannequin."""

    account_id: int
    login: str
    name: str = ""
    avatar_url: str = ""
    kind: str = "User"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment in the conversation of an issue or pull request."""

    id: int
    author: Actor | None
    body: str
    created_at: datetime | None
    updated_at: datetime | None
    html_url: str = ""


@dataclass(frozen=True, slots=True)
class ReviewComment:
    """A comment on a line of a pull request's change."""

    id: int
    author: Actor | None
    body: str
    created_at: datetime | None
    updated_at: datetime | None
    in_reply_to_id: int | None = None
    review_id: int | None = None
    thread_id: str = ""
    path: str = ""
    line: int | None = None
    original_line: int | None = None
    diff_hunk: str = ""
    commit_hash: str = ""
    html_url: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """A review with its verdict. ``state``: APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED or PENDING."""

    id: int
    author: Actor | None
    state: str
    body: str
    submitted_at: datetime | None
    updated_at: datetime | None
    commit_hash: str = ""
    html_url: str = ""


@dataclass(frozen=True, slots=True)
class ReviewThread:
    """A conversation on a line of the change; its comments name it by ``thread_id``."""

    id: str
    path: str
    line: int | None
    is_resolved: bool
    is_outdated: bool
    resolved_by: Actor | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue with everything below it. ``state`` is open or closed, ``state_reason`` lower case or empty."""

    number: int
    id: int
    author: Actor | None
    title: str
    body: str
    state: str
    state_reason: str
    created_at: datetime | None
    updated_at: datetime | None
    closed_at: datetime | None
    labels: tuple[str, ...] = ()
    assignees: tuple[Actor, ...] = ()
    comments: tuple[Comment, ...] = ()
    html_url: str = ""


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request with everything below it. ``state`` is open, closed or merged."""

    number: int
    id: int
    author: Actor | None
    title: str
    body: str
    state: str
    head_hash: str
    base_hash: str
    created_at: datetime | None
    updated_at: datetime | None
    merged_at: datetime | None
    closed_at: datetime | None
    is_draft: bool = False
    labels: tuple[str, ...] = ()
    assignees: tuple[Actor, ...] = ()
    comments: tuple[Comment, ...] = ()
    review_comments: tuple[ReviewComment, ...] = ()
    reviews: tuple[Review, ...] = ()
    threads: tuple[ReviewThread, ...] = ()
    html_url: str = ""


Item = Issue | PullRequest


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence as GitHub recognises it; ``spdx_id`` and ``url`` may be empty."""

    name: str
    spdx_id: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells whether an item changed: its number, ids, update time and, in a sweep, what hangs below it."""

    number: int
    id: int
    updated_at: datetime | None
    comments: int = 0
    reviews: int = 0
    threads: int = 0


@dataclass(frozen=True, slots=True)
class RepositoryState:
    """A repository as GitHub shows it now. ``owner`` and ``name`` are today's, after renames and transfers.

    ``languages`` are pairs of name and bytes. ``is_partial``: languages and licence were not asked for, and what is
    stored of them stays. ``newest_issues`` and ``newest_pulls`` are a few items updated last,
    newest first; together with the counts they change whenever an item does.
    """

    id: int
    owner: Actor
    name: str
    description: str = ""
    stars: int = 0
    forks: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None
    pushed_at: datetime | None = None
    default_branch: str = ""
    is_archived: bool = False
    licence: Licence | None = None
    languages: tuple[tuple[str, int], ...] = ()
    issue_count: int = 0
    pull_count: int = 0
    newest_issues: tuple[Stamp, ...] = ()
    newest_pulls: tuple[Stamp, ...] = ()
    is_partial: bool = False

    @property
    def key(self) -> str:
        """``owner/name`` of today."""
        return f"{self.owner.login}/{self.name}"
