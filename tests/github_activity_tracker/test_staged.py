"""Staged files of an earlier version: stored, archived, removed; the bad ones named and kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from boost_collectors.core.context import RunContext
from boost_collectors.core.database import Database
from boost_collectors.github_activity_tracker.staged import StagedIntake, import_staged

OWNER, NAME = "boostorg", "json"
T = "github_activity_tracker_"
ADA = {"id": 5, "login": "ada", "type": "User"}


@pytest.fixture
def context(make_context: Callable[..., RunContext]) -> RunContext:
    return make_context("run_boost_github_activity_tracker")


def _stage(context: RunContext, kind: str, name: str, content: Any) -> Path:
    folder = context.workspace.root / "github_activity_tracker" / OWNER / NAME / kind
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def _archived(context: RunContext) -> list[str]:
    root = context.workspace.raw_root / "github_activity_tracker" / OWNER / NAME
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def _staged(context: RunContext) -> list[str]:
    root = context.workspace.root / "github_activity_tracker" / OWNER / NAME
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def _rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.session() as session:
        return [tuple(row) for row in session.execute(text(query))]


def _issue(number: int, **fields: Any) -> dict[str, Any]:
    info = {"number": number, "id": 1000 + number, "title": f"issue {number}", "user": ADA, "state": "open", **fields}
    return {"issue_info": info, "comments": [{"id": 90 + number, "user": ADA, "body": "hi"}]}


def _commit(sha: str, *files: dict[str, Any]) -> dict[str, Any]:
    who = {"name": "Ada", "email": "ada@example.org", "date": "2024-01-01T00:00:00Z"}
    git = {"message": "m", "author": who, "committer": who}
    return {"sha": sha, "commit": git, "author": ADA, "committer": None, "files": list(files), "parents": []}


def test_everything_staged_is_stored_archived_and_removed(context: RunContext, database: Database) -> None:
    _stage(context, "issues", "7", _issue(7))
    _stage(context, "prs", "8", {"pr_info": {**_issue(8)["issue_info"], "head": {"sha": "a" * 40}}, "reviews": []})
    file = {"filename": " a.cpp ", "status": "Odd", "additions": 2, "patch": "@@\n+x\n\u0000"}
    renamed = {"filename": "new", "previous_filename": "old", "status": "renamed"}
    _stage(context, "commits", "c" * 40, _commit("c" * 40, file, renamed, {"filename": " "}))
    counts = import_staged(StagedIntake(context, OWNER, NAME))
    assert counts["staged_imported"] == 3
    assert counts["staged_bad"] == 0
    assert _staged(context) == []
    assert _archived(context) == [f"commits/{'c' * 40}.json", "issues/7.json", "prs/8.json"]
    assert _rows(database, f"SELECT issue_number, title FROM {T}issue") == [(7, "issue 7")]
    assert _rows(database, f"SELECT pr_number, head_hash FROM {T}pullrequest") == [(8, "a" * 40)]
    assert _rows(database, f"SELECT issue_comment_id, body FROM {T}issuecomment") == [(97, "hi")]
    changes = f"""
        SELECT f.filename, c.status, c.additions, c.patch FROM {T}gitcommitfilechange c
        JOIN {T}githubfile f ON f.id = c.github_file_id ORDER BY 1
    """
    assert _rows(database, changes) == [("a.cpp", "changed", 2, "@@\n+x"), ("new", "renamed", 0, "")]
    author = f"""
        SELECT a.github_account_id, a.username FROM {T}gitcommit c
        JOIN cppa_user_tracker_githubaccount a ON a.baseprofile_ptr_id = c.account_id
    """
    assert _rows(database, author) == [(5, "ada")]


def test_bad_files_are_named_and_kept_and_stop_nothing(
    context: RunContext, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    half = _stage(context, "issues", "1", "{half")
    wrong = _stage(context, "issues", "2", {"issue_info": {"title": "no number"}})
    too_large = _stage(context, "issues", "3", _issue(3, id=2**70))
    _stage(context, "issues", "4", _issue(4))
    counts = import_staged(StagedIntake(context, OWNER, NAME))
    assert (counts["staged_imported"], counts["staged_bad"]) == (1, 3)
    assert _staged(context) == ["issues/1.json.bad", "issues/2.json", "issues/3.json"]
    assert all(str(path) in caplog.text for path in (half, wrong, too_large))
    assert _rows(database, f"SELECT issue_number FROM {T}issue") == [(4,)]
    again = import_staged(StagedIntake(context, OWNER, NAME))
    assert (again["staged_imported"], again["staged_bad"]) == (0, 2)


def test_an_item_without_an_id_is_archived_only(context: RunContext, database: Database) -> None:
    _stage(context, "issues", "7", {"number": 7, "title": "t"})
    assert import_staged(StagedIntake(context, OWNER, NAME))["staged_imported"] == 1
    assert _archived(context) == ["issues/7.json"]
    assert _staged(context) == []
    assert _rows(database, f"SELECT issue_number FROM {T}issue") == []


def test_importing_the_same_again_changes_no_row(context: RunContext, database: Database) -> None:
    everything = f"SELECT xmin::text, to_jsonb(i) FROM {T}issue i"
    _stage(context, "issues", "7", _issue(7))
    import_staged(StagedIntake(context, OWNER, NAME))
    before = _rows(database, everything)
    _stage(context, "issues", "7", _issue(7))
    assert import_staged(StagedIntake(context, OWNER, NAME))["staged_imported"] == 1
    assert _rows(database, everything) == before


def test_a_deleted_author_loses_no_item(context: RunContext, database: Database) -> None:
    _stage(context, "issues", "7", _issue(7, user=None))
    import_staged(StagedIntake(context, OWNER, NAME))
    assert _rows(database, f"SELECT issue_number FROM {T}issue") == [(7,)]


def test_without_staged_files_nothing_is_made(context: RunContext, database: Database) -> None:
    assert import_staged(StagedIntake(context, OWNER, NAME)).as_dict() == {}
    assert not context.workspace.root.exists()
    assert _rows(database, f"SELECT count(*) FROM {T}githubrepository") == [(0,)]


@pytest.mark.parametrize(("owner", "name"), [("..", "json"), ("boostorg", "a/b")])
def test_unsafe_names_are_refused(context: RunContext, owner: str, name: str) -> None:
    with pytest.raises(ValueError, match="Invalid GitHub"):
        import_staged(StagedIntake(context, owner, name))
