"""Who asks GitHub: tokens and GitHub App installations, as PyGithub's authentication."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from github import Auth

RENEW_BEFORE = timedelta(minutes=5)
"""An installation's token is replaced this long before it ends: no request is to outlive it."""

Fetch = Callable[[str, Auth.Auth], Any]
"""Sends POST to a path of the API with these credentials and gives the parsed answer."""


@dataclass(frozen=True, slots=True)
class Credential:
    """One way to ask. ``fingerprint`` names it in the database; the secret itself is only in ``auth``.

    ``owner`` is known beforehand for an installation, whose quota is its own, and asked of GitHub for a token.
    """

    fingerprint: str
    auth: Auth.Auth = field(repr=False)
    owner: str | None = None


def token_credential(token: str, api_url: str) -> Credential:
    """The credential of a personal or fine-grained token for the API at ``api_url``."""
    return Credential(_fingerprint(api_url, token), Auth.Token(token))


def app_credential(app_id: str, private_key: str, installation_id: int, api_url: str, fetch: Fetch) -> Credential:
    """The credential of a GitHub App's installation; ``fetch`` gets its short-lived tokens."""
    name = f"installation:{installation_id}"
    app = Auth.AppAuth(app_id, private_key)
    return Credential(_fingerprint(api_url, f"{app_id}/{name}"), InstallationAuth(app, installation_id, fetch), name)


class InstallationAuth(Auth.Auth):
    """A GitHub App's installation: a token that GitHub issues for an hour, fetched when one is needed. Thread-safe."""

    def __init__(
        self, app: Auth.AppAuth, installation_id: int, fetch: Fetch, clock: Callable[[], datetime] | None = None
    ) -> None:
        self._app = app
        self._path = f"/app/installations/{installation_id}/access_tokens"
        self._fetch = fetch
        self._clock = clock or (lambda: datetime.now(UTC))
        self._lock = Lock()
        self._token = ""
        self._renew_at = datetime.min.replace(tzinfo=UTC)

    @property
    def token_type(self) -> str:
        return "token"

    @property
    def token(self) -> str:
        """A token that is good for some minutes at least. Raises what asking GitHub for it raises."""
        with self._lock:
            if self._clock() >= self._renew_at:
                answer = self._fetch(self._path, self._app)
                self._token = str(answer["token"])
                self._renew_at = datetime.fromisoformat(str(answer["expires_at"])) - RENEW_BEFORE
            return self._token


def _fingerprint(api_url: str, secret: str) -> str:
    return hashlib.sha256(f"{api_url}\n{secret}".encode()).hexdigest()
