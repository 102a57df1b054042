"""Rows of repositories: what GitHub says of them, and what becomes of their names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import NoResultFound

from boost_collectors.core.database import Database
from boost_collectors.cppa_user_tracker.services import get_or_create_github_account
from boost_collectors.github_activity_tracker import services
from boost_collectors.github_activity_tracker.models import GithubRepository
from boost_collectors.github_activity_tracker.records import Actor, Licence, RepositoryState
from tests.github_activity_tracker.services.samples import NOW, issue

BOOST = Actor(3170529, "boostorg", "Boost.org", kind="Organization")
STATE = RepositoryState(
    77,
    BOOST,
    "system",
    description="errors",
    stars=3,
    forks=4,
    created_at=NOW,
    updated_at=NOW,
    pushed_at=NOW,
    default_branch="develop",
    licence=Licence("Boost Software License 1.0", "BSL-1.0"),
    languages=(("C++", 1000), ("CMake", 10)),
)
OWNED = "JOIN cppa_user_tracker_githubaccount a ON a.baseprofile_ptr_id = r.owner_account_id"


def store(database: Database, state: RepositoryState) -> tuple[int, dict[str, int]]:
    with database.session() as session:
        repo_id, counts = services.store_repository(session, state, NOW)
    return repo_id, {name: number for name, number in counts.as_dict().items() if number}


def test_everything_is_stored_once(
    database: Database, rows: Callable[[str], list[Any]], versions: Callable[[], dict[str, Any]]
) -> None:
    repo_id, counts = store(database, STATE)
    assert counts == {"repositories_inserted": 1}
    columns = "repo_name, stars, forks, description, github_id, default_branch, is_archived, gone_at, repo_pushed_at"
    assert rows(f"SELECT {columns} FROM {{}}githubrepository") == [
        ("system", 3, 4, "errors", 77, "develop", False, None, NOW)
    ]
    query = "SELECT name, line_count FROM {}repolanguage JOIN {}language l ON l.id = language_id ORDER BY 1"
    assert rows(query) == [("C++", 1000), ("CMake", 10)]
    licences = "SELECT name, spdx_id FROM {}githubrepository_licenses JOIN {}license l ON l.id = license_id"
    assert rows(licences) == [("Boost Software License 1.0", "BSL-1.0")]
    before = versions()
    assert store(database, STATE) == (repo_id, {"repositories_unchanged": 1})
    assert versions() == before


def test_languages_and_licence_are_made_equal(database: Database, rows: Callable[[str], list[Any]]) -> None:
    store(database, STATE)
    _, counts = store(database, replace(STATE, languages=(("C++", 5), ("C", 1)), licence=None, pushed_at=None))
    assert counts == {"repositories_updated": 1}
    query = "SELECT name, line_count FROM {}repolanguage JOIN {}language l ON l.id = language_id ORDER BY 1"
    assert rows(query) == [("C", 1), ("C++", 5)]
    assert rows("SELECT * FROM {}githubrepository_licenses") == []
    assert rows("SELECT repo_pushed_at FROM {}githubrepository") == [(NOW,)]


def test_the_owner_whom_git_made_up_gives_way_to_the_account(
    database: Database, repo_id: int, rows: Callable[[str], list[Any]]
) -> None:
    with database.session() as session:
        other = services.ensure_repository(session, "boostorg", "config")
    assert store(database, STATE)[0] == repo_id
    query = f"SELECT r.id, github_account_id, account_type FROM {{}}githubrepository r {OWNED} ORDER BY 1"
    assert rows(query) == [(repo_id, BOOST.account_id, "organization"), (other, BOOST.account_id, "organization")]
    with database.session() as session:
        assert services.ensure_repository(session, "boostorg", "config") == other
        assert services.ensure_repository(session, "boostorg", "system") == repo_id


def test_a_renamed_repository_keeps_its_row(database: Database, rows: Callable[[str], list[Any]]) -> None:
    repo_id, _ = store(database, STATE)
    assert store(database, replace(STATE, name="system2")) == (
        repo_id,
        {"repositories_renamed": 1, "repositories_updated": 1},
    )
    cpp = Actor(9, "cppalliance", kind="Organization")
    assert store(database, replace(STATE, name="system2", owner=cpp))[1]["repositories_transferred"] == 1
    query = f"SELECT kind, username, r.repo_name, github_id FROM {{}}repositorychange r {OWNED} ORDER BY id"
    assert rows(query.replace("ORDER BY id", "ORDER BY r.id")) == [
        ("renamed", "boostorg", "system", 77),
        ("transferred", "boostorg", "system2", 77),
    ]


def test_a_repository_made_anew_takes_the_row_of_its_name(database: Database, rows: Callable[[str], list[Any]]) -> None:
    repo_id, _ = store(database, STATE)
    assert store(database, replace(STATE, id=78)) == (
        repo_id,
        {"repositories_recreated": 1, "repositories_updated": 1},
    )
    assert rows("SELECT kind, github_id FROM {}repositorychange") == [("recreated", 77)]


def test_a_rename_that_git_saw_first_leaves_one_repository(
    database: Database, rows: Callable[[str], list[Any]]
) -> None:
    old, _ = store(database, STATE)
    with database.session() as session:
        services.store_issues(session, old, [issue(1)])
        new = services.ensure_repository(session, "boostorg", "system2")
    assert store(database, replace(STATE, name="system2"))[0] == new
    assert rows("SELECT id, github_id, gone_reason FROM {}githubrepository ORDER BY id") == [
        (old, None, "replaced"),
        (new, 77, ""),
    ]
    with database.session() as session:
        services.store_issues(session, new, [issue(1)])
    assert rows("SELECT repo_id FROM {}issue") == [(new,)]


def test_a_repository_that_is_gone_comes_back(database: Database, rows: Callable[[str], list[Any]]) -> None:
    store(database, STATE)
    with database.session() as session:
        assert services.mark_repository_gone(session, "boostorg", "system", NOW) == 1
        assert services.mark_repository_gone(session, "boostorg", "system", NOW) == 0
    assert rows("SELECT gone_at, gone_reason FROM {}githubrepository") == [(NOW, "deleted")]
    store(database, STATE)
    assert rows("SELECT gone_at, gone_reason FROM {}githubrepository") == [(None, "")]


def test_one_row_at_a_time(database: Database) -> None:
    with database.session() as session:
        owner, _ = get_or_create_github_account(session, 5, "boostorg")
        repo, created = services.get_or_create_repository(session, owner, "system", stars=1)
        again, second = services.get_or_create_repository(session, owner, "system", stars=2, description="x")
        assert (created, second, again.id, again.stars, again.description) == (True, False, repo.id, 2, "x")
        with pytest.raises(TypeError, match="a repository has no colour"):
            services.get_or_create_repository(session, owner, "system", colour="red")
        services.ensure_repository_owner(session, repo, get_or_create_github_account(session, 6, "other")[0])
        assert repo.owner_account_id == owner.id
        answer = {"stargazers_count": 9, "description": None, "pushed_at": "2026-01-02T00:00:00Z"}
        services.update_repository_metadata_from_api(session, repo, answer)
        stored = session.get_one(GithubRepository, repo.id, populate_existing=True)
        assert (stored.stars, stored.forks, stored.description, stored.repo_pushed_at) == (9, 0, "", NOW)
        assert services.bulk_update_repository_stars(session, {}) == 0
        assert services.bulk_update_repository_stars(session, {repo.id: 12, -1: 3}) == 1


def test_languages_and_licences_one_at_a_time(database: Database, rows: Callable[[str], list[Any]]) -> None:
    with database.session() as session:
        owner, _ = get_or_create_github_account(session, 5, "boostorg")
        repo, _ = services.get_or_create_repository(session, owner, "system")
        language, created = services.get_or_create_language(session, " C++ ")
        assert (created, services.get_or_create_language(session, "C++")) == (True, (language, False))
        licence, _ = services.get_or_create_license(session, "MIT", "MIT")
        assert services.get_or_create_license(session, "MIT", url="u")[0].spdx_id == ""
        for make in (services.get_or_create_language, services.get_or_create_license):
            with pytest.raises(ValueError, match="must not be empty"):
                make(session, "  ")
        with pytest.raises(NoResultFound):
            services.update_repo_language_line_count(session, repo, language, 1)
        assert services.add_repo_language(session, repo, language, 4)[1]
        assert services.update_repo_language_line_count(session, repo, language, 6).line_count == 6
        for _ in range(2):
            services.add_repo_license(session, repo, licence)
        row, created = services.create_or_update_created_repos_by_language(session, language, 2024, 9, 2)
        assert (created, row.all_repos) == (True, 9)
        row, created = services.create_or_update_created_repos_by_language(session, language, 2024, 10, 2)
        assert (created, row.all_repos) == (False, 10)
    assert rows("SELECT count(*) FROM {}githubrepository_licenses") == [(1,)]
    with database.session() as session:
        for _ in range(2):
            services.remove_repo_license(session, repo, licence)
    assert rows("SELECT count(*) FROM {}githubrepository_licenses") == [(0,)]
