"""Completing items whose lists are longer than what a page asks for: only their rests are asked for, many at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from boost_collectors.github_activity_tracker.api import queries
from boost_collectors.github_activity_tracker.api.answers import Answer, ask_split, chunks

if TYPE_CHECKING:
    from boost_collectors.core.github import GitHubClient

RESTS_A_QUERY = 20

_LISTS = {
    "Issue": ("labels", "assignees", "comments"),
    "PullRequest": ("labels", "assignees", "comments", "reviews", "reviewThreads"),
    "PullRequestReviewThread": ("comments",),
}


@dataclass(slots=True)
class Completion:
    """What completing took, and the places of items that could not be completed, with the reason."""

    cost: int = 0
    failed: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Gap:
    place: int
    node: dict[str, Any]
    rest: queries.Rest


def complete(client: GitHubClient, items: Mapping[int, dict[str, Any]], kind: str) -> Completion:
    """Append to the items' lists what they lack. ``items`` are nodes of ``kind`` by any number of the caller's."""
    done = Completion()
    gaps = [gap for place, node in items.items() for gap in _gaps(place, node, kind)]
    while gaps:
        found: list[_Gap] = []
        for chunk in chunks(gaps, RESTS_A_QUERY):
            for asked, answer in ask_split(client, chunk, _query):
                done.cost += answer.cost
                for number, gap in enumerate(asked):
                    reason = answer.wrong(f"n{number}")
                    more = answer.at(f"n{number}", gap.rest.connection)
                    if reason or more is None:
                        done.failed[gap.place] = reason or "the rest of a list is missing"
                    else:
                        found += _append(gap, more)
        gaps = [gap for gap in found if gap.place not in done.failed]
    return done


def complete_pulls(client: GitHubClient, _answer: Answer, pulls: Mapping[int, dict[str, Any]]) -> Completion:
    """Complete a page of pull requests, by their places on it."""
    return complete(client, pulls, "PullRequest")


def _query(gaps: Sequence[_Gap]) -> tuple[str, dict[str, Any]]:
    variables: dict[str, Any] = {}
    for number, gap in enumerate(gaps):
        variables |= {f"i{number}": gap.rest.node_id, f"a{number}": gap.rest.after}
    return queries.rest(gap.rest for gap in gaps), variables


def _append(gap: _Gap, more: Mapping[str, Any]) -> Iterable[_Gap]:
    name = gap.rest.connection
    connection = gap.node[name]
    fresh = [node for node in more.get("nodes") or () if node is not None]
    connection["nodes"] = [*(connection.get("nodes") or ()), *fresh]
    connection["pageInfo"] = more.get("pageInfo")
    yield from _gap(gap.place, gap.node, gap.rest.kind, name)
    if name == "reviewThreads":
        for thread in fresh:
            yield from _gap(gap.place, thread, "PullRequestReviewThread", "comments")


def _gaps(place: int, node: dict[str, Any], kind: str) -> Iterator[_Gap]:
    for name in _LISTS[kind]:
        yield from _gap(place, node, kind, name)
    for thread in (node.get("reviewThreads") or {}).get("nodes") or ():
        if thread is not None:
            yield from _gap(place, thread, "PullRequestReviewThread", "comments")


def _gap(place: int, node: dict[str, Any], kind: str, name: str) -> Iterator[_Gap]:
    page: Mapping[str, Any] = (node.get(name) or {}).get("pageInfo") or {}
    if page.get("hasNextPage"):
        yield _Gap(place, node, queries.Rest(kind, str(node["id"]), name, str(page["endCursor"])))
