"""Accounts (``/user/<id>``, ``/users/<login>``, ``/search/users``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from boost_collectors.core.errors import NotFoundError
from boost_collectors.github_activity_tracker.payloads import UserPayload, parse_user

if TYPE_CHECKING:
    from boost_collectors.core.github import GitHubClient


def fetch_user_from_github(
    client: GitHubClient, username: str = "", email: str = "", user_id: int | None = None
) -> UserPayload | None:
    """An account by id, else by name, else by public mail address; None when nothing is given or found."""
    found = next((user for user in _candidates(client, username, email, user_id) if user), None)
    return None if found is None else parse_user(found)


def _candidates(
    client: GitHubClient, username: str, email: str, user_id: int | None
) -> Iterator[Mapping[str, Any] | None]:
    if user_id is not None:
        yield _one(client, f"/user/{user_id}")
    if name := username.strip():
        yield _one(client, f"/users/{quote(name, safe='')}")
    if address := email.strip():
        answer = client.rest("/search/users", params={"q": f"{address} in:email"}).data
        hits = answer.get("items") if isinstance(answer, Mapping) else None
        if hits:
            yield _one(client, f"/user/{hits[0]['id']}")


def _one(client: GitHubClient, path: str) -> Mapping[str, Any] | None:
    try:
        found = client.rest(path).data
    except NotFoundError:
        return None
    return found if isinstance(found, Mapping) else None
