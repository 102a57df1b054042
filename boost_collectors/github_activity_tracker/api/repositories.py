"""Repositories as GitHub shows them: fifty a point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from boost_collectors.core.errors import SourceError
from boost_collectors.github_activity_tracker.api import nodes, queries
from boost_collectors.github_activity_tracker.api.answers import Answer, ask_split, chunks
from boost_collectors.github_activity_tracker.api.pages import Listing, PageSize, read
from boost_collectors.github_activity_tracker.records import RepositoryState

if TYPE_CHECKING:
    from boost_collectors.core.github import GitHubClient

_REPOSITORIES = Listing(queries.REPOSITORIES, ("repositoryOwner", "repositories"), nodes.repository_state)


@dataclass(slots=True)
class Overview:
    """Repositories by the key they were asked for; ``missing`` do not exist, ``unread`` could not be read, and why."""

    states: dict[str, RepositoryState] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    unread: dict[str, str] = field(default_factory=dict)


def repositories(client: GitHubClient, owner: str) -> Iterator[RepositoryState]:
    """The public repositories of an account, by name. Raises NotFoundError for an unknown account, SourceError for a
    repository that cannot be read."""
    for page in read(client, _REPOSITORIES, {"owner": owner}, PageSize.remembered(None, queries.REPOSITORIES_PAGE)):
        if page.unread:
            raise SourceError(f"a repository of {owner} cannot be read: {page.unread[0].reason}")
        yield from page.items


def overview(client: GitHubClient, keys: Sequence[str]) -> Overview:
    """The repositories of these ``owner/name``. One that was renamed answers to its old name as well."""
    found = Overview()
    for chunk in chunks(list(dict.fromkeys(keys)), queries.REPOSITORIES_PAGE):
        for asked, answer in ask_split(client, chunk, _query):
            for place, key in enumerate(asked):
                _take(answer, f"r{place}", key, found)
    return found


def _query(keys: Sequence[str]) -> tuple[str, dict[str, Any]]:
    variables = {}
    for place, key in enumerate(keys):
        variables[f"o{place}"], _, variables[f"n{place}"] = key.partition("/")
    return queries.overview(len(keys)), variables


def _take(answer: Answer, alias: str, key: str, found: Overview) -> None:
    node, reason = answer.at(alias), answer.wrong(alias)
    if answer.is_missing(alias) or (node is None and not reason):
        found.missing.add(key)
    elif node is None or reason:
        found.unread[key] = reason
    else:
        try:
            found.states[key] = nodes.repository_state(node)
        except SourceError as exc:
            found.unread[key] = str(exc)
