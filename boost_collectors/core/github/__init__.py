"""GitHub's API: one client that shares the quota of all tokens with all workers. ``docs/github_quota.md`` explains it.

The names are loaded when they are used: the tables can be had without PyGithub.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boost_collectors.core.github.access import get_github_client, validate_github_token_for_use
    from boost_collectors.core.github.answers import RestAnswer
    from boost_collectors.core.github.client import GitHubClient
    from boost_collectors.core.github.errors import GraphQLError
    from boost_collectors.core.github.quota import Bucket, Quota
    from boost_collectors.core.github.tokens import can_read, get_github_token

__all__ = [
    "Bucket",
    "GitHubClient",
    "GraphQLError",
    "Quota",
    "RestAnswer",
    "can_read",
    "get_github_client",
    "get_github_token",
    "validate_github_token_for_use",
]

_HOMES = {
    "Bucket": "quota",
    "GitHubClient": "client",
    "GraphQLError": "errors",
    "Quota": "quota",
    "RestAnswer": "answers",
    "can_read": "tokens",
    "get_github_client": "access",
    "get_github_token": "tokens",
    "validate_github_token_for_use": "access",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
