"""Slack's Web API, under ``<url>/slack/api``: several workspaces, told apart by their tokens ``xoxb-<team id>``.

Samples are a folder per workspace: ``team.json`` (with ``hides_before``, a ``ts``, for a plan that hides old messages),
``users.json``, ``channels.json``, ``members.json`` (ids by channel)
and ``messages/<channel>.json``, replies among them; or ``team.json`` and ``generated.json`` with the number of messages
to make up (``count``, ``channel_count``, ``user_count``). Beside them ``limits.json`` may give the calls a minute that
a method allows, and ``errors.json`` the code that ``<method>`` or ``<method> <channel, user or thread>`` answers with.

``files/<id>.json`` is a file and ``files/<id>.html`` its contents. What is said, answered and marked while the server
runs is in ``sandbox.slack`` (:class:`SlackLive`), which also sends the events of Socket Mode; the app's token is
``xapp-<team id>``, a browser's session ``xoxc-<team id>`` and ``xoxd-<team id>``.

From a folder of real data it serves the workspace export as T0EXPORT and recorded answers as T0ANSWERS.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, request

from include.sandbox.faults import page_start
from include.sandbox.shelf import Shelf
from include.sandbox.slack.live import BOT, EXTENSION, SlackLive
from include.sandbox.slack.workspace import Json, Workspace, find

TEAMS = ("T0SANDBOX", "T0LIBRARY")
MOST = 1000
FAR = 1e12
_TOKENS = ("xoxb", "xapp", "xoxc")


class Refused(Exception):
    """Answered as ``{"ok": false, "error": code}``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def blueprint(shelf: Shelf) -> Blueprint:
    """One route for all methods; parameters may come as a query, a form or JSON."""
    pages = Blueprint("slack", __name__, url_prefix="/slack/api")
    live = SlackLive()
    pages.record_once(lambda setup: setup.app.extensions.__setitem__(EXTENSION, live))
    state = _State(shelf, live)

    @pages.route("/<method>", methods=["GET", "POST"])
    def call(method: str) -> Response:
        wait = state.wait(method)
        if wait > 0:
            limited = jsonify(ok=False, error="ratelimited")
            limited.status_code = 429
            limited.headers["Retry-After"] = str(int(wait) + 1)
            return limited
        try:
            return jsonify(ok=True, **state.answer(method))
        except Refused as refused:
            return jsonify(ok=False, error=refused.code)

    @pages.get("/files/<team>/<file_id>")
    def contents(team: str, file_id: str) -> Response:
        if request.headers.get("Authorization") != f"Bearer xoxb-{team}":
            return Response("Sign in.\n", status=401, mimetype="text/plain")
        return Response((shelf.samples / team / "files" / f"{file_id}.html").read_bytes(), mimetype="text/html")

    return pages


def environment(base_url: str) -> dict[str, str]:
    """The settings that make the collector read its workspaces from here."""
    kinds = (("BOT", "xoxb"), ("APP", "xapp"))
    tokens = {f"SLACK_{kind}_TOKEN_{team}": f"{start}-{team}" for team in TEAMS for kind, start in kinds}
    return {"SLACK_API_URL": f"{base_url}/slack/api/", "SLACK_TEAM_IDS": ",".join(TEAMS), **tokens}


class _State:
    """What a running server remembers: which channels were joined, and when which method was called."""

    def __init__(self, shelf: Shelf, live: SlackLive) -> None:
        self._shelf, self._live = shelf, live
        self._joined: set[str] = set()
        self._calls: dict[str, deque[float]] = defaultdict(deque)
        self._methods: dict[str, Callable[[Workspace], Json]] = {
            "auth.test": self._auth_test,
            "team.info": lambda workspace: {"team": workspace.team},
            "users.list": lambda workspace: _paged("members", workspace.users),
            "users.info": self._user,
            "conversations.list": self._channels,
            "conversations.info": lambda workspace: {"channel": self._channel(workspace)},
            "conversations.join": self._join,
            "conversations.members": self._members,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "files.info": self._file,
            "chat.postMessage": self._post,
            "reactions.add": self._react,
            "apps.connections.open": self._open_connection,
        }

    def wait(self, method: str) -> float:
        """Seconds until the method may be called again; 0 counts this call."""
        limit = _optional(self._shelf.samples / "limits.json").get(method)
        calls, now = self._calls[method], time.monotonic()
        while calls and calls[0] <= now - 60:
            calls.popleft()
        if limit is not None and len(calls) >= limit:
            return calls[0] + 60 - now
        calls.append(now)
        return 0.0

    def answer(self, method: str) -> Json:
        if method not in self._methods:
            raise Refused("unknown_method")
        workspace = self._workspace(method)
        errors = _optional(self._shelf.samples / "errors.json")
        about = _given("ts") or _given("channel") or _given("user") or ""
        for key in (f"{method} {about}", method):
            if key in errors:
                raise Refused(errors[key])
        return self._methods[method](workspace)

    def _workspace(self, method: str) -> Workspace:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            raise Refused("not_authed")
        start, _, team = token.partition("-")
        if start not in _TOKENS or (start == "xoxc" and request.cookies.get("d") != f"xoxd-{team}"):
            raise Refused("invalid_auth")
        if (start == "xapp") != (method == "apps.connections.open"):
            raise Refused("not_allowed_token_type")
        workspace = find(self._shelf.samples, self._shelf.real, team)
        if workspace is None:
            raise Refused("invalid_auth")
        return workspace

    def _auth_test(self, workspace: Workspace) -> Json:
        team = workspace.team
        return {"url": request.host_url, "team": team["name"], "team_id": team["id"], "user": "bot", "user_id": BOT}

    def _user(self, workspace: Workspace) -> Json:
        found = [user for user in workspace.users if user.get("id") == _given("user")]
        if not found:
            raise Refused("user_not_found")
        return {"user": found[0]}

    def _channels(self, workspace: Workspace) -> Json:
        types = (_given("types") or "public_channel").split(",")
        channels = [self._with_membership(channel) for channel in workspace.channels if _kind(channel) in types]
        if _given("exclude_archived") in ("1", "true", "True"):
            channels = [channel for channel in channels if not channel.get("is_archived")]
        return _paged("channels", channels)

    def _with_membership(self, channel: Json) -> Json:
        return channel | {"is_member": True} if channel.get("id") in self._joined else channel

    def _channel(self, workspace: Workspace) -> Json:
        found = [channel for channel in workspace.channels if channel.get("id") == _given("channel")]
        if not found:
            raise Refused("channel_not_found")
        return self._with_membership(found[0])

    def _open_channel(self, workspace: Workspace) -> str:
        if self._live.knows(workspace.team["id"], _given("channel") or ""):
            return str(_given("channel"))
        channel = self._channel(workspace)
        if not channel.get("is_member"):
            raise Refused("not_in_channel")
        return str(channel["id"])

    def _join(self, workspace: Workspace) -> Json:
        channel = self._channel(workspace)
        if channel.get("is_archived"):
            raise Refused("is_archived")
        self._joined.add(channel["id"])
        return {"channel": channel | {"is_member": True}}

    def _members(self, workspace: Workspace) -> Json:
        return _paged("members", workspace.members(str(self._channel(workspace)["id"])))

    def _history(self, workspace: Workspace) -> Json:
        channel = self._open_channel(workspace)
        limit, hidden = _limit(100), float(workspace.team.get("hides_before", 0))
        latest = min(float(_given("latest") or FAR), _cursor_ts())
        oldest = max(float(_given("oldest") or 0), hidden)
        live = self._live.history(workspace.team["id"], channel, oldest, latest)
        found = list(islice(chain(live, workspace.history(channel, oldest, latest)), limit + 1))
        page, more = found[:limit], len(found) > limit
        answer: Json = {"messages": page, "has_more": more, "pin_count": 0}
        if hidden:
            answer["is_limited"] = True
        if more:
            answer["response_metadata"] = {"next_cursor": _encoded(f"next_ts:{page[-1]['ts']}")}
        return answer

    def _replies(self, workspace: Workspace) -> Json:
        channel, ts = self._open_channel(workspace), _given("ts") or ""
        thread = [*workspace.replies(channel, ts), *self._live.thread(workspace.team["id"], channel, ts)]
        if not thread:
            raise Refused("thread_not_found")
        page = _paged("messages", thread)
        return page | {"has_more": bool(page["response_metadata"]["next_cursor"])}

    def _post(self, workspace: Workspace) -> Json:
        values = request.get_json(silent=True) or request.values
        message = self._live.post(workspace.team["id"], values)
        return {"channel": values["channel"], "ts": message["ts"], "message": message}

    def _react(self, workspace: Workspace) -> Json:
        channel, ts, name = (_given(part) or "" for part in ("channel", "timestamp", "name"))
        if not self._live.react(workspace.team["id"], channel, ts, name):
            raise Refused("already_reacted")
        return {}

    def _open_connection(self, workspace: Workspace) -> Json:
        team = workspace.team["id"]
        if team in self._live.socket.refused:
            raise Refused(self._live.socket.refused[team])
        return {"url": self._live.socket.url(team)}

    def _file(self, workspace: Workspace) -> Json:
        team, file_id = workspace.team["id"], str(_given("file"))
        kept = self._shelf.samples / team / "files" / f"{file_id}.json"
        if kept.is_file():
            # What was said is told to a session only, and where the contents are to everybody.
            file = _optional(kept) | {"url_private_download": f"{request.host_url}slack/api/files/{team}/{file_id}"}
            if not (_given("include_transcription") and "xoxc-" in request.headers["Authorization"]):
                file.pop("huddle_transcription", None)
            return {"file": file}
        for channel in workspace.channels:
            for message in workspace.history(channel["id"], 0.0, FAR):
                for file in message.get("files", []):
                    if file.get("id") == _given("file"):
                        return {"file": file, "comments": [], "response_metadata": {"next_cursor": ""}}
        raise Refused("file_not_found")


def _kind(channel: Json) -> str:
    kinds = {"im": "is_im", "mpim": "is_mpim", "private_channel": "is_private"}
    return next((kind for kind, flag in kinds.items() if channel.get(flag)), "public_channel")


def _given(name: str) -> str | None:
    values = request.get_json(silent=True) if request.is_json else None
    value = (values or {}).get(name) if isinstance(values, dict) else request.values.get(name)
    return None if value is None else str(value)


def _limit(default: int) -> int:
    try:
        limit = int(_given("limit") or default)
    except ValueError:
        raise Refused("invalid_limit") from None
    if not 1 <= limit <= MOST:
        raise Refused("invalid_limit")
    return limit


def _paged(key: str, items: Sequence[Any]) -> Json:
    limit = _limit(MOST)
    cursor = _given("cursor")
    start = page_start(int(_decoded(cursor).partition(":")[2]) if cursor else 0, limit)
    page = items[start : start + limit]
    end = (int(_decoded(cursor).partition(":")[2]) if cursor else 0) + limit
    following = _encoded(f"offset:{end}") if end < len(items) else ""
    return {key: list(page), "response_metadata": {"next_cursor": following}}


def _cursor_ts() -> float:
    cursor = _given("cursor")
    return float(_decoded(cursor).partition(":")[2]) if cursor else FAR


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _decoded(cursor: str) -> str:
    try:
        return base64.b64decode(cursor, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Refused("invalid_cursor") from None


def _optional(path: Path) -> Json:
    found: Json = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found
