"""What an HTTP answer means for the caller: use it, try again after a while, or give up. No I/O in here."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from boost_collectors.core.errors import (
    AuthenticationError,
    CollectorError,
    NetworkError,
    NotFoundError,
    RateLimited,
    SourceError,
)

# The longest wait a source can ask of us: beyond it, a date would only overflow.
LONGEST_WAIT_SECONDS = 366 * 24 * 3600.0
_SECRET_PARAMETER = re.compile(r"(token|key|secret|password|signature|sig|credential|auth)$", re.IGNORECASE)


class MalformedBody(Exception):
    """An answer with a good status whose body is not what was asked for: most often it was cut."""


@dataclass(frozen=True, slots=True)
class Ok:
    """The answer can be used."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Ask again in ``after`` seconds, because of ``reason``."""

    after: float
    reason: str


@dataclass(frozen=True, slots=True)
class Fail:
    """Asking again is of no use now."""

    error: CollectorError


Decision = Ok | Retry | Fail


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often to ask, and how long a single wait may be, in seconds."""

    max_attempts: int = 5
    max_wait: float = 300.0

    def decide(
        self, request: httpx.Request, outcome: httpx.Response | Exception, attempt: int, now: datetime
    ) -> Decision:
        """What to do after attempt number ``attempt`` (from 1) ended so at ``now`` (aware, UTC)."""
        what = f"{request.method} {shown_url(request.url)}"
        if isinstance(outcome, httpx.Response):
            return self._after_answer(what, outcome, attempt, now)
        if isinstance(outcome, httpx.UnsupportedProtocol | httpx.LocalProtocolError | httpx.TooManyRedirects):
            return Fail(SourceError(f"{what}: {describe(outcome)}"))
        if isinstance(outcome, MalformedBody):
            return self._again(SourceError(f"{what}: {outcome}"), self._backoff(attempt), attempt)
        return self._again(NetworkError(f"{what}: {describe(outcome)}"), self._backoff(attempt), attempt)

    def _after_answer(self, what: str, response: httpx.Response, attempt: int, now: datetime) -> Decision:
        status = response.status_code
        told = f"{what}: {status} {response.reason_phrase}".rstrip()
        if response.is_success or (status == 304 and _was_conditional(response)):
            return Ok()
        asked = asked_wait(response, now)
        if status == 429 or (status == 403 and asked is not None):
            return self._throttled(told, status, asked, attempt, now)
        if status >= 500 or status in (408, 425):
            if asked is not None and asked > self.max_wait:
                return self._throttled(told, status, asked, attempt, now)
            error = NetworkError(told, status=status)
            return self._again(error, self._backoff(attempt) if asked is None else asked, attempt)
        return Fail(_refusal(status, told))

    def _throttled(self, told: str, status: int, asked: float | None, attempt: int, now: datetime) -> Decision:
        after = self._backoff(attempt) if asked is None else asked
        error = RateLimited(told, retry_at=now + timedelta(seconds=after), status=status)
        return Fail(error) if after > self.max_wait else self._again(error, after, attempt)

    def _again(self, error: CollectorError, after: float, attempt: int) -> Decision:
        return Fail(error) if attempt >= self.max_attempts else Retry(after, str(error))

    def _backoff(self, attempt: int) -> float:
        return float(min(2 ** min(attempt - 1, 30), self.max_wait))


def asked_wait(response: httpx.Response, now: datetime) -> float | None:
    """Seconds the source asks us to wait, never negative; None when it does not say, or says nonsense.

    ``Retry-After`` is seconds or an HTTP date. Others count requests instead: nothing remaining (Reddit counts in
    fractions) until ``X-RateLimit-Reset``, which is a second since 1970 (GitHub) or a number of seconds (Reddit).
    """
    asked = _seconds(response.headers.get("retry-after"), now)
    if asked is None:
        asked = _until_reset(response, now)
    return None if asked is None else min(max(asked, 0.0), LONGEST_WAIT_SECONDS)


def _until_reset(response: httpx.Response, now: datetime) -> float | None:
    remaining = _number(response.headers.get("x-ratelimit-remaining"))
    reset = _number(response.headers.get("x-ratelimit-reset"))
    if reset is None or remaining is None or remaining >= 1:
        return None
    return reset if reset < LONGEST_WAIT_SECONDS else reset - now.timestamp()


def shown_url(url: httpx.URL | str) -> str:
    """The URL as it may stand in a message: without user and password, and without the values of secret parameters."""
    try:
        url = without_userinfo(httpx.URL(url))
    except httpx.InvalidURL:
        return re.sub(r"//.*@", "//", str(url)).partition("?")[0]
    secret = [key for key in url.params if _SECRET_PARAMETER.search(key)]
    return str(url.copy_merge_params(dict.fromkeys(secret, "HIDDEN"))) if secret else str(url)


def without_userinfo(url: httpx.URL) -> httpx.URL:
    """The URL without user and password."""
    return url.copy_with(username=None, password=None) if url.userinfo else url


def describe(error: Exception) -> str:
    """An error as one line, by class when it has no text of its own."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _refusal(status: int, told: str) -> CollectorError:
    if status in (401, 403):
        return AuthenticationError(told, status=status)
    return (NotFoundError if status in (404, 410) else SourceError)(told, status=status)


def _was_conditional(response: httpx.Response) -> bool:
    return any(name in response.request.headers for name in ("if-none-match", "if-modified-since"))


def _seconds(value: str | None, now: datetime) -> float | None:
    if value is None:
        return None
    number = _number(value)
    if number is not None:
        return number
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    # A date without a zone ("-0000") is UTC.
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds()


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None
