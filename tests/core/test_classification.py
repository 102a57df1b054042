"""Every exception ends in the category that its cause deserves."""

from __future__ import annotations

import concurrent.futures
import errno
import http.client
import json
import socket
import ssl
import subprocess
import sys
import urllib.error
from datetime import UTC, datetime
from email.message import Message
from types import SimpleNamespace

import httpcore
import httpx
import psycopg
import pydantic
import pytest
import requests
import sqlalchemy.exc
import urllib3.exceptions

from boost_collectors.core.errors import (
    AlreadyRunning,
    AuthenticationError,
    CollectionSkipped,
    CollectorError,
    CollectorFailureCategory,
    CommandError,
    ConfigurationError,
    NetworkError,
    NotFoundError,
    PermanentError,
    RateLimited,
    SourceError,
    TransientError,
    classify_failure,
)

SOON = datetime(2026, 3, 1, tzinfo=UTC)


def caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


def foreign(module: str, name: str, base: type[Exception] = Exception, **attributes: object) -> Exception:
    """An exception as a library that is not installed here would define it."""
    kind = type(name, (base,), {"__module__": module})
    error: Exception = kind("it broke")
    for key, value in attributes.items():
        setattr(error, key, value)
    return error


def requests_status(status: int | None) -> Exception:
    if status is None:
        return requests.HTTPError("no response")
    response = requests.Response()
    response.status_code = status
    return requests.HTTPError("refused", response=response)


def httpx_status(status: int) -> Exception:
    request = httpx.Request("GET", "http://localhost")
    return httpx.HTTPStatusError("refused", request=request, response=httpx.Response(status, request=request))


def urllib_status(status: int) -> Exception:
    return urllib.error.HTTPError("http://localhost", status, "refused", Message(), None)


def slack(status: object = None, code: str | None = None) -> Exception:
    answer = SimpleNamespace(status_code=status, get={"error": code}.get)
    return foreign("slack_sdk.errors", "SlackApiError", response=answer)


def pydantic_error() -> Exception:
    with pytest.raises(pydantic.ValidationError) as caught:
        pydantic.TypeAdapter(int).validate_python("x")
    return caught.value


def json_error() -> Exception:
    with pytest.raises(json.JSONDecodeError) as caught:
        json.loads("{")
    return caught.value


OURS = [
    (CommandError("x"), "command"),
    (ConfigurationError("x"), "validation"),
    (AuthenticationError("x"), "auth"),
    (RateLimited("x", retry_at=SOON), "rate_limit"),
    (NetworkError("x"), "network"),
    (caused(NetworkError("x"), httpx.ReadTimeout("slow")), "timeout"),
    (caused(NetworkError("x"), httpx.ReadError("cut")), "network"),
    (caused(NetworkError("x"), ValueError("x")), "network"),
    (SourceError("x"), "validation"),
    (NotFoundError("x"), "unknown"),
    (PermanentError("x"), "unknown"),
    (caused(PermanentError("x"), PermissionError("x")), "permission"),
    (TransientError("x"), "unknown"),
    (caused(TransientError("x"), requests_status(429)), "rate_limit"),
    (AlreadyRunning("x"), "unknown"),
    (CollectionSkipped("x"), "unknown"),
    (CollectorError("x"), "unknown"),
]

NETWORK_NUMBERS = (
    *("EPIPE", "ECONNRESET", "ENOTCONN", "ENETUNREACH", "EHOSTUNREACH", "EHOSTDOWN", "ENETDOWN", "EADDRINUSE"),
    *("EADDRNOTAVAIL", "ENETRESET", "ESHUTDOWN", "EMSGSIZE", "ENOBUFS"),
)
FILE_NUMBERS = ("ENOSPC", "EROFS", "EBUSY", "EXDEV", "ENOTEMPTY", "ELOOP", "EMFILE", "ENFILE", "EIO")

BUILT_IN = [
    (pydantic_error(), "validation"),
    (json_error(), "validation"),
    (ValueError("x"), "validation"),
    (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x"), "validation"),
    (PermissionError("x"), "permission"),
    (OSError(errno.EACCES, "x"), "permission"),
    (OSError(errno.EPERM, "x"), "permission"),
    (TimeoutError("x"), "timeout"),
    (concurrent.futures.TimeoutError(), "timeout"),
    (OSError(errno.ETIMEDOUT, "x"), "timeout"),
    (subprocess.TimeoutExpired("git", 3), "timeout"),
    (subprocess.CalledProcessError(1, "git"), "unknown"),
    (FileNotFoundError("x"), "unknown"),
    (FileExistsError("x"), "unknown"),
    (IsADirectoryError("x"), "unknown"),
    (NotADirectoryError("x"), "unknown"),
    (ConnectionRefusedError("x"), "network"),
    (ConnectionResetError("x"), "network"),
    (ConnectionAbortedError("x"), "network"),
    (BrokenPipeError("x"), "network"),
    (socket.gaierror(socket.EAI_NONAME, "x"), "network"),
    (ssl.SSLError("x"), "network"),
    (ssl.SSLCertVerificationError("x"), "network"),
    (OSError("only text"), "unknown"),
    (OSError(99999, "x"), "unknown"),
    (RuntimeError("x"), "unknown"),
    (KeyError("x"), "unknown"),
    (TypeError("x"), "unknown"),
    (AssertionError("x"), "unknown"),
    (KeyboardInterrupt(), "unknown"),
    (ExceptionGroup("x", [ValueError("x")]), "unknown"),
    *(
        (OSError(getattr(errno, name), "x"), "network")
        for name in [
            "EPIPE",
            "ECONNRESET",
            "ENOTCONN",
            "ENETUNREACH",
            "EHOSTUNREACH",
            "EHOSTDOWN",
            "ENETDOWN",
            "EADDRINUSE",
            "EADDRNOTAVAIL",
            "ENETRESET",
            "ESHUTDOWN",
            "EMSGSIZE",
            "ENOBUFS",
        ]
    ),
    *((OSError(getattr(errno, name), "x"), "unknown") for name in FILE_NUMBERS),
    *(
        (OSError(0, "x", None, code), "network")
        for code in (10013, 10014, 10035, 10048, 10055, 10057, 10058, 10060, 10061, 10064, 10065)
    ),
    (OSError(0, "x", None, 10056), "unknown"),
    (foreign("ours", "WindowsError", OSError, winerror=10054), "network"),
]

DATABASE = [
    (sqlalchemy.exc.OperationalError("SELECT", {}, OSError("gone")), "unknown"),
    (sqlalchemy.exc.TimeoutError("pool"), "unknown"),
    (psycopg.OperationalError("connection lost"), "unknown"),
    (psycopg.errors.UniqueViolation("x"), "unknown"),
]

LIBRARIES = [
    (requests_status(429), "rate_limit"),
    (requests_status(401), "auth"),
    (requests_status(403), "auth"),
    (requests_status(404), "network"),
    (requests_status(500), "network"),
    (requests_status(None), "network"),
    (requests.exceptions.SSLError("x"), "network"),
    (requests.Timeout("x"), "timeout"),
    (requests.ReadTimeout("x"), "timeout"),
    (requests.ConnectTimeout("x"), "timeout"),
    (requests.ConnectionError("x"), "network"),
    (requests.exceptions.ChunkedEncodingError("x"), "network"),
    (requests.exceptions.ProxyError("x"), "network"),
    (requests.exceptions.RetryError("x"), "network"),
    (requests.TooManyRedirects("x"), "network"),
    (requests.exceptions.ContentDecodingError("x"), "network"),
    (requests.RequestException("x"), "network"),
    (requests.JSONDecodeError("x", "{", 0), "validation"),
    (foreign("ours", "Ours", requests.ReadTimeout), "timeout"),
    (urllib3.exceptions.TimeoutError("x"), "timeout"),
    (urllib3.exceptions.ConnectTimeoutError("x"), "timeout"),
    (urllib3.exceptions.ProtocolError("x"), "network"),
    (urllib3.exceptions.HTTPError("x"), "network"),
    (httpx.ReadTimeout("x"), "timeout"),
    (httpx.PoolTimeout("x"), "timeout"),
    (httpx.ConnectError("x"), "network"),
    (httpx.ReadError("x"), "network"),
    (httpx.WriteError("x"), "network"),
    (httpx.ProxyError("x"), "network"),
    (httpx.RemoteProtocolError("x"), "network"),
    (httpx_status(429), "rate_limit"),
    (httpx_status(401), "auth"),
    (httpx_status(403), "auth"),
    (httpx_status(502), "network"),
    (httpcore.ConnectTimeout("x"), "timeout"),
    (httpcore.ReadError("x"), "network"),
    (urllib_status(429), "rate_limit"),
    (urllib_status(401), "auth"),
    (urllib_status(503), "network"),
    (urllib.error.URLError("no route"), "network"),
    (urllib.error.URLError(TimeoutError()), "timeout"),
    (http.client.IncompleteRead(b""), "network"),
    (http.client.RemoteDisconnected("x"), "network"),
    (foreign("aiohttp.client_exceptions", "ClientResponseError", status=429), "rate_limit"),
    (foreign("aiohttp.client_exceptions", "ClientPayloadError"), "network"),
    (foreign("discord.errors", "HTTPException", status=429), "rate_limit"),
    (foreign("discord.errors", "HTTPException", status=401), "auth"),
    (foreign("discord.errors", "Forbidden", status=403), "auth"),
    (foreign("discord.errors", "DiscordServerError", status=503), "network"),
    (foreign("discord.errors", "NotFound", status=404), "unknown"),
    (foreign("discord.errors", "HTTPException", status=302), "network"),
    (foreign("discord.errors", "HTTPException"), "network"),
    (foreign("discord.errors", "HTTPException", status="429"), "network"),
    (foreign("discord.errors", "LoginFailure"), "auth"),
    (foreign("discord.errors", "PrivilegedIntentsRequired"), "auth"),
    (foreign("discord.errors", "ClientException"), "auth"),
    (foreign("discord.errors", "RateLimited"), "rate_limit"),
    (foreign("discord.errors", "Other"), "unknown"),
    (foreign("discord.errors", "Other", ValueError), "validation"),
    (foreign("discordant", "HTTPException", status=429), "unknown"),
    (slack(429), "rate_limit"),
    (slack(401), "auth"),
    (slack(403), "auth"),
    (slack(500), "network"),
    (slack(404), "network"),
    (slack(200), "unknown"),
    (slack(None), "unknown"),
    (slack(200, "invalid_auth"), "auth"),
    (slack(200, "missing_scope"), "permission"),
    (slack(200, "ratelimited"), "rate_limit"),
    (slack(200, "channel_not_found"), "unknown"),
    (foreign("slack_sdk.errors", "SlackRequestError"), "unknown"),
    (foreign("github.GithubException", "RateLimitExceededException", status=403), "rate_limit"),
    (foreign("github.GithubException", "BadCredentialsException", status=401), "auth"),
    (foreign("github.GithubException", "GithubException", status=502), "network"),
    (foreign("github.GithubException", "UnknownObjectException", status=404), "unknown"),
]


@pytest.mark.parametrize(
    ("error", "category"),
    [pytest.param(*case, id=repr(case[0])[:60]) for case in OURS + BUILT_IN + DATABASE + LIBRARIES],
)
def test_category(error: BaseException, category: str) -> None:
    assert classify_failure(error).value == category


def test_the_values_are_the_stable_ones() -> None:
    assert [category.value for category in CollectorFailureCategory] == [
        "unknown",
        "validation",
        "auth",
        "permission",
        "rate_limit",
        "network",
        "timeout",
        "command",
    ]


def test_what_may_succeed_later() -> None:
    transient = {category.value for category in CollectorFailureCategory if category.is_transient}
    assert transient == {"rate_limit", "network", "timeout"}


def test_an_exception_that_fails_when_looked_at_is_unknown() -> None:
    class Hostile(Exception):
        __module__ = "discord.errors"

        @property
        def status(self) -> int:
            raise RuntimeError("no")

    assert classify_failure(Hostile()) is CollectorFailureCategory.UNKNOWN


def test_an_exception_that_caused_itself_is_unknown() -> None:
    error = TransientError("x")
    assert classify_failure(caused(error, error)) is CollectorFailureCategory.UNKNOWN


def test_authentication_error_is_a_runtime_error() -> None:
    assert issubclass(AuthenticationError, RuntimeError)


def test_classifying_imports_no_client_library() -> None:
    code = """
import sys
from boost_collectors.core.errors import classify_failure
classify_failure(ValueError())
print(sorted({"requests", "urllib3", "httpx", "discord", "slack_sdk", "sqlalchemy"} & set(sys.modules)))
"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"
