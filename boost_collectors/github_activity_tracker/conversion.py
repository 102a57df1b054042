"""Between records and the JSON of GitHub's REST API, both ways, without loss.

The JSON is the nested form of the archive: ``issue_info`` or ``pr_info``, ``comments``, ``reviews`` (comments on
lines of the change), and for what REST keeps elsewhere ``review_verdicts`` and ``review_threads``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from boost_collectors.core.utils.datetime_parsing import ensure_aware_utc, format_utc_z, parse_iso_datetime_lenient
from boost_collectors.github_activity_tracker.payloads import (
    CommentPayload,
    GitHubApiValidationError,
    IssueBundle,
    IssuePayload,
    Payload,
    PullRequestBundle,
    PullRequestPayload,
    ReviewPayload,
    ThreadPayload,
    UserPayload,
    VerdictPayload,
    parse_issue_bundle,
    parse_pr_bundle,
)
from boost_collectors.github_activity_tracker.records import (
    Actor,
    Comment,
    Issue,
    Item,
    PullRequest,
    Review,
    ReviewComment,
    ReviewThread,
)

T = TypeVar("T", str, int, bool)


def issue_to_payload(issue: Issue) -> dict[str, Any]:
    """An issue as the archive holds it."""
    return {
        "issue_info": _item_json(issue) | {"state": issue.state, "state_reason": issue.state_reason or None},
        "comments": [_comment_json(comment) for comment in issue.comments],
    }


def pull_request_to_payload(pull: PullRequest) -> dict[str, Any]:
    """A pull request as the archive holds it. Hashes that are not known stay absent."""
    merged = pull.state == "merged"
    info = _item_json(pull) | {
        "state": "closed" if merged else pull.state,
        "merged": merged,
        "merged_at": _text_of(pull.merged_at),
        "draft": pull.is_draft,
    }
    ends = {"head": pull.head_hash, "base": pull.base_hash}
    resolved = {thread.id for thread in pull.threads if thread.is_resolved}
    return {
        "pr_info": info | {end: {"sha": sha} for end, sha in ends.items() if sha},
        "comments": [_comment_json(comment) for comment in pull.comments],
        "reviews": [_review_comment_json(comment, resolved) for comment in pull.review_comments],
        "review_verdicts": [_verdict_json(review) for review in pull.reviews],
        "review_threads": [_thread_json(thread) for thread in pull.threads],
    }


def issue_from_payload(data: Mapping[str, Any] | IssueBundle) -> Issue:
    """The issue that a bundle in any of its forms describes. Raises GitHubApiValidationError, also without an id."""
    payload = (data if isinstance(data, IssueBundle) else parse_issue_bundle(data)).issue
    return Issue(
        **_item_fields(payload),
        state=payload.state.lower() or "open",
        state_reason=(payload.state_reason or "").lower(),
    )


def pull_request_from_payload(data: Mapping[str, Any] | PullRequestBundle) -> PullRequest:
    """The pull request that a bundle in any of its forms describes.

    Raises GitHubApiValidationError, also without an id.
    """
    bundle = data if isinstance(data, PullRequestBundle) else parse_pr_bundle(data)
    payload = bundle.pr
    merged_at = time_of(payload.merged_at)
    merged = merged_at is not None or _extra(payload, "merged", bool, default=False)
    return PullRequest(
        **_item_fields(payload),
        state="merged" if merged else payload.state.lower() or "open",
        head_hash=(payload.head and payload.head.sha) or "",
        base_hash=(payload.base and payload.base.sha) or "",
        merged_at=merged_at,
        is_draft=_extra(payload, "draft", bool, default=False),
        review_comments=tuple(_review_comment(entry, entry.id) for entry in payload.reviews if entry.id is not None),
        reviews=tuple(_review(entry, entry.id) for entry in bundle.review_verdicts if entry.id is not None),
        threads=tuple(_thread(entry) for entry in bundle.review_threads),
    )


def time_of(text: str | None) -> datetime | None:
    """An ISO time as aware UTC; None when blank, not ISO, or beyond the calendar in UTC."""
    try:
        return ensure_aware_utc(parse_iso_datetime_lenient(text))
    except OverflowError:
        return None


def actor_of(user: UserPayload | None) -> Actor | None:
    """The account; None where GitHub names nobody or gives no id."""
    if user is None or user.id is None:
        return None
    kind = _extra(user, "type", str, default="") or "User"
    return Actor(user.id, user.login, user.name or "", user.avatar_url or "", kind)


def _item_json(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "number": item.number,
        "title": item.title,
        "body": item.body,
        "user": _user_json(item.author),
        "created_at": _text_of(item.created_at),
        "updated_at": _text_of(item.updated_at),
        "closed_at": _text_of(item.closed_at),
        "html_url": item.html_url,
        "labels": [{"name": name} for name in item.labels],
        "assignees": [_user_json(actor) for actor in item.assignees],
    }


def _item_fields(payload: IssuePayload | PullRequestPayload) -> dict[str, Any]:
    if payload.id is None:
        raise GitHubApiValidationError(f"payload of number {payload.number}: id is missing")
    assignees = (actor_of(user) for user in payload.assignees)
    return {
        "number": payload.number,
        "id": payload.id,
        "author": actor_of(payload.user),
        "title": payload.title or "",
        "body": payload.body or "",
        "created_at": time_of(payload.created_at),
        "updated_at": time_of(payload.updated_at),
        "closed_at": time_of(payload.closed_at),
        "labels": _once(label.name for label in payload.labels if label.name.strip()),
        "assignees": _once(actor for actor in assignees if actor is not None),
        "comments": tuple(_comment(entry, entry.id) for entry in payload.comments if entry.id is not None),
        "html_url": _extra(payload, "html_url", str, default=""),
    }


def _comment_json(comment: Comment | ReviewComment) -> dict[str, Any]:
    return {
        "id": comment.id,
        "user": _user_json(comment.author),
        "body": comment.body,
        "created_at": _text_of(comment.created_at),
        "updated_at": _text_of(comment.updated_at),
        "html_url": comment.html_url,
    }


def _comment(payload: CommentPayload, id: int) -> Comment:
    return Comment(
        id=id,
        author=actor_of(payload.user),
        body=payload.body or "",
        created_at=time_of(payload.created_at),
        updated_at=time_of(payload.updated_at),
        html_url=_extra(payload, "html_url", str, default=""),
    )


def _review_comment_json(comment: ReviewComment, resolved: set[str]) -> dict[str, Any]:
    return _comment_json(comment) | {
        "in_reply_to_id": comment.in_reply_to_id,
        "pull_request_review_id": comment.review_id,
        "thread_id": comment.thread_id,
        "resolved": comment.thread_id in resolved,
        "path": comment.path,
        "line": comment.line,
        "original_line": comment.original_line,
        "diff_hunk": comment.diff_hunk,
        "commit_id": comment.commit_hash,
    }


def _review_comment(payload: ReviewPayload, id: int) -> ReviewComment:
    plain = _comment(payload, id)
    return ReviewComment(
        id=plain.id,
        author=plain.author,
        body=plain.body,
        created_at=plain.created_at,
        updated_at=plain.updated_at,
        in_reply_to_id=payload.in_reply_to_id,
        review_id=_number(payload, "pull_request_review_id"),
        thread_id=_extra(payload, "thread_id", str, default=""),
        path=_extra(payload, "path", str, default=""),
        line=_number(payload, "line"),
        original_line=_number(payload, "original_line"),
        diff_hunk=_extra(payload, "diff_hunk", str, default=""),
        commit_hash=_extra(payload, "commit_id", str, default=""),
        html_url=plain.html_url,
    )


def _verdict_json(review: Review) -> dict[str, Any]:
    return {
        "id": review.id,
        "user": _user_json(review.author),
        "body": review.body,
        "state": review.state,
        "submitted_at": _text_of(review.submitted_at),
        "updated_at": _text_of(review.updated_at),
        "commit_id": review.commit_hash,
        "html_url": review.html_url,
    }


def _review(payload: VerdictPayload, id: int) -> Review:
    return Review(
        id=id,
        author=actor_of(payload.user),
        state=payload.state,
        body=payload.body or "",
        submitted_at=time_of(payload.submitted_at),
        updated_at=time_of(payload.updated_at),
        commit_hash=payload.commit_id or "",
        html_url=_extra(payload, "html_url", str, default=""),
    )


def _thread_json(thread: ReviewThread) -> dict[str, Any]:
    return {
        "id": thread.id,
        "path": thread.path,
        "line": thread.line,
        "is_resolved": thread.is_resolved,
        "is_outdated": thread.is_outdated,
        "resolved_by": _user_json(thread.resolved_by),
    }


def _thread(payload: ThreadPayload) -> ReviewThread:
    return ReviewThread(
        id=payload.id,
        path=payload.path,
        line=payload.line,
        is_resolved=payload.is_resolved,
        is_outdated=payload.is_outdated,
        resolved_by=actor_of(payload.resolved_by),
    )


def _user_json(actor: Actor | None) -> dict[str, Any] | None:
    if actor is None:
        return None
    named = {"name": actor.name} if actor.name else {}
    return {"id": actor.account_id, "login": actor.login, "avatar_url": actor.avatar_url, "type": actor.kind} | named


def _text_of(moment: datetime | None) -> str | None:
    return None if moment is None else format_utc_z(moment)


def _extra(payload: Payload, name: str, kind: type[T], *, default: T) -> T:
    """A field that no shape requires; ``default`` also for one of another type."""
    value = (payload.model_extra or {}).get(name)
    return value if isinstance(value, kind) else default


def _number(payload: Payload, name: str) -> int | None:
    value = (payload.model_extra or {}).get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


V = TypeVar("V")


def _once(values: Iterable[V]) -> tuple[V, ...]:
    return tuple(dict.fromkeys(values))
