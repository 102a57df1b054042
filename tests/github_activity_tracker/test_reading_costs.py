"""What reading does not cost: waiting, pages behind the window, memory, processes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.database import Database
from boost_collectors.core.errors import RateLimited
from boost_collectors.core.git import Git
from boost_collectors.core.github import Bucket, GitHubClient
from boost_collectors.core.window import Window
from boost_collectors.github_activity_tracker import services
from boost_collectors.github_activity_tracker.api import items
from boost_collectors.github_activity_tracker.git import read_commits
from boost_collectors.github_activity_tracker.item_lists import ItemList
from boost_collectors.github_activity_tracker.one_repository import collect_items, look_up_repository
from boost_collectors.github_activity_tracker.repository_run import RepositoryRun
from include.sandbox import Sandbox
from include.sandbox.github.generated import GeneratedOrganization

OWNER, NAME = "generated", "lib0000"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(generated=[GeneratedOrganization(repositories=1, issues=400, pull_requests=60)]) as server:
        yield server


@pytest.fixture
def run_context(
    sandbox: Sandbox, make_settings: Any, make_context: Callable[..., RunContext], database_url: str
) -> RunContext:
    return make_context("run_test", settings=make_settings(**sandbox.environment(), DATABASE_URL=database_url))


@pytest.fixture
def waits() -> list[float]:
    """How long the client waited, each time it did."""
    return []


@pytest.fixture
def client(run_context: RunContext, database: Database, waits: list[float]) -> Iterator[GitHubClient]:
    with GitHubClient.from_settings(run_context.settings, database, sleep=waits.append) as client:
        yield client


def test_no_page_and_no_pull_request_costs_a_wait(client: GitHubClient, waits: list[float]) -> None:
    issues = sum(len(page.items) for page in items.issues(client, OWNER, NAME))
    pulls = sum(len(page.items) for page in items.pull_requests(client, OWNER, NAME))
    assert (issues, pulls) == (400, 60)
    assert waits == []


def test_a_page_is_asked_for_when_the_one_before_was_taken(client: GitHubClient) -> None:
    pages = items.issues(client, OWNER, NAME)
    for asked in (1, 2):
        assert next(pages).has_next
        assert client.requests[Bucket.GRAPHQL] == asked


def test_issues_behind_the_window_are_not_paged_through(client: GitHubClient, run_context: RunContext) -> None:
    issues = [issue for page in items.issues(client, OWNER, NAME) for issue in page.items]
    moments = sorted(issue.updated_at for issue in issues if issue.updated_at)
    whole = client.requests[Bucket.GRAPHQL]
    until = moments[len(moments) // 8]
    state = look_up_repository(client, f"{OWNER}/{NAME}")
    with run_context.database.session() as session:
        repo_id, _ = services.store_repository(session, state, run_context.clock())
    before = client.requests[Bucket.GRAPHQL]
    context = replace(run_context, window=Window.between(None, until))
    run = RepositoryRun(context, client, state, repo_id, Counts())
    ItemList(run, "issues").reread_window()
    assert len(run.stored["issues"]) == sum(moment < until for moment in moments)
    assert client.requests[Bucket.GRAPHQL] - before <= 2 < whole


def test_a_run_that_read_everything_has_no_lag_and_tells_what_is_left_of_the_quota(
    client: GitHubClient, run_context: RunContext
) -> None:
    counts = Counts()
    collect_items(run_context, client, look_up_repository(client, f"{OWNER}/{NAME}"), counts)
    assert counts["watermark_lag_seconds"] == 0
    told = client.counts()
    assert 0 < told["github_points_left"] <= 5000 - told["github_graphql_points"]


def test_a_run_that_was_cut_off_tells_its_lag(client: GitHubClient, run_context: RunContext, sandbox: Sandbox) -> None:
    sandbox.github.limits.options = sandbox.github.limits.options.changed({"graphql": 6})
    state = look_up_repository(client, f"{OWNER}/{NAME}")
    counts = Counts()
    with pytest.raises(RateLimited):
        collect_items(run_context, client, state, counts)
    assert counts["watermark_lag_seconds"] > 86_400
    assert client.counts()["github_points_left"] == 0


@pytest.fixture
def git_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """The commands of git since the last call, noted by a git in front of the real one."""
    real, folder, log = shutil.which("git"), tmp_path / "bin", tmp_path / "git.log"
    folder.mkdir()
    (folder / "git").write_text(f'#!/bin/sh\necho "$@" >> {log}\nexec {real} "$@"\n', encoding="utf-8")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def since() -> list[str]:
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return lines

    return since


@pytest.mark.parametrize("files", [3, 400])
def test_a_commit_of_any_size_takes_one_git(
    make_repository: Callable[..., Any], git_processes: Callable[[], list[str]], files: int
) -> None:
    repository = make_repository()
    repository.commit("large", {f"file{number}": str(number) for number in range(files)})
    repository.commit("small", {"file0": "changed"})
    tip = repository.head()
    git_processes()
    large, small = read_commits(Git(repository.path), [tip])
    assert (len(large.files), len(small.files)) == (files, 1)
    assert all(change.patch for change in large.files)
    assert len(git_processes()) == 1
