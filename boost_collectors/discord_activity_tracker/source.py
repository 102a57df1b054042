"""Discord's HTTP API, version 10, read with a bot token.

``GET /guilds/{id}`` · ``/guilds/{id}/channels`` · ``/guilds/{id}/threads/active`` ·
``/channels/{id}`` · ``/channels/{id}/threads/archived/public?before=&limit=100`` · ``…/archived/private`` ·
``/channels/{id}/users/@me/threads/archived/private?before=&limit=100`` ·
``/channels/{id}/messages?after=|before=&limit=100``

Every answer tells what is left of its bucket (``X-RateLimit-Remaining``, ``X-RateLimit-Reset-After``), a bucket being
a route and the channel or guild in it: a spent one is waited for before it is asked again. Other waits (429, whatever
its scope) are told by ``Retry-After`` and kept by the transport.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import AuthenticationError, NetworkError, RateLimited, SourceError, TransientError
from boost_collectors.core.http import HeaderAuth
from boost_collectors.core.version import __version__

PAGE_SIZE = 100

Json = Mapping[str, Any]

# Discord asks bots to name themselves like this, and blocks those that do not.
_USER_AGENT = f"DiscordBot (https://www.boost.org, {__version__})"


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """A page of archived threads. ``archived_at``: ISO text of the page's oldest, when those archived last come first;
    empty when they come in another order."""

    threads: list[dict[str, Any]]
    archived_at: str


class DiscordApi:
    """The endpoints that the collector reads, for one run. Not for use by several threads."""

    def __init__(self, context: RunContext, *, clock: Callable[[], float] = time.monotonic) -> None:
        settings = context.settings
        self._context = context
        self._base = settings.discord_api_url.rstrip("/")
        self._clock = clock
        self._free_at: dict[str, float] = {}
        context.http.credentials(self._base, HeaderAuth("Authorization", f"Bot {settings.discord_token}"))

    def guild(self, guild_id: int) -> dict[str, Any]:
        """The guild object. Raises NotFoundError for a guild that the bot is not a member of."""
        return _object(self._get(f"/guilds/{guild_id}", "guild"), "a guild")

    def channels(self, guild_id: int) -> list[dict[str, Any]]:
        """Every channel of the guild, categories too, threads not."""
        return _objects(self._get(f"/guilds/{guild_id}/channels", "channels"), "channels")

    def active_threads(self, guild_id: int) -> list[dict[str, Any]]:
        """Every thread of the guild that is not archived, as far as the bot may see it."""
        answer = _object(self._get(f"/guilds/{guild_id}/threads/active", "active threads"), "active threads")
        return _objects(answer.get("threads"), "active threads")

    def channel(self, channel_id: int) -> dict[str, Any]:
        """One channel or thread. Raises NotFoundError when it was deleted."""
        return _object(self._get(f"/channels/{channel_id}", f"channel {channel_id}"), "a channel")

    def archived_threads(self, channel_id: int) -> Iterator[ThreadPage]:
        """The channel's public archived threads, those archived last first, page by page."""
        for threads in self._archive(channel_id, f"/channels/{channel_id}/threads/archived/public", _archived_at):
            yield ThreadPage(threads, _archived_at(threads[-1]) if threads else "")

    def private_archived_threads(self, channel_id: int) -> Iterator[ThreadPage]:
        """The channel's private archived threads: all of them for a bot that manages threads, else those it is in."""
        try:
            path = f"/channels/{channel_id}/threads/archived/private"
            for threads in self._archive(channel_id, path, _archived_at):
                yield ThreadPage(threads, _archived_at(threads[-1]) if threads else "")
        except AuthenticationError:
            path = f"/channels/{channel_id}/users/@me/threads/archived/private"
            for threads in self._archive(channel_id, path, lambda thread: str(thread.get("id") or "")):
                yield ThreadPage(threads, "")

    def _archive(self, channel_id: int, path: str, key: Callable[[Json], str]) -> Iterator[list[dict[str, Any]]]:
        """The pages of an archive; each is asked for by the ``key`` of the last thread of the one before."""
        before: str | None = None
        while True:
            params = {"limit": PAGE_SIZE, "before": before}
            answer = _object(self._get(path, f"archive {path}", params), "archived threads")
            threads = _objects(answer.get("threads"), "archived threads")
            yield threads
            if not answer.get("has_more"):
                return
            last = key(threads[-1]) if threads else ""
            if not last or last == before:
                raise NetworkError(f"the archived threads of channel {channel_id} do not go on after {before}")
            before = last

    def messages(self, channel_id: int, *, after: int | None = None, before: int | None = None) -> list[dict[str, Any]]:
        """Up to 100 messages, oldest first: those next after an id, those next before one, or the newest.

        Raises AuthenticationError for a channel that the bot may not read, NotFoundError for one that is gone.
        """
        params = {"limit": PAGE_SIZE, "after": after, "before": before}
        answer = _objects(self._get(f"/channels/{channel_id}/messages", f"messages {channel_id}", params), "messages")
        return sorted(answer, key=lambda message: number_of(message.get("id")))

    def _get(self, path: str, bucket: str, params: Mapping[str, int | str | None] | None = None) -> Any:
        self._wait_for(bucket)
        try:
            response = self._context.http.get(self._base + path, params=params, headers={"User-Agent": _USER_AGENT})
        except AuthenticationError as error:
            raise AuthenticationError(f"Discord refuses the bot: {error}") from None
        self._note(bucket, response)
        try:
            return response.json()
        except ValueError:
            raise NetworkError(f"GET {path}: the answer is no JSON, or was cut") from None

    def _wait_for(self, bucket: str) -> None:
        seconds = self._free_at.pop(bucket, 0.0) - self._clock()
        if seconds <= 0:
            return
        if seconds > self._context.settings.http_max_wait_seconds:
            self._free_at[bucket] = self._clock() + seconds
            raise RateLimited(
                f"Discord's bucket of {bucket} is spent", retry_at=self._context.clock() + timedelta(seconds=seconds)
            )
        if self._context.stop.wait(seconds):
            raise TransientError("asked to stop while waiting for Discord's rate limit")

    def _note(self, bucket: str, response: httpx.Response) -> None:
        if response.headers.get("x-ratelimit-remaining") != "0":
            return
        try:
            self._free_at[bucket] = self._clock() + float(response.headers.get("x-ratelimit-reset-after", ""))
        except ValueError:
            return


def _object(answer: Any, what: str) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise SourceError(f"Discord's answer for {what} is {type(answer).__name__}, not an object")
    return answer


def _objects(answer: Any, what: str) -> list[dict[str, Any]]:
    if not isinstance(answer, list) or not all(isinstance(item, dict) for item in answer):
        raise SourceError(f"Discord's answer for {what} is no list of objects")
    return answer


def _archived_at(thread: Json) -> str:
    metadata = thread.get("thread_metadata")
    return str(metadata.get("archive_timestamp") or "") if isinstance(metadata, Mapping) else ""


def number_of(value: object) -> int:
    """An id of an answer as a number; 0 for anything else, such as a null."""
    return int(value) if isinstance(value, str) and value.isdigit() else 0
