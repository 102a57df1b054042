"""Records and GitHub's JSON say the same, both ways."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boost_collectors.core.workspace import Workspace
from boost_collectors.github_activity_tracker import archive
from boost_collectors.github_activity_tracker.archive import (
    issue_from_payload,
    issue_to_payload,
    pull_request_from_payload,
    pull_request_to_payload,
)
from boost_collectors.github_activity_tracker.payloads import GitHubApiValidationError
from boost_collectors.github_activity_tracker.records import (
    Actor,
    Comment,
    Issue,
    PullRequest,
    Review,
    ReviewComment,
    ReviewThread,
)
from boost_collectors.github_activity_tracker.workspace_paths import get_raw_source_pr_path

IDS = st.integers(1, 2**62)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = TEXT.filter(str.strip)
MOMENTS = st.none() | st.datetimes(timezones=st.just(UTC))
LINES = st.none() | st.integers(1, 10_000)
HASHES = st.just("") | st.text("0123456789abcdef", min_size=40, max_size=40)
ACTORS = st.builds(
    Actor, IDS, login=TEXT, name=TEXT, avatar_url=TEXT, kind=st.sampled_from(["User", "Bot", "Organization"])
)
AUTHORS = st.none() | ACTORS
COMMENTS = st.builds(Comment, IDS, AUTHORS, TEXT, MOMENTS, MOMENTS, html_url=TEXT)
REVIEW_COMMENTS = st.builds(
    ReviewComment,
    IDS,
    AUTHORS,
    TEXT,
    MOMENTS,
    MOMENTS,
    in_reply_to_id=st.none() | IDS,
    review_id=st.none() | IDS,
    thread_id=TEXT,
    path=TEXT,
    line=LINES,
    original_line=LINES,
    diff_hunk=TEXT,
    commit_hash=HASHES,
    html_url=TEXT,
)
REVIEWS = st.builds(
    Review,
    IDS,
    AUTHORS,
    st.sampled_from(["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED", "PENDING"]),
    TEXT,
    MOMENTS,
    MOMENTS,
    commit_hash=HASHES,
    html_url=TEXT,
)
THREADS = st.builds(ReviewThread, NAMES, TEXT, LINES, st.booleans(), st.booleans(), AUTHORS)


def _tuples(values: st.SearchStrategy[Any], key: Any = None) -> st.SearchStrategy[Any]:
    return st.lists(values, max_size=3, unique_by=key).map(tuple)


def _below() -> dict[str, st.SearchStrategy[Any]]:
    return {
        "number": st.integers(1, 2**31 - 1),
        "id": IDS,
        "author": AUTHORS,
        "title": TEXT,
        "body": TEXT,
        "created_at": MOMENTS,
        "updated_at": MOMENTS,
        "closed_at": MOMENTS,
        "labels": _tuples(NAMES, str),
        "assignees": _tuples(ACTORS, lambda actor: actor.account_id),
        "comments": _tuples(COMMENTS, lambda comment: comment.id),
        "html_url": TEXT,
    }


ISSUES = st.builds(
    Issue,
    state=st.sampled_from(["open", "closed"]),
    state_reason=st.sampled_from(["", "completed", "not_planned", "reopened"]),
    **_below(),
)
OPEN_OR_CLOSED = {"state": st.sampled_from(["open", "closed"]), "merged_at": st.none()}
MERGED = {"state": st.just("merged"), "merged_at": MOMENTS}
CHANGES = {
    "head_hash": HASHES,
    "base_hash": HASHES,
    "is_draft": st.booleans(),
    "review_comments": _tuples(REVIEW_COMMENTS, lambda comment: comment.id),
    "reviews": _tuples(REVIEWS, lambda review: review.id),
    "threads": _tuples(THREADS, lambda thread: thread.id),
}
PULLS = st.one_of(*(st.builds(PullRequest, **_below(), **CHANGES, **state) for state in (OPEN_OR_CLOSED, MERGED)))


@given(ISSUES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_an_issue_comes_back_as_it_was(issue: Issue) -> None:
    written = json.dumps(issue_to_payload(issue))
    assert issue_from_payload(json.loads(written)) == issue


@given(PULLS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_pull_request_comes_back_as_it_was(pull: PullRequest) -> None:
    written = json.dumps(pull_request_to_payload(pull))
    assert pull_request_from_payload(json.loads(written)) == pull


def _pull(**fields: Any) -> PullRequest:
    at = datetime(2024, 5, 1, tzinfo=UTC)
    given = {
        "number": 3,
        "id": 30,
        "author": None,
        "title": "t",
        "body": "",
        "state": "open",
        "head_hash": "a" * 40,
        "base_hash": "b" * 40,
        "created_at": at,
        "updated_at": at,
        "merged_at": None,
        "closed_at": None,
    }
    return PullRequest(**(given | fields))


def test_the_archive_gives_back_what_was_saved(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, tmp_path / "raw")
    pull = _pull(
        reviews=(Review(5, None, "APPROVED", "", None, None),),
        threads=(ReviewThread("T", "a.cpp", 3, True, False),),
        review_comments=(ReviewComment(9, None, "b", None, None, review_id=5, thread_id="T", path="a.cpp"),),
    )
    archive.save(workspace, "o", "r", pull)
    stored = json.loads(get_raw_source_pr_path("o", "r", 3, workspace=workspace).read_text("utf-8"))
    assert pull_request_from_payload(stored) == pull
    assert stored["reviews"][0]["resolved"] is True


def test_hashes_that_are_not_known_overwrite_nothing(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, tmp_path / "raw")
    archive.save(workspace, "o", "r", _pull())
    archive.save(workspace, "o", "r", _pull(title="new", head_hash="", base_hash=""))
    stored = json.loads(get_raw_source_pr_path("o", "r", 3, workspace=workspace).read_text("utf-8"))
    assert (stored["pr_info"]["title"], stored["pr_info"]["head"]) == ("new", {"sha": "a" * 40})


def test_a_merged_pull_request_is_closed_in_githubs_words() -> None:
    at = datetime(2024, 5, 2, tzinfo=UTC)
    info = pull_request_to_payload(_pull(state="merged", merged_at=at))["pr_info"]
    assert (info["state"], info["merged"], info["merged_at"]) == ("closed", True, "2024-05-02T00:00:00Z")


@pytest.mark.parametrize(
    ("info", "state"),
    [
        ({"state": "OPEN"}, "open"),
        ({"state": "closed", "merged_at": "2020-01-01T00:00:00Z"}, "merged"),
        ({"state": "closed", "merged": True}, "merged"),
        ({"state": "closed", "merged_at": None}, "closed"),
        ({}, "open"),
    ],
)
def test_the_state_of_a_pull_request(info: dict[str, Any], state: str) -> None:
    assert pull_request_from_payload({"number": 1, "id": 2, **info}).state == state


def test_odd_payloads_become_usable_records() -> None:
    comments = [{"id": 1, "user": None, "body": None}, {"id": None, "body": "no id"}, {"id": 2, "user": {"login": "x"}}]
    labels = [{"name": "bug"}, {"name": " "}, {}, {"name": "bug"}]
    found = issue_from_payload(
        {
            "issue_info": {"number": 1, "id": 2, "labels": labels, "updated_at": "yesterday", "html_url": 5},
            "comments": comments,
        }
    )
    assert found.labels == ("bug",)
    assert [(comment.id, comment.author, comment.body) for comment in found.comments] == [(1, None, ""), (2, None, "")]
    assert (found.title, found.state, found.updated_at, found.html_url) == ("", "open", None, "")


def test_an_item_without_an_id_has_no_record() -> None:
    with pytest.raises(GitHubApiValidationError, match="id is missing"):
        issue_from_payload({"number": 1})
