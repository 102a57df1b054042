"""The earlier system's ways to a client: by use, with None or a message when there is no token that works."""

from __future__ import annotations

import logging

from boost_collectors.core.database import Database
from boost_collectors.core.errors import CollectorError, ConfigurationError
from boost_collectors.core.github.client import GitHubClient
from boost_collectors.core.github.credentials import token_credential
from boost_collectors.core.github.decision import Reply
from boost_collectors.core.github.tokens import get_github_token
from boost_collectors.core.github.transport import Transport
from boost_collectors.core.settings import Settings

logger = logging.getLogger(__name__)


def get_github_client(
    use: str = "scraping", settings: Settings | None = None, database: Database | None = None
) -> GitHubClient | None:
    """A client for this use, or None after logging an error when no token is configured.

    ``settings`` and ``database`` are the process's own when not given. The caller closes the client.
    """
    settings = settings or Settings.load()
    try:
        return GitHubClient.from_settings(settings, database or Database.from_settings(settings), use)
    except (ValueError, ConfigurationError) as error:
        logger.error("No GitHub client for %s: %s", use, error)
        return None


def validate_github_token_for_use(use: str = "scraping", settings: Settings | None = None) -> None:
    """Ask GitHub once (GET /user) whether the token for this use is good. Raises ValueError that says why not."""
    settings = settings or Settings.load()
    token = get_github_token(use, settings)
    kind = "scraping" if use == "scraping" else "write"
    if not token:
        raise ValueError(f"No GitHub {kind} token configured")
    transport = Transport(
        settings.github_api_url, user_agent=settings.http_user_agent, timeout=settings.http_timeout_seconds
    )
    try:
        reply = transport.send(token_credential(token, transport.api_url).auth, "GET", "/user")
    except CollectorError as error:
        raise ValueError(f"GitHub {kind} token: GitHub is unreachable: {error}") from error
    finally:
        transport.close()
    _check(kind, reply)


def _check(kind: str, reply: Reply) -> None:
    throttled = reply.status == 429 or (reply.status == 403 and reply.headers.get("x-ratelimit-remaining") == "0")
    if throttled or "rate limit" in reply.message.lower():
        raise ValueError(f"GitHub {kind} token: the rate limit is spent: {reply.told}")
    if reply.status in (401, 403):
        raise ValueError(f"GitHub {kind} token is invalid or not authorized: {reply.told}")
    if reply.status != 200:
        raise ValueError(f"GitHub {kind} token cannot be checked: {reply.told}")
