"""Comments of one item."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from boost_collectors.core.errors import CollectorError, NetworkError
from boost_collectors.core.github import GitHubClient
from boost_collectors.github_activity_tracker.fetcher import fetch_comments_from_github, fetch_pr_reviews_from_github
from boost_collectors.github_activity_tracker.payloads import GitHubApiValidationError
from tests.github_activity_tracker.rest.server import ScriptedGitHub

COMMENTS, REVIEWS = "/repos/o/r/issues/7/comments", "/repos/o/r/pulls/7/comments"
START, END = datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2024-02-01")


def _comment(id: int, created: str | None = "2024-01-10T00:00:00Z", updated: str | None = None) -> dict[str, Any]:
    return {"id": id, "body": f"{id}", "created_at": created, "updated_at": updated or created}


def test_an_old_comment_that_was_edited_in_the_window_is_kept(client: GitHubClient, github: ScriptedGitHub) -> None:
    github.lists[COMMENTS] = [
        _comment(1, "2020-01-01T00:00:00Z", "2024-01-05T00:00:00Z"),
        _comment(2, "2024-01-05T00:00:00Z", "2024-03-05T00:00:00Z"),
        _comment(3, "sometime"),
        _comment(4, None),
        _comment(5, "2020-01-01T00:00:00Z"),
    ]
    found = fetch_comments_from_github(client, "o", "r", 7, START, END)
    assert [comment.id for comment in found] == [1, 4]
    ((_, query),) = github.asked
    expected = {"per_page": "100", "page": "1", "sort": "created", "direction": "asc", "since": "2024-01-01T00:00:00Z"}
    assert query == expected


def test_comments_on_lines_are_another_list(client: GitHubClient, github: ScriptedGitHub) -> None:
    github.lists[REVIEWS] = [{**_comment(1), "in_reply_to_id": 9, "path": "a.cpp"}, _comment(2, "2020-01-01T00:00:00Z")]
    (found,) = fetch_pr_reviews_from_github(client, "o", "r", 7, START, END)
    assert (found.id, found.in_reply_to_id, found.model_extra) == (1, 9, {"path": "a.cpp"})
    assert github.asked == [(REVIEWS, {"per_page": "100", "page": "1", "since": "2024-01-01T00:00:00Z"})]


@pytest.mark.parametrize(("number", "requests"), [(0, 1), (99, 1), (100, 2), (101, 2), (250, 3)])
def test_the_walk_ends_at_a_page_that_is_not_full(
    client: GitHubClient, github: ScriptedGitHub, number: int, requests: int
) -> None:
    github.lists[COMMENTS] = [_comment(id) for id in range(1, number + 1)]
    assert len(fetch_comments_from_github(client, "o", "r", 7)) == number
    assert github.pages(COMMENTS) == [str(page) for page in range(1, requests + 1)]


def test_what_is_no_comment_is_refused(client: GitHubClient, github: ScriptedGitHub) -> None:
    github.lists[COMMENTS] = [{"id": "x"}]
    with pytest.raises(GitHubApiValidationError, match="issues/7/comments"):
        fetch_comments_from_github(client, "o", "r", 7)
    github.lists[COMMENTS] = ["text"]
    with pytest.raises(CollectorError, match="a list of objects"):
        fetch_comments_from_github(client, "o", "r", 7)


def test_a_failing_page_loses_nothing_silently(client: GitHubClient, github: ScriptedGitHub) -> None:
    github.lists[REVIEWS] = []
    github.faults[REVIEWS] = 502
    with pytest.raises(NetworkError):
        fetch_pr_reviews_from_github(client, "o", "r", 7)


@pytest.mark.parametrize(("owner", "repo"), [("..", "r"), ("o", "a/b"), ("", "r")])
def test_names_that_no_repository_has_send_no_request(
    client: GitHubClient, github: ScriptedGitHub, owner: str, repo: str
) -> None:
    with pytest.raises(ValueError, match="Invalid GitHub"):
        fetch_comments_from_github(client, owner, repo, 7)
    assert github.asked == []
