"""Commits with their files (``/commits``, ``/commits/<sha>``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from boost_collectors.core.errors import SourceError
from boost_collectors.github_activity_tracker.conversion import time_of
from boost_collectors.github_activity_tracker.payloads import CommitPayload, parse_commit
from boost_collectors.github_activity_tracker.rest.etags import EtagCache
from boost_collectors.github_activity_tracker.rest.ranges import TimeRange
from boost_collectors.github_activity_tracker.rest.requests import PER_PAGE, entries, page_of, repository_url

if TYPE_CHECKING:
    from boost_collectors.core.github import GitHubClient, RestAnswer


class _Listed(NamedTuple):
    sha: str
    at: datetime | None


def fetch_commits_from_github(
    client: GitHubClient,
    owner: str,
    repo: str,
    start_time: datetime | None = None,
    end_time: datetime | None = None,
    etag_cache: EtagCache | None = None,
) -> Iterator[CommitPayload]:
    """The commits of the default branch in the window, oldest first, each with all its files.

    The window bounds the committer's date (without one the author's), as GitHub's own does: a commit that was
    rebased into it is there. The list's ETag is kept once the last commit was taken.
    """
    window = TimeRange.between(start_time, end_time)
    url = f"{repository_url(owner, repo)}/commits"
    key = ("commits", 1, window.since, window.until)
    bounds = {name: text for name, text in (("since", window.since), ("until", window.until)) if text}
    etag = etag_cache.get(*key) if etag_cache else None
    first = client.rest(url, params={"per_page": PER_PAGE, "page": 1, **bounds}, etag=etag)
    if first.not_modified or not first.data:
        return
    for page in _pages_oldest_first(client, first, url):
        for listed in reversed(page):
            if listed.at is None or listed.at in window:
                yield _commit(client, f"{url}/{listed.sha}")
    if etag_cache:
        etag_cache.set(*key, first.etag)


def _pages_oldest_first(client: GitHubClient, first: RestAnswer, url: str) -> Iterator[list[_Listed]]:
    newest = _listed(first, url)
    last = first.links.get("last")
    if last and page_of(last) != 1:
        yield from _back_from(client, last, url)
    elif first.links.get("next"):
        yield from reversed(_forward_from(client, first.links["next"], url))
    yield newest


def _back_from(client: GitHubClient, last: str, url: str) -> Iterator[list[_Listed]]:
    """Pages from the last to the second."""
    link: str | None = last
    while link and page_of(link) != 1:
        answer = client.rest(link)
        yield _listed(answer, url)
        link = answer.links.get("prev")


def _forward_from(client: GitHubClient, next_link: str, url: str) -> list[list[_Listed]]:
    """Pages from the second on, for lists that do not say where they end."""
    pages = []
    link: str | None = next_link
    while link:
        answer = client.rest(link)
        pages.append(_listed(answer, url))
        link = answer.links.get("next")
    return pages


def _listed(answer: RestAnswer, url: str) -> list[_Listed]:
    found = []
    for entry in entries(answer, url):
        sha = entry.get("sha")
        if isinstance(sha, str) and sha:
            found.append(_Listed(sha, _date_of(entry)))
    return found


def _date_of(entry: Mapping[str, Any]) -> datetime | None:
    commit = entry.get("commit") or {}
    for role in ("committer", "author"):
        if date := (commit.get(role) or {}).get("date"):
            return time_of(date)
    return None


def _commit(client: GitHubClient, url: str) -> CommitPayload:
    """One commit. GitHub pages the files of a large one, up to 3,000."""
    answer = client.rest(url)
    if not isinstance(answer.data, Mapping):
        raise SourceError(f"{url} answered {type(answer.data).__name__} where a commit must be")
    files = list(answer.data.get("files") or ())
    link = answer.links.get("next")
    while link:
        more = client.rest(link)
        files += more.data.get("files") or ()
        link = more.links.get("next")
    return parse_commit({**answer.data, "files": files}, source=url)
