"""Reddit's OAuth API.

``GET /r/<subreddit>/new``, ``/r/<subreddit>/comments`` (listings: 100 a page, newest first, about 1000 items in all) ·
``/comments/<submission>`` (a tree, with ``more`` in the place of what is too much for one answer) ·
``/api/morechildren`` (100 of those) · ``/api/info`` (100 things by full name) · ``/user/<name>/about``

Every answer tells how many requests are left (``X-Ratelimit-Remaining``) of those until ``X-Ratelimit-Reset``, in
seconds: when few are left, no request is sent before that. Other waits (429) are kept by the transport.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx

from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import (
    AuthenticationError,
    NetworkError,
    NotFoundError,
    PermanentError,
    RateLimited,
    SourceError,
    TransientError,
)
from boost_collectors.core.http import Params
from boost_collectors.reddit_activity_tracker.credentials import UNKNOWN_TOKEN, Credentials
from boost_collectors.reddit_activity_tracker.records import LISTING, Json, Thing, children_of

PAGE_SIZE = 100
TREE_LIMIT = 500
LONGEST_PAUSE = 30.0
"""Seconds that a run waits for new requests itself; for longer it gives its worker back."""
# Reddit tells the end of a period in whole seconds.
_ROUNDED = 1.0


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a listing, newest first."""

    things: list[Thing]
    is_last: bool


class RedditApi:
    """The endpoints that the collector reads, for one run. Not for use by several threads."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._base = context.settings.reddit_oauth_url
        self._credentials = Credentials(context)
        self._last = float("-inf")
        self._free_at = float("-inf")

    def listing(self, subreddit: str, place: str, kind: str) -> Iterator[Page]:
        """The pages of ``place`` (``new``, ``comments``) of a subreddit. Asks for each when it is wanted.

        Raises AuthenticationError for one that is private, NotFoundError for one that is banned or not there.
        """
        after: str | None = None
        while True:
            params = {"limit": PAGE_SIZE, "after": after}
            data = _listing(self._get(f"/r/{subreddit}/{place}", params), place)
            things = children_of({"data": data})
            if any(thing.get("kind") != kind for thing in things):
                raise NotFoundError(f"there is no r/{subreddit}: Reddit lists something else in its place")
            following = data.get("after")
            yield Page(things, is_last=not things or not following)
            if not things or not following:
                return
            if following == after:
                raise NetworkError(f"the {place} of r/{subreddit} do not go on after {after}")
            after = str(following)

    def info(self, fullnames: Sequence[str]) -> list[Thing]:
        """Up to 100 things by full name; those that Reddit does not have any more are missing."""
        return children_of({"data": _listing(self._get("/api/info", {"id": ",".join(fullnames)}), "info")})

    def tree(self, submission: str, comment: str = "") -> list[Thing]:
        """A submission, then the first comments of its tree, or those below one comment. Ids are without kind."""
        path = f"/comments/{submission}" + (f"/_/{comment}" if comment else "")
        answer = self._get(path, {"limit": TREE_LIMIT, "sort": "old"})
        if not isinstance(answer, list) or len(answer) != 2:
            raise SourceError(f"Reddit's answer for {path} is no pair of listings")
        return [*children_of(answer[0]), *children_of(answer[1])]

    def more_children(self, link: str, children: Sequence[str]) -> list[Thing]:
        """Up to 100 comments of a submission (``t3_…``) that its tree left out, and what they leave out in turn."""
        params = {"api_type": "json", "link_id": link, "children": ",".join(children), "sort": "old"}
        answer = self._get("/api/morechildren", params)
        told = answer.get("json") if isinstance(answer, dict) else None
        if not isinstance(told, dict) or told.get("errors"):
            raise SourceError(f"Reddit does not tell more of {link}: {told!r:.200}")
        things = (told.get("data") or {}).get("things")
        return [thing for thing in things or [] if isinstance(thing, dict)]

    def profile(self, username: str) -> Json | None:
        """What a user's page says; None for one that is suspended, deleted or hidden."""
        try:
            answer = self._get(f"/user/{quote(username, safe='')}/about")
        except PermanentError as error:
            if error.status == UNKNOWN_TOKEN:
                raise
            return None
        data = answer.get("data") if isinstance(answer, dict) else None
        return data if isinstance(data, dict) else None

    def _get(self, path: str, params: Params | None = None) -> Any:
        response = self._admitted(path, {**(params or {}), "raw_json": 1})
        self._note(response)
        try:
            return response.json()
        except ValueError:
            raise NetworkError(f"GET {path}: the answer is no JSON, or was cut") from None

    def _admitted(self, path: str, params: Params) -> httpx.Response:
        headers = self._credentials.headers()
        try:
            return self._asked(path, params, headers)
        except AuthenticationError as error:
            if error.status != UNKNOWN_TOKEN:
                raise
            self._credentials.refused()
            return self._asked(path, params, self._credentials.headers())

    def _asked(self, path: str, params: Params, headers: dict[str, str]) -> httpx.Response:
        self._wait()
        self._last = time.monotonic()
        return self._context.http.get(self._base + path, params=params, headers=headers)

    def _wait(self) -> None:
        now = time.monotonic()
        until_free = self._free_at - now
        if until_free > 0:
            until_free += _ROUNDED
        if until_free > LONGEST_PAUSE:
            moment = self._context.clock() + timedelta(seconds=until_free)
            raise RateLimited("Reddit's requests of this period are spent", retry_at=moment)
        interval = self._last + self._context.settings.reddit_request_interval - now
        if self._context.stop.wait(max(until_free, interval, 0.0)):
            raise TransientError("the run was asked to stop")

    def _note(self, response: httpx.Response) -> None:
        remaining, reset = (_number(response, f"x-ratelimit-{name}") for name in ("remaining", "reset"))
        low = self._context.settings.reddit_rate_limit_low_watermark
        if remaining is not None and reset is not None and remaining < low:
            self._free_at = time.monotonic() + reset


def _listing(answer: Any, what: str) -> dict[str, Any]:
    data = answer.get("data") if isinstance(answer, dict) and answer.get("kind") == LISTING else None
    if not isinstance(data, dict):
        raise SourceError(f"Reddit's answer for {what} is no listing")
    return data


def _number(response: httpx.Response, name: str) -> float | None:
    try:
        return float(response.headers.get(name, ""))
    except ValueError:
        return None
