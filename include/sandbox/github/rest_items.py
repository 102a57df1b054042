"""REST: issues, pull requests, their comments and reviews."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from flask import Blueprint, Response, request

from include.sandbox.github.clock import Stamp, normal
from include.sandbox.github.gate import ApiError, Gate, Paged, not_found, page_bounds, paged
from include.sandbox.github.model import Comment, Item, Kind, ReviewComment
from include.sandbox.github.repository import Repository
from include.sandbox.github.rest_repositories import MovedError, find_repository

DEPRECATED = "This issue was deleted"
Test = Callable[[Item], bool]


def add_items(pages: Blueprint, gate: Gate) -> None:
    """The routes of this module."""
    _add_issues(pages, gate)
    _add_pulls(pages, gate)
    _add_repository_comments(pages, gate)


def _add_issues(pages: Blueprint, gate: Gate) -> None:
    @pages.get("/repos/<owner>/<name>/issues")
    @gate.rest()
    def issues(owner: str, name: str) -> Paged:
        return _listed(find_repository(gate, owner, name), None, gate.render.issue, _issue_tests())

    @pages.get("/repos/<owner>/<name>/issues/<int:number>")
    @gate.rest()
    def issue(owner: str, name: str, number: int) -> dict[str, Any]:
        repository = find_repository(gate, owner, name)
        moved = repository.transferred.get(number)
        if moved:
            raise MovedError(f"{gate.render.root}/repos/{moved.repository.full_name}/issues/{moved.number}")
        return gate.render.issue(_item(repository, number))

    @pages.get("/repos/<owner>/<name>/issues/<int:number>/comments")
    @gate.rest()
    def issue_comments(owner: str, name: str, number: int) -> Paged:
        since = _since()
        comments = _item(find_repository(gate, owner, name), number).content.comments
        return paged([each for each in comments if each.updated_at >= since], gate.render.comment)

    @pages.post("/repos/<owner>/<name>/issues/<int:number>/comments")
    @gate.rest()
    def new_comment(owner: str, name: str, number: int) -> Response:
        item, user = _item(find_repository(gate, owner, name), number), gate.user()
        if user is None:
            raise ApiError(401, "Requires authentication")
        body = (request.get_json(silent=True) or {}).get("body")
        if not isinstance(body, str) or not body.strip():
            raise ApiError(422, "Validation Failed")
        changes = gate.github.changes
        comment = changes.add_comment(item.repository.full_name, number, body, author=user.login)
        made = Response(json.dumps(gate.render.comment(comment)), status=201, mimetype="application/json")
        made.headers["Location"] = gate.render.comment(comment)["url"]
        return made


def _add_pulls(pages: Blueprint, gate: Gate) -> None:
    @pages.get("/repos/<owner>/<name>/pulls")
    @gate.rest()
    def pulls(owner: str, name: str) -> Paged:
        return _listed(find_repository(gate, owner, name), "pull", gate.render.pull, _pull_tests())

    @pages.get("/repos/<owner>/<name>/pulls/<int:number>")
    @gate.rest()
    def pull(owner: str, name: str, number: int) -> dict[str, Any]:
        return gate.render.full_pull(_pull(find_repository(gate, owner, name), number))

    @pages.get("/repos/<owner>/<name>/pulls/<int:number>/comments")
    @gate.rest()
    def pull_comments(owner: str, name: str, number: int) -> Paged:
        item = _pull(find_repository(gate, owner, name), number)
        return paged(item.content.review_comments, gate.render.review_comment)

    @pages.get("/repos/<owner>/<name>/pulls/<int:number>/reviews")
    @gate.rest()
    def reviews(owner: str, name: str, number: int) -> Paged:
        item = _pull(find_repository(gate, owner, name), number)
        return paged(item.content.reviews, gate.render.review)


def _add_repository_comments(pages: Blueprint, gate: Gate) -> None:
    @pages.get("/repos/<owner>/<name>/issues/comments")
    @gate.rest()
    def all_comments(owner: str, name: str) -> Paged:
        repository = find_repository(gate, owner, name)
        return _all_parts(repository, lambda item: item.content.comments, gate.render.comment)

    @pages.get("/repos/<owner>/<name>/pulls/comments")
    @gate.rest()
    def all_review_comments(owner: str, name: str) -> Paged:
        repository = find_repository(gate, owner, name)
        return _all_parts(repository, lambda item: item.content.review_comments, gate.render.review_comment)

    @pages.get("/repos/<owner>/<name>/issues/comments/<int:part_id>")
    @gate.rest()
    def one_comment(owner: str, name: str, part_id: int) -> dict[str, Any]:
        found = gate.github.world.part(Comment, part_id)
        if not isinstance(found, Comment) or found.repository is not find_repository(gate, owner, name):
            raise not_found()
        return gate.render.comment(found)

    @pages.get("/repos/<owner>/<name>/pulls/comments/<int:part_id>")
    @gate.rest()
    def one_review_comment(owner: str, name: str, part_id: int) -> dict[str, Any]:
        found = gate.github.world.part(ReviewComment, part_id)
        if not isinstance(found, ReviewComment) or found.repository is not find_repository(gate, owner, name):
            raise not_found()
        return gate.render.review_comment(found)


def _item(repository: Repository, number: int) -> Item:
    item = repository.items.get(number)
    if item is None:
        raise ApiError(410, DEPRECATED) if repository.items.deleted(number) else not_found()
    return item


def _pull(repository: Repository, number: int) -> Item:
    item = repository.items.get(number)
    if item is None or item.pull is None:
        raise not_found()
    return item


def _choice(name: str, choices: tuple[str, ...]) -> str:
    """A parameter of a few values, the first of which is the default. Raises ApiError 422."""
    value = request.args.get(name) or choices[0]
    if value not in choices:
        problem = {"resource": "Issue", "code": "invalid", "field": name}
        raise ApiError(422, "Validation Failed", errors=[problem])
    return value


def _since() -> Stamp:
    text = request.args.get("since")
    try:
        return normal(text.replace(" ", "+")) if text else ""
    except ValueError:
        raise ApiError(422, "Validation Failed", errors=[{"field": "since", "code": "invalid"}]) from None


def _state_test() -> list[Test]:
    state = _choice("state", ("open", "closed", "all"))
    return [] if state == "all" else [lambda item: item.state == state]


def _issue_tests() -> list[Test]:
    tests, since = _state_test(), _since()
    labels = {label for label in request.args.get("labels", "").split(",") if label}
    creator, assignee = request.args.get("creator"), request.args.get("assignee")
    if since:
        tests.append(lambda item: item.updated_at >= since)
    if labels:
        tests.append(lambda item: labels <= set(item.labels))
    if creator:
        tests.append(lambda item: item.author is not None and item.author.login == creator)
    if assignee and assignee != "*":
        tests.append(lambda item: assignee in [account.login for account in item.assignees])
    return tests


def _pull_tests() -> list[Test]:
    tests, base, head = _state_test(), request.args.get("base"), request.args.get("head", "").rpartition(":")[2]
    if base:
        tests.append(lambda item: item.pull is not None and item.pull.base_branch == base)
    if head:
        tests.append(lambda item: item.pull is not None and item.pull.head_branch == head)
    return tests


def _listed(repository: Repository, kind: Kind | None, render: Callable[[Item], Any], tests: list[Test]) -> Paged:
    sort = _choice("sort", ("created", "updated", "comments", "popularity", "long-running"))
    order = sort if sort in ("created", "updated", "comments") else "created"
    reverse = _choice("direction", ("desc", "asc")) == "desc"
    start, size = page_bounds()
    if not tests:
        items = repository.items.page(order, kind, start, size, reverse=reverse)
        total = repository.items.count(kind)
        return Paged([render(item) for item in items], start + size < total, total)
    found = (item for item in repository.items.all(order, kind, reverse=reverse) if all(test(item) for test in tests))
    items = list(islice(found, start, start + size + 1))
    return Paged([render(item) for item in items[:size]], len(items) > size)


def _all_parts(
    repository: Repository, parts: Callable[[Item], list[Any]], render: Callable[[Any], dict[str, Any]]
) -> Paged:
    """The comments of a whole repository; ``since`` is about their own last change."""
    since, sort = _since(), _choice("sort", ("created", "updated"))
    found = [part for item in _changed(repository, since) for part in parts(item) if part.updated_at >= since]
    attribute = f"{sort}_at"
    found.sort(key=lambda part: (getattr(part, attribute), part.id))
    # Without `sort` GitHub ignores the direction.
    if "sort" in request.args and _choice("direction", ("desc", "asc")) == "desc":
        found.reverse()
    return paged(found, render)


def _changed(repository: Repository, since: Stamp) -> Iterator[Item]:
    """The items that may hold a comment changed since: a computed item is never older than its comments."""
    if repository.items.source is None or not since:
        yield from repository.items.all()
        return
    yield from (item for item in repository.items.stored() if item.updated_at < since)
    yield from filter(None, map(repository.items.at, repository.items.keys("updated", after=(since, 0))))
