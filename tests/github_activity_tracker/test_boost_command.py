"""The whole command over the samples of the sandbox: git and API together, and what may happen to a repository."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from boost_collectors import registry
from boost_collectors.core import pending
from boost_collectors.core.database import Database
from boost_collectors.core.errors import CommandError, ConfigurationError, RateLimited
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.protocols import TrackerResult
from boost_collectors.github_activity_tracker.models import CountedKind
from include.sandbox import Sandbox

T = "github_activity_tracker_"
COMMAND = registry.find("run_boost_github_activity_tracker")
Collect = Callable[..., TrackerResult]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as server:
        yield server


@pytest.fixture
def collect(sandbox: Sandbox, make_settings: Any, database_url: str) -> Collect:
    """``collect("--flag", SETTING="x")``: one run of the command line."""
    impatient = {"HTTP_MAX_ATTEMPTS": "2", "HTTP_MAX_WAIT_SECONDS": "1", "GITHUB_QUOTA_RESERVE": "0"}

    def run(*arguments: str, **variables: str) -> TrackerResult:
        settings = make_settings(**sandbox.environment() | impatient | {"DATABASE_URL": database_url} | variables)
        result = execute(COMMAND, Request(arguments), settings=settings)
        assert result is not None
        return result

    return run


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.session() as session:
        return [tuple(row) for row in session.execute(text(query))]


def written(result: TrackerResult) -> dict[str, int]:
    return {name: n for name, n in result.counts.items() if n and name.endswith(("_inserted", "_updated", "_gone"))}


def repositories(database: Database) -> dict[str, tuple[int, str]]:
    found = rows(database, f"SELECT repo_name, github_id, gone_reason FROM {T}githubrepository")
    return {name: (github_id, reason) for name, github_id, reason in found}


def graphql(sandbox: Sandbox) -> int:
    return sum("graphql" in request.path for request in sandbox.requests)


def test_commits_and_items_come_together_and_a_second_run_asks_for_little(
    collect: Collect, sandbox: Sandbox, database: Database
) -> None:
    first = collect()
    assert first.counts["commits_inserted"] > 0
    assert first.counts["issues_inserted"] > 0
    assert first.counts["pull_requests_inserted"] > 0
    assert first.counts["units"] == first.counts["repositories_inserted"] == 4
    assert first.counts["github_graphql_points"] > 0
    second = collect()
    assert written(second) == {}
    assert second.counts["github_graphql_points"] <= 2
    assert second.counts["github_not_modified"] == 8


def test_counts_at_the_source_and_here_are_kept(collect: Collect, sandbox: Sandbox, database: Database) -> None:
    collect()
    counted = _counted(database)
    assert {kind for kind, _, _ in counted} == {"commits", "issues", "pull_requests", "review_comments"}
    items = sum(source for kind, source, _ in counted if kind in ("issues", "pull_requests"))
    assert items == sum(repository.items.count() for repository in sandbox.github.world.repositories("boostorg"))
    collect("--mode", "full")
    counted = _counted(database)
    assert len(counted) == 4 * len(CountedKind)
    assert all(source == stored for _, source, stored in counted)
    stored = rows(database, f"SELECT count(*) FROM {T}gitcommit WHERE gone_at IS NULL")[0][0]
    assert sum(source for kind, source, _ in counted if kind == "commits") == stored > 0


def _counted(database: Database) -> list[tuple[Any, ...]]:
    return rows(database, f"SELECT kind, source_count, stored_count FROM {T}completeness")


def test_a_count_of_commits_that_differs_is_told(collect: Collect, sandbox: Sandbox, database: Database) -> None:
    collect()
    with database.session() as session:
        session.execute(text(f"DELETE FROM {T}gitcommit WHERE id = (SELECT min(id) FROM {T}gitcommit)"))
        session.execute(text(f"DELETE FROM {T}gitref"))  # so that there is something to be read
    collect()
    assert [source - stored for kind, source, stored in _counted(database) if source != stored] == [1]
    collect("--mode", "full")
    assert all(source == stored for _, source, stored in _counted(database))


def test_commits_are_given_to_the_accounts_of_their_authors(
    collect: Collect, sandbox: Sandbox, database: Database
) -> None:
    first = collect()
    assert first.counts["authors_asked"] > 0
    named = rows(
        database,
        f"SELECT DISTINCT a.username FROM {T}gitcommit c JOIN cppa_user_tracker_githubaccount a "
        "ON a.baseprofile_ptr_id = c.account_id WHERE a.github_account_id > 0",
    )
    assert ("ada",) in named
    assert "authors_asked" not in collect().counts


def test_a_renamed_repository_keeps_its_row(collect: Collect, sandbox: Sandbox, database: Database) -> None:
    collect()
    before = repositories(database)
    sandbox.github.changes.rename_repository("boostorg/config", "configuration")
    collect()
    after = repositories(database)
    assert after["configuration"] == before["config"]
    assert after.keys() - {"configuration"} == before.keys() - {"config"}
    assert rows(database, f"SELECT kind, repo_name FROM {T}repositorychange") == [("renamed", "config")]


def test_a_renamed_repository_is_not_read_again(
    collect: Collect, sandbox: Sandbox, database: Database, settings: Any
) -> None:
    collect()
    workspace = {"WORKSPACE_DIR": str(settings.workspace_dir)}
    before = rows(database, "SELECT ctid, xmin FROM github_activity_tracker_pullrequest ORDER BY 1")
    archived = _archived(settings)
    with database.session() as session:
        pending.add(session, COMMAND.name, "boostorg/config", "999999", "unreadable")
    sandbox.github.changes.rename_repository("boostorg/config", "configuration")
    renamed = collect(**workspace)
    assert (renamed.counts["repositories_renamed"], renamed.counts["git_fetches"]) == (1, 0)
    assert renamed.counts["lists_unchanged"] == 8
    assert {"commits_unchanged", "issues_pages", "pulls_pages"}.isdisjoint(renamed.counts)
    assert rows(database, "SELECT ctid, xmin FROM github_activity_tracker_pullrequest ORDER BY 1") == before
    units = [
        unit for (unit,) in rows(database, "SELECT unit FROM core_checkpoint UNION SELECT unit FROM core_pendingitem")
    ]
    assert not [unit for unit in units if unit.partition("#")[0] == "boostorg/config"]
    assert {path.replace("/config/", "/configuration/") for path in archived} == _archived(settings)
    sandbox.github.changes.add_item("boostorg/configuration", "After the renaming", author="ada")
    again = collect(**workspace)
    assert written(again)["issues_inserted"] == 1


def _archived(settings: Any) -> set[str]:
    return {str(path) for path in settings.workspace_dir.rglob("raw/**/*.json")}


def test_a_deleted_repository_is_gone_and_fails_nothing(collect: Collect, sandbox: Sandbox, database: Database) -> None:
    collect()
    sandbox.github.changes.delete_repository("boostorg/json")
    for _ in range(2):
        assert collect().counts["repositories_gone"] == 1
    assert repositories(database)["json"][1] == "deleted"


def test_a_repository_made_anew_under_its_name_is_read_anew(
    collect: Collect, sandbox: Sandbox, database: Database
) -> None:
    collect()
    old = repositories(database)["config"][0]
    sandbox.github.changes.recreate_repository("boostorg/config")
    sandbox.github.changes.add_item("boostorg/config", "The first again", author="ada")
    collect()
    assert repositories(database)["config"][0] not in (None, old)
    live = rows(
        database,
        f"SELECT i.title FROM {T}issue i JOIN {T}githubrepository r ON r.id = i.repo_id "
        "WHERE r.repo_name = 'config' AND i.gone_at IS NULL",
    )
    assert live == [("The first again",)]
    assert written(collect()) == {}


def test_a_transferred_issue_is_gone_where_it_was(collect: Collect, sandbox: Sandbox, database: Database) -> None:
    collect()
    numbers = [item.number for item in sandbox.github.world.repository("boostorg", "config").items.all(kind="issue")]  # type: ignore[union-attr]
    moved = sandbox.github.changes.transfer("boostorg/config", numbers[0], "boostorg/json")
    collect()
    collect()
    found = rows(
        database,
        f"SELECT r.repo_name, i.issue_number, i.gone_at IS NULL FROM {T}issue i "
        f"JOIN {T}githubrepository r ON r.id = i.repo_id WHERE i.issue_id = {moved.id}",
    )
    assert ("json", moved.number, True) in found


def test_without_a_token_commits_are_read_and_that_is_said(collect: Collect, sandbox: Sandbox) -> None:
    result = collect(GITHUB_TOKENS_SCRAPING="")
    assert result.counts["api_skipped"] == result.counts["units"] == 4
    assert result.counts["commits_inserted"] > 0
    assert graphql(sandbox) == 0


def test_a_spent_quota_leaves_the_api_part_and_not_the_commits(
    collect: Collect, sandbox: Sandbox, database: Database
) -> None:
    sandbox.github.limits.options = sandbox.github.limits.options.changed({"graphql": 4})
    with pytest.raises(RateLimited) as caught:
        collect()
    assert caught.value.result is not None
    counts = caught.value.result.counts
    assert 0 < counts["units_left"] <= 4
    assert counts["failed_count"] == counts["units_left"]
    assert len(rows(database, f"SELECT DISTINCT repo_id FROM {T}gitcommit")) == 4


def test_from_repo_starts_there(collect: Collect) -> None:
    whole = collect("--dry-run").counts["units"]
    assert collect("--dry-run", "--from-repo", "boost").counts["units"] == whole
    assert collect("--dry-run", "--from-library", "json").counts["units"] < whole
    with pytest.raises(CommandError, match="no repository 'nothing'"):
        collect("--from-repo", "nothing")


def test_a_dry_run_says_what_it_would_cost_and_writes_nothing(collect: Collect, database: Database) -> None:
    result = collect("--dry-run")
    assert result.counts["points_planned"] >= 4
    assert (
        rows(database, f"SELECT 1 FROM {T}githubrepository UNION ALL SELECT 1 FROM cppa_user_tracker_baseprofile") == []
    )


def test_without_a_sync_nothing_is_asked(collect: Collect, sandbox: Sandbox) -> None:
    collect()
    sandbox.requests.clear()
    assert collect("--skip-github-sync", GITHUB_TOKENS_SCRAPING="").counts["units"] == 4
    assert list(sandbox.requests) == []


def test_markdown_is_written_and_not_pushed_when_that_is_asked(
    collect: Collect, make_settings: Any, database: Database
) -> None:
    target = {"BOOST_LIBRARY_TRACKER_REPO_OWNER": "boostorg", "BOOST_LIBRARY_TRACKER_REPO_NAME": "archive"}
    written_files = collect("--skip-remote-push", **target).counts["markdown_written"]
    folder = make_settings().workspace_dir / "boost_library_tracker" / "md_export"
    assert len(list(folder.rglob("*.md"))) == written_files > 0
    assert "markdown_written" not in collect("--skip-markdown-export", **target).counts
    with pytest.raises(ConfigurationError, match="GITHUB_TOKEN_WRITE"):
        collect(**target)


@pytest.mark.parametrize("since", ["--since", "--from-date", "--start-time"])
def test_the_window_has_older_spellings(collect: Collect, database: Database, since: str) -> None:
    collect(since, "2100-01-01")
    assert rows(database, "SELECT 1 FROM core_checkpoint") == []
    with pytest.raises(CommandError, match="Invalid ISO datetime"):
        collect(since, "lately")
    with pytest.raises(CommandError, match="not before"):
        collect(since, "2024-01-02", "--until", datetime(2024, 1, 1, tzinfo=UTC).isoformat())


def test_what_an_earlier_version_staged_is_imported_first(collect: Collect, database: Database, settings: Any) -> None:
    workspace = settings.workspace_dir
    staged = workspace / "github_activity_tracker" / "boostorg" / "config" / "issues" / "90001.json"
    staged.parent.mkdir(parents=True)
    user = {"id": 77, "login": "staged-author"}
    issue = {"number": 90001, "id": 90000001, "title": "Staged", "user": user, "updated_at": "2020-01-01T00:00:00Z"}
    staged.write_text(json.dumps({"issue_info": issue, "comments": []}), encoding="utf-8")
    result = collect("--only", "boostorg/config", GITHUB_TOKENS_SCRAPING="", WORKSPACE_DIR=str(workspace))
    assert result.counts["staged_imported"] == 1
    assert rows(database, f"SELECT title FROM {T}issue WHERE issue_number = 90001") == [("Staged",)]
    assert not staged.exists()
