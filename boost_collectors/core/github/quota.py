"""GitHub's quotas: which bucket a request is charged to, and what an answer says about it. No I/O in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any


class Bucket(StrEnum):
    """What GitHub counts apart. The values are those of its ``X-RateLimit-Resource`` header."""

    CORE = "core"
    GRAPHQL = "graphql"
    SEARCH = "search"
    CODE_SEARCH = "code_search"


USUAL_LIMITS: Mapping[Bucket, int] = {
    Bucket.CORE: 5000,
    Bucket.GRAPHQL: 5000,
    Bucket.SEARCH: 30,
    Bucket.CODE_SEARCH: 10,
}
"""Points a window where the server does not list the bucket."""

WINDOWS: Mapping[Bucket, timedelta] = {
    Bucket.CORE: timedelta(hours=1),
    Bucket.GRAPHQL: timedelta(hours=1),
    Bucket.SEARCH: timedelta(minutes=1),
    Bucket.CODE_SEARCH: timedelta(minutes=1),
}

UNLIMITED = 1_000_000_000
"""The limit of a server that counts nothing, as GitHub Enterprise may be set up to."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A bucket as the server reports it: points a window, points left, end of the window (aware, UTC)."""

    limit: int
    remaining: int
    reset_at: datetime


@dataclass(frozen=True, slots=True)
class Quota:
    """A bucket summed over the tokens that can be used, as the ledger knows it.

    ``remaining`` leaves out the reserve and what other workers hold. ``reset_at`` is the earliest end of a window,
    None when no token is known. ``tokens`` counts the owners whose quota can be spent now.
    """

    limit: int
    used: int
    remaining: int
    reset_at: datetime | None
    tokens: int


def bucket_of(path: str) -> Bucket:
    """The bucket that a REST path (below the API's root, with or without a query) is charged to."""
    parts = path.partition("?")[0].strip("/").split("/")
    if parts[0] == "graphql":
        return Bucket.GRAPHQL
    if parts[0] != "search":
        return Bucket.CORE
    return Bucket.CODE_SEARCH if parts[1:2] == ["code"] else Bucket.SEARCH


def reported_bucket(headers: Mapping[str, str], asked: Bucket) -> Bucket | None:
    """The bucket an answer was charged to; ``asked`` where it does not say, None for one that we do not keep."""
    name = headers.get("x-ratelimit-resource", asked.value)
    return Bucket(name) if name in list(Bucket) else None


def reported_limit(headers: Mapping[str, str]) -> Limit | None:
    """What the headers (names in lower case) of an answer say about its bucket; None when they say nothing usable."""
    try:
        limit, remaining, reset = (int(headers[f"x-ratelimit-{name}"]) for name in ("limit", "remaining", "reset"))
        return Limit(limit, max(remaining, 0), datetime.fromtimestamp(reset, UTC))
    except (KeyError, ValueError, OverflowError, OSError):
        return None


def listed_limits(answer: Any, now: datetime) -> dict[Bucket, Limit]:
    """Every bucket of a ``GET /rate_limit`` answer, with the usual limits for those it leaves out.

    None, for a server that keeps no limits, makes all of them ``UNLIMITED``.
    """
    if answer is None:
        return {bucket: Limit(UNLIMITED, UNLIMITED, now + window) for bucket, window in WINDOWS.items()}
    listed = answer.get("resources", {}) if isinstance(answer, dict) else {}
    return {bucket: _listed(listed.get(bucket.value), bucket, now) for bucket in Bucket}


def _listed(entry: Any, bucket: Bucket, now: datetime) -> Limit:
    headers = {f"x-ratelimit-{name}": str(value) for name, value in entry.items()} if isinstance(entry, dict) else {}
    usual = USUAL_LIMITS[bucket]
    return reported_limit(headers) or Limit(usual, usual, now + WINDOWS[bucket])
