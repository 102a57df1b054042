"""GitHub's REST API, as far as collectors write to it, under ``<url>/github-api``.

``POST /repos/<owner>/<repository>/dispatches`` answers as GitHub does: 204, or 401 without a token, 422 for a body
that it would refuse. What it took is kept in ``dispatches.jsonl`` of the cache folder, one JSON object a line.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, jsonify, request

from include.sandbox.shelf import Shelf

PREFIX = "/github-api"
TAKEN = "dispatches.jsonl"
MAX_PAYLOAD_BYTES = 65_535
MAX_PAYLOAD_KEYS = 10
MAX_EVENT_TYPE = 100


def blueprint(shelf: Shelf) -> Blueprint:
    """The one endpoint; any other path is 404."""
    pages = Blueprint("github_api", __name__, url_prefix=PREFIX)

    @pages.post("/repos/<owner>/<name>/dispatches")
    def dispatches(owner: str, name: str) -> tuple[Response | str, int]:
        if not request.headers.get("Authorization", "").startswith("Bearer "):
            return jsonify(message="Requires authentication"), 401
        body: Any = request.get_json(silent=True)
        if problem := _problem(body):
            return jsonify(message=f"Invalid request.\n\n{problem}"), 422
        shelf.cache.mkdir(parents=True, exist_ok=True)
        with (shelf.cache / TAKEN).open("a", encoding="utf-8") as taken:
            taken.write(json.dumps({"repository": f"{owner}/{name}", "body": body}) + "\n")
        return "", 204

    return pages


def environment(base_url: str) -> dict[str, str]:
    """The setting that makes collectors write to here."""
    return {"GITHUB_API_URL": f"{base_url}{PREFIX}"}


def _problem(body: Any) -> str:
    if not isinstance(body, dict) or not isinstance(body.get("event_type"), str):
        return '"event_type" wasn\'t supplied.'
    if len(body["event_type"]) > MAX_EVENT_TYPE:
        return "event_type is too long."
    payload = body.get("client_payload", {})
    if not isinstance(payload, dict) or len(payload) > MAX_PAYLOAD_KEYS:
        return "No more than 10 properties are allowed."
    return "client_payload is too large." if len(json.dumps(payload)) > MAX_PAYLOAD_BYTES else ""
