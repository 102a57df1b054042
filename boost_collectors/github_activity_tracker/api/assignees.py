"""Assignees of issues: few issues have any, so they are asked for apart from the page.

Beside each page GitHub lists the next issues that have assignees. Up to the last of them, an issue of the page that is
not among them has none; whatever lies behind it is asked by id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from boost_collectors.github_activity_tracker.api import queries
from boost_collectors.github_activity_tracker.api.answers import Answer, ask_split
from boost_collectors.github_activity_tracker.api.overflow import Completion, complete

if TYPE_CHECKING:
    from boost_collectors.core.github import GitHubClient

Node = dict[str, Any]


def complete_issues(client: GitHubClient, answer: Answer, issues: Mapping[int, Node]) -> Completion:
    """Give the issues of a page, by their places on it, their assignees and the rests of their lists."""
    done = _assign(client, answer, issues)
    whole = {place: issue for place, issue in issues.items() if place not in done.failed}
    rest = complete(client, whole, "Issue")
    return Completion(done.cost + rest.cost, done.failed | rest.failed)


def next_from(nodes: Sequence[Mapping[str, Any] | None]) -> Mapping[str, Any]:
    """Where the list of assigned issues starts for the page after this one."""
    times = [node["updatedAt"] for node in nodes if node is not None]
    return {"from": times[-1]} if times else {}


def _assign(client: GitHubClient, answer: Answer, issues: Mapping[int, Node]) -> Completion:
    known, until = _listed(answer)
    unknown: dict[str, int] = {}
    for place, issue in issues.items():
        if issue["id"] in known or until is None or issue["updatedAt"] < until:
            issue["assignees"] = known.get(issue["id"], {"nodes": []})
        else:
            unknown[issue["id"]] = place
    done = Completion()
    if not unknown:
        return done
    for asked, found in ask_split(client, list(unknown), lambda ids: (queries.ASSIGNEES, {"ids": ids})):
        done.cost += found.cost
        for number, node_id in enumerate(asked):
            node, reason = found.at("nodes", number), found.wrong("nodes", number)
            if node is None or reason:
                done.failed[unknown[node_id]] = reason or "its assignees are missing"
            else:
                issues[unknown[node_id]]["assignees"] = node["assignees"]
    return done


def _listed(answer: Answer) -> tuple[dict[str, Any], str | None]:
    """The assignees that came with the page, by id of the issue, and up to which time they are all (None: the end)."""
    listed = answer.at("repository", "assigned")
    if listed is None or answer.wrong("repository", "assigned"):
        return {}, ""
    nodes = [node for node in listed["nodes"] if node is not None]
    known = {node["id"]: node["assignees"] for node in nodes}
    if not listed["pageInfo"]["hasNextPage"]:
        return known, None
    return known, nodes[-1]["updatedAt"] if nodes else ""
