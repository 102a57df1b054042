"""Commit authors: asked once for each address, and never taken from an account that GitHub told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from boost_collectors.core.database import Database
from boost_collectors.github_activity_tracker import services
from boost_collectors.github_activity_tracker.git import Commit
from boost_collectors.github_activity_tracker.records import Actor

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ADA = Actor(1, "ada", "Ada")


def commit(number: int, email: str = "ada@example.org", name: str = "Ada") -> Commit:
    return Commit(
        hash=f"{number:040x}",
        parents=(),
        author_name=name,
        author_email=email,
        authored_at=NOW,
        committer_name="Cora",
        committer_email="cora@example.org",
        committed_at=NOW,
        message=f"change {number}",
        files=(),
    )


@pytest.fixture
def accounts(rows: Callable[[str], list[Any]]) -> Callable[[], list[int]]:
    """GitHub's ids of the authors of the commits, in the order of their hashes."""
    query = (
        "SELECT github_account_id FROM {}gitcommit c "
        "JOIN cppa_user_tracker_githubaccount a ON a.baseprofile_ptr_id = c.account_id ORDER BY commit_hash"
    )
    return lambda: [row[0] for row in rows(query)]


def test_each_address_is_asked_once(database: Database, repo_id: int) -> None:
    commits = [commit(1), commit(2, "ADA@example.org"), commit(3, "ben@example.org"), commit(4, "")]
    commits.append(commit(5, "7+cora@users.noreply.github.com"))
    with database.session() as session:
        services.store_commits(session, repo_id, commits)
        asked = services.authors_to_ask(session, repo_id, 100)
        assert asked.keys() == {"ada@example.org", "ben@example.org"}
        assert asked["ben@example.org"] == commits[2].hash
        assert len(services.authors_to_ask(session, repo_id, 1)) == 1
        services.remember_authors(session, {"ada@example.org": ADA, "ben@example.org": None}, NOW)
        assert services.authors_to_ask(session, repo_id, 100) == {}


def test_people_of_one_name_are_told_apart(
    database: Database, repo_id: int, accounts: Callable[[], list[int]], rows: Callable[[str], list[Any]]
) -> None:
    with database.session() as session:
        other = services.ensure_repository(session, "boostorg", "other")
        services.store_commits(session, repo_id, [commit(1), commit(2, "another.ada@example.org")])
        services.store_commits(session, other, [commit(3)])
        counts = services.remember_authors(session, {"Ada@Example.org": ADA}, NOW)
    assert (counts["authors_named"], counts["commits_reassigned"]) == (1, 2)
    first, second, third = accounts()
    assert (first, third) == (1, 1)
    assert second < 0
    emails = "SELECT email FROM cppa_user_tracker_email e JOIN cppa_user_tracker_githubaccount a "
    assert rows(emails + "ON a.baseprofile_ptr_id = e.base_profile_id WHERE github_account_id = 1") == [
        ("ada@example.org",)
    ]


def test_later_commits_find_the_account(
    database: Database, repo_id: int, accounts: Callable[[], list[int]], versions: Callable[[], dict[str, Any]]
) -> None:
    with database.session() as session:
        services.remember_authors(session, {"ada@example.org": ADA}, NOW)
        services.store_commits(session, repo_id, [commit(1, "Ada@example.org", name="Lady Ada")])
    assert accounts() == [1]
    before = versions()
    with database.session() as session:
        services.remember_authors(session, {"ada@example.org": ADA}, NOW)
        services.store_commits(session, repo_id, [commit(1, "Ada@example.org", name="Lady Ada")])
    assert versions() == before


def test_what_github_told_stays(database: Database, repo_id: int, accounts: Callable[[], list[int]]) -> None:
    with database.session() as session:
        services.store_commits(session, repo_id, [commit(1)])
        services.remember_authors(session, {"ada@example.org": ADA}, NOW)
        services.remember_authors(session, {"ada@example.org": None}, NOW)
        services.remember_authors(session, {"ada@example.org": Actor(2, "ben")}, NOW)
        services.store_commits(session, repo_id, [commit(1)])
    assert accounts() == [1]
