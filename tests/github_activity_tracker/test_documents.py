"""Archived items as documents for the vector store."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from boost_collectors.github_activity_tracker.archive import pull_request_to_payload
from boost_collectors.github_activity_tracker.documents import build_issue_document, build_pr_document
from boost_collectors.github_activity_tracker.records import Actor, PullRequest, Review, ReviewComment

INFO = {
    "number": 7,
    "title": " Crash ",
    "state": "CLOSED",
    "state_reason": "Completed",
    "html_url": " https://github.com/boostorg/json/issues/7 ",
    "user": {"login": "ada"},
    "body": "It crashes.",
    "created_at": "2024-01-01T00:00:00Z",
    "updated_at": "2024-01-02T00:00:00Z",
    "closed_at": "not a time",
}
METADATA = {
    "doc_id": "https://github.com/boostorg/json/issues/7",
    "url": "https://github.com/boostorg/json/issues/7",
    "number": 7,
    "title": "Crash",
    "author": "ada",
    "state": "closed",
    "created_at": 1704067200.0,
    "updated_at": 1704153600.0,
    "closed_at": 0.0,
    "repo_name": "json",
}


def test_an_issue() -> None:
    found = build_issue_document("7.json", {"issue_info": INFO}, "json")
    assert found is not None
    expected = {"source_ids": "json:issue:7", "type": "issue", "state_reason": "completed"}
    assert found["metadata"] == METADATA | expected
    assert found["content"].startswith("# #7 - Crash")
    assert found["content"] == found["content"].strip()
    assert "It crashes." in found["content"]


def test_a_pull_request_has_no_state_reason() -> None:
    found = build_pr_document("7.json", {"pr_info": INFO}, "json")
    assert found is not None
    assert found["metadata"] == METADATA | {"source_ids": "json:pr:7", "type": "pr"}


@pytest.mark.parametrize("info", [None, [], "text", {**INFO, "html_url": " "}, {**INFO, "html_url": None}])
def test_items_without_details_or_address_give_no_document(info: object) -> None:
    assert build_issue_document("x", {"issue_info": info}, "json") is None
    assert build_pr_document("x", {"pr_info": info}, "json") is None
    assert build_issue_document("x", {}, "json") is None


def test_what_is_missing_has_its_stand_in() -> None:
    bare = {"html_url": "https://x", "number": "x", "user": None, "title": None}
    found = build_issue_document("x", {"issue_info": bare}, "json")
    assert found is not None
    facts = {name: found["metadata"][name] for name in ("number", "title", "author", "state", "state_reason")}
    assert facts == {"number": -1, "title": "", "author": "", "state": "", "state_reason": ""}
    assert found["metadata"]["source_ids"] == "json:issue:-1"


def _reviewed() -> dict[str, Any]:
    at = datetime(2024, 1, 1, tzinfo=UTC)
    reviewer = Actor(2, "grace")
    return pull_request_to_payload(
        PullRequest(
            number=3,
            id=30,
            author=Actor(1, "ada"),
            title="Faster",
            body="",
            state="open",
            head_hash="a",
            base_hash="b",
            created_at=at,
            updated_at=at,
            merged_at=None,
            closed_at=None,
            review_comments=(ReviewComment(9, reviewer, "why?", at, at, review_id=5, path="src/a.cpp"),),
            reviews=(Review(5, reviewer, "CHANGES_REQUESTED", "Please change.", at, at),),
            html_url="https://github.com/boostorg/json/pull/3",
        )
    )


def test_reviews_stand_with_their_verdict_and_their_comments_on_lines() -> None:
    found = build_pr_document("3.json", _reviewed(), "json")
    assert found is not None
    assert "## Review 1 [Changes requested]" in found["content"]
    assert "src/a.cpp" in found["content"]
    assert found["content"].index("Please change.") < found["content"].index("why?")
    assert "## Comment" not in found["content"]


def test_comments_on_lines_without_a_stored_verdict_stand_under_a_review_all_the_same() -> None:
    old = _reviewed()
    del old["review_verdicts"]
    found = build_pr_document("3.json", old, "json")
    assert found is not None
    assert found["content"].count("## Review ") == 1
    assert "why?" in found["content"]
