"""What an answer of GitHub means for the one who asked. A function of the answer and the time; no I/O in here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from http import HTTPStatus
from typing import Any

import httpx

from boost_collectors.core.errors import AuthenticationError, CollectorError, NetworkError, NotFoundError, SourceError
from boost_collectors.core.github.errors import GraphQLError
from boost_collectors.core.github.quota import Bucket, reported_bucket
from boost_collectors.core.http_retry import asked_wait, shown_url

SECONDARY_WAIT = timedelta(minutes=1)
"""How long to stay away after a secondary limit that names no time: GitHub asks for at least a minute."""

SHORTEST_WAIT = timedelta(seconds=5)
"""A clock ahead of GitHub's would otherwise ask again and again until the window really ends there."""

_SECONDARY = (
    "secondary rate limit",
    "abuse detection mechanism",
    "temporarily blocked",
    "please wait a few minutes before you try again",
    "please retry your request again later",
    "submitted too quickly",
)
_PRIMARY = ("api rate limit exceeded", "api rate limit already exceeded")
_STUMBLED = ("something went wrong while executing your query", "timedout", "timeout")


@dataclass(frozen=True)
class Reply:
    """An HTTP answer: ``headers`` with names in lower case, the body as it came, and what was asked."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    method: str = "GET"
    url: str = ""

    @cached_property
    def json(self) -> Any:
        """The parsed body, None for an empty one. Raises ValueError for a body that is no JSON."""
        return json.loads(self.content) if self.content.strip() else None

    @cached_property
    def message(self) -> str:
        """GitHub's own words about what is wrong, with its details; empty when the body has none."""
        try:
            body = self.json
        except ValueError:
            return ""
        return _message_of(body) if isinstance(body, dict) else ""

    @property
    def told(self) -> str:
        """One line for messages: what was asked, the status, GitHub's words."""
        reason = HTTPStatus(self.status).phrase if self.status in set(HTTPStatus) else ""
        line = f"{self.method} {shown_url(self.url)}: {self.status} {reason}".rstrip()
        return f"{line}: {self.message}" if self.message else line


@dataclass(frozen=True, slots=True)
class Ok:
    """The answer can be used, also when it spent the last point."""


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """The quota's owner must not ask before ``until``. Another owner may.

    ``bucket`` is the one that is spent; None means all of them: a secondary limit, which grows with ``named`` false,
    when GitHub did not say how long it lasts.
    """

    bucket: Bucket | None
    until: datetime
    reason: str
    named: bool = True


@dataclass(frozen=True, slots=True)
class SwitchToken:
    """GitHub refuses the token itself: drop it and use another; ``error`` is for when there is none."""

    error: AuthenticationError


@dataclass(frozen=True, slots=True)
class Retry:
    """Ask again in ``after`` seconds (None: as the back-off says); ``error`` is for when that was the last time."""

    after: float | None
    error: CollectorError


@dataclass(frozen=True, slots=True)
class Fail:
    """Asking again is of no use."""

    error: CollectorError


Decision = Ok | WaitUntil | SwitchToken | Retry | Fail


def decide(reply: Reply, bucket: Bucket, now: datetime) -> Decision:
    """What to do about an answer to a request that ``bucket`` was charged for, at ``now`` (aware, UTC)."""
    throttled = _throttled(reply, bucket, now)
    if throttled is not None:
        return throttled
    if reply.status == HTTPStatus.NOT_MODIFIED or 200 <= reply.status < 300:
        return _answered(reply, bucket)
    if reply.status == HTTPStatus.UNAUTHORIZED:
        return SwitchToken(AuthenticationError(reply.told, status=reply.status))
    if reply.status >= 500 or reply.status in (408, 425):
        return Retry(_asked(reply, now), NetworkError(reply.told, status=reply.status))
    return Fail(_refusal(reply))


def _answered(reply: Reply, bucket: Bucket) -> Decision:
    if reply.status == HTTPStatus.ACCEPTED and reply.method == "GET":
        return Retry(None, NetworkError(f"{reply.told}: still being prepared", status=reply.status))
    if bucket is not Bucket.GRAPHQL:
        return Ok()
    try:
        errors = reply.json.get("errors")
    except (ValueError, AttributeError):
        return Retry(None, NetworkError(f"{reply.told}: the answer is no GraphQL answer"))
    return _of_graphql(errors, reply) if errors else Ok()


def _of_graphql(errors: list[Mapping[str, Any]], reply: Reply) -> Decision:
    data = reply.json.get("data")
    failure = GraphQLError(errors, data if isinstance(data, dict) else None)
    text = str(failure).lower()
    if failure.data is None and any(words in text for words in _STUMBLED):
        return Retry(None, NetworkError(f"{reply.told}: {failure}"))
    return Fail(failure)


def _throttled(reply: Reply, bucket: Bucket, now: datetime) -> WaitUntil | None:
    """The wait that a limit imposes, or None for an answer that is about something else."""
    if not _may_be_throttled(reply):
        return None
    text = reply.message.lower()
    asked = _asked(reply, now)
    spent = reply.headers.get("x-ratelimit-remaining", "").strip() == "0"
    if any(words in text for words in _SECONDARY):
        return _secondary(reply, asked if "retry-after" in reply.headers else None, now)
    if spent or any(words in text for words in _PRIMARY):
        return _primary(reply, bucket, asked, now)
    if asked is not None or reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return _secondary(reply, asked, now)
    return None


def _may_be_throttled(reply: Reply) -> bool:
    if reply.status in (403, 429):
        return True
    if reply.status != 200 or b'"errors"' not in reply.content:
        return False
    try:
        body = reply.json
    except ValueError:
        return False
    # Partial data with errors is an answer, even when it spent the last point.
    return isinstance(body, dict) and bool(body.get("errors")) and not body.get("data")


def _primary(reply: Reply, bucket: Bucket, asked: float | None, now: datetime) -> WaitUntil:
    wait = SECONDARY_WAIT if asked is None else max(timedelta(seconds=asked), SHORTEST_WAIT)
    return WaitUntil(reported_bucket(reply.headers, bucket) or bucket, now + wait, reply.told)


def _secondary(reply: Reply, asked: float | None, now: datetime) -> WaitUntil:
    wait = SECONDARY_WAIT if asked is None else max(timedelta(seconds=asked), SHORTEST_WAIT)
    return WaitUntil(None, now + wait, reply.told, named=asked is not None)


def _asked(reply: Reply, now: datetime) -> float | None:
    asked = asked_wait(httpx.Response(reply.status, headers=dict(reply.headers)), now)
    # A wait of nought names no time.
    return asked or None


def _refusal(reply: Reply) -> CollectorError:
    kinds: dict[int, type[CollectorError]] = {403: AuthenticationError, 404: NotFoundError, 410: NotFoundError}
    return kinds.get(reply.status, SourceError)(reply.told, status=reply.status)


def _message_of(body: Mapping[str, Any]) -> str:
    details = [_detail(error) for error in body.get("errors") or () if error]
    parts = [str(body.get("message") or ""), *details]
    return " ".join("; ".join(part for part in parts if part).split())


def _detail(error: Any) -> str:
    if not isinstance(error, Mapping):
        return str(error)
    named = error.get("message")
    return str(named) if named else " ".join(str(error[key]) for key in ("resource", "field", "code") if key in error)
