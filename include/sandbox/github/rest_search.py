"""REST: search, whose limits are counted by the minute."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Blueprint, request

from include.sandbox.github.gate import ApiError, Gate, Paged, page_bounds
from include.sandbox.github.history import GitObject
from include.sandbox.github.ids import node_id
from include.sandbox.github.model import SITE
from include.sandbox.github.repository import Repository
from include.sandbox.github.rest_repositories import repository_body
from include.sandbox.github.search import MAX_RESULTS, search_issues, search_repositories, search_users, terms

MAX_QUERY = 256
"""Characters of a query, its qualifiers not counted."""
SORTS = {"stars": "stars", "forks": "forks", "updated": "updated_at"}
SCORE = {"score": 1.0}


def add_search(pages: Blueprint, gate: Gate) -> None:
    """The routes of this module."""

    @pages.get("/search/repositories")
    @gate.rest("search")
    def searched_repositories() -> Paged:
        rows = _sorted(search_repositories(gate.github.world, _query(), gate.pushed_at))
        return _found(gate, rows, lambda row: repository_body(gate, row) | SCORE)

    @pages.get("/search/issues")
    @gate.rest("search")
    def searched_issues() -> Paged:
        return _found(
            gate,
            search_issues(gate.github.world, _query()),
            lambda item: gate.render.issue(item) | SCORE,
            search_type="lexical",
        )

    @pages.get("/search/users")
    @gate.rest("search")
    def searched_users() -> Paged:
        return _found(
            gate, search_users(gate.github.world, _query()), lambda account: gate.render.account(account) | SCORE
        )

    @pages.get("/search/code")
    @gate.rest("code_search")
    def searched_code() -> Paged:
        if gate.user() is None:
            raise ApiError(401, "Requires authentication")
        return _found(gate, _files(gate, _query()), lambda hit: _hit(gate, *hit))


def _query() -> str:
    query = request.args.get("q", "").strip()
    words, _ = terms(query)
    if not query or len(" ".join(words)) > MAX_QUERY:
        code = "missing" if not query else "invalid"
        raise ApiError(422, "Validation Failed", errors=[{"resource": "Search", "field": "q", "code": code}])
    return query


def _sorted(rows: Iterable[Repository]) -> list[Repository]:
    attribute = SORTS.get(request.args.get("sort", ""))
    found = list(rows)
    if attribute:
        found.sort(
            key=lambda row: (getattr(row, attribute), -row.id), reverse=request.args.get("order", "desc") == "desc"
        )
    return found


def _found(gate: Gate, rows: Iterable[Any], render: Callable[[Any], Any], **more: str) -> Paged:
    """A page of the first 1,000; a search that takes too long shows only what it met until then, and says so."""
    start, size = page_bounds()
    if start >= MAX_RESULTS:
        raise ApiError(422, "Only the first 1000 search results are available")
    found = list(rows)
    most = gate.github.limits.options.timeout_results
    is_cut = most is not None and len(found) > most
    shown = found[: min(MAX_RESULTS, most if is_cut and most is not None else MAX_RESULTS)]
    page = [render(row) for row in shown[start : start + size]]

    def envelope(items: list[Any]) -> dict[str, Any]:
        return {
            "total_count": len(shown) if is_cut else len(found),
            "incomplete_results": is_cut,
            "items": items,
        } | more

    return Paged(page, start + size < len(shown), len(shown), envelope)


def _files(gate: Gate, query: str) -> Iterator[tuple[Repository, str, GitObject]]:
    """Files of the default branches that hold all words; ``filename:``, ``path:`` and ``extension:`` narrow."""
    words, by = terms(query)
    chosen = " ".join(f"{name}:{value}" for name in ("repo", "org", "user") for value in by.get(name, []))
    for repository in search_repositories(gate.github.world, chosen):
        for path, oid in _tree(gate, repository, f"{repository.default_branch}^{{tree}}", ""):
            blob = gate.github.histories.object(repository, oid) if _named(path, by) else None
            if blob and all(word in blob.raw.decode("utf-8", "replace").lower() for word in words):
                yield repository, path, blob


def _tree(gate: Gate, repository: Repository, name: str, folder: str) -> Iterator[tuple[str, str]]:
    tree = gate.github.histories.object(repository, name)
    for mode, entry, oid in tree.entries() if tree else ():
        if mode == "40000":
            yield from _tree(gate, repository, oid, f"{folder}{entry}/")
        elif mode != "160000":
            yield folder + entry, oid


def _named(path: str, by: dict[str, list[str]]) -> bool:
    name = path.rpartition("/")[2]
    return (
        all(wanted == name for wanted in by.get("filename", []))
        and all(wanted in path for wanted in by.get("path", []))
        and all(name.endswith(f".{wanted}") for wanted in by.get("extension", []))
    )


def _hit(gate: Gate, repository: Repository, path: str, blob: GitObject) -> dict[str, Any]:
    url = f"{gate.render.root}/repos/{repository.full_name}"
    return {
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": blob.oid,
        "url": f"{url}/contents/{path}?ref={repository.default_branch}",
        "git_url": f"{url}/git/blobs/{blob.oid}",
        "html_url": f"{SITE}{repository.path}/blob/{repository.default_branch}/{path}",
        "repository": repository_body(gate, repository) | {"node_id": node_id("Repository", repository.id)},
    } | SCORE
