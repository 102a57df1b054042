"""The fields of Query, and of accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from include.sandbox.github.graphql.connections import Page, page_of
from include.sandbox.github.graphql.context import TYPENAMES, Context
from include.sandbox.github.graphql.execution import FieldError
from include.sandbox.github.graphql.item_resolvers import LARGEST_INT, Arguments, Map, attribute, constant
from include.sandbox.github.graphql.repository_resolvers import listed
from include.sandbox.github.ids import node_id, parse_node_id
from include.sandbox.github.model import SITE, Account
from include.sandbox.github.repository import Repository
from include.sandbox.github.search import search_issues, search_repositories, search_users
from include.sandbox.github.world import World

PARTS = {name: kind for kind, name in TYPENAMES.items() if name != "Repository"}
SEARCHES: dict[str, Callable[[World, str], Iterator[Any]]] = {
    "ISSUE": search_issues,
    "REPOSITORY": search_repositories,
    "USER": search_users,
}
ACCOUNTS = ("User", "Organization", "Bot", "Mannequin")


def _repository(_source: None, arguments: Arguments, context: Context) -> Repository:
    owner, name = arguments["owner"], arguments["name"]
    return _found(context.world.repository(owner, name, follow=arguments["followRenames"]), f"{owner}/{name}")


def _repository_of(account: Account, arguments: Arguments, context: Context) -> Repository:
    name = arguments["name"]
    found = context.world.repository(account.login, name, follow=arguments["followRenames"])
    return _found(found, f"{account.login}/{name}")


def _found(repository: Repository | None, name: str) -> Repository:
    if repository is None:
        raise FieldError("NOT_FOUND", f"Could not resolve to a Repository with the name '{name}'.")
    return repository


def _account(noun: str, *kinds: str) -> Callable[[None, Arguments, Context], Account]:
    def resolve(_source: None, arguments: Arguments, context: Context) -> Account:
        account = context.world.account(arguments["login"])
        if account is None or account.kind not in kinds:
            raise FieldError("NOT_FOUND", f"Could not resolve to {noun} with the login of '{arguments['login']}'.")
        return account

    return resolve


def _nodes(_source: None, arguments: Arguments, context: Context) -> list[Any]:
    found = [find_node(text, context) for text in arguments["ids"]]
    return [node or _no_node(text) for node, text in zip(found, arguments["ids"], strict=True)]


def _node(_source: None, arguments: Arguments, context: Context) -> Any:
    node = find_node(arguments["id"], context)
    if node is None:
        raise _no_node(arguments["id"])
    return node


def _no_node(text: str) -> FieldError:
    return FieldError("NOT_FOUND", f"Could not resolve to a node with the global id of '{text}'.")


def find_node(text: str, context: Context) -> Any:
    """What a node id stands for; None where it is gone or was none."""
    parsed = parse_node_id(text)
    if parsed is None:
        return None
    kind, parts = parsed
    if kind in ("Issue", "PullRequest"):
        item = context.world.item_by_id(parts[0])
        return item if item and context.typename(item) == kind else None
    if kind in PARTS:
        return context.world.part(PARTS[kind], parts[0])
    if kind in ACCOUNTS:
        return context.world.account_by_id(parts[0])
    repository = context.world.repository_by_id(parts[0])
    if kind == "Repository" or repository is None:
        return repository
    return context.object(repository, str(parts[1])) if kind in ("Commit", "Tag", "Tree", "Blob") else None


def _search(_source: None, arguments: Arguments, context: Context) -> Page:
    search = SEARCHES.get(arguments["type"])
    found = list(search(context.world, arguments["query"])) if search else []
    return page_of("search", arguments, list(enumerate(found)), lambda pair: (pair[0],))


def _search_nodes(page: Page, _arguments: Arguments, _context: Context) -> list[Any]:
    return [node for _place, node in page.nodes]


SEARCH: Map = {
    "nodes": _search_nodes,
    "edges": lambda page, _a, _c: [(key, node[1], page) for key, node in zip(page.keys, page.nodes, strict=True)],
    "pageInfo": lambda page, _a, _c: page,
    "issueCount": lambda page, _a, _c: page.total(),
    "repositoryCount": lambda page, _a, _c: page.total(),
    "userCount": lambda page, _a, _c: page.total(),
}
QUERY: Map = {
    "node": _node,
    "nodes": _nodes,
    "organization": _account("an Organization", "Organization"),
    "rateLimit": lambda _source, _a, context: context.rate,
    "repository": _repository,
    "repositoryOwner": _account("a RepositoryOwner", "User", "Organization"),
    "search": _search,
    "user": _account("a User", "User"),
    "viewer": lambda _source, _a, context: context.viewer,
}
RATE_LIMIT: Map = {
    name: lambda rate, _a, _c, key=name: rate[key]  # type: ignore[misc]
    for name in ("cost", "limit", "nodeCount", "remaining", "resetAt", "used")
}


def _repositories(account: Account, arguments: Arguments, context: Context) -> Page:
    return listed(context.world.repositories(account.login), arguments)


def _actor(kind: str) -> Map:
    return {
        "avatarUrl": attribute("avatar_url"),
        "createdAt": attribute("created_at"),
        "databaseId": lambda row, _a, _c: row.id if row.id <= LARGEST_INT else None,
        "id": lambda row, _a, _c: node_id(kind, row.id),
        "login": lambda row, _a, _c: row.login.removesuffix("[bot]"),
        "name": attribute("name"),
        "resourcePath": attribute("path"),
        "updatedAt": attribute("updated_at"),
        "url": lambda row, _a, _c: SITE + row.path,
    }


_OWNER: Map = {
    "location": attribute("location"),
    "repositories": _repositories,
    "repository": _repository_of,
    "websiteUrl": attribute("blog"),
}
USER: Map = (
    _actor("User")
    | _OWNER
    | {
        "bio": attribute("bio"),
        "company": attribute("company"),
        "email": lambda row, _a, _c: row.email or "",
        "twitterUsername": constant(None),
    }
)
ORGANIZATION: Map = _actor("Organization") | _OWNER | {"description": attribute("bio"), "email": attribute("email")}
ROOT_TYPES: dict[str, Map] = {
    "Query": QUERY,
    "RateLimit": RATE_LIMIT,
    "User": USER,
    "Organization": ORGANIZATION,
    "Bot": _actor("Bot"),
    "Mannequin": _actor("Mannequin") | {"email": attribute("email")},
    "EnterpriseUserAccount": _actor("User"),
    "SearchResultItemConnection": SEARCH,
}
