"""The archive of raw JSON: merged, whole, and untouched when nothing changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.workspace import Workspace
from boost_collectors.github_activity_tracker import archive
from boost_collectors.github_activity_tracker.workspace_paths import (
    get_raw_source_commit_path,
    get_raw_source_issue_path,
    get_raw_source_pr_path,
)

OWNER, REPO = "boostorg", "system"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path, tmp_path / "raw")


def _issue(workspace: Workspace, number: int = 7) -> Any:
    return json.loads(get_raw_source_issue_path(OWNER, REPO, number, workspace=workspace).read_text("utf-8"))


def _save(workspace: Workspace, issue: dict[str, Any]) -> None:
    archive.save_issue_raw_source(OWNER, REPO, issue, workspace=workspace)


def test_new_details_go_over_old_ones_and_comments_merge_by_id(workspace: Workspace) -> None:
    old = [{"id": 2, "body": "two"}, {"id": 1, "body": "one"}]
    _save(workspace, {"issue_info": {"number": 7, "title": "a", "locked": True, "comments": 2}, "comments": old})
    new = [{"id": 3, "body": "three"}, {"id": 1, "body": "edited"}, {"body": "no id"}, "no object"]
    _save(workspace, {"issue_info": {"number": 7, "title": "b"}, "comments": new})
    assert _issue(workspace) == {
        "issue_info": {"number": 7, "title": "b", "locked": True},
        "comments": [{"id": 2, "body": "two"}, {"id": 1, "body": "edited"}, {"id": 3, "body": "three"}],
    }


def test_flat_items_are_written_nested(workspace: Workspace) -> None:
    path = get_raw_source_issue_path(OWNER, REPO, 7, workspace=workspace)
    path.write_text('{"number": 7, "title": "old", "user": {"id": 1}, "comments": [{"id": 1}]}')
    _save(workspace, {"number": 7, "title": "new", "comments": 4})
    assert _issue(workspace) == {
        "issue_info": {"number": 7, "title": "new", "user": {"id": 1}},
        "comments": [{"id": 1}],
    }


@pytest.mark.parametrize("content", [b"{half", b"[1, 2]", b"\xff\xfe", b""])
def test_a_damaged_copy_is_reported_and_written_anew(
    workspace: Workspace, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = get_raw_source_issue_path(OWNER, REPO, 7, workspace=workspace)
    path.write_bytes(content)
    _save(workspace, {"issue_info": {"number": 7}, "comments": [{"id": 1}]})
    assert _issue(workspace) == {"issue_info": {"number": 7}, "comments": [{"id": 1}]}
    assert str(path) in caplog.text


@pytest.mark.parametrize("number", [None, 0, -1, True, "x", "٣", 1.0])
def test_an_item_without_a_number_leaves_no_file(workspace: Workspace, number: object) -> None:
    _save(workspace, {"number": number, "title": "x"})
    archive.save_pr_raw_source(OWNER, REPO, {"pr_info": {"number": number}}, workspace=workspace)
    assert list(workspace.raw_root.rglob("*.json")) == []


@pytest.mark.parametrize("item", [{"number": "7"}, {"number": 7}, {"issue_info": {"number": "7"}}])
def test_a_number_may_be_digits_and_stand_in_the_details(workspace: Workspace, item: dict[str, Any]) -> None:
    _save(workspace, item)
    assert _issue(workspace)["comments"] == []


def test_a_pull_request_merges_every_list(workspace: Workspace) -> None:
    first = {
        "pr_info": {"number": 3, "head": {"sha": "a"}, "merged_at": None},
        "comments": [{"id": 1}],
        "reviews": [{"id": 10, "body": "x"}],
        "review_threads": [{"id": "T1", "is_resolved": False}],
    }
    second = {
        "pr_info": {"number": 3, "merged_at": "2020-01-01T00:00:00Z"},
        "reviews": [{"id": 11}, {"id": 10, "body": "y"}],
        "review_verdicts": [{"id": 5, "state": "APPROVED"}],
        "review_threads": [{"id": "T1", "is_resolved": True}],
    }
    for pull in (first, second):
        archive.save_pr_raw_source(OWNER, REPO, pull, workspace=workspace)
    stored = json.loads(get_raw_source_pr_path(OWNER, REPO, 3, workspace=workspace).read_text("utf-8"))
    assert stored == {
        "pr_info": {"number": 3, "head": {"sha": "a"}, "merged_at": "2020-01-01T00:00:00Z"},
        "comments": [{"id": 1}],
        "reviews": [{"id": 10, "body": "y"}, {"id": 11}],
        "review_verdicts": [{"id": 5, "state": "APPROVED"}],
        "review_threads": [{"id": "T1", "is_resolved": True}],
    }


def test_a_commit_is_replaced(workspace: Workspace) -> None:
    for commit in ({"sha": " abc ", "stats": 1}, {"sha": "abc", "files": []}):
        archive.save_commit_raw_source(OWNER, REPO, commit, workspace=workspace)
    path = get_raw_source_commit_path(OWNER, REPO, "abc", workspace=workspace)
    assert json.loads(path.read_text("utf-8")) == {"sha": "abc", "files": []}


@pytest.mark.parametrize("sha", [None, "", "  ", 5])
def test_a_commit_without_a_hash_leaves_no_file(workspace: Workspace, sha: object) -> None:
    archive.save_commit_raw_source(OWNER, REPO, {"sha": sha}, workspace=workspace)
    assert list(workspace.raw_root.rglob("*")) == []


def test_an_unsafe_hash_cannot_leave_the_folder(workspace: Workspace) -> None:
    with pytest.raises(ValueError, match="Invalid commit sha"):
        archive.save_commit_raw_source(OWNER, REPO, {"sha": "../../x"}, workspace=workspace)


def test_the_same_item_again_writes_nothing(workspace: Workspace) -> None:
    issue = {"issue_info": {"number": 7, "title": "ü \N{SNOWMAN}"}, "comments": [{"id": 1}]}
    _save(workspace, issue)
    path = get_raw_source_issue_path(OWNER, REPO, 7, workspace=workspace)
    before = path.stat()
    _save(workspace, issue)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    text = path.read_text("utf-8")
    assert "\N{SNOWMAN}" in text
    assert '\n  "issue_info"' in text
    assert [file.name for file in path.parent.iterdir()] == ["7.json"]
