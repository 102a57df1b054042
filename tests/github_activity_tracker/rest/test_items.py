"""Issues and pull requests: none is lost, none is damaged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from boost_collectors.core.database import Database
from boost_collectors.core.errors import NetworkError
from boost_collectors.core.github import GitHubClient
from boost_collectors.github_activity_tracker.fetcher import fetch_issues_and_prs_from_github
from boost_collectors.github_activity_tracker.payloads import IssueBundle, PullRequestBundle, to_mapping
from boost_collectors.github_activity_tracker.rest.etags import DatabaseEtagCache
from tests.github_activity_tracker.rest.server import ScriptedGitHub

LIST = "/repos/o/r/issues"
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)


def _at(seconds: int) -> str:
    return (BEGIN + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Items:
    """The list of issues as GitHub sorts and filters it."""

    def __init__(self, github: ScriptedGitHub, number: int, step: int = 60) -> None:
        self.entries: dict[int, dict[str, Any]] = {}
        for n in range(1, number + 1):
            self.entries[n] = {"number": n, "id": n, "updated_at": _at(n * step), "comments": 0}
        github.lists[LIST] = self.listed

    def listed(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        known = [entry for entry in self.entries.values() if entry["updated_at"] >= query.get("since", "")]
        return sorted(known, key=lambda entry: (entry["updated_at"], entry["number"]))

    def make_pull(self, number: int, github: ScriptedGitHub, **detail: Any) -> None:
        self.entries[number] |= {"pull_request": {}, "title": "listed"}
        counters = {"comments": 0, "review_comments": 0}
        path = f"/repos/o/r/pulls/{number}"
        github.details[path] = {**self.entries[number], **counters, "head": {"sha": "a"}, "title": "detail", **detail}


def _numbers(found: list[IssueBundle | PullRequestBundle]) -> list[int]:
    return [item.issue.number if isinstance(item, IssueBundle) else item.pr.number for item in found]


def _fetch(
    client: GitHubClient,
    start: datetime | None = None,
    end: datetime | None = None,
    etag_cache: DatabaseEtagCache | None = None,
) -> list[IssueBundle | PullRequestBundle]:
    return list(fetch_issues_and_prs_from_github(client, "o", "r", start, end, etag_cache))


def test_issues_cost_no_request_of_their_own(client: GitHubClient, github: ScriptedGitHub) -> None:
    Items(github, 250)
    found = _fetch(client)
    assert _numbers(found) == list(range(1, 251))
    assert github.paths == [LIST] * 3
    expected = {"state": "all", "per_page": "100", "page": "1", "sort": "updated", "direction": "asc"}
    assert github.asked[0] == (LIST, expected)


def test_nothing_is_lost_when_items_are_touched_while_pages_are_read(
    client: GitHubClient, github: ScriptedGitHub
) -> None:
    items = Items(github, 250)

    def touch(path: str, query: Mapping[str, str]) -> None:
        github.after = None
        for number in (3, 5, 7, 9, 11):
            items.entries[number]["updated_at"] = _at(1_000_000 + number)

    github.after = touch
    found = _numbers(_fetch(client))
    assert sorted(set(found)) == list(range(1, 251))
    assert found.count(3) == 2
    assert found.count(4) == 1


def test_more_items_of_one_second_than_a_page_holds(client: GitHubClient, github: ScriptedGitHub) -> None:
    items = Items(github, 350)
    for number in range(50, 300):
        items.entries[number]["updated_at"] = _at(5000)
    assert sorted(_numbers(_fetch(client))) == list(range(1, 351))


def test_a_server_that_ignores_the_window_ends_all_the_same(client: GitHubClient, github: ScriptedGitHub) -> None:
    entries = Items(github, 250).listed({})
    github.lists[LIST] = entries
    assert _numbers(_fetch(client)) == list(range(1, 251))


def test_the_walk_ends_behind_the_window(client: GitHubClient, github: ScriptedGitHub) -> None:
    Items(github, 350)
    found = _numbers(_fetch(client, BEGIN + timedelta(seconds=600), BEGIN + timedelta(seconds=1200)))
    assert found == list(range(10, 21))
    assert github.asked[0][1]["since"] == _at(600)
    assert len(github.asked) == 1


def test_unusable_entries_are_left_out(client: GitHubClient, github: ScriptedGitHub) -> None:
    github.lists[LIST] = [{"number": 1}, {"number": 2, "updated_at": "?"}, {"updated_at": _at(1)}]
    assert _fetch(client) == []


def test_comments_are_asked_for_where_there_are_any(client: GitHubClient, github: ScriptedGitHub) -> None:
    items = Items(github, 2)
    items.entries[2]["comments"] = 1
    github.lists[f"{LIST}/2/comments"] = [{"id": 9, "body": "hi", "updated_at": _at(1)}]
    assert [to_mapping(item)["comments"] for item in _fetch(client)] == [
        [],
        [{"id": 9, "body": "hi", "updated_at": _at(1)}],
    ]
    assert github.paths == [LIST, f"{LIST}/2/comments"]


def test_a_pull_request_comes_with_its_details(client: GitHubClient, github: ScriptedGitHub) -> None:
    Items(github, 1).make_pull(1, github, comments=1, review_comments=1)
    github.lists[f"{LIST}/1/comments"] = [{"id": 9}]
    github.lists["/repos/o/r/pulls/1/comments"] = [{"id": 8, "in_reply_to_id": None}]
    (found,) = _fetch(client)
    assert isinstance(found, PullRequestBundle)
    assert (found.pr.title, found.pr.head and found.pr.head.sha) == ("detail", "a")
    assert ([c.id for c in found.pr.comments], [r.id for r in found.pr.reviews]) == ([9], [8])


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_failing_detail_never_becomes_a_pull_request_with_blanks(
    client: GitHubClient, github: ScriptedGitHub, status: int
) -> None:
    Items(github, 1).make_pull(1, github)
    github.faults["/repos/o/r/pulls/1"] = status
    with pytest.raises(NetworkError):
        _fetch(client)


@pytest.mark.parametrize("status", [404, 410])
def test_a_vanished_pull_request_is_given_as_it_was_listed(
    client: GitHubClient, github: ScriptedGitHub, status: int
) -> None:
    Items(github, 2).make_pull(1, github)
    github.faults["/repos/o/r/pulls/1"] = status
    found = _fetch(client)
    assert _numbers(found) == [1, 2]
    assert isinstance(found[0], PullRequestBundle)
    mapping = to_mapping(found[0])
    assert mapping["pr_info"]["title"] == "listed"
    assert "head" not in mapping["pr_info"]


def test_an_issue_that_vanished_with_its_comments_stops_nothing(client: GitHubClient, github: ScriptedGitHub) -> None:
    Items(github, 2).entries[1]["comments"] = 4
    assert _numbers(_fetch(client)) == [1, 2]


def test_an_unchanged_page_gives_nothing_and_the_next_is_asked_for(
    client: GitHubClient, github: ScriptedGitHub, database: Database
) -> None:
    items = Items(github, 3)
    cache = DatabaseEtagCache(database, 42)
    walk = fetch_issues_and_prs_from_github(client, "o", "r", BEGIN, etag_cache=cache)
    assert len([next(walk) for _ in range(3)]) == 3
    key = ("issues_and_prs", 1, _at(0))
    assert cache.get(*key) is None
    assert list(walk) == []
    assert cache.get(*key)
    github.asked.clear()
    assert _fetch(client, BEGIN, etag_cache=cache) == []
    assert github.pages(LIST) == ["1", "2"]
    items.entries[1]["updated_at"] = _at(9_999)
    assert _numbers(_fetch(client, BEGIN, etag_cache=cache)) == [2, 3, 1]


def test_a_list_that_github_will_not_continue_ends(client: GitHubClient, github: ScriptedGitHub) -> None:
    github.faults[LIST] = 422
    assert _fetch(client) == []


def test_any_other_failure_of_the_list_propagates(client: GitHubClient, github: ScriptedGitHub) -> None:
    github.faults[LIST] = 500
    with pytest.raises(NetworkError):
        _fetch(client)
