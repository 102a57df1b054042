"""Discord's HTTP API, version 10, as a bot sees it, under ``<url>/discord/api/v10``.

It wants a bot token and the kind of user agent that Discord asks of bots, tells rate limits in every answer and keeps
them, and signs the addresses of files anew each time. What it serves: see :mod:`include.sandbox.discord_data`.
"""

from __future__ import annotations

import hashlib
import itertools
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from include.sandbox.discord_data import Json, Server, page, servers
from include.sandbox.shelf import Shelf

PREFIX = "/discord/api/v10"
BOT = "sandbox-bot-token"
PRIVATE_THREAD = 12
GUILD_ID = "810000000000000000"
# Generous, so that only tests that lower them meet them.
DEFAULT_LIMITS = {"bucket": 1000.0, "global": 10_000.0, "window": 1.0}

_signatures = itertools.count(1)


def blueprint(shelf: Shelf) -> Blueprint:
    """Servers, channels, threads and messages of the shelf's guilds."""
    pages = Blueprint("discord", __name__, url_prefix=PREFIX)
    _admissions(pages, shelf)
    _guild_pages(pages)
    _channel_pages(pages)
    return pages


def _admissions(pages: Blueprint, shelf: Shelf) -> None:
    limits = RateLimits()

    @pages.before_request
    def admit() -> Response | None:
        if not request.headers.get("User-Agent", "").startswith("DiscordBot ("):
            return _refusal(403, 0, "error code: 1010")
        if request.headers.get("Authorization") != f"Bot {BOT}":
            return _refusal(401, 0, "401: Unauthorized")
        found = servers(shelf)
        g.servers = found
        return limits.check(found[0].limits if found else {})

    @pages.after_request
    def tell_limits(response: Response) -> Response:
        for name, value in getattr(g, "limits", {}).items():
            response.headers[name] = value
        return response

    @pages.errorhandler(_Refusal)
    def refused(error: _Refusal) -> Response:
        return _refusal(error.code, error.discord_code, str(error))


def _guild_pages(pages: Blueprint) -> None:
    @pages.get("/guilds/<guild_id>")
    def guild(guild_id: str) -> Response:
        return jsonify(_server(guild_id).guild)

    @pages.get("/guilds/<guild_id>/channels")
    def channels(guild_id: str) -> Response:
        return jsonify([channel | {"guild_id": guild_id} for channel in _server(guild_id).channels])

    @pages.get("/guilds/<guild_id>/threads/active")
    def active(guild_id: str) -> Response:
        threads = [thread for thread in _server(guild_id).threads if not _archived_at(thread)]
        return jsonify(threads=threads, members=[])


def _channel_pages(pages: Blueprint) -> None:
    @pages.get("/channels/<channel_id>")
    def channel(channel_id: str) -> Response:
        server = _server_of(channel_id)
        return jsonify(server.channel(channel_id))

    @pages.get("/channels/<channel_id>/threads/archived/public")
    def archived(channel_id: str) -> Response:
        server = _server_of(channel_id)
        return _archive(server, channel_id, "archived", private=False)

    @pages.get("/channels/<channel_id>/threads/archived/private")
    def private_archived(channel_id: str) -> Response:
        server = _server_of(channel_id)
        if not server.manages_threads:
            raise _Refusal(403, 50013, "Missing Permissions")
        return _archive(server, channel_id, "archived", private=True)

    @pages.get("/channels/<channel_id>/users/@me/threads/archived/private")
    def joined_archived(channel_id: str) -> Response:
        return _archive(_server_of(channel_id), channel_id, "id", private=True)

    @pages.get("/channels/<channel_id>/messages")
    def messages(channel_id: str) -> Response:
        server = _server_of(channel_id)
        limit = min(max(request.args.get("limit", 50, int), 1), 100)
        after, before = request.args.get("after", type=int), request.args.get("before", type=int)
        given = () if channel_id in server.hidden else server.messages.get(channel_id, ())
        found = page(given, limit=limit, after=after, before=before)
        return jsonify([_signed(message) for message in found])


def environment(base_url: str) -> dict[str, str]:
    """The settings that make the collector read the hand-made server from here."""
    return {"DISCORD_API_URL": f"{base_url}{PREFIX}", "DISCORD_TOKEN": BOT, "DISCORD_SERVER_ID": GUILD_ID}


class _Refusal(Exception):
    """Ends a request with a status, and Discord's own code for the reason."""

    def __init__(self, code: int, discord_code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.discord_code = code, discord_code


class RateLimits:
    """Requests counted per route and channel or guild, and all together, in the last seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, deque[float]] = defaultdict(deque)

    def check(self, given: Mapping[str, float]) -> Response | None:
        """Note what the answer will tell of its limits; the refusal when the request is one too many."""
        limits = {**DEFAULT_LIMITS, **given}
        major = str(next(iter((request.view_args or {}).values()), ""))
        bucket = hashlib.md5(f"{request.endpoint}{major}".encode(), usedforsecurity=False).hexdigest()
        with self._lock:
            now = time.time()
            everywhere = self._left("global", limits["global"], limits["window"], now)
            here = self._left(bucket, limits["bucket"], limits["window"], now)
            wait = max(self._wait(name, limits["window"], now) for name in ("global", bucket))
            if min(everywhere, here) > 0:
                self._seen["global"].append(now)
                self._seen[bucket].append(now)
        g.limits = {
            "X-RateLimit-Limit": f"{limits['bucket']:g}",
            "X-RateLimit-Remaining": str(max(here - 1, 0)),
            "X-RateLimit-Reset": f"{now + limits['window']:.3f}",
            "X-RateLimit-Reset-After": f"{limits['window']:.3f}",
            "X-RateLimit-Bucket": bucket,
        }
        if min(everywhere, here) > 0:
            return None
        return _limited(wait, is_global=everywhere <= 0)

    def _left(self, name: str, limit: float, window: float, now: float) -> int:
        seen = self._seen[name]
        while seen and seen[0] <= now - window:
            seen.popleft()
        return int(limit) - len(seen)

    def _wait(self, name: str, window: float, now: float) -> float:
        seen = self._seen[name]
        return seen[0] + window - now if seen else 0.0


def _limited(wait: float, *, is_global: bool) -> Response:
    response = jsonify(message="You are being rate limited.", retry_after=round(wait, 3), **{"global": is_global})
    response.status_code = 429
    response.headers["Retry-After"] = f"{wait:.3f}"
    response.headers["X-RateLimit-Scope"] = "global" if is_global else "user"
    if is_global:
        response.headers["X-RateLimit-Global"] = "true"
    return response


def _refusal(status: int, code: int, message: str) -> Response:
    response = jsonify(message=message, code=code)
    response.status_code = status
    return response


def _server(guild_id: str) -> Server:
    for server in g.servers:
        if server.guild["id"] == guild_id:
            return server  # type: ignore[no-any-return]  # flask's g holds anything
    raise _Refusal(404, 10004, "Unknown Guild")


def _server_of(channel_id: str) -> Server:
    """The server of a channel. Raises what Discord says of one that is unknown, or closed to the bot."""
    for server in g.servers:
        if server.channel(channel_id):
            if channel_id in server.forbidden:
                raise _Refusal(403, 50001, "Missing Access")
            return server  # type: ignore[no-any-return]  # flask's g holds anything
    raise _Refusal(404, 10003, "Unknown Channel")


def _archive(server: Server, channel_id: str, order: str, *, private: bool) -> Response:
    """A page of archived threads, those archived last first or, in the order of their ``id``, the youngest."""

    def place(thread: Json) -> str:
        return f"{int(thread['id']):020}" if order == "id" else _archived_at(thread)

    given, limit = request.args.get("before"), request.args.get("limit", 50, int)
    before = f"{int(given):020}" if given and order == "id" else given
    threads = [thread for thread in server.threads if thread["parent_id"] == channel_id and _archived_at(thread)]
    threads = [thread for thread in threads if (thread.get("type") == PRIVATE_THREAD) == private]
    found = sorted((thread for thread in threads if not before or place(thread) < before), key=place, reverse=True)
    return jsonify(threads=found[:limit], members=[], has_more=len(found) > limit)


def _archived_at(thread: Json) -> str:
    metadata = thread.get("thread_metadata", {})
    return str(metadata.get("archive_timestamp") or "") if metadata.get("archived") else ""


def _signed(message: Json) -> Json:
    attachments = message.get("attachments")
    if not attachments:
        return message
    return message | {"attachments": list(_with_signature(attachments))}


def _with_signature(attachments: list[Any]) -> Iterator[Json]:
    for attachment in attachments:
        yield attachment | {"url": f"{attachment['url']}?ex=6{next(_signatures):07x}&is=5f000000&hm=ab12"}
