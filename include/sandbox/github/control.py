"""``/_sandbox/github/``: the clock, the limits, the tokens and changes of the world, over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from include.sandbox.github.changes import Changes
from include.sandbox.github.model import Item
from include.sandbox.github.service import GitHub

PREFIX = "/_sandbox/github"


def control(github: GitHub) -> Blueprint:
    """The pages; a wrong body is 400 with a message, an unknown thing 404."""
    pages = Blueprint("github_control", __name__, url_prefix=PREFIX)

    @pages.errorhandler(LookupError)
    def unknown(error: LookupError) -> tuple[Response, int]:
        return jsonify(message=str(error)), 404

    @pages.errorhandler(ValueError)
    @pages.errorhandler(TypeError)
    def wrong(error: ValueError | TypeError) -> tuple[Response, int]:
        return jsonify(message=str(error)), 400

    _add_settings(pages, github)
    _add_changes(pages, github)
    return pages


def _add_settings(pages: Blueprint, github: GitHub) -> None:
    @pages.post("/clock")
    def clock() -> Response:
        body: dict[str, Any] = request.get_json()
        if "set" in body:
            github.clock.set(body["set"])
        if "advance" in body:
            github.clock.advance(float(body["advance"]))
        if body.get("run"):
            github.clock.run()
        return jsonify(now=github.clock.stamp())

    @pages.post("/limits")
    def limits() -> Response:
        github.limits.configure(**request.get_json())
        return jsonify(vars(github.limits.options))

    @pages.delete("/limits")
    def refill() -> tuple[str, int]:
        github.limits.clear()
        return "", 204

    @pages.post("/tokens")
    def tokens() -> tuple[str, int]:
        github.tokens.update(request.get_json())
        return "", 204


def _add_changes(pages: Blueprint, github: GitHub) -> None:
    @pages.post("/changes")
    def changes() -> tuple[Response, int]:
        body = request.get_json()
        wanted = body if isinstance(body, list) else [body]
        return jsonify([_shown(github.changes.perform(change)) for change in wanted]), 201

    @pages.post("/after")
    def after() -> tuple[str, int]:
        body: dict[str, Any] = request.get_json()
        wanted: list[dict[str, Any]] = body["changes"]

        def do(changes: Changes) -> None:
            for change in wanted:
                changes.perform(change)

        github.after(int(body["requests"]), do, path=str(body.get("path", "")))
        return "", 204


def _shown(result: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": getattr(result, "id", None)}
    return shown | {"number": result.number} if isinstance(result, Item) else shown
