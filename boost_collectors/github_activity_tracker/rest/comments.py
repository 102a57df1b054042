"""Comments of one issue or pull request (``/issues/<n>/comments``, ``/pulls/<n>/comments``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from boost_collectors.github_activity_tracker.payloads import (
    CommentPayload,
    ReviewPayload,
    parse_comment,
    parse_review,
)
from boost_collectors.github_activity_tracker.rest.ranges import TimeRange
from boost_collectors.github_activity_tracker.rest.requests import PER_PAGE, entries, repository_url

if TYPE_CHECKING:
    from boost_collectors.core.github import GitHubClient


def fetch_comments_from_github(
    client: GitHubClient,
    owner: str,
    repo: str,
    issue_number: int,
    start_time: datetime | None = None,
    end_time: datetime | None = None,
) -> list[CommentPayload]:
    """The conversation of an issue or pull request, oldest first.

    The window bounds the time of the last change, so that an old comment edited in it is there.
    """
    url = f"{repository_url(owner, repo)}/issues/{issue_number}/comments"
    order = {"sort": "created", "direction": "asc"}
    found = _changed_in(client, url, TimeRange.between(start_time, end_time), order)
    return [parse_comment(entry, source=url) for entry in found]


def fetch_pr_reviews_from_github(
    client: GitHubClient,
    owner: str,
    repo: str,
    pr_number: int,
    start_time: datetime | None = None,
    end_time: datetime | None = None,
) -> list[ReviewPayload]:
    """The comments on lines of a pull request's change. Reviews with their verdicts are another resource."""
    url = f"{repository_url(owner, repo)}/pulls/{pr_number}/comments"
    found = _changed_in(client, url, TimeRange.between(start_time, end_time), {})
    return [parse_review(entry, source=url) for entry in found]


def _changed_in(
    client: GitHubClient, url: str, window: TimeRange, order: Mapping[str, str]
) -> Iterator[Mapping[str, Any]]:
    """Entries changed in the window. The walk ends at a page that is not full."""
    parameters: dict[str, Any] = {"per_page": PER_PAGE, **order} | ({"since": window.since} if window.since else {})
    page = 1
    while found := entries(client.rest(url, params=parameters | {"page": page}), url):
        yield from (entry for entry in found if window.keeps(entry.get("updated_at") or entry.get("created_at")))
        if len(found) < PER_PAGE:
            return
        page += 1
