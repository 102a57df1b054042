"""Fields of issues, pull requests and what is below them."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from include.sandbox.github.graphql.binding import Resolver
from include.sandbox.github.graphql.connections import Page, page_of
from include.sandbox.github.graphql.context import Context
from include.sandbox.github.ids import node_id
from include.sandbox.github.model import SITE, Account, Comment, Item, Review, ReviewComment, Thread

LARGEST_INT = 2**31 - 1
Arguments = dict[str, Any]
Map = dict[str, Resolver]


def attribute(path: str) -> Resolver:
    """A field that is an attribute of the object, or of its parts."""
    get = attrgetter(path)
    return lambda source, _arguments, _context: get(source)


def constant(value: Any) -> Resolver:
    return lambda _source, _arguments, _context: value


def _by_time(child: Any) -> tuple[str, int]:
    return child.created_at, child.id


def _listed(name: str, elements: Callable[[Any, Arguments], list[Any]], key: Callable[[Any], Any]) -> Resolver:
    """A connection over a list of the object's own."""

    def resolve(source: Any, arguments: Arguments, _context: Context) -> Page:
        return page_of(name, arguments, elements(source, arguments), key)

    return resolve


def _named(kind: str) -> Map:
    """What has ids: the number is null where it does not fit GraphQL's Int."""
    return {
        "id": lambda source, _a, _c: node_id(kind, source.id),
        "databaseId": lambda source, _a, _c: source.id if source.id <= LARGEST_INT else None,
        "fullDatabaseId": lambda source, _a, _c: str(source.id),
    }


COMMENTABLE: Map = {
    "author": attribute("author"),
    "authorAssociation": lambda source, _a, _c: "CONTRIBUTOR" if source.author else "NONE",
    "body": attribute("body"),
    "bodyText": attribute("body"),
    "createdAt": attribute("created_at"),
    "publishedAt": attribute("created_at"),
    "updatedAt": attribute("updated_at"),
    "lastEditedAt": lambda s, _a, _c: (
        s.updated_at if s.updated_at != s.created_at and not isinstance(s, Item) else None
    ),
    "repository": attribute("repository"),
    "resourcePath": attribute("path"),
    "url": lambda source, _a, _c: SITE + source.path,
}


def _labels(item: Item, arguments: Arguments, _context: Context) -> Page:
    labels = [item.repository.labels[name] for name in item.labels if name in item.repository.labels]
    reverse = (arguments.get("orderBy") or {}).get("direction") == "DESC"
    return page_of("labels", arguments, labels, lambda label: (label.name.lower(), label.id), reverse=reverse)


def _comments(item: Item, arguments: Arguments, _context: Context) -> Page:
    order = arguments.get("orderBy")
    if order is None:
        return page_of("comments", arguments, item.content.comments, _by_time)
    reverse = order["direction"] == "DESC"
    return page_of("comments", arguments, item.content.comments, lambda c: (c.updated_at, c.id), reverse=reverse)


ITEM: Map = COMMENTABLE | {
    "assignees": _listed("assignees", lambda item, _a: list(item.assignees), lambda account: (account.id,)),
    "closed": lambda item, _a, _c: item.state == "closed",
    "closedAt": attribute("closed_at"),
    "comments": _comments,
    "labels": _labels,
    "locked": attribute("locked"),
    "number": attribute("number"),
    "title": attribute("title"),
}


def _state_reason(item: Item, arguments: Arguments, _context: Context) -> str | None:
    reason = item.state_reason.upper() if item.state_reason else None
    return "NOT_PLANNED" if reason == "DUPLICATE" and not arguments.get("enableDuplicate") else reason


ISSUE: Map = (
    ITEM
    | _named("Issue")
    | {
        "state": lambda item, _a, _c: item.state.upper(),
        "stateReason": _state_reason,
    }
)


def pull_state(item: Item) -> str:
    """OPEN, CLOSED or MERGED."""
    return "MERGED" if item.pull and item.pull.merged_at else item.state.upper()


def _reviews(item: Item, arguments: Arguments) -> list[Review]:
    states, author = arguments.get("states"), arguments.get("author")
    reviews = item.content.reviews
    return [
        review
        for review in reviews
        if (not states or review.state in states) and (not author or (review.author and review.author.login == author))
    ]


def _decision(item: Item, _arguments: Arguments, _context: Context) -> str | None:
    states = [review.state for review in item.content.reviews if review.state in ("APPROVED", "CHANGES_REQUESTED")]
    return states[-1] if states else None


PULL_REQUEST: Map = (
    ITEM
    | _named("PullRequest")
    | {
        "baseRefName": attribute("pull.base_branch"),
        "baseRefOid": attribute("pull.base"),
        "headRefName": attribute("pull.head_branch"),
        "headRefOid": attribute("pull.head"),
        "headRepository": attribute("repository"),
        "isCrossRepository": constant(False),
        "isDraft": attribute("pull.is_draft"),
        "mergeCommit": lambda item, _a, context: context.commit(item.repository, item.pull.merge_commit),
        "merged": lambda item, _a, _c: item.pull.merged_at is not None,
        "mergedAt": attribute("pull.merged_at"),
        "mergedBy": attribute("pull.merged_by"),
        "reviewDecision": _decision,
        "reviews": _listed("reviews", _reviews, _by_time),
        "reviewThreads": _listed("reviewThreads", lambda item, _a: item.content.threads, lambda thread: (thread.id,)),
        "state": lambda item, _a, _c: pull_state(item),
        "totalCommentsCount": lambda item, _a, _c: item.comment_count + len(item.content.review_comments),
    }
)

ISSUE_COMMENT: Map = (
    COMMENTABLE
    | _named("IssueComment")
    | {
        "isMinimized": constant(False),
        "minimizedReason": constant(None),
        "issue": attribute("item"),
        "pullRequest": lambda comment, _a, _c: comment.item if comment.item.pull else None,
    }
)


def _of_review(review: Review, _arguments: Arguments) -> list[ReviewComment]:
    return [comment for comment in review.item.content.review_comments if comment.review_id == review.id]


REVIEW: Map = (
    COMMENTABLE
    | _named("PullRequestReview")
    | {
        "comments": _listed("comments", _of_review, _by_time),
        "commit": lambda review, _a, context: context.commit(review.repository, review.commit),
        "isMinimized": constant(False),
        "pullRequest": attribute("item"),
        "state": attribute("state"),
        "submittedAt": lambda review, _a, _c: None if review.state == "PENDING" else review.created_at,
    }
)


def _thread_of(comment: ReviewComment) -> Thread | None:
    return next((thread for thread in comment.item.content.threads if thread.id == comment.thread_id), None)


def _review_of(comment: ReviewComment, _arguments: Arguments, _context: Context) -> Review | None:
    return next((review for review in comment.item.content.reviews if review.id == comment.review_id), None)


def _reply_to(comment: ReviewComment, _arguments: Arguments, _context: Context) -> ReviewComment | None:
    return next((other for other in comment.item.content.review_comments if other.id == comment.reply_to), None)


REVIEW_COMMENT: Map = (
    COMMENTABLE
    | _named("PullRequestReviewComment")
    | {
        "commit": lambda comment, _a, context: context.commit(comment.repository, comment.commit),
        "diffHunk": attribute("diff_hunk"),
        "isMinimized": constant(False),
        "line": attribute("line"),
        "originalCommit": lambda comment, _a, context: context.commit(comment.repository, comment.commit),
        "originalLine": attribute("original_line"),
        "outdated": lambda comment, _a, _c: bool((thread := _thread_of(comment)) and thread.is_outdated),
        "path": attribute("file"),
        "pullRequest": attribute("item"),
        "pullRequestReview": _review_of,
        "replyTo": _reply_to,
        "state": constant("SUBMITTED"),
        "subjectType": constant("LINE"),
    }
)


def _of_thread(thread: Thread, _arguments: Arguments) -> list[ReviewComment]:
    return [comment for comment in thread.item.content.review_comments if comment.thread_id == thread.id]


def _resolver_of(thread: Thread, _arguments: Arguments, _context: Context) -> Account | None:
    return thread.resolved_by if thread.resolved_by and thread.resolved_by.kind == "User" else None


THREAD: Map = {
    "comments": _listed("comments", _of_thread, _by_time),
    "diffSide": constant("RIGHT"),
    "id": lambda thread, _a, _c: node_id("PullRequestReviewThread", thread.id),
    "isCollapsed": attribute("is_resolved"),
    "isOutdated": attribute("is_outdated"),
    "isResolved": attribute("is_resolved"),
    "line": attribute("line"),
    "originalLine": attribute("line"),
    "path": attribute("file"),
    "pullRequest": attribute("item"),
    "repository": attribute("repository"),
    "resolvedBy": _resolver_of,
    "subjectType": constant("LINE"),
}

ITEM_TYPES: dict[str, Map] = {
    "Issue": ISSUE,
    "PullRequest": PULL_REQUEST,
    "IssueComment": ISSUE_COMMENT,
    "PullRequestReview": REVIEW,
    "PullRequestReviewComment": REVIEW_COMMENT,
    "PullRequestReviewThread": THREAD,
}
NODE_TYPES: dict[type, str] = {
    Comment: "IssueComment",
    Review: "PullRequestReview",
    ReviewComment: "PullRequestReviewComment",
    Thread: "PullRequestReviewThread",
}
