"""GraphQL nodes to records: what GitHub leaves out, writes as text, or has deleted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from boost_collectors.core.errors import SourceError
from boost_collectors.github_activity_tracker.api import nodes
from boost_collectors.github_activity_tracker.records import Actor, Issue, PullRequest

ADA = {"__typename": "User", "login": "ada", "avatarUrl": "https://a/1", "databaseId": 1, "name": "Ada"}
BIG = 9_000_000_000
ISSUE: dict[str, Any] = {
    "__typename": "Issue",
    "id": "I_1",
    "fullDatabaseId": str(BIG),
    "number": 7,
    "title": "A title\0",
    "body": None,
    "state": "CLOSED",
    "stateReason": "NOT_PLANNED",
    "createdAt": "2024-01-01T00:00:00Z",
    "updatedAt": "2024-01-02T05:00:00+05:00",
    "closedAt": None,
    "url": "https://github.com/o/r/issues/7",
    "author": None,
    "labels": {"nodes": [{"name": " bug "}, {"name": ""}, None, {"name": "bug"}]},
    "assignees": {"nodes": [ADA]},
    "comments": {
        "nodes": [{"fullDatabaseId": "11", "body": "yes", "author": ADA, "updatedAt": "2024-01-02T00:00:00Z"}]
    },
}


def test_an_issue() -> None:
    issue = nodes.item(ISSUE)
    assert isinstance(issue, Issue)
    assert (issue.number, issue.id, issue.title, issue.body) == (7, BIG, "A title", "")
    assert (issue.state, issue.state_reason, issue.author, issue.labels) == ("closed", "not_planned", None, ("bug",))
    assert issue.updated_at == datetime(2024, 1, 2, tzinfo=UTC)
    assert issue.assignees == (Actor(1, "ada", "Ada", "https://a/1"),)
    assert [(comment.id, comment.body, comment.created_at) for comment in issue.comments] == [(11, "yes", None)]


def test_a_pull_request_with_its_threads() -> None:
    remark = {
        "fullDatabaseId": "31",
        "body": "why?",
        "author": ADA,
        "path": "a.cpp",
        "line": None,
        "originalLine": 3,
        "replyTo": {"fullDatabaseId": "30"},
        "pullRequestReview": {"fullDatabaseId": "21"},
        "commit": None,
        "originalCommit": {"oid": "abc"},
    }
    thread = {"id": "T_1", "path": "a.cpp", "isResolved": True, "resolvedBy": ADA, "comments": {"nodes": [remark]}}
    review = {"fullDatabaseId": "21", "state": "APPROVED", "author": ADA, "commit": {"oid": "def"}}
    pull = nodes.item(
        {
            **ISSUE,
            "pullState": "MERGED",
            "headRefOid": "abc",
            "baseRefOid": "def",
            "isDraft": False,
            "reviews": {"nodes": [review]},
            "reviewThreads": {"nodes": [thread]},
        }
    )
    assert isinstance(pull, PullRequest)
    assert (pull.state, pull.head_hash, pull.base_hash) == ("merged", "abc", "def")
    (comment,) = pull.review_comments
    assert (comment.thread_id, comment.review_id, comment.in_reply_to_id) == ("T_1", 21, 30)
    assert (comment.line, comment.original_line, comment.commit_hash) == (None, 3, "abc")
    assert [(verdict.state, verdict.commit_hash) for verdict in pull.reviews] == [("APPROVED", "def")]
    assert [(found.is_resolved, found.resolved_by) for found in pull.threads] == [(True, nodes.actor(ADA))]


@pytest.mark.parametrize("kind", ["User", "Bot", "Organization", "Mannequin"])
def test_every_kind_of_account_is_told(kind: str) -> None:
    assert nodes.actor({**ADA, "__typename": kind}) == Actor(1, "ada", "Ada", "https://a/1", kind)


def test_an_account_without_a_number_is_nobody() -> None:
    assert nodes.actor({"__typename": "EnterpriseUserAccount", "login": "x", "avatarUrl": ""}) is None


@pytest.mark.parametrize(("name", "value"), [("number", None), ("fullDatabaseId", "many"), ("updatedAt", "lately")])
def test_what_cannot_be_understood_is_an_error_that_names_it(name: str, value: Any) -> None:
    with pytest.raises(SourceError, match=name):
        nodes.issue({**ISSUE, name: value})
