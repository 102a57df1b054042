"""The tables out of the archive."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from boost_collectors import registry
from boost_collectors.core.errors import CommandError
from boost_collectors.core.execution import Request, execute
from tests.clang_github_tracker.conftest import Collect, Llvm

C = "clang_github_tracker_"
Run = Callable[[], str]


@pytest.fixture
def run(variables: dict[str, str], make_settings: Any, capsys: pytest.CaptureFixture[str]) -> Run:
    """One run of the command; returns what it said."""

    def call() -> str:
        spec = registry.find("backfill_clang_github_tracker")
        execute(spec, Request(), settings=make_settings(**variables))
        return capsys.readouterr().out

    return call


@pytest.fixture
def archive(make_settings: Any) -> Path:
    folder: Path = make_settings().workspace_dir / "raw" / "github_activity_tracker" / "llvm" / "llvm-project"
    return folder


def put(folder: Path, name: str, content: Any) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def test_without_an_archive_it_fails(run: Run) -> None:
    with pytest.raises(CommandError, match="Raw repo dir missing"):
        run()


def test_what_a_run_archived_makes_its_rows_again(run: Run, collect: Collect, llvm: Llvm) -> None:
    collect()
    query = f"SELECT number, is_pull_request, github_created_at, github_updated_at FROM {C}issue_item ORDER BY 1"
    before = llvm.rows(query)
    with llvm.database.engine.begin() as connection:
        connection.exec_driver_sql(f"DELETE FROM {C}issue_item")
    said = run()
    assert llvm.rows(query) == before
    assert "Issues: 2 inserted, 0 updated, 0 skipped." in said
    assert "Pull requests: 1 inserted, 0 updated, 0 skipped." in said
    assert "Issues: 0 inserted, 0 updated, 0 skipped." in run()


def test_bad_files_are_named_and_counted_and_stop_nothing(
    run: Run, archive: Path, llvm: Llvm, caplog: pytest.LogCaptureFixture
) -> None:
    put(archive, "commits/a.json", {"sha": "A" * 40, "commit": {"committer": {"date": "2024-01-01T00:00:00Z"}}})
    put(archive, "commits/b.json", {"sha": "b" * 39})
    put(archive, "commits/c.json", {"sha": "g" * 40})
    put(archive, "commits/d.json", "{half")
    put(archive, "issues/1.json", {"issue_info": {"number": 1, "updated_at": "2024-01-02T00:00:00Z"}})
    put(archive, "issues/2.json", {"number": "2"})
    put(archive, "issues/3.json", {"issue_info": {"number": 0}})
    put(archive, "issues/4.json", {"title": "no number"})
    put(archive, "prs/5.json", "[]")
    said = run()
    assert "Commits: 1 inserted, 0 updated, 3 skipped." in said
    assert "Issues: 2 inserted, 0 updated, 2 skipped." in said
    assert "Pull requests: 0 inserted, 0 updated, 1 skipped." in said
    assert llvm.rows(f"SELECT sha, committed_at::date::text FROM {C}commit") == [("a" * 40, "2024-01-01")]
    assert llvm.rows(f"SELECT number, is_pull_request FROM {C}issue_item ORDER BY 1") == [(1, False), (2, False)]
    assert all(f"{name}.json" in caplog.text for name in "bcd")
