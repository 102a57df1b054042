"""When to ask Slack again, as a retry handler of slack_sdk; and pacing, so that Slack need not say when."""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from http.client import HTTPException

from slack_sdk.http_retry.handler import RetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState

from boost_collectors.core.errors import RateLimited
from boost_collectors.core.http_retry import LONGEST_WAIT_SECONDS

DEFAULT_RETRY_AFTER = 2.0
"""Seconds to wait when a rate limit comes without ``Retry-After``."""

LIMIT_CODES = frozenset({"ratelimited", "rate_limited"})
NETWORK_ERRORS = (OSError, HTTPException, ValueError)
"""What urllib and the JSON and text decoders raise for a connection or an answer that is cut or malformed."""

Sleep = Callable[[float], object]


def retry_after(headers: Mapping[str, object]) -> float:
    """Seconds that Slack asks us to wait; the default when it says nothing or nonsense."""
    named = {name.lower(): value for name, value in headers.items()}
    value = named.get("retry-after")
    first = value[0] if isinstance(value, list) and value else value
    try:
        seconds = float(str(first))
    except ValueError:
        return DEFAULT_RETRY_AFTER
    return min(max(seconds, 0.0), LONGEST_WAIT_SECONDS) if math.isfinite(seconds) else DEFAULT_RETRY_AFTER


class SlackRetryHandler(RetryHandler):
    """Asks again after lost connections, 5xx and malformed answers, ``attempts`` times in all.

    A rate limit uses up no attempt: it is waited for as long as all its waits together stay within ``max_wait``
    seconds.
    """

    def __init__(self, attempts: int, max_wait: float, sleep: Sleep) -> None:
        super().__init__()
        self._attempts, self._max_wait, self._sleep = attempts, max_wait, sleep

    def can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,  # noqa: ARG002  # the library calls by name
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        """Whether to ask again; how long to wait before is kept in the state."""
        values = state.custom_values = state.custom_values or {"failures": 0, "limited": 0.0}
        if response is not None and _is_limited(response):
            values["pause"] = retry_after(response.headers)
            values["limited"] += values["pause"]
            return bool(values["limited"] <= self._max_wait)
        if not _is_failure(response, error):
            return False
        values["failures"] += 1
        values["pause"] = min(2.0 ** (values["failures"] - 1), self._max_wait)
        return bool(values["failures"] < self._attempts)

    def prepare_for_next_attempt(
        self,
        *,
        state: RetryState,
        request: HttpRequest,  # noqa: ARG002  # the library calls by name
        response: HttpResponse | None = None,  # noqa: ARG002
        error: Exception | None = None,  # noqa: ARG002
    ) -> None:
        state.next_attempt_requested = True
        self._sleep((state.custom_values or {}).get("pause", DEFAULT_RETRY_AFTER))
        state.increment_current_attempt()


class Pace:
    """At most so many calls of a method in any minute. One object per workspace, whose limits are its own.

    ``per_minute`` names methods (``conversations.history``) and their limits; others are not paced. A wait longer than
    ``max_wait`` seconds is left to the caller: RateLimited. Safe to use from many threads.
    """

    def __init__(
        self,
        per_minute: Mapping[str, int],
        *,
        max_wait: float,
        sleep: Sleep,
        clock: Callable[[], float] = time.monotonic,
        later: Callable[[float], RateLimited],
    ) -> None:
        self._per_minute, self._max_wait, self._sleep, self._clock = per_minute, max_wait, sleep, clock
        self._later = later
        self._calls: dict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def __call__(self, method: str) -> None:
        """Wait until the method may be called, and count the call."""
        limit = self._per_minute.get(method)
        if limit is None:
            return
        with self._lock:
            calls = self._calls[method]
            wait = calls[0] + 60.0 - self._clock() if len(calls) >= limit else 0.0
            if wait > self._max_wait:
                raise self._later(wait)
            if wait > 0:
                self._sleep(wait)
            calls.append(self._clock())
            while len(calls) > limit:
                calls.popleft()


def _is_limited(response: HttpResponse) -> bool:
    body = response.body if isinstance(response.body, dict) else {}
    return response.status_code == 429 or (body.get("ok") is False and body.get("error") in LIMIT_CODES)


def _is_failure(response: HttpResponse | None, error: Exception | None) -> bool:
    if response is not None:
        return response.status_code >= 500
    return isinstance(error, NETWORK_ERRORS)
