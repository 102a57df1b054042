"""Fields of repositories and of the lists that hang on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from include.sandbox.github.clock import Stamp, normal
from include.sandbox.github.graphql.connections import Page, page_from, page_of
from include.sandbox.github.graphql.context import Context
from include.sandbox.github.graphql.execution import FieldError
from include.sandbox.github.graphql.item_resolvers import LARGEST_INT, Arguments, Map, attribute, constant, pull_state
from include.sandbox.github.history import GitRef
from include.sandbox.github.ids import node_id
from include.sandbox.github.licenses import LICENSES
from include.sandbox.github.model import SITE, Item, Kind
from include.sandbox.github.repository import Repository

FIELDS = {"CREATED_AT": "created", "UPDATED_AT": "updated", "COMMENTS": "comments"}
Test = Callable[[Item], bool]


def _issues(repository: Repository, arguments: Arguments, _context: Context) -> Page:
    by = arguments.get("filterBy") or {}
    tests = _state_tests(arguments.get("states") or by.get("states"))
    tests += _label_tests(arguments.get("labels") or by.get("labels")) + _person_tests(by)
    return _items("issues", "issue", repository, arguments, tests, by.get("since"))


def _pull_requests(repository: Repository, arguments: Arguments, _context: Context) -> Page:
    tests = _state_tests(arguments.get("states")) + _label_tests(arguments.get("labels"))
    for name, attribute_name in (("baseRefName", "base_branch"), ("headRefName", "head_branch")):
        if branch := arguments.get(name):
            tests.append(lambda item, a=attribute_name, b=branch: getattr(item.pull, a) == b)  # type: ignore[misc]
    return _items("pullRequests", "pull", repository, arguments, tests, None)


def _state_tests(states: list[str] | None) -> list[Test]:
    return [lambda item: (pull_state(item) if item.pull else item.state.upper()) in states] if states else []


def _label_tests(labels: list[str] | None) -> list[Test]:
    return [lambda item: not set(item.labels).isdisjoint(labels)] if labels else []


def _person_tests(by: dict[str, Any]) -> list[Test]:
    tests: list[Test] = []
    if creator := by.get("createdBy"):
        tests.append(lambda item: item.author is not None and item.author.login == creator)
    if assignee := by.get("assignee"):
        tests.append(lambda item: _assigned(item, assignee))
    return tests


def _assigned(item: Item, assignee: str) -> bool:
    """``*`` stands for anybody."""
    logins = [account.login for account in item.assignees]
    return bool(logins) if assignee == "*" else assignee in logins


def _items(
    name: str, kind: Kind, repository: Repository, arguments: Arguments, tests: list[Test], since: Stamp | None
) -> Page:
    order = arguments.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
    field = FIELDS[order["field"]]
    oldest = normal(since) if since else ""

    def walk(after: Any, reverse: bool) -> Iterator[tuple[Any, Item]]:
        return _chosen(repository, field, kind, after, reverse, [*tests, *_since_tests(oldest)])

    def total() -> int:
        if tests or (oldest and field != "updated"):
            return sum(1 for _ in walk(None, False))
        return repository.items.count_since("updated", kind, (oldest, 0)) if oldest else repository.items.count(kind)

    return page_from(name, arguments, walk, total, reverse=order["direction"] == "DESC")


def _since_tests(oldest: Stamp) -> list[Test]:
    return [lambda item: item.updated_at >= oldest] if oldest else []


def _chosen(
    repository: Repository, field: str, kind: Kind, after: Any, reverse: bool, tests: list[Test]
) -> Iterator[tuple[Any, Item]]:
    for key in repository.items.keys(field, kind, after=after, reverse=reverse):
        item = repository.items.at(key)
        if item and all(test(item) for test in tests):
            yield key, item


def _one_item(kinds: tuple[Kind, ...], noun: str) -> Callable[[Repository, Arguments, Context], Item]:
    def resolve(repository: Repository, arguments: Arguments, _context: Context) -> Item:
        item = repository.items.get(arguments["number"])
        if item is None or item.kind not in kinds:
            message = f"Could not resolve to {noun} with the number of {arguments['number']}."
            raise FieldError("NOT_FOUND", message)
        return item

    return resolve


def _languages(repository: Repository, arguments: Arguments, _context: Context) -> Page:
    order = arguments.get("orderBy") or {"direction": "ASC"}
    pairs = list(repository.languages.items())
    reverse = order["direction"] == "DESC"
    page = page_of("languages", arguments, pairs, lambda pair: (pair[1], pair[0]), reverse=reverse)
    page.extra = sum(repository.languages.values())
    return page


def _labels(repository: Repository, arguments: Arguments, _context: Context) -> Page:
    wanted = (arguments.get("query") or "").lower()
    labels = [label for label in repository.labels.values() if wanted in label.name.lower()]
    return page_of("labels", arguments, labels, lambda label: (label.name.lower(), label.id))


def _refs(repository: Repository, arguments: Arguments, context: Context) -> Page:
    order = arguments.get("orderBy") or {}
    direction = order.get("direction") or arguments.get("direction")
    refs = context.histories.refs(repository, arguments["refPrefix"])
    refs = [ref for ref in refs if (arguments.get("query") or "") in ref.name]
    key = _ref_key(order.get("field"), refs, context)
    return page_of("refs", arguments, refs, key, reverse=direction == "DESC")


def _ref_key(field: str | None, refs: list[GitRef], context: Context) -> Callable[[GitRef], tuple[Any, ...]]:
    if field != "TAG_COMMIT_DATE" or not refs:
        return lambda ref: (ref.name,)
    commits = context.histories.objects(refs[0].repository, [ref.commit for ref in refs])
    return lambda ref: (commits[ref.commit].signature("committer").seconds, ref.name)


def _ref(repository: Repository, arguments: Arguments, context: Context) -> GitRef | None:
    name = arguments["qualifiedName"]
    refs = context.histories.refs(repository, name if name.startswith("refs/") else "refs/")
    wanted = [name, f"refs/heads/{name}", f"refs/tags/{name}"]
    return next((ref for ref in refs if ref.name in wanted), None)


def _default_branch(repository: Repository, _arguments: Arguments, context: Context) -> GitRef | None:
    return _ref(repository, {"qualifiedName": f"refs/heads/{repository.default_branch}"}, context)


def _object(repository: Repository, arguments: Arguments, context: Context) -> Any:
    return context.object(repository, arguments.get("oid") or arguments.get("expression"))


def _topics(repository: Repository, arguments: Arguments, _context: Context) -> Page:
    pairs = [(repository, topic) for topic in repository.topics]
    return page_of("repositoryTopics", arguments, pairs, lambda pair: (pair[1],))


def _empty(name: str) -> Callable[[Any, Arguments, Context], Page]:
    return lambda _source, arguments, _context: page_of(name, arguments, [], lambda element: (element,))


def listed(repositories: Iterable[Repository], arguments: Arguments) -> Page:
    """A connection of repositories, by name unless ``orderBy`` says otherwise."""
    order = arguments.get("orderBy") or {"field": "NAME", "direction": "ASC"}
    names = {"CREATED_AT": "created_at", "UPDATED_AT": "updated_at", "PUSHED_AT": "pushed_at", "STARGAZERS": "stars"}
    field = names.get(order["field"], "name")
    rows = [row for row in repositories if _wanted(row, arguments)]
    reverse = order["direction"] == "DESC"
    return page_of("repositories", arguments, rows, lambda row: (getattr(row, field) or "", row.id), reverse=reverse)


def _wanted(repository: Repository, arguments: Arguments) -> bool:
    found = {"isFork": repository.fork, "isArchived": repository.archived, "hasIssuesEnabled": repository.has_issues}
    visible = "PRIVATE" if repository.private else "PUBLIC"
    found |= {"isLocked": False, "privacy": visible, "visibility": visible}  # type: ignore[dict-item]
    return all(arguments.get(name) in (None, value) for name, value in found.items())


REPOSITORY: Map = {
    "archivedAt": lambda row, _a, _c: row.updated_at if row.archived else None,
    "createdAt": attribute("created_at"),
    "databaseId": lambda row, _a, _c: row.id if row.id <= LARGEST_INT else None,
    "defaultBranchRef": _default_branch,
    "description": attribute("description"),
    "diskUsage": attribute("size"),
    "forkCount": attribute("forks"),
    "hasDiscussionsEnabled": constant(False),
    "hasIssuesEnabled": attribute("has_issues"),
    "hasProjectsEnabled": constant(True),
    "hasWikiEnabled": constant(True),
    "homepageUrl": attribute("homepage"),
    "id": lambda row, _a, _c: node_id("Repository", row.id),
    "isArchived": attribute("archived"),
    "isDisabled": constant(False),
    "isEmpty": lambda row, _a, context: not context.histories.refs(row, "refs/heads/"),
    "isFork": attribute("fork"),
    "isInOrganization": lambda row, _a, _c: row.owner.kind == "Organization",
    "isLocked": constant(False),
    "isMirror": constant(False),
    "isPrivate": attribute("private"),
    "isTemplate": constant(False),
    "issue": _one_item(("issue",), "an Issue"),
    "issueOrPullRequest": _one_item(("issue", "pull"), "an issue or pull request"),
    "issues": _issues,
    "label": lambda row, arguments, _c: row.labels.get(arguments["name"]),
    "labels": _labels,
    "languages": _languages,
    "licenseInfo": lambda row, _a, _c: LICENSES.get(row.license or ""),
    "mirrorUrl": constant(None),
    "name": attribute("name"),
    "nameWithOwner": attribute("full_name"),
    "object": _object,
    "owner": attribute("owner"),
    "parent": constant(None),
    "primaryLanguage": lambda row, _a, _c: max(row.languages.items(), key=lambda pair: pair[1], default=None),
    "pullRequest": _one_item(("pull",), "a PullRequest"),
    "pullRequests": _pull_requests,
    "pushedAt": lambda row, _a, context: row.pushed_at or context.histories.pushed_at(row),
    "ref": _ref,
    "refs": _refs,
    "repositoryTopics": _topics,
    "resourcePath": attribute("path"),
    "sshUrl": lambda row, _a, _c: f"git@github.com:{row.full_name}.git",
    "stargazerCount": attribute("stars"),
    "updatedAt": attribute("updated_at"),
    "url": lambda row, _a, _c: SITE + row.path,
    "visibility": lambda row, _a, _c: "PRIVATE" if row.private else "PUBLIC",
    "watchers": _empty("watchers"),
}
LABEL: Map = {
    "color": attribute("color"),
    "createdAt": constant(None),
    "description": attribute("description"),
    "id": lambda label, _a, _c: node_id("Label", label.id),
    "isDefault": constant(False),
    "name": attribute("name"),
    "repository": attribute("repository"),
    "resourcePath": lambda label, _a, _c: f"{label.repository.path}/labels/{label.name}",
    "updatedAt": constant(None),
    "url": lambda label, _a, _c: f"{SITE}{label.repository.path}/labels/{label.name}",
}
LICENSE: Map = {
    "body": attribute("name"),
    "description": constant(None),
    "hidden": constant(False),
    "id": lambda row, _a, _c: node_id("License", row.key),
    "key": attribute("key"),
    "name": attribute("name"),
    "nickname": constant(None),
    "pseudoLicense": lambda row, _a, _c: row.key == "other",
    "spdxId": attribute("spdx_id"),
    "url": lambda row, _a, _c: f"http://choosealicense.com/licenses/{row.key}/",
}
LANGUAGE: Map = {
    "color": constant("#f34b7d"),
    "id": lambda pair, _a, _c: node_id("Language", pair[0]),
    "name": lambda pair, _a, _c: pair[0],
}
TOPIC: Map = {"id": lambda name, _a, _c: node_id("Topic", name), "name": lambda name, _a, _c: name}
REPOSITORY_TOPIC: Map = {
    "id": lambda pair, _a, _c: node_id("RepositoryTopic", pair[0].id, pair[1]),
    "resourcePath": lambda pair, _a, _c: f"/topics/{pair[1]}",
    "topic": lambda pair, _a, _c: pair[1],
    "url": lambda pair, _a, _c: f"{SITE}/topics/{pair[1]}",
}
REPOSITORY_TYPES: dict[str, Map] = {
    "Repository": REPOSITORY,
    "Label": LABEL,
    "License": LICENSE,
    "Language": LANGUAGE,
    "Topic": TOPIC,
    "RepositoryTopic": REPOSITORY_TOPIC,
}
