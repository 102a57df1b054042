"""Payloads are checked when they enter; what is not named is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from boost_collectors.core.errors import SourceError
from boost_collectors.github_activity_tracker.payloads import (
    GitHubApiValidationError,
    Payload,
    parse_comment,
    parse_commit,
    parse_issue_bundle,
    parse_pr_bundle,
    parse_review,
    to_mapping,
)

COMMENT = {"id": 1, "body": "hello", "reactions": {"+1": 2}}


@pytest.mark.parametrize(
    "data",
    [
        {"issue": {"number": 7, "comments": [COMMENT], "locked": True}},
        {"issue_info": {"number": 7, "comments": 1, "locked": True}, "comments": [COMMENT]},
        {"number": 7, "comments": [COMMENT], "locked": True},
    ],
    ids=["wrapped", "nested", "flat"],
)
def test_an_issue_has_three_forms_and_keeps_unknown_fields(data: dict[str, Any]) -> None:
    bundle = parse_issue_bundle(data)
    assert bundle.issue.number == 7
    assert bundle.issue.state == "open"
    assert to_mapping(bundle) == {"issue_info": {"number": 7, "locked": True}, "comments": [COMMENT]}


@pytest.mark.parametrize(
    "data",
    [
        {"pr": {"number": 7, "comments": [COMMENT], "reviews": [{"id": 2, "in_reply_to_id": 1}]}},
        {"pr_info": {"number": 7}, "comments": [COMMENT], "reviews": [{"id": 2, "in_reply_to_id": 1}]},
        {"number": 7, "comments": [COMMENT], "reviews": [{"id": 2, "in_reply_to_id": 1}]},
    ],
    ids=["wrapped", "nested", "flat"],
)
def test_a_pull_request_has_three_forms(data: dict[str, Any]) -> None:
    bundle = parse_pr_bundle(data)
    assert [review.in_reply_to_id for review in bundle.pr.reviews] == [1]
    expected = {"pr_info": {"number": 7}, "comments": [COMMENT], "reviews": [{"id": 2, "in_reply_to_id": 1}]}
    assert to_mapping(bundle) == expected


@pytest.mark.parametrize("counter", [3, None, "many", {"total": 3}])
def test_a_counter_where_a_list_belongs_is_an_empty_list(counter: object) -> None:
    assert parse_issue_bundle({"number": 1, "comments": counter}).issue.comments == []
    assert parse_issue_bundle({"issue_info": {"number": 1}, "comments": counter}).issue.comments == []
    pull = parse_pr_bundle({"pr_info": {"number": 1}, "comments": counter, "reviews": counter}).pr
    assert (pull.comments, pull.reviews) == ([], [])


@pytest.mark.parametrize(
    ("parse", "data", "kind"),
    [
        (parse_issue_bundle, None, "issue"),
        (parse_issue_bundle, [1], "issue"),
        (parse_issue_bundle, {"title": "no number"}, "issue"),
        (parse_issue_bundle, {"number": None}, "issue"),
        (parse_pr_bundle, "text", "pull request"),
        (parse_pr_bundle, {"pr_info": {"title": "x"}}, "pull request"),
        (parse_pr_bundle, {"number": None}, "pull request"),
        (parse_commit, {}, "commit"),
        (parse_commit, 5, "commit"),
        (parse_comment, [], "comment"),
        (parse_review, {"id": "not a number"}, "review"),
    ],
)
def test_what_cannot_be_is_refused_by_kind_and_source(parse: Callable[..., Payload], data: object, kind: str) -> None:
    with pytest.raises(GitHubApiValidationError, match=rf"^{kind} payload of 7\.json: ") as caught:
        parse(data, source="7.json")
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, SourceError)
    with pytest.raises(GitHubApiValidationError, match=rf"^{kind} payload: "):
        parse(data)


def test_five_wrong_fields_are_named_and_all_are_counted() -> None:
    wrong: dict[str, Any] = {"number": "x", "id": "x", "title": 1, "body": 1, "state": 1, "state_reason": 1, "user": 1}
    with pytest.raises(GitHubApiValidationError) as caught:
        parse_issue_bundle(wrong)
    message = str(caught.value)
    assert message.count("issue.") == 5
    assert "issue.number: " in message
    assert "(7 errors in all)" in message


def test_few_wrong_fields_are_named_without_a_count() -> None:
    with pytest.raises(GitHubApiValidationError) as caught:
        parse_commit({"sha": 1, "files": [{"additions": "many"}]}, source="abc.json")
    assert "sha: " in str(caught.value)
    assert "files.0.additions: " in str(caught.value)
    assert "in all" not in str(caught.value)


def test_null_is_accepted_where_github_sends_it() -> None:
    nothing = dict.fromkeys(("title", "body", "state_reason", "user", "created_at", "closed_at", "id"))
    assert parse_issue_bundle({"number": 1, **nothing, "assignees": None, "labels": None}).issue.labels == []
    pull = parse_pr_bundle({"number": 1, **nothing, "head": None, "base": None, "reviews": [{"id": 1, "body": None}]})
    assert pull.pr.head is None
    assert parse_pr_bundle({"number": 1, "head": {"sha": None}}).pr.head is not None
    assert parse_commit({"sha": "a", "author": None, "committer": None, "files": None}).files == []
    assert parse_comment({"id": None, "user": {"id": None, "name": None, "avatar_url": None}}).id is None


def test_only_what_was_sent_is_given_back() -> None:
    commit = {"sha": "a", "commit": {"message": "m", "tree": {"sha": "t"}}, "parents": [{"sha": "p"}]}
    assert to_mapping(parse_commit(commit)) == commit
