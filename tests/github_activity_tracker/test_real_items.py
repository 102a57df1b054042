"""The real issues and pull requests of three libraries, through the real client: as many as their files count."""

from __future__ import annotations

import re
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from boost_collectors.core.counts import Counts
from boost_collectors.core.database import Database
from boost_collectors.core.github import GitHubClient
from boost_collectors.core.window import Window, WindowMode
from boost_collectors.github_activity_tracker import services
from boost_collectors.github_activity_tracker.activity import collect_activity
from boost_collectors.github_activity_tracker.api.repositories import overview
from boost_collectors.github_activity_tracker.repository_run import RepositoryRun
from include.sandbox import Sandbox

DATA = Path(__file__).parents[3] / "shared" / "data"
ARCHIVE = DATA / "boost-issues" / "boostorg-system-config-json.md.tar.gz"
PREFIX = "github_activity_tracker_"
KEYS = ("boostorg/config", "boostorg/json", "boostorg/system")
# As the README of the data says: issues and pull requests.
TOLD = {"boostorg/config": (113, 417), "boostorg/json": (597, 542), "boostorg/system": (78, 59)}
COUNTED = f"""
    SELECT (SELECT count(*) FROM {PREFIX}issue WHERE repo_id = :repo),
        (SELECT count(*) FROM {PREFIX}pullrequest WHERE repo_id = :repo),
        (SELECT count(*) FROM {PREFIX}issuecomment c JOIN {PREFIX}issue i ON i.id = c.issue_id WHERE repo_id = :repo)
        + (SELECT count(*) FROM {PREFIX}pullrequestcomment c JOIN {PREFIX}pullrequest p ON p.id = c.pr_id
           WHERE repo_id = :repo),
        (SELECT count(*) FROM {PREFIX}pullrequestverdict v JOIN {PREFIX}pullrequest p ON p.id = v.pr_id
         WHERE repo_id = :repo)
"""

pytestmark = pytest.mark.skipif(not ARCHIVE.is_file(), reason="the real issues are not here")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(DATA) as server:
        yield server


@pytest.fixture
def collect(
    sandbox: Sandbox, make_settings: Any, make_context: Any, database: Database
) -> Callable[..., dict[str, int]]:
    """One run over a repository's API part; returns the id of its row and what was counted."""
    settings = make_settings(**sandbox.environment(), DATABASE_URL=database.url)

    def run(key: str, **fields: Any) -> dict[str, int]:
        context = make_context("run_boost_github_activity_tracker", settings=settings, **fields)
        counts = Counts()
        with GitHubClient.from_context(context) as client:
            state = overview(client, [key]).states[key]
            with context.database.session() as session:
                repo_id, _ = services.store_repository(session, state, context.clock())
            collect_activity(RepositoryRun(context, client, state, repo_id, counts))
        return counts.as_dict() | {"repo_id": repo_id}

    return run


def in_files() -> dict[str, Counter[str]]:
    """Issues, pull requests, comments and reviews by repository: counted by headings, whatever is below them."""
    counted = {key: Counter[str]() for key in KEYS}
    with tarfile.open(ARCHIVE) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.name.endswith(".md") else None
            if file is not None:
                library, kind = member.name.split("/")[:2]
                content = file.read().decode().replace("\r\n", "\n")
                counts = counted[f"boostorg/{library.removeprefix('boost.')}"]
                counts[kind] += 1
                counts["comments"] += len(re.findall(r"^## Comment \d+\b.*\n\n?> ", content, re.MULTILINE))
                counts["reviews"] += len(re.findall(r"^## Review \d+\b.*\n\n?> ", content, re.MULTILINE))
    return counted


def test_real_items_are_as_many_as_their_files(collect: Any, database: Database) -> None:
    expected = in_files()
    assert {key: (counts["issues"], counts["pull_requests"]) for key, counts in expected.items()} == TOLD
    for key in KEYS:
        repo_id = collect(key)["repo_id"]
        with database.session() as session:
            stored = tuple(session.execute(text(COUNTED), {"repo": repo_id}).one())
        counts = expected[key]
        assert stored == tuple(counts[kind] for kind in ("issues", "pull_requests", "comments", "reviews")), key


def test_a_full_run_over_real_items_finds_nothing_to_do(collect: Any) -> None:
    collect("boostorg/system")
    again = collect("boostorg/system", window=Window(WindowMode.FULL))
    assert {name for name, n in again.items() if n and name.endswith(("_inserted", "_updated", "_gone"))} == set()
    assert again["issues_unchanged"] == 78
