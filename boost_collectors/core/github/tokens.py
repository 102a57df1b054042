"""Which token is for what: reading, from a pool, or writing."""

from __future__ import annotations

import logging
from threading import Lock
from typing import TYPE_CHECKING, Any

from github import Auth
from jwt import PyJWTError

from boost_collectors.core.errors import (
    AuthenticationError,
    ConfigurationError,
    NetworkError,
)
from boost_collectors.core.github.credentials import Credential, app_credential, token_credential
from boost_collectors.core.redaction import learn_secret

if TYPE_CHECKING:
    from boost_collectors.core.github.transport import Transport
    from boost_collectors.core.settings import Settings

logger = logging.getLogger(__name__)

USES = ("scraping", "push", "create_pr", "write")


class TokenRotation:
    """Deals out the tokens of a pool in turn, to all threads of the process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._dealt: dict[tuple[str, ...], int] = {}

    def next(self, pool: tuple[str, ...]) -> str:
        """The next token; a changed pool starts from its first."""
        with self._lock:
            number = self._dealt.get(pool, 0)
            self._dealt = {pool: number + 1}
        return pool[number % len(pool)]


ROTATION = TokenRotation()


def get_github_token(use: str = "scraping", settings: Settings | None = None) -> str:
    """A token for this use; those for scraping come from the pool in turn.

    ``settings`` are read anew when not given. Raises ValueError for an unknown use or when no token is configured.
    """
    pool = _pool(use, settings or _settings())
    if not pool:
        raise ValueError(f"No {_kind(use)} token: set {_variables(use)}")
    return ROTATION.next(pool) if use == "scraping" else pool[0]


def credentials_for(settings: Settings, use: str, transport: Transport) -> list[Credential]:
    """Everything that may be used for ``use``: all tokens of the pool, and the GitHub App's installation for reading.

    Raises ValueError for an unknown use, ConfigurationError when nothing is configured.
    """
    credentials = [token_credential(token, transport.api_url) for token in _pool(use, settings)]
    if use == "scraping" and settings.github_app_id:
        credentials.append(_installation(settings, transport))
    if not credentials:
        raise ConfigurationError(f"No {_kind(use)} token for GitHub: set {_variables(use)}")
    return credentials


def can_read(settings: Settings) -> bool:
    """True if anything is configured that may read from GitHub's API."""
    return bool(settings.github_tokens_scraping or settings.github_app_id)


def _pool(use: str, settings: Settings) -> tuple[str, ...]:
    if use not in USES:
        raise ValueError(f"Unknown use {use!r}: it must be one of {', '.join(USES)}")
    given = settings.github_tokens_scraping if use == "scraping" else (settings.github_token_write,)
    return tuple(token for token in (token.strip() for token in given) if token)


def _kind(use: str) -> str:
    return "scraping" if use == "scraping" else "write"


def _variables(use: str) -> str:
    return "GITHUB_TOKENS_SCRAPING or GITHUB_TOKEN" if use == "scraping" else "GITHUB_TOKEN_WRITE or GITHUB_TOKEN"


def _settings() -> Settings:
    from boost_collectors.core.settings import Settings

    return Settings.load()


def _installation(settings: Settings, transport: Transport) -> Credential:
    if not settings.github_app_installation_id:
        raise ConfigurationError("GITHUB_APP_ID is set, but GITHUB_APP_INSTALLATION_ID is not")

    def fetch(path: str, app: Auth.Auth) -> Any:
        return _issued(transport, path, app)

    return app_credential(
        settings.github_app_id,
        _private_key(settings),
        settings.github_app_installation_id,
        transport.api_url,
        fetch,
    )


def _private_key(settings: Settings) -> str:
    if settings.github_app_private_key:
        # In an environment variable the lines are often joined by a written \n.
        return settings.github_app_private_key.replace("\\n", "\n")
    path = settings.github_app_pem_file
    if path is None:
        raise ConfigurationError("GITHUB_APP_ID is set, but neither GITHUB_APP_PRIVATE_KEY nor GITHUB_APP_PEM_FILE is")
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeError) as error:
        raise ConfigurationError(f"GITHUB_APP_PEM_FILE: {path} cannot be read: {type(error).__name__}") from None


def _issued(transport: Transport, path: str, app: Auth.Auth) -> Any:
    """A fresh installation token, made known to the redaction before anybody can log it."""
    try:
        reply = transport.send(app, "POST", path, payload={})
    except (ValueError, PyJWTError):
        raise ConfigurationError("The private key of the GitHub App is not a private key in PEM form") from None
    if reply.status == 201 and isinstance(reply.json, dict) and reply.json.get("token"):
        learn_secret(str(reply.json["token"]))
        return reply.json
    if reply.status >= 500:
        raise NetworkError(reply.told)
    raise AuthenticationError(f"the GitHub App gets no token: {reply.told}")
