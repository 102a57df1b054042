"""``backfill_file_renames``: renames out of archived commits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from boost_collectors import registry
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from boost_collectors.github_activity_tracker import services
from tests.github_activity_tracker.conftest import OWNER, Workshop

SPEC = registry.find("backfill_file_renames")
LINKS = """
    SELECT p.filename, f.filename, f.is_deleted FROM github_activity_tracker_githubfile f
    JOIN github_activity_tracker_githubfile p ON p.id = f.previous_filename_id ORDER BY 1, 2
"""


@pytest.fixture
def run(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def backfill(*arguments: str) -> str:
        capsys.readouterr()
        execute(SPEC, Request(arguments=arguments), settings=settings)
        return capsys.readouterr().out

    return backfill


@pytest.fixture
def archive(settings: Settings) -> Callable[..., None]:
    """``archive("json", "a1", 3, ("old", "new"))``: a commit of the third day with renames."""

    def write(repository: str, sha: str, day: int, *renames: tuple[Any, Any]) -> None:
        folder = settings.workspace_dir / "raw" / "github_activity_tracker" / OWNER / repository / "commits"
        folder.mkdir(parents=True, exist_ok=True)
        files = [{"filename": new, "previous_filename": old, "status": "renamed"} for old, new in renames]
        files.append({"filename": "other", "previous_filename": "ignored", "status": "modified"})
        date = {"date": f"2024-01-{day:02}T00:00:00Z"}
        commit = {"sha": sha, "commit": {"committer": date}, "files": files}
        (folder / f"{sha}.json").write_text(json.dumps(commit))

    return write


def _add_repository(database: Database, name: str = "json") -> int:
    with database.session() as session:
        return services.ensure_repository(session, OWNER, name)


def _links(database: Database) -> list[tuple[Any, ...]]:
    with database.session() as session:
        return [tuple(row) for row in session.execute(text(LINKS))]


def test_the_newest_rename_of_a_path_is_linked(
    run: Callable[..., str], archive: Callable[..., None], database: Database
) -> None:
    _add_repository(database)
    archive("json", "b1", 5, ("newer", "x"), ("a", "b"))
    archive("json", "c1", 2, ("older", "x"), (None, "y"), ("z", " "))
    assert "Linked 3 renames; 0 not linked" in run()
    assert _links(database) == [("a", "b", False), ("newer", "x", False)]
    run()
    assert _links(database) == [("a", "b", False), ("newer", "x", False)]


def test_a_link_that_git_made_later_stays(
    run: Callable[..., str],
    archive: Callable[..., None],
    database: Database,
    make_repository: Callable[..., Workshop],
) -> None:
    repository = make_repository("json")
    repository.commit("add", {"from_git": "same text\n" * 20})
    repository.git("mv", "from_git", "x")
    repository.commit("rename", committed=1_800_000_000)
    with database.session() as session:
        repo_id = services.ensure_repository(session, OWNER, "json")
        services.store_commits(session, repo_id, repository.read())
    archive("json", "a1", 1, ("from_archive", "x"))
    run()
    assert _links(database) == [("from_git", "x", False)]


def test_a_dry_run_writes_nothing(run: Callable[..., str], archive: Callable[..., None], database: Database) -> None:
    _add_repository(database)
    archive("json", "a1", 1, ("a", "b"))
    output = run("--dry-run")
    assert "Would link: a -> b" in output
    assert _links(database) == []


def test_the_limit_counts_commit_files_of_each_repository(
    run: Callable[..., str], archive: Callable[..., None], database: Database
) -> None:
    for name in ("json", "system"):
        _add_repository(database, name)
        archive(name, "a1", 1, ("a", "b"))
        archive(name, "a2", 1, ("c", "d"))
    assert "Linked 2 renames" in run("--limit", "1")
    assert [link[:2] for link in _links(database)] == [("a", "b"), ("a", "b")]


def test_one_repository_only(run: Callable[..., str], archive: Callable[..., None], database: Database) -> None:
    for name in ("json", "system"):
        _add_repository(database, name)
        archive(name, "a1", 1, (f"{name}/a", "b"))
    run("--repo", "system")
    assert _links(database) == [("system/a", "b", False)]
    assert "not found" in run("--repo", "unknown")


def test_what_cannot_be_used_is_named_and_the_rest_goes_on(
    run: Callable[..., str], archive: Callable[..., None], database: Database, settings: Settings
) -> None:
    _add_repository(database)
    root = settings.workspace_dir / "raw" / "github_activity_tracker" / OWNER
    archive("json", "a1", 1, ("a", "b"), ("c", "d" * 1025))
    archive("stranger", "a1", 1, ("a", "b"))
    (root / "json" / "commits" / "a0.json").write_text("{half")
    (root / "empty").mkdir()
    output = run()
    assert "empty: no commits directory" in output
    assert "stranger: not found in database" in output
    assert "Error processing" in output
    assert "a0.json" in output
    assert "Not linked:\n  c -> ddd" in output
    assert "Linked 1 renames; 1 not linked, 1 repositories unknown" in output
    assert _links(database) == [("a", "b", False)]


def test_without_an_archive_it_says_so(run: Callable[..., str], tmp_path: Path) -> None:
    assert "not found" in run()
    assert not (tmp_path / "workspace" / "raw").exists()
