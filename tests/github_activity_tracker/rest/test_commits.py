"""Commits oldest first, whatever the list says about its pages."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from boost_collectors.core.database import Database
from boost_collectors.core.errors import NetworkError, SourceError
from boost_collectors.core.github import GitHubClient
from boost_collectors.github_activity_tracker.fetcher import fetch_commits_from_github
from boost_collectors.github_activity_tracker.rest.etags import DatabaseEtagCache
from tests.github_activity_tracker.rest.server import Pages, ScriptedGitHub

LIST = "/repos/o/r/commits"
BEGIN = datetime.fromisoformat("2024-01-01")


def _commit(number: int, **dates: str) -> dict[str, Any]:
    at = f"{(BEGIN + timedelta(hours=number)).isoformat()}Z"
    given = {"author": at, "committer": at} | dates
    return {"sha": f"{number:040x}", "commit": {role: {"date": date} for role, date in given.items()}}


def _serve(github: ScriptedGitHub, number: int) -> list[str]:
    """Commits 1 to ``number``; returns their hashes, oldest first."""
    commits = [_commit(position) for position in range(1, number + 1)]
    github.lists[LIST] = commits[::-1]
    for commit in commits:
        github.details[f"{LIST}/{commit['sha']}"] = {**commit, "files": [{"filename": "a"}], "parents": []}
    return [commit["sha"] for commit in commits]


@pytest.mark.parametrize(
    ("number", "last_links", "pages"),
    [
        (3, True, ["1"]),
        (100, True, ["1"]),
        (250, True, ["1", "3", "2"]),
        (101, True, ["1", "2"]),
        (250, False, ["1", "2", "3"]),
    ],
)
def test_every_commit_once_oldest_first(
    client: GitHubClient, github: ScriptedGitHub, number: int, last_links: bool, pages: list[str]
) -> None:
    hashes = _serve(github, number)
    github.last_links = last_links
    found = list(fetch_commits_from_github(client, "o", "r"))
    assert [commit.sha for commit in found] == hashes
    assert [file.filename for file in found[0].files] == ["a"]
    assert github.pages(LIST) == pages
    assert len(github.asked) == len(pages) + number


def test_an_empty_repository(client: GitHubClient, github: ScriptedGitHub) -> None:
    github.lists[LIST] = []
    assert list(fetch_commits_from_github(client, "o", "r")) == []


def test_the_committers_date_decides_and_details_outside_are_not_asked_for(
    client: GitHubClient, github: ScriptedGitHub
) -> None:
    _serve(github, 0)
    rebased = _commit(1, author="2010-01-01T00:00:00Z", committer="2024-01-05T00:00:00Z")
    old = _commit(2, author="2024-01-05T00:00:00Z", committer="2010-01-01T00:00:00Z")
    odd = _commit(3, author="?", committer="?")
    only_author = {"sha": "4" * 40, "commit": {"author": {"date": "2024-01-05T00:00:00Z"}, "committer": None}}
    github.lists[LIST] = [only_author, odd, old, rebased, {"sha": None}]
    github.details = {f"{LIST}/{entry['sha']}": entry for entry in (rebased, old, odd, only_author)}
    window = (BEGIN, datetime.fromisoformat("2024-02-01"))
    found = [commit.sha for commit in fetch_commits_from_github(client, "o", "r", *window)]
    assert found == [rebased["sha"], odd["sha"], only_author["sha"]]
    bounds = {"since": "2024-01-01T00:00:00Z", "until": "2024-02-01T00:00:00Z"}
    assert github.asked[0] == (LIST, {"per_page": "100", "page": "1", **bounds})
    assert f"{LIST}/{old['sha']}" not in github.paths


def test_the_etag_is_kept_once_the_last_commit_was_taken(
    client: GitHubClient, github: ScriptedGitHub, database: Database
) -> None:
    hashes = _serve(github, 3)
    cache = DatabaseEtagCache(database, 42)
    walk = fetch_commits_from_github(client, "o", "r", BEGIN, etag_cache=cache)
    assert [next(walk).sha for _ in hashes] == hashes
    key = ("commits", 1, "2024-01-01T00:00:00Z", "")
    assert cache.get(*key) is None
    assert list(walk) == []
    assert cache.get(*key)
    github.asked.clear()
    assert list(fetch_commits_from_github(client, "o", "r", BEGIN, etag_cache=cache)) == []
    assert github.paths == [LIST]


@pytest.mark.parametrize(("status", "error"), [(500, NetworkError), (422, SourceError)])
def test_a_failing_detail_propagates_and_no_etag_is_kept(
    client: GitHubClient, github: ScriptedGitHub, database: Database, status: int, error: type[Exception]
) -> None:
    hashes = _serve(github, 3)
    github.faults[f"{LIST}/{hashes[1]}"] = status
    cache = DatabaseEtagCache(database, 42)
    walk = fetch_commits_from_github(client, "o", "r", etag_cache=cache)
    assert next(walk).sha == hashes[0]
    with pytest.raises(error):
        next(walk)
    assert cache.get("commits", 1) is None


def test_an_answer_that_is_no_commit_is_refused(client: GitHubClient, github: ScriptedGitHub) -> None:
    (hash,) = _serve(github, 1)
    github.details[f"{LIST}/{hash}"] = []
    with pytest.raises(SourceError, match="where a commit must be"):
        list(fetch_commits_from_github(client, "o", "r"))


def test_the_files_of_a_large_commit_come_from_all_its_pages(client: GitHubClient, github: ScriptedGitHub) -> None:
    (hash,) = _serve(github, 1)
    detail = github.details[f"{LIST}/{hash}"]
    pages = [[f"{page}/{number}" for number in range(300)] for page in range(3)]
    files = [[{"filename": name} for name in names] for names in pages]
    github.details[f"{LIST}/{hash}"] = Pages({**detail, "files": listed} for listed in files)
    (found,) = fetch_commits_from_github(client, "o", "r")
    assert [file.filename for file in found.files] == [name for names in pages for name in names]
