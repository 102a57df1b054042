"""The earlier system's view of GitHub's API over the client that shares its quota with all workers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from boost_collectors.core.adapters.github_protocol import Params

if TYPE_CHECKING:
    from boost_collectors.core.github import GitHubClient, RestAnswer


class GitHubApiAdapter:
    """GitHubApiProtocol by a GitHubClient, given or made for one token; raises what the client raises.

    ``rate_limit_remaining`` and ``rate_limit_reset_time`` (Unix seconds) are what the last answer said.
    """

    def __init__(self, client: GitHubClient | None = None, *, token: str | None = None) -> None:
        if client is not None and token is not None:
            raise ValueError("GitHubApiAdapter takes a client or a token, not both")
        if client is None and not token:
            raise ValueError("GitHubApiAdapter needs a client or a token")
        self._client = client or _client_of(token or "")
        self.rate_limit_remaining: int | None = None
        self.rate_limit_reset_time: int | None = None

    def rest_request(self, endpoint: str, params: Params | None = None) -> Any:
        """The JSON of a GET; ``{}`` when there is no body."""
        return _or_empty(self._get(endpoint, params))

    def rest_request_conditional(
        self, endpoint: str, params: Params | None = None, etag: str | None = None
    ) -> tuple[Any, str | None]:
        """(data, ETag); the data is None when nothing changed since ``etag``."""
        answer = self._get(endpoint, params, etag)
        return answer.data, answer.etag

    def rest_request_with_link(self, endpoint: str, params: Params | None = None) -> tuple[Any, str | None]:
        """(data, URL of the next page or None)."""
        answer = self._get(endpoint, params)
        return _or_empty(answer), answer.links.get("next")

    def rest_request_with_all_links(self, endpoint: str, params: Params | None = None) -> tuple[Any, dict[str, str]]:
        """(data, URL by relation)."""
        answer = self._get(endpoint, params)
        return _or_empty(answer), answer.links

    def rest_request_conditional_with_link(
        self, endpoint: str, params: Params | None = None, etag: str | None = None
    ) -> tuple[Any, str | None, str | None]:
        """(data, ETag, URL of the next page); (None, ETag, None) when nothing changed."""
        data, tag, links = self.rest_request_conditional_with_all_links(endpoint, params, etag)
        return data, tag, links.get("next")

    def rest_request_conditional_with_all_links(
        self, endpoint: str, params: Params | None = None, etag: str | None = None
    ) -> tuple[Any, str | None, dict[str, str]]:
        """(data, ETag, URL by relation); (None, ETag, {}) when nothing changed."""
        answer = self._get(endpoint, params, etag)
        return answer.data, answer.etag, {} if answer.not_modified else answer.links

    def rest_request_url(self, full_url: str) -> Any:
        """The JSON of one pagination URL. Raises ValueError, before any request, for one that leaves the API."""
        return self.rest_request_url_with_all_links(full_url)[0]

    def rest_request_url_with_all_links(self, full_url: str) -> tuple[Any, dict[str, str]]:
        """(data, URL by relation) of one pagination URL; raises as ``rest_request_url``."""
        if full_url.startswith("/"):
            raise ValueError("pagination URL: missing host")
        answer = self._get(full_url)
        return _or_empty(answer), answer.links

    def rest_post(self, endpoint: str, json_data: Any = None) -> Any:
        """The JSON of a POST."""
        return self._client.send("POST", endpoint, json_data).data

    def rest_put(self, endpoint: str, json_data: Any = None) -> Any:
        """The JSON of a PUT."""
        return self._client.send("PUT", endpoint, json_data).data

    def rest_delete(self, endpoint: str, json_data: Any = None) -> Any:
        """The JSON of a DELETE, None when it is answered without a body."""
        return self._client.send("DELETE", endpoint, json_data).data

    def get_repository_info(self, owner: str, repo: str) -> dict[str, Any]:
        """``GET /repos/{owner}/{repo}``."""
        data: dict[str, Any] = self.rest_request(f"/repos/{owner}/{repo}")
        return data

    def graphql_request(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The whole JSON of a query's answer. Raises GraphQLError ("GraphQL errors: …") when it holds errors."""
        return {"data": self._client.graphql(query, variables)}

    def _get(self, endpoint: str, params: Params | None = None, etag: str | None = None) -> RestAnswer:
        answer = self._client.rest(endpoint, params=params, etag=etag)
        self.rate_limit_remaining = _number(answer, "remaining", self.rate_limit_remaining)
        self.rate_limit_reset_time = _number(answer, "reset", self.rate_limit_reset_time)
        return answer


def _client_of(token: str) -> GitHubClient:
    from boost_collectors.core.database import Database
    from boost_collectors.core.github import GitHubClient
    from boost_collectors.core.settings import Settings

    settings = Settings.load().model_copy(update={"github_tokens_scraping": (token,), "github_app_id": ""})
    return GitHubClient.from_settings(settings, Database.from_settings(settings))


def _or_empty(answer: RestAnswer) -> Any:
    return {} if answer.data is None else answer.data


def _number(answer: RestAnswer, name: str, before: int | None) -> int | None:
    try:
        return int(answer.headers[f"x-ratelimit-{name}"])
    except (KeyError, ValueError):
        return before
