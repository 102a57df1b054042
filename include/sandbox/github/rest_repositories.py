"""REST: users, organisations, repositories and their facts, rate limits, dispatches."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, request

from include.sandbox.github.gate import ApiError, Gate, Paged, not_found, paged
from include.sandbox.github.limits import ANONYMOUS, Window
from include.sandbox.github.model import Account
from include.sandbox.github.repository import Repository
from include.sandbox.shelf import Shelf

TAKEN = "dispatches.jsonl"
MAX_PAYLOAD_BYTES = 65_535
MAX_PAYLOAD_KEYS = 10
MAX_EVENT_TYPE = 100
SORTS = {"created": "created_at", "updated": "updated_at", "pushed": "pushed_at", "full_name": "name"}


def find_repository(gate: Gate, owner: str, name: str) -> Repository:
    """The repository of a path. Raises ApiError: 301 to where a renamed one is now, 404."""
    world = gate.github.world
    found = world.repository(owner, name)
    if found:
        return found
    moved = world.repository(owner, name, follow=True)
    if moved is None:
        raise not_found()
    rest = request.full_path.partition(f"/repos/{owner}/{name}")[2].rstrip("?")
    root = gate.render.root
    # GitHub leads to the place by id, also for what is below the repository; here only the repository is there.
    raise MovedError(f"{root}/repos/{moved.full_name}{rest}" if rest else f"{root}/repositories/{moved.id}")


class MovedError(ApiError):
    """301, with the place by id in body and Location header."""

    def __init__(self, url: str) -> None:
        super().__init__(301, "Moved Permanently", url=url)


def repository_body(gate: Gate, repository: Repository) -> dict[str, Any]:
    """A repository as it stands in lists."""
    body = gate.render.repository(repository)
    pushed_at = gate.pushed_at(repository)
    return body | {"pushed_at": pushed_at} if pushed_at else body


def full_repository(gate: Gate, repository: Repository) -> dict[str, Any]:
    """A repository as it stands on its own."""
    body = repository_body(gate, repository)
    counts = {"network_count": repository.forks, "subscribers_count": repository.watchers}
    return body | counts | ({"organization": body["owner"]} if repository.owner.kind == "Organization" else {})


def add_repositories(pages: Blueprint, gate: Gate, shelf: Shelf) -> None:
    """The routes of this module."""
    _add_accounts(pages, gate)
    _add_facts(pages, gate)

    @pages.get("/rate_limit")
    @gate.rest(bucket=None)
    def rate_limit() -> dict[str, Any]:
        user = gate.user()
        windows = gate.github.resources(user.login if user else ANONYMOUS)
        resources = {name: _window(window) for name, window in windows.items()}
        return {"resources": resources, "rate": resources["core"]}

    @pages.post("/repos/<owner>/<name>/dispatches")
    @gate.rest()
    def dispatches(owner: str, name: str) -> Response:
        if gate.user() is None:
            raise ApiError(401, "Requires authentication")
        body: Any = request.get_json(silent=True)
        if problem := _problem(body):
            raise ApiError(422, f"Invalid request.\n\n{problem}")
        shelf.cache.mkdir(parents=True, exist_ok=True)
        with (shelf.cache / TAKEN).open("a", encoding="utf-8") as taken:
            taken.write(json.dumps({"repository": f"{owner}/{name}", "body": body}) + "\n")
        return Response(status=204)


def _add_accounts(pages: Blueprint, gate: Gate) -> None:
    @pages.get("/user")
    @gate.rest()
    def me() -> dict[str, Any]:
        user = gate.user()
        if user is None:
            raise ApiError(401, "Requires authentication")
        return gate.render.full_account(user)

    @pages.get("/users/<login>")
    @gate.rest()
    def user_named(login: str) -> dict[str, Any]:
        return gate.render.full_account(_found(gate.github.world.account(login)))

    @pages.get("/user/<int:account_id>")
    @gate.rest()
    def user_by_id(account_id: int) -> dict[str, Any]:
        return gate.render.full_account(_found(gate.github.world.account_by_id(account_id)))

    @pages.get("/orgs/<login>")
    @gate.rest()
    def organization(login: str) -> dict[str, Any]:
        return gate.render.organization(_organization(gate, login))

    @pages.get("/orgs/<login>/repos")
    @gate.rest()
    def organization_repositories(login: str) -> Paged:
        return _repositories(gate, _organization(gate, login), "created")

    @pages.get("/users/<login>/repos")
    @gate.rest()
    def user_repositories(login: str) -> Paged:
        return _repositories(gate, _found(gate.github.world.account(login)), "full_name")


def _add_facts(pages: Blueprint, gate: Gate) -> None:
    @pages.get("/repos/<owner>/<name>")
    @gate.rest()
    def repository(owner: str, name: str) -> dict[str, Any]:
        return full_repository(gate, find_repository(gate, owner, name))

    @pages.get("/repositories/<int:repository_id>")
    @gate.rest()
    def repository_by_id(repository_id: int) -> dict[str, Any]:
        found = gate.github.world.repository_by_id(repository_id)
        if found is None:
            raise not_found()
        return full_repository(gate, found)

    @pages.get("/repos/<owner>/<name>/languages")
    @gate.rest()
    def languages(owner: str, name: str) -> dict[str, int]:
        found = find_repository(gate, owner, name).languages
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))

    @pages.get("/repos/<owner>/<name>/labels")
    @gate.rest()
    def labels(owner: str, name: str) -> Paged:
        return paged(list(find_repository(gate, owner, name).labels.values()), gate.render.label)

    @pages.get("/repos/<owner>/<name>/topics")
    @gate.rest()
    def topics(owner: str, name: str) -> dict[str, list[str]]:
        return {"names": list(find_repository(gate, owner, name).topics)}


def _repositories(gate: Gate, owner: Account, default: str) -> Paged:
    sort = request.args.get("sort", default)
    attribute = SORTS.get(sort, "created_at")
    direction = request.args.get("direction") or ("asc" if sort == "full_name" else "desc")
    rows = sorted(gate.github.world.repositories(owner.login), key=lambda row: (getattr(row, attribute) or "", row.id))
    if direction == "desc":
        rows.reverse()
    return paged(rows, lambda row: repository_body(gate, row))


def _organization(gate: Gate, login: str) -> Account:
    account = _found(gate.github.world.account(login))
    if account.kind != "Organization":
        raise not_found()
    return account


def _found(account: Account | None) -> Account:
    if account is None:
        raise not_found()
    return account


def _window(window: Window) -> dict[str, int]:
    return {"limit": window.limit, "used": window.used, "remaining": window.remaining, "reset": window.reset}


def _problem(body: Any) -> str:
    if not isinstance(body, dict) or not isinstance(body.get("event_type"), str):
        return '"event_type" wasn\'t supplied.'
    if len(body["event_type"]) > MAX_EVENT_TYPE:
        return "event_type is too long."
    payload = body.get("client_payload", {})
    if not isinstance(payload, dict) or len(payload) > MAX_PAYLOAD_KEYS:
        return "No more than 10 properties are allowed."
    return "client_payload is too large." if len(json.dumps(payload)) > MAX_PAYLOAD_BYTES else ""
