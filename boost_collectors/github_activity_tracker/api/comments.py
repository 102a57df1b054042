"""Comments over all items of a repository: the one list that REST has and GraphQL has not.

Those edited lately are asked for at an address that is always the same, so GitHub answers 304 while no comment was
written or edited, and that is free.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from boost_collectors.core.errors import SourceError
from boost_collectors.github_activity_tracker.api import nodes
from boost_collectors.github_activity_tracker.api.items import Kind
from boost_collectors.github_activity_tracker.rest.requests import page_of

if TYPE_CHECKING:
    from boost_collectors.core.github import GitHubClient

_NAMED_BY = {"issues": "issue_url", "pulls": "pull_request_url"}


@dataclass(frozen=True, slots=True)
class EditedComment:
    """A comment that was written or edited: its id, the number and kind of its item, and when."""

    id: int
    number: int
    of_pull: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ReviewCommentPlace:
    """A review comment's id, and the number of its pull request."""

    id: int
    number: int


@dataclass(frozen=True, slots=True)
class EditedComments:
    """``comments`` are those at or after the time asked for, newest first; none where GitHub says nothing changed."""

    comments: tuple[EditedComment, ...]
    etag: str | None
    not_modified: bool = False


def edited_comments(
    client: GitHubClient, owner: str, name: str, kind: Kind, since: datetime | None, etag: str | None
) -> EditedComments:
    """Conversation comments (``issues``; those of pull requests too) or review comments (``pulls``) since a time.

    Without ``since`` the newest hundred. Raises NotFoundError for an unknown repository, SourceError for a comment
    without item or time, and as the client does.
    """
    path = f"/repos/{owner}/{name}/{kind}/comments"
    params: dict[str, Any] = {"sort": "updated", "direction": "desc", "per_page": 100}
    first = answer = client.rest(path, params=params, etag=etag)
    if first.not_modified:
        return EditedComments((), etag, not_modified=True)
    found: list[EditedComment] = []
    while True:
        read = [_comment(entry, kind) for entry in answer.data or ()]
        fresh = [comment for comment in read if since is None or comment.updated_at >= since]
        found += fresh
        following = answer.links.get("next")
        if since is None or len(fresh) < len(read) or not following:
            return EditedComments(tuple(dict.fromkeys(found)), first.etag)
        answer = client.rest(following)


def review_comment_count(client: GitHubClient, owner: str, name: str) -> int | None:
    """How many review comments a repository has: the number of the last page, at one comment a page. One request.

    None when GitHub names no last page. Raises NotFoundError for an unknown repository.
    """
    answer = client.rest(f"/repos/{owner}/{name}/pulls/comments", params={"per_page": 1})
    if "last" in answer.links:
        return page_of(answer.links["last"])
    return None if "next" in answer.links else len(answer.data or ())


def review_comment_places(client: GitHubClient, owner: str, name: str) -> Iterator[ReviewCommentPlace]:
    """Every review comment of a repository, oldest first, a hundred a request. Raises as ``review_comment_count``."""
    for page in client.pages(f"/repos/{owner}/{name}/pulls/comments", params={"sort": "created", "direction": "asc"}):
        for entry in page.data or ():
            yield ReviewCommentPlace(nodes.number(entry, "id"), _item_number(entry, "pulls"))


def _item_number(entry: Mapping[str, Any], kind: Kind) -> int:
    return nodes.number({"number": nodes.text(entry, _NAMED_BY[kind]).rpartition("/")[2]}, "number")


def _comment(entry: dict[str, Any], kind: Kind) -> EditedComment:
    updated = nodes.moment(entry, "updated_at")
    if updated is None:
        raise SourceError(f"GitHub's answer: comment {entry.get('id')} has no time")
    return EditedComment(
        id=nodes.number(entry, "id"),
        number=_item_number(entry, kind),
        of_pull=kind == "pulls" or "/pull/" in nodes.text(entry, "html_url"),
        updated_at=updated,
    )
