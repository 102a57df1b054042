"""Incoming webhooks of Slack and Discord under ``<url>/webhooks``, with the limits that the services document.

What they took is in ``sandbox.webhooks.posts``. No source: collectors are pointed here only by who asks for
:func:`addresses`, so that nobody is told of what goes wrong in a demo.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from include.sandbox.shelf import Shelf

PREFIX = "/webhooks"
EXTENSION = "webhooks"
SLACK_PATH = "/slack/services/T0SANDBOX/B0SANDBOX/sandbox-slack-secret"
DISCORD_PATH = "/discord/api/webhooks/820000000000000000/sandbox-discord-secret"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Post:
    """One notice that was taken."""

    service: str
    body: Json

    @property
    def text(self) -> str:
        """All of it, as one searches in it."""
        return json.dumps(self.body, ensure_ascii=False)


class Webhooks:
    """What was posted, oldest first. Safe to use from many threads."""

    def __init__(self) -> None:
        self._posts: list[Post] = []
        self._lock = threading.Lock()

    @property
    def posts(self) -> list[Post]:
        """Every notice that was taken."""
        with self._lock:
            return list(self._posts)

    def add(self, post: Post) -> None:
        """Keep a notice."""
        with self._lock:
            self._posts.append(post)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._posts.clear()


def addresses(base_url: str) -> dict[str, str]:
    """The settings that make notices come here."""
    url = f"{base_url}{PREFIX}"
    return {"SLACK_WEBHOOK_URL": f"{url}{SLACK_PATH}", "DISCORD_WEBHOOK_URL": f"{url}{DISCORD_PATH}"}


def blueprint(shelf: Shelf) -> Blueprint:  # noqa: ARG001 - as every source has it
    """Both webhooks."""
    pages = Blueprint("webhooks", __name__, url_prefix=PREFIX)

    @pages.record_once
    def keep(state: Any) -> None:
        state.app.extensions[EXTENSION] = Webhooks()

    @pages.post(SLACK_PATH)
    def slack() -> tuple[str, int]:
        body = request.get_json()
        problem = next(_slack_problems(body), "")
        if problem:
            return problem, 400
        current_app.extensions[EXTENSION].add(Post("Slack", body))
        return "ok", 200

    @pages.post(DISCORD_PATH)
    def discord() -> tuple[Response, int] | tuple[str, int]:
        body = request.get_json()
        problem = next(_discord_problems(body), "")
        if problem:
            return jsonify(code=50035, message="Invalid Form Body", errors=problem), 400
        current_app.extensions[EXTENSION].add(Post("Discord", body))
        return "", 204

    return pages


def environment(base_url: str) -> dict[str, str]:  # noqa: ARG001 - as every source has it
    """Nothing: see the module."""
    return {}


def _slack_problems(body: Json) -> Iterator[str]:
    blocks = body.get("blocks", [])
    if not body.get("text") and not blocks:
        yield "no_text"
    if len(blocks) > 50 or _size(body.get("text", "")) > 40_000:
        yield "invalid_blocks"
    for block in blocks:
        texts = [block["text"]] if "text" in block else []
        fields = block.get("fields", [])
        limit = 150 if block["type"] == "header" else 3000
        if len(fields) > 10 or any(not 0 < _size(text["text"]) <= limit for text in texts):
            yield "invalid_blocks"
        if any(not 0 < _size(field["text"]) <= 2000 for field in fields):
            yield "invalid_blocks"


def _discord_problems(body: Json) -> Iterator[str]:
    for embed in body.get("embeds", []):
        fields = embed.get("fields", [])
        sizes = [(_size(embed.get("title", "")), 256), (_size(embed.get("description", "")), 4096)]
        for field in fields:
            sizes += [(_size(field["name"]), 256), (_size(field["value"]), 1024)]
            if not field["name"] or not field["value"]:
                yield "BASE_TYPE_REQUIRED"
        if any(size > limit for size, limit in sizes) or len(fields) > 25:
            yield "BASE_TYPE_MAX_LENGTH"
        if sum(size for size, _ in sizes) > 6000:
            yield "MAX_EMBED_SIZE_EXCEEDED"
    if not body.get("embeds") and not body.get("content"):
        yield "Cannot send an empty message"


def _size(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
