"""The three ways into Reddit's API, and the tokens they give.

1. ``REDDIT_CLIENT_ID`` and ``REDDIT_CLIENT_SECRET``: ``POST <site>/api/v1/access_token`` with basic authentication.
2. ``REDDIT_BEARER_TOKEN``: used as it is, as long as it lives.
3. ``REDDIT_SESSION_COOKIE``: ``POST <site>/svc/shreddit/token`` with the CSRF token, which is given as
   ``REDDIT_CSRF_TOKEN`` or set as a cookie by the site's home page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt

from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import AuthenticationError, ConfigurationError, NetworkError
from boost_collectors.core.settings import Settings

MARGIN = timedelta(seconds=60)
"""A token is renewed so long before it dies."""
DEFAULT_LIFE = 3600.0
UNKNOWN_TOKEN = 401
"""The status with which Reddit refuses a token that it does not know, or no longer."""
_SAMPLES = frozenset({"your_client_id", "your_client_secret"})
_NEEDED = "REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET, or REDDIT_BEARER_TOKEN, or REDDIT_SESSION_COOKIE"


@dataclass(frozen=True, slots=True)
class Token:
    """``dies_at`` is None for one that says nothing of its end."""

    text: str
    dies_at: datetime | None = None

    def lives(self, now: datetime) -> bool:
        """True if it can be used for a while yet."""
        return self.dies_at is None or self.dies_at - MARGIN > now


Mint = Callable[[], Token]


class Credentials:
    """The token of one run: made when it is first needed, renewed when it dies or is refused."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._token: Token | None = None

    def headers(self) -> dict[str, str]:
        """The headers of a request to the API. Raises as ``check`` and the HTTP client do."""
        if self._token is None or not self._token.lives(self._context.clock()):
            self._token = self._way()()
        return {"Authorization": f"Bearer {self._token.text}", **self.agent}

    def refused(self) -> None:
        """Take note that Reddit does not know the token any more: the next request has a new one.

        Raises AuthenticationError where there is no way to make another.
        """
        settings = self._context.settings
        if not _has_client(settings) and not settings.reddit_session_cookie:
            raise AuthenticationError("Reddit refuses REDDIT_BEARER_TOKEN", status=UNKNOWN_TOKEN)
        self._token = None if _has_client(settings) else self._from_cookie()

    def check(self) -> None:
        """Raise ConfigurationError, naming the variables, unless there is a user agent and a way in."""
        if not self._context.settings.reddit_user_agent:
            raise ConfigurationError("REDDIT_USER_AGENT is not set: Reddit insists on one")
        self._way()

    @property
    def agent(self) -> dict[str, str]:
        """The user agent, which every request has."""
        return {"User-Agent": self._context.settings.reddit_user_agent}

    def _way(self) -> Mint:
        settings = self._context.settings
        if _has_client(settings):
            return self._from_client
        bearer = bearer_token(settings)
        if bearer is not None and bearer.lives(self._context.clock()):
            return lambda: bearer
        if settings.reddit_session_cookie:
            return self._from_cookie
        if bearer is not None:
            raise ConfigurationError(f"REDDIT_BEARER_TOKEN has expired; set it anew, or set {_NEEDED}")
        raise ConfigurationError(f"Reddit credentials are not set: {_NEEDED}")

    def _from_client(self) -> Token:
        settings = self._context.settings
        auth = httpx.BasicAuth(settings.reddit_client_id, settings.reddit_client_secret)
        url = f"{settings.reddit_url}/api/v1/access_token"
        signed = next(auth.sync_auth_flow(httpx.Request("POST", url))).headers["Authorization"]
        headers = {"Authorization": signed, **self.agent}
        response = self._context.http.post_form(url, {"grant_type": "client_credentials"}, headers)
        answer = _object(response)
        return self._made(answer.get("access_token"), answer.get("expires_in"), "REDDIT_CLIENT_ID and its secret")

    def _from_cookie(self) -> Token:
        settings = self._context.settings
        csrf = settings.reddit_csrf_token or self._csrf_of_home()
        headers = {"Cookie": f"{self._session}; csrf_token={csrf}", **self.agent}
        response = self._context.http.post_json(
            f"{settings.reddit_url}/svc/shreddit/token", {"csrf_token": csrf}, headers
        )
        return self._made(_object(response).get("token"), None, "REDDIT_SESSION_COOKIE")

    def _csrf_of_home(self) -> str:
        home = f"{self._context.settings.reddit_url}/"
        response = self._context.http.get(home, headers={"Cookie": self._session, **self.agent})
        csrf = response.cookies.get("csrf_token")
        if not csrf:
            raise AuthenticationError("Reddit's home page sets no csrf_token for REDDIT_SESSION_COOKIE")
        return csrf

    @property
    def _session(self) -> str:
        given = self._context.settings.reddit_session_cookie
        return given if "=" in given.partition(";")[0] else f"reddit_session={given}"

    def _made(self, text: Any, life: Any, source: str) -> Token:
        if not isinstance(text, str) or not text:
            raise AuthenticationError(f"Reddit gives no token for {source}")
        seconds = float(life) if isinstance(life, int | float) else DEFAULT_LIFE
        return Token(text, expiry_of(text) or self._context.clock() + timedelta(seconds=seconds))


def bearer_token(settings: Settings) -> Token | None:
    """The token of REDDIT_BEARER_TOKEN, with or without the word Bearer before it; None when it is not set."""
    text = settings.reddit_bearer_token.strip()
    text = text[len("bearer ") :].strip() if text.lower().startswith("bearer ") else text
    return Token(text, expiry_of(text)) if text else None


def expiry_of(token: str) -> datetime | None:
    """When a JWT ends; None for a token that does not say."""
    try:
        end = jwt.decode(token, options={"verify_signature": False, "verify_exp": False}).get("exp")
        return datetime.fromtimestamp(float(end), UTC) if end is not None else None
    except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, OSError):
        return None


def _has_client(settings: Settings) -> bool:
    given = {settings.reddit_client_id, settings.reddit_client_secret}
    return "" not in given and given.isdisjoint(_SAMPLES)


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        raise NetworkError("Reddit's token answer is no JSON, or was cut") from None
    return answer if isinstance(answer, dict) else {}
