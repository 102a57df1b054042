"""Accounts by id, name or address."""

from __future__ import annotations

from boost_collectors.core.github import GitHubClient
from boost_collectors.github_activity_tracker.fetcher import fetch_user_from_github
from tests.github_activity_tracker.rest.server import ScriptedGitHub

ADA = {"id": 5, "login": "ada", "site_admin": False}


def test_the_id_comes_first(client: GitHubClient, github: ScriptedGitHub) -> None:
    github.details = {"/user/5": ADA, "/users/bob": {"id": 6, "login": "bob"}}
    found = fetch_user_from_github(client, username="bob", user_id=5)
    assert found is not None
    assert found.model_dump(exclude_unset=True) == ADA
    assert github.paths == ["/user/5"]


def test_then_the_name(client: GitHubClient, github: ScriptedGitHub) -> None:
    github.details = {"/users/ada": ADA}
    found = fetch_user_from_github(client, username=" ada ", user_id=7)
    assert found is not None
    assert found.login == "ada"
    assert github.paths == ["/user/7", "/users/ada"]


def test_then_the_address(client: GitHubClient, github: ScriptedGitHub) -> None:
    github.details = {"/search/users": {"total_count": 1, "items": [{"id": 5}]}, "/user/5": ADA}
    found = fetch_user_from_github(client, email="ada@example.org")
    assert found is not None
    assert found.id == 5
    assert github.asked[0] == ("/search/users", {"q": "ada@example.org in:email"})


def test_nobody(client: GitHubClient, github: ScriptedGitHub) -> None:
    github.details = {"/search/users": {"total_count": 0, "items": []}}
    assert fetch_user_from_github(client) is None
    assert github.asked == []
    assert fetch_user_from_github(client, username="x", email="x@y") is None
    assert github.paths == ["/users/x", "/search/users"]
