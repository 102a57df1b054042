"""``POST <root>/graphql``: queries, their cost, and GitHub's ways to refuse them."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, request

from include.sandbox.github.gate import ApiError, Gate, with_limit
from include.sandbox.github.graphql.binding import QueryRefused
from include.sandbox.github.limits import PrimaryLimit, SecondaryLimit
from include.sandbox.github.model import Account

TIMED_OUT = "Something went wrong while executing your query. This may be the result of a timeout."


def add_graphql(pages: Blueprint, gate: Gate) -> None:
    """The one endpoint. Also at ``/api/graphql``, where GitHub Enterprise has it."""

    @pages.post("/graphql")
    @pages.post("/api/graphql")
    def graphql() -> Response:
        try:
            user = gate.user()
            if user is None:
                raise ApiError(401, "This endpoint requires you to be authenticated.")
            with gate.entered(user, "graphql"):
                response = _answer(gate, user)
        except ApiError as error:
            response = _json(error.body, error.code)
        except SecondaryLimit:
            response = gate.secondary()
        gate.github.answered(request.path)
        return response


def _answer(gate: Gate, user: Account) -> Response:
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        raise ApiError(400, "A query attribute must be specified and must be a string.")
    limits, name = gate.github.limits, user.login
    try:
        fields, cost = gate.github.plan(body["query"], body.get("variables") or {}, body.get("operationName"))
    except QueryRefused as refused:
        return with_limit(_json({"errors": refused.errors}), limits.window(name, "graphql"), "graphql")
    try:
        window = limits.spend(name, "graphql", cost.cost)
    except PrimaryLimit:
        error = {"type": "RATE_LIMITED", "message": f"API rate limit exceeded for user ID {user.id}."}
        return with_limit(_json({"errors": [error]}), limits.window(name, "graphql"), "graphql")
    most = limits.options.timeout_nodes
    if most is not None and cost.nodes > most:
        return with_limit(_json({"data": None, "errors": [{"message": TIMED_OUT}]}, 502), window, "graphql")
    return with_limit(_json(gate.github.run(fields, cost, user, window)), window, "graphql")


def _json(body: Any, status: int = 200) -> Response:
    response = Response(json.dumps(body, ensure_ascii=False), status=status, mimetype="application/json")
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    return response
