"""GitHub Apps: an installation gets a token of its own for an hour."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from include.sandbox.github.clock import stamp
from include.sandbox.github.gate import Gate

HOUR = 3600


def add_app(pages: Blueprint, gate: Gate) -> None:
    """The routes of this module. Who signed the app's own token is not looked at."""

    @pages.post("/app/installations/<int:installation>/access_tokens")
    def access_token(installation: int) -> tuple[Response, int]:
        if not request.headers.get("Authorization", "").startswith("Bearer "):
            return jsonify(message="A JSON web token could not be decoded"), 401
        github = gate.github
        now = github.clock.now()
        token = f"ghs_{installation}_{int(now)}"
        github.tokens[token] = f"installation-{installation}[bot]"
        body: dict[str, Any] = {"token": token, "expires_at": stamp(now + HOUR), "permissions": {"contents": "read"}}
        return jsonify(body | {"repository_selection": "all"}), 201
