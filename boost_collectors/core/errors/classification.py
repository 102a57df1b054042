"""Sorting any exception into a few categories, for alerts, the run log and the retry policy.

Libraries are recognised by module and class name, so that none is imported for it: an exception of a library that
is not installed cannot arrive.
"""

from __future__ import annotations

import errno
import socket
import ssl
import subprocess
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from boost_collectors.core.errors.tree import (
    AuthenticationError,
    CollectorError,
    CommandError,
    ConfigurationError,
    NetworkError,
    RateLimited,
    SourceError,
    TransientError,
)


class CollectorFailureCategory(StrEnum):
    """Why something failed. The values are part of the stable interface."""

    UNKNOWN = "unknown"
    VALIDATION = "validation"
    AUTH = "auth"
    PERMISSION = "permission"
    RATE_LIMIT = "rate_limit"
    NETWORK = "network"
    TIMEOUT = "timeout"
    COMMAND = "command"

    @property
    def is_transient(self) -> bool:
        """True if the same call may succeed later without anybody doing anything."""
        return self in (Category.RATE_LIMIT, Category.NETWORK, Category.TIMEOUT)


Category = CollectorFailureCategory
Rule = Callable[[BaseException], Category | None]

_OURS: tuple[tuple[type[BaseException], Category], ...] = (
    (CommandError, Category.COMMAND),
    (AuthenticationError, Category.AUTH),
    (RateLimited, Category.RATE_LIMIT),
    (ConfigurationError, Category.VALIDATION),
    (SourceError, Category.VALIDATION),
)

_DATABASE_MODULES = frozenset({"sqlalchemy", "psycopg", "psycopg_pool", "psycopg2", "asyncpg", "sqlite3", "alembic"})

_DATABASE_LOSS = "OperationalError"
"""What SQLAlchemy and the drivers call it when the server, or the way to it, fails a good statement."""

_EXPECTED_FILE_ERRORS = (FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError)

_NETWORK_ERRNO_NAMES = (
    "EPIPE ECONNRESET ECONNREFUSED ENOTCONN ECONNABORTED ENETUNREACH EHOSTUNREACH EHOSTDOWN ENETDOWN "
    "EADDRINUSE EADDRNOTAVAIL ENETRESET ESHUTDOWN EMSGSIZE ENOBUFS"
)
_NETWORK_ERRNOS = frozenset(
    getattr(errno, name) for name in _NETWORK_ERRNO_NAMES.split() if hasattr(errno, name)
)  # fmt: skip
_NETWORK_WINDOWS_CODES = frozenset(
    {10013, 10014, 10035, *range(10048, 10056), 10057, 10058, 10060, 10061, 10064, 10065}
)

_SLACK_CODES: Mapping[str, Category] = {
    "invalid_auth": Category.AUTH,
    "not_authed": Category.AUTH,
    "account_inactive": Category.AUTH,
    "token_revoked": Category.AUTH,
    "token_expired": Category.AUTH,
    "not_allowed_token_type": Category.AUTH,
    "org_login_required": Category.AUTH,
    "missing_scope": Category.PERMISSION,
    "no_permission": Category.PERMISSION,
    "access_denied": Category.PERMISSION,
    "ekm_access_denied": Category.PERMISSION,
    "team_access_not_granted": Category.PERMISSION,
    "restricted_action": Category.PERMISSION,
    "ratelimited": Category.RATE_LIMIT,
    "rate_limited": Category.RATE_LIMIT,
    "service_unavailable": Category.NETWORK,
    "internal_error": Category.NETWORK,
    "fatal_error": Category.NETWORK,
    "request_timeout": Category.TIMEOUT,
}

_DISCORD_NAMES: Mapping[str, Category] = {
    "RateLimited": Category.RATE_LIMIT,
    "HTTPException": Category.NETWORK,
    "GatewayNotFound": Category.NETWORK,
    "ConnectionClosed": Category.NETWORK,
    "LoginFailure": Category.AUTH,
    "PrivilegedIntentsRequired": Category.AUTH,
    "ClientException": Category.AUTH,
}

_GITHUB_NAMES: Mapping[str, Category] = {
    "RateLimitExceededException": Category.RATE_LIMIT,
    "BadCredentialsException": Category.AUTH,
    "TwoFactorException": Category.AUTH,
}


def classify_failure(exc: BaseException) -> CollectorFailureCategory:
    """The category of an exception; ``unknown`` for what no rule knows. Never raises, whatever the exception does."""
    try:
        return _classify(exc)
    except Exception:
        return Category.UNKNOWN


def _classify(exc: BaseException) -> Category:
    for rule in _RULES:
        category = rule(exc)
        if category is not None:
            return category
    return Category.UNKNOWN


def _ours(exc: BaseException) -> Category | None:
    """Our own classes; those that only say what to do next take the category of what caused them."""
    for kind, category in _OURS:
        if isinstance(exc, kind):
            return category
    if not isinstance(exc, CollectorError):
        return None
    cause = _classify(exc.__cause__) if exc.__cause__ is not None else Category.UNKNOWN
    if isinstance(exc, NetworkError):
        return Category.TIMEOUT if cause is Category.TIMEOUT else Category.NETWORK
    return cause


def _database(exc: BaseException) -> Category | None:
    # Even a lost connection stays unknown: the database is ours, so it is never the source's network.
    return Category.UNKNOWN if any(_root(kind) in _DATABASE_MODULES for kind in type(exc).__mro__) else None


def _builtin(exc: BaseException) -> Category | None:
    code = getattr(exc, "errno", None) if isinstance(exc, OSError) else None
    if isinstance(exc, PermissionError) or code in (errno.EACCES, errno.EPERM):
        return Category.PERMISSION
    timeout = isinstance(exc, TimeoutError | subprocess.TimeoutExpired) or code == errno.ETIMEDOUT
    return Category.TIMEOUT if timeout else None


def _library(exc: BaseException) -> Category | None:
    """By the nearest base class that a known library defines, so that subclasses of it count too."""
    for kind in type(exc).__mro__:
        rule = _LIBRARIES.get(_root(kind))
        if rule is not None:
            return rule(exc, kind.__name__)
    return None


def _by_status(status: object, *, other: Category) -> Category:
    if status == 429:
        return Category.RATE_LIMIT
    return Category.AUTH if status in (401, 403) else other


def _requests(exc: BaseException, name: str) -> Category | None:
    if name == "HTTPError":
        return _by_status(_response_status(exc), other=Category.NETWORK)
    # A malformed URL, header or JSON body is not the network's fault.
    if isinstance(exc, ValueError):
        return Category.VALIDATION
    return Category.TIMEOUT if name.endswith("Timeout") else Category.NETWORK


def _urllib3(_exc: BaseException, name: str) -> Category | None:
    return Category.TIMEOUT if name.endswith("TimeoutError") else Category.NETWORK


def _httpx(exc: BaseException, name: str) -> Category | None:
    if "Timeout" in name:
        return Category.TIMEOUT
    if "HTTPStatus" in name:
        return _by_status(_response_status(exc), other=Category.NETWORK)
    return None if name in ("InvalidURL", "CookieConflict") else Category.NETWORK


def _urllib(exc: BaseException, name: str) -> Category | None:
    if name == "HTTPError":
        return _by_status(getattr(exc, "code", None), other=Category.NETWORK)
    timeout = isinstance(getattr(exc, "reason", None), TimeoutError)
    return Category.TIMEOUT if timeout else Category.NETWORK


def _http_client(_exc: BaseException, name: str) -> Category | None:
    return None if name == "InvalidURL" else Category.NETWORK


def _aiohttp(exc: BaseException, name: str) -> Category | None:
    return Category.VALIDATION if name == "InvalidURL" else _by_status(_status(exc), other=Category.NETWORK)


def _discord(exc: BaseException, _name: str) -> Category | None:
    status = _status(exc)
    if status is not None:
        return _by_status(status, other=Category.UNKNOWN if 400 <= status < 500 else Category.NETWORK)
    return _by_name(exc, _DISCORD_NAMES)


def _github(exc: BaseException, _name: str) -> Category | None:
    named = _by_name(exc, _GITHUB_NAMES)
    status = _status(exc)
    if named is not None or status is None:
        return named
    return _by_status(status, other=Category.NETWORK if status >= 500 else Category.UNKNOWN)


def _slack(exc: BaseException, _name: str) -> Category | None:
    status = _response_status(exc)
    if isinstance(status, int) and status >= 400:
        return _by_status(status, other=Category.NETWORK)
    read = getattr(getattr(exc, "response", None), "get", None)
    return _SLACK_CODES.get(str(read("error")), Category.UNKNOWN) if callable(read) else Category.UNKNOWN


def _os_error(exc: BaseException) -> Category | None:
    if not isinstance(exc, OSError):
        return None
    if isinstance(exc, _EXPECTED_FILE_ERRORS):
        return Category.UNKNOWN
    # Name resolution and TLS failures carry numbers of their own.
    if isinstance(exc, ConnectionError | socket.gaierror | socket.herror | ssl.SSLError):
        return Category.NETWORK
    if exc.errno in _NETWORK_ERRNOS or _windows_code(exc) in _NETWORK_WINDOWS_CODES:
        return Category.NETWORK
    return Category.UNKNOWN


def _value_error(exc: BaseException) -> Category | None:
    # pydantic's ValidationError is a ValueError, as are bad JSON and bad Unicode.
    return Category.VALIDATION if isinstance(exc, ValueError) else None


_LIBRARIES: Mapping[str, Callable[[BaseException, str], Category | None]] = {
    "requests": _requests,
    "urllib3": _urllib3,
    "httpx": _httpx,
    "httpcore": _httpx,
    "urllib": _urllib,
    "http": _http_client,
    "aiohttp": _aiohttp,
    "discord": _discord,
    "slack_sdk": _slack,
    "github": _github,
}

_RULES: tuple[Rule, ...] = (_ours, _database, _builtin, _library, _os_error, _value_error)


def _root(kind: type) -> str:
    return kind.__module__.partition(".")[0]


def _by_name(exc: BaseException, names: Mapping[str, Category]) -> Category | None:
    return next((names[kind.__name__] for kind in type(exc).__mro__ if kind.__name__ in names), None)


def _status(exc: BaseException) -> int | None:
    status: Any = getattr(exc, "status", None)
    return status if isinstance(status, int) and not isinstance(status, bool) else None


def _response_status(exc: BaseException) -> object:
    return getattr(getattr(exc, "response", None), "status_code", None)


def _windows_code(exc: OSError) -> object:
    code = getattr(exc, "winerror", None)
    return code if code is not None else (exc.args[3] if len(exc.args) > 3 else None)


def retry_may_help(exc: BaseException) -> bool:
    """True if the same run may succeed later without anybody doing anything.

    That is a transient error of ours or a transient category, and the loss of the project database (restart, cut
    connection, deadlock), which has the category unknown because no source is to blame for it.
    """
    if isinstance(exc, TransientError) or classify_failure(exc).is_transient:
        return True
    return any(
        parent.__name__ == _DATABASE_LOSS and parent.__module__.partition(".")[0] in _DATABASE_MODULES
        for parent in type(exc).__mro__
    )
