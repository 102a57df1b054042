"""GraphQL nodes to records.

A node that lacks what its kind must have raises SourceError. An author who was deleted is None: GitHub names nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from boost_collectors.core.errors import SourceError
from boost_collectors.core.utils.datetime_parsing import ensure_aware_utc
from boost_collectors.github_activity_tracker.records import (
    Actor,
    Comment,
    Issue,
    Item,
    Licence,
    PullRequest,
    RepositoryState,
    Review,
    ReviewComment,
    ReviewThread,
    Stamp,
)

Node = Mapping[str, Any]


def item(node: Node) -> Item:
    """An issue or a pull request, told apart by what only pull requests have."""
    return pull_request(node) if "headRefOid" in node else issue(node)


def issue(node: Node) -> Issue:
    """A whole issue. Raises SourceError for a node without number or id."""
    return Issue(
        number=number(node, "number"),
        id=number(node, "fullDatabaseId"),
        author=actor(node.get("author")),
        title=text(node, "title"),
        body=text(node, "body"),
        state=text(node, "state").lower(),
        state_reason=text(node, "stateReason").lower(),
        created_at=moment(node, "createdAt"),
        updated_at=moment(node, "updatedAt"),
        closed_at=moment(node, "closedAt"),
        labels=_labels(node),
        assignees=_assignees(node),
        comments=tuple(map(comment, children(node, "comments"))),
        html_url=text(node, "url"),
    )


def pull_request(node: Node) -> PullRequest:
    """A whole pull request. Raises SourceError for a node without number or id."""
    threads = list(children(node, "reviewThreads"))
    return PullRequest(
        number=number(node, "number"),
        id=number(node, "fullDatabaseId"),
        author=actor(node.get("author")),
        title=text(node, "title"),
        body=text(node, "body"),
        state=text(node, "pullState").lower(),
        head_hash=text(node, "headRefOid"),
        base_hash=text(node, "baseRefOid"),
        created_at=moment(node, "createdAt"),
        updated_at=moment(node, "updatedAt"),
        merged_at=moment(node, "mergedAt"),
        closed_at=moment(node, "closedAt"),
        is_draft=bool(node.get("isDraft")),
        labels=_labels(node),
        assignees=_assignees(node),
        comments=tuple(map(comment, children(node, "comments"))),
        review_comments=tuple(review_comment(child, of) for of in threads for child in children(of, "comments")),
        reviews=tuple(map(review, children(node, "reviews"))),
        threads=tuple(map(thread, threads)),
        html_url=text(node, "url"),
    )


def comment(node: Node) -> Comment:
    """A comment in a conversation."""
    return Comment(
        id=number(node, "fullDatabaseId"),
        author=actor(node.get("author")),
        body=text(node, "body"),
        created_at=moment(node, "createdAt"),
        updated_at=moment(node, "updatedAt"),
        html_url=text(node, "url"),
    )


def review_comment(node: Node, of: Node) -> ReviewComment:
    """A comment of a review thread."""
    answered, verdict = node.get("replyTo"), node.get("pullRequestReview")
    return ReviewComment(
        id=number(node, "fullDatabaseId"),
        author=actor(node.get("author")),
        body=text(node, "body"),
        created_at=moment(node, "createdAt"),
        updated_at=moment(node, "updatedAt"),
        in_reply_to_id=number(answered, "fullDatabaseId") if answered else None,
        review_id=number(verdict, "fullDatabaseId") if verdict else None,
        thread_id=text(of, "id"),
        path=text(node, "path"),
        line=node.get("line"),
        original_line=node.get("originalLine"),
        diff_hunk=text(node, "diffHunk"),
        commit_hash=_oid(node, "commit") or _oid(node, "originalCommit"),
        html_url=text(node, "url"),
    )


def review(node: Node) -> Review:
    """A review with its verdict."""
    return Review(
        id=number(node, "fullDatabaseId"),
        author=actor(node.get("author")),
        state=text(node, "state"),
        body=text(node, "body"),
        submitted_at=moment(node, "submittedAt"),
        updated_at=moment(node, "updatedAt"),
        commit_hash=_oid(node, "commit"),
        html_url=text(node, "url"),
    )


def thread(node: Node) -> ReviewThread:
    """A review thread, without its comments."""
    return ReviewThread(
        id=text(node, "id"),
        path=text(node, "path"),
        line=node.get("line"),
        is_resolved=bool(node.get("isResolved")),
        is_outdated=bool(node.get("isOutdated")),
        resolved_by=actor(node.get("resolvedBy")),
    )


def actor(node: Node | None) -> Actor | None:
    """Who did something; None for nobody, and for an account without a number (it cannot be told from others)."""
    if not node:
        return None
    account_id = node.get("databaseId")
    if not isinstance(account_id, int):
        return None
    kind = str(node.get("__typename") or "User")
    return Actor(account_id, text(node, "login"), text(node, "name"), text(node, "avatarUrl"), kind)


def repository_state(node: Node) -> RepositoryState:
    """A repository's state. Raises SourceError for one without id or owner."""
    owner = actor(node.get("owner"))
    if owner is None:
        raise SourceError(f"GitHub's answer about the repository {node.get('name')!r} names no owner")
    licence = node.get("licenseInfo")
    issues, pulls = node.get("issues") or {}, node.get("pullRequests") or {}
    languages = ((node.get("languages") or {}).get("edges")) or ()
    return RepositoryState(
        id=number(node, "databaseId"),
        owner=owner,
        name=text(node, "name"),
        description=text(node, "description"),
        stars=int(node.get("stargazerCount") or 0),
        forks=int(node.get("forkCount") or 0),
        created_at=moment(node, "createdAt"),
        updated_at=moment(node, "updatedAt"),
        pushed_at=moment(node, "pushedAt"),
        default_branch=text(node.get("defaultBranchRef") or {}, "name"),
        is_archived=bool(node.get("isArchived")),
        licence=Licence(text(licence, "name"), text(licence, "spdxId"), text(licence, "url")) if licence else None,
        languages=tuple((text(edge["node"], "name"), int(edge["size"])) for edge in languages if edge),
        issue_count=int(issues.get("totalCount") or 0),
        pull_count=int(pulls.get("totalCount") or 0),
        newest_issues=tuple(map(stamp, children(node, "issues"))),
        newest_pulls=tuple(map(stamp, children(node, "pullRequests"))),
    )


def stamp(node: Node) -> Stamp:
    """What tells whether an item changed."""
    connections = (node.get(name) or {} for name in ("comments", "reviews", "reviewThreads"))
    comments, reviews, threads = (int(connection.get("totalCount") or 0) for connection in connections)
    return Stamp(
        number=number(node, "number"),
        id=number(node, "fullDatabaseId"),
        updated_at=moment(node, "updatedAt"),
        comments=comments,
        reviews=reviews,
        threads=threads,
    )


def children(node: Node, connection: str) -> Iterator[Node]:
    """The nodes of a connection; those that GitHub could not resolve are null and left out."""
    for child in (node.get(connection) or {}).get("nodes") or ():
        if child is not None:
            yield child


def number(node: Node, name: str) -> int:
    """A whole number that must be there; ids of 64 bits come as text."""
    try:
        return int(node[name])
    except (KeyError, TypeError, ValueError):
        shown = node.get("url") or node.get("number") or node.get("id") or "a node"
        raise SourceError(f"GitHub's answer: {shown} has no {name}") from None


def text(node: Node, name: str) -> str:
    """A text, empty for null. PostgreSQL cannot hold NUL."""
    return str(node.get(name) or "").replace("\0", "")


def moment(node: Node, name: str) -> datetime | None:
    """A time as aware UTC, None for null. Raises SourceError for what is no time."""
    value = node.get(name)
    if not value:
        return None
    try:
        return ensure_aware_utc(datetime.fromisoformat(str(value)))
    except ValueError:
        raise SourceError(f"GitHub's answer: {name} {value!r} is no time") from None


def _labels(node: Node) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for label in children(node, "labels") if (name := text(label, "name").strip())))


def _assignees(node: Node) -> tuple[Actor, ...]:
    return tuple(found for child in children(node, "assignees") if (found := actor(child)))


def _oid(node: Node, name: str) -> str:
    return text(node.get(name) or {}, "oid")
