"""Search by words and qualifiers, over everything that is not generated and the names of what is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from include.sandbox.github.model import Account, Item
from include.sandbox.github.repository import Repository
from include.sandbox.github.world import World

TERM = re.compile(r'(?:(\w+):)?("[^"]*"|\S+)')
MAX_RESULTS = 1000
NUMBERS = {"stars": "stars", "forks": "forks", "size": "size"}


def terms(query: str) -> tuple[list[str], dict[str, list[str]]]:
    """The free words, in lower case, and the qualifiers with their values."""
    words: list[str] = []
    qualifiers: dict[str, list[str]] = {}
    for name, value in TERM.findall(query):
        plain = value.strip('"')
        if name:
            qualifiers.setdefault(name, []).append(plain)
        else:
            words.append(plain.lower())
    return words, qualifiers


def stored_push(repository: Repository) -> str | None:
    """When a repository was pushed to, where that is said."""
    return repository.pushed_at


def search_repositories(
    world: World, query: str, pushed_at: Callable[[Repository], str | None] = stored_push
) -> Iterator[Repository]:
    """``org:``, ``user:``, ``repo:``, ``language:``, bounds of numbers and days, words of the name or description."""
    words, by = terms(query)
    owners = by.get("org", []) + by.get("user", [])
    named = {name.lower() for name in by.get("repo", [])}
    for row in world.repositories():
        text = f"{row.name} {row.description or ''}".lower()
        fits = (
            all(word in text for word in words)
            and (not owners or row.owner.login in owners)
            and (not named or row.full_name.lower() in named)
            and all(
                _within(getattr(row, field), bound) for name, field in NUMBERS.items() for bound in by.get(name, [])
            )
            and all(_in_range(row.created_at, days) for days in by.get("created", []))
            and all(_in_range(pushed_at(row) or "", days) for days in by.get("pushed", []))
            and all(language.lower() in map(str.lower, row.languages) for language in by.get("language", []))
        )
        if fits:
            yield row


def search_issues(world: World, query: str) -> Iterator[Item]:
    """``repo:``, ``is:``/``type:``/``state:``, ``author:``, ``updated:>=DATE``, and words of title or body."""
    words, by = terms(query)
    for repository in search_repositories(world, " ".join(f"{k}:{v}" for k in ("repo", "org") for v in by.get(k, []))):
        for item in repository.items.all("created", reverse=True):
            text = f"{item.title} {item.body}".lower()
            if all(word in text for word in words) and _fits(item, by):
                yield item


def search_users(world: World, query: str) -> Iterator[Account]:
    """Words of the login or name; ``in:email`` looks at the public address."""
    words, by = terms(query)
    for account in world.accounts():
        text = (account.email or "") if by.get("in") == ["email"] else f"{account.login} {account.name or ''}"
        if account.kind in ("User", "Organization") and all(word in text.lower() for word in words):
            yield account


def _fits(item: Item, by: dict[str, list[str]]) -> bool:
    kinds = {"issue": item.kind == "issue", "pr": item.kind == "pull", "pull-request": item.kind == "pull"}
    states = {"open": item.state == "open", "closed": item.state == "closed"}
    states["merged"] = bool(item.pull and item.pull.merged_at)
    facts = kinds | states
    wanted = by.get("is", []) + by.get("type", []) + by.get("state", [])
    author = by.get("author")
    return (
        all(facts.get(word, True) for word in wanted)
        and (not author or (item.author is not None and item.author.login in author))
        and all(_in_range(item.updated_at, bound) for bound in by.get("updated", []))
        and all(_in_range(item.created_at, bound) for bound in by.get("created", []))
    )


def _within(number: int, bound: str) -> bool:
    if ".." in bound:
        low, _, high = bound.partition("..")
        return (low == "*" or number >= int(low)) and (high == "*" or number <= int(high))
    sign = re.match(r"[<>]?=?", bound)
    assert sign is not None
    edge = int(bound[sign.end() :])
    return {"": number == edge, ">=": number >= edge, ">": number > edge, "<=": number <= edge, "<": number < edge}[
        sign[0]
    ]


def _in_range(moment: str, bound: str) -> bool:
    if ".." in bound:
        first, _, last = bound.partition("..")
        return first <= moment[: len(first)] and moment[: len(last)] <= last
    sign = re.match(r"[<>]=?", bound)
    edge = bound[sign.end() :] if sign else bound
    found = moment[: len(edge)]
    return {"": found == edge, ">=": found >= edge, ">": found > edge, "<=": found <= edge, "<": found < edge}[
        sign[0] if sign else ""
    ]
