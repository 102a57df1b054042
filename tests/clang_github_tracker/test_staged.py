"""Files that an earlier version staged: stored, archived, removed; what becomes of those that cannot be."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from boost_collectors.clang_github_tracker.staged import ClangIntake
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.database import Database
from boost_collectors.github_activity_tracker.sync_api import import_staged

OWNER, NAME = "llvm", "llvm-project"
SHA = "AB" * 20
ADA = {"id": 5, "login": "ada", "type": "User"}
C = "clang_github_tracker_"


@pytest.fixture
def context(make_context: Callable[..., RunContext]) -> RunContext:
    return make_context("run_clang_github_tracker")


def stage(context: RunContext, kind: str, name: str, content: Any) -> Path:
    folder = context.workspace.root / "github_activity_tracker" / OWNER / NAME / kind
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def commit(sha: Any, authored: str | None = None, committed: str | None = None) -> dict[str, Any]:
    dates = {"author": authored, "committer": committed}
    return {"sha": sha, "commit": {who: {"name": "Ada", "date": date} for who, date in dates.items() if date}}


def issue(number: Any, **fields: Any) -> dict[str, Any]:
    times = {"created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-02T00:00:00Z"}
    return {"number": number, "id": 700, "title": "t", "user": ADA, **times, **fields}


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.session() as session:
        return [tuple(row) for row in session.execute(text(query))]


def imported(context: RunContext) -> Counts:
    return import_staged(ClangIntake(context, OWNER, NAME))


def archived(context: RunContext, path: str) -> Path:
    return context.workspace.raw_root / "github_activity_tracker" / OWNER / NAME / path


def test_a_commit_is_stored_archived_and_removed(context: RunContext, database: Database) -> None:
    path = stage(context, "commits", SHA, commit(SHA, "2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z"))
    counts = imported(context)
    assert (counts["staged_imported"], counts["commits"]) == (1, 1)
    assert not path.exists()
    assert archived(context, f"commits/{SHA}.json").is_file()
    query = f"SELECT sha, github_committed_at::date::text, committed_at::date::text FROM {C}commit"
    assert rows(database, query) == [(SHA.lower(), "2024-01-01", "2024-02-01")]


@pytest.mark.parametrize(
    ("authored", "committed", "shown"),
    [
        ("2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z", "2024-01-01"),
        (None, "2024-02-01T00:00:00Z", "2024-02-01"),
        ("not a date", "2024-02-01T00:00:00Z", "2024-02-01"),
        (None, None, None),
    ],
)
def test_a_commit_shows_its_authors_date_else_its_committers(
    context: RunContext, database: Database, authored: str | None, committed: str | None, shown: str | None
) -> None:
    stage(context, "commits", SHA, commit(SHA, authored, committed))
    imported(context)
    assert rows(database, f"SELECT github_committed_at::date::text FROM {C}commit") == [(shown,)]


@pytest.mark.parametrize("nested", [True, False])
@pytest.mark.parametrize("number", [7, "7"])
@pytest.mark.parametrize(("kind", "info"), [("issues", "issue_info"), ("prs", "pr_info")])
def test_items_come_nested_or_flat_with_a_number_or_its_digits(
    context: RunContext, database: Database, kind: str, info: str, number: Any, nested: bool
) -> None:
    item = issue(number)
    path = stage(context, kind, "7", {info: item, "comments": []} if nested else item)
    assert imported(context)["staged_imported"] == 1
    assert not path.exists()
    assert archived(context, f"{kind}/7.json").is_file()
    query = f"SELECT number, is_pull_request, github_created_at::date::text, github_updated_at::date::text FROM {C}"
    assert rows(database, query + "issue_item") == [(7, kind == "prs", "2024-01-01", "2024-01-02")]
    table = "pullrequest" if kind == "prs" else "issue"
    assert rows(database, f"SELECT title FROM github_activity_tracker_{table}") == [("t",)]


def test_a_commit_without_a_hash_is_thrown_away(context: RunContext, database: Database) -> None:
    paths = [stage(context, "commits", str(place), commit(sha)) for place, sha in enumerate((None, "", "  ", 7))]
    counts = imported(context)
    assert (counts["staged_imported"], counts["staged_discarded"]) == (0, len(paths))
    assert not any(path.exists() for path in paths)
    assert rows(database, f"SELECT 1 FROM {C}commit") == []


def test_an_item_without_a_number_is_thrown_away(context: RunContext, database: Database) -> None:
    numbers = (None, True, False, 0, -3, "seven", "", "0", 7.5, [7])
    kinds = {"issues": "issue_info", "prs": "pr_info"}
    paths = [
        stage(context, kind, str(place), {info: issue(number)})
        for kind, info in kinds.items()
        for place, number in enumerate(numbers)
    ]
    counts = imported(context)
    assert (counts["staged_imported"], counts["staged_discarded"]) == (0, len(paths))
    assert not any(path.exists() for path in paths)
    assert rows(database, f"SELECT 1 FROM {C}issue_item") == []


def test_a_hash_of_another_length_is_kept_and_costs_no_other(context: RunContext, database: Database) -> None:
    bad = stage(context, "commits", "a" * 39, commit("a" * 39))
    stage(context, "commits", SHA, commit(SHA))
    counts = imported(context)
    assert (counts["staged_imported"], counts["staged_bad"]) == (1, 1)
    assert bad.is_file()
    assert rows(database, f"SELECT sha FROM {C}commit") == [(SHA.lower(),)]


def test_what_the_database_refuses_is_kept(context: RunContext, database: Database) -> None:
    bad = stage(context, "issues", "1", issue(1, id=2**70))
    stage(context, "issues", "2", issue(2, id=702))
    assert imported(context)["staged_bad"] == 1
    assert bad.is_file()
    assert rows(database, f"SELECT number FROM {C}issue_item") == [(2,)]


def test_what_cannot_be_archived_is_stored_and_kept(context: RunContext, database: Database) -> None:
    path = stage(context, "issues", "7", issue(7))
    in_the_way = archived(context, "issues")
    in_the_way.parent.mkdir(parents=True)
    in_the_way.write_text("a file where the folder belongs", encoding="utf-8")
    stage(context, "prs", "8", issue(8, id=800))
    counts = imported(context)
    assert (counts["staged_imported"], counts["staged_bad"]) == (1, 1)
    assert path.is_file()
    assert rows(database, f"SELECT number FROM {C}issue_item ORDER BY 1") == [(7,), (8,)]
    in_the_way.unlink()
    assert imported(context)["staged_imported"] == 1
    assert not path.exists()


def test_unreadable_files_and_those_without_an_object_are_kept_and_named(
    context: RunContext, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    half = stage(context, "issues", "1", "{half")
    listed = stage(context, "issues", "2", "[]")
    stage(context, "issues", "3", issue(3))
    counts = imported(context)
    assert (counts["staged_imported"], counts["staged_bad"]) == (1, 2)
    assert half.with_name("1.json.bad").read_text(encoding="utf-8") == "{half"
    assert listed.is_file()
    assert str(half) in caplog.text
    assert str(listed) in caplog.text
    assert rows(database, f"SELECT number FROM {C}issue_item") == [(3,)]
