"""What the earlier system's code asks of GitHub's API, without its library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

Params = Mapping[str, Any]


@runtime_checkable
class GitHubApiProtocol(Protocol):
    """Requests to GitHub's REST and GraphQL APIs; each answers with parsed JSON, ``{}`` when there was none."""

    @property
    def rate_limit_remaining(self) -> int | None: ...

    @property
    def rate_limit_reset_time(self) -> int | None: ...

    def rest_request(self, endpoint: str, params: Params | None = None) -> Any: ...

    def rest_request_with_link(self, endpoint: str, params: Params | None = None) -> tuple[Any, str | None]: ...

    def rest_request_conditional_with_link(
        self, endpoint: str, params: Params | None = None, etag: str | None = None
    ) -> tuple[Any, str | None, str | None]: ...

    def rest_request_conditional_with_all_links(
        self, endpoint: str, params: Params | None = None, etag: str | None = None
    ) -> tuple[Any, str | None, dict[str, str]]: ...

    def rest_request_url(self, full_url: str) -> Any: ...

    def get_repository_info(self, owner: str, repo: str) -> dict[str, Any]: ...

    def graphql_request(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]: ...
