"""GitHub's REST answers, checked when they enter: pydantic models and the functions that make them."""

from __future__ import annotations

from boost_collectors.github_activity_tracker.payloads.models import (
    CommentPayload,
    CommitPayload,
    FilePayload,
    GitSignature,
    IssueBundle,
    IssuePayload,
    LabelPayload,
    Payload,
    PullRequestBundle,
    PullRequestPayload,
    ReviewPayload,
    ThreadPayload,
    UserPayload,
    VerdictPayload,
    to_mapping,
)
from boost_collectors.github_activity_tracker.payloads.parsing import (
    GitHubApiValidationError,
    parse_comment,
    parse_commit,
    parse_issue_bundle,
    parse_pr_bundle,
    parse_review,
    parse_user,
)

__all__ = [
    "CommentPayload",
    "CommitPayload",
    "FilePayload",
    "GitHubApiValidationError",
    "GitSignature",
    "IssueBundle",
    "IssuePayload",
    "LabelPayload",
    "Payload",
    "PullRequestBundle",
    "PullRequestPayload",
    "ReviewPayload",
    "ThreadPayload",
    "UserPayload",
    "VerdictPayload",
    "parse_comment",
    "parse_commit",
    "parse_issue_bundle",
    "parse_pr_bundle",
    "parse_review",
    "parse_user",
    "to_mapping",
]
