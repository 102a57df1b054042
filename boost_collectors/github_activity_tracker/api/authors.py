"""Which GitHub accounts wrote commits: a hundred commits a point."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from boost_collectors.github_activity_tracker.api import nodes, queries
from boost_collectors.github_activity_tracker.api.answers import ask_split, chunks
from boost_collectors.github_activity_tracker.records import Actor

if TYPE_CHECKING:
    from boost_collectors.core.github import GitHubClient

COMMITS_A_QUERY = 100


def commit_authors(client: GitHubClient, owner: str, name: str, hashes: Iterable[str]) -> dict[str, Actor | None]:
    """The account of each commit's author; None where GitHub knows none, or does not have the commit.

    Commits that could not be read this time are left out. Raises NotFoundError for an unknown repository.
    """
    found: dict[str, Actor | None] = {}

    def query(some: Sequence[str]) -> tuple[str, dict[str, Any]]:
        return queries.authors(len(some)), {"owner": owner, "name": name} | {f"h{n}": h for n, h in enumerate(some)}

    for chunk in chunks(list(dict.fromkeys(hashes)), COMMITS_A_QUERY):
        for asked, answer in ask_split(client, chunk, query):
            answer.demand("repository")
            for place, commit in enumerate(asked):
                path = ("repository", f"c{place}")
                if answer.wrong(*path) and not answer.is_missing(*path):
                    continue
                author = (answer.at(*path) or {}).get("author") or {}
                found[commit] = nodes.actor(author.get("user"))
    return found
