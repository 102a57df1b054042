"""Issues and pull requests with what is said about them (``/issues``, ``/pulls/<n>``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from boost_collectors.core.errors import NotFoundError, SourceError
from boost_collectors.core.utils.datetime_parsing import format_utc_z
from boost_collectors.github_activity_tracker.conversion import time_of
from boost_collectors.github_activity_tracker.payloads import (
    IssueBundle,
    PullRequestBundle,
    parse_issue_bundle,
    parse_pr_bundle,
    to_mapping,
)
from boost_collectors.github_activity_tracker.rest.comments import (
    fetch_comments_from_github,
    fetch_pr_reviews_from_github,
)
from boost_collectors.github_activity_tracker.rest.etags import EtagCache
from boost_collectors.github_activity_tracker.rest.ranges import TimeRange
from boost_collectors.github_activity_tracker.rest.requests import PER_PAGE, entries, repository_url

if TYPE_CHECKING:
    from boost_collectors.core.github import GitHubClient, RestAnswer

LIST_TYPE = "issues_and_prs"
"""The name of this list in the ETag cache."""


def fetch_issues_and_prs_from_github(
    client: GitHubClient,
    owner: str,
    repo: str,
    start_time: datetime | None = None,
    end_time: datetime | None = None,
    etag_cache: EtagCache | None = None,
) -> Iterator[IssueBundle | PullRequestBundle]:
    """The issues and pull requests updated in the window, the one updated first coming first.

    An issue comes as the list has it, a pull request with its own details; a request for comments is made only where
    there are any. An item that is touched meanwhile may come twice, none is left out.
    """
    window = TimeRange.between(start_time, end_time)
    for entry in _Listing(client, owner, repo, window, etag_cache):
        if "pull_request" in entry:
            yield _pull_request(client, owner, repo, entry, window)
        else:
            comments = _comments(client, owner, repo, entry, window)
            yield parse_issue_bundle({"issue_info": entry, "comments": comments})


class _Listing:
    """The list of issues by time of update, read as windows that each begin where the last page ended.

    Page numbers would skip what slides onto an earlier page when something on that page is touched. They are only
    used within one second, where a window cannot begin later.
    """

    def __init__(
        self, client: GitHubClient, owner: str, repo: str, window: TimeRange, etag_cache: EtagCache | None
    ) -> None:
        self._client = client
        self._url = f"{repository_url(owner, repo)}/issues"
        self._window = window
        self._cache = etag_cache
        self._seen: set[tuple[int, datetime]] = set()

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        since, page = self._window.since, 1
        while True:
            answer = self._ask(since, page)
            if answer is None:
                return
            if answer.not_modified:
                page += 1
                continue
            found = entries(answer, self._url)
            yield from self._wanted(found, time_of(since))
            if self._cache:
                self._cache.set(LIST_TYPE, page, since, "", answer.etag)
            if "next" not in answer.links or not found or self._is_beyond(found[-1]):
                return
            since, page = self._next(found, since, page)

    def _ask(self, since: str, page: int) -> RestAnswer | None:
        parameters: dict[str, Any] = {"state": "all", "per_page": PER_PAGE, "page": page}
        parameters |= {"sort": "updated", "direction": "asc"} | ({"since": since} if since else {})
        etag = self._cache.get(LIST_TYPE, page, since) if self._cache else None
        try:
            return self._client.rest(self._url, params=parameters, etag=etag)
        except SourceError as error:
            if error.status == HTTPStatus.UNPROCESSABLE_ENTITY:  # GitHub will not go on with the list
                return None
            raise

    def _next(self, found: list[Mapping[str, Any]], since: str, page: int) -> tuple[str, int]:
        newest, begun = time_of(found[-1].get("updated_at")), time_of(since)
        if newest is None or (begun is not None and newest <= begun):
            return since, page + 1
        self._seen = {(number, at) for number, at in self._seen if at >= newest}
        return format_utc_z(newest), 1

    def _wanted(self, found: list[Mapping[str, Any]], since: datetime | None) -> Iterator[Mapping[str, Any]]:
        asked = TimeRange(since, self._window.end)
        for entry in found:
            number, at = entry.get("number"), time_of(entry.get("updated_at"))
            if number is None or at is None or at not in asked or (number, at) in self._seen:
                continue
            self._seen.add((number, at))
            yield entry

    def _is_beyond(self, entry: Mapping[str, Any]) -> bool:
        at = time_of(entry.get("updated_at"))
        return at is not None and self._window.end is not None and at > self._window.end


def _pull_request(
    client: GitHubClient, owner: str, repo: str, entry: Mapping[str, Any], window: TimeRange
) -> PullRequestBundle:
    """A pull request. One that vanished since it was listed is given as it was listed; other errors propagate."""
    url = f"{repository_url(owner, repo)}/pulls/{entry['number']}"
    try:
        detail = client.rest(url).data
    except NotFoundError:
        return parse_pr_bundle({"pr_info": entry}, source=url)
    if not isinstance(detail, Mapping):
        raise SourceError(f"{url} answered {type(detail).__name__} where a pull request must be")
    children = {
        "comments": _comments(client, owner, repo, detail, window),
        "reviews": _reviews(client, owner, repo, detail, window),
    }
    return parse_pr_bundle({"pr_info": detail, **children}, source=url)


def _comments(
    client: GitHubClient, owner: str, repo: str, item: Mapping[str, Any], window: TimeRange
) -> list[dict[str, Any]]:
    if item.get("comments") == 0:
        return []
    try:
        found = fetch_comments_from_github(client, owner, repo, item["number"], window.start, window.end)
    except NotFoundError:
        return []  # the item vanished since it was listed
    return [to_mapping(comment) for comment in found]


def _reviews(
    client: GitHubClient, owner: str, repo: str, detail: Mapping[str, Any], window: TimeRange
) -> list[dict[str, Any]]:
    if detail.get("review_comments") == 0:
        return []
    found = fetch_pr_reviews_from_github(client, owner, repo, detail["number"], window.start, window.end)
    return [to_mapping(review) for review in found]
