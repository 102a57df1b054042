"""GraphQL: connections, errors, and what a query costs."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from include.sandbox.github import GitHub
from tests.sandbox.github.conftest import Query

LIST = """
query($kind: OrderDirection!, $size: Int!, $after: String) {
  repository(owner: "generated", name: "lib0000") {
    pullRequests(first: $size, after: $after, orderBy: {field: UPDATED_AT, direction: $kind}) {
      totalCount pageInfo { hasNextPage endCursor } nodes { number updatedAt }
    }
  }
}
"""


def walked(ask: Query, direction: str, size: int, between: Any = None) -> list[tuple[str, int]]:
    """Every pull request that a reader meets; ``between`` is called after each page."""
    found, after = [], None
    while True:
        answer = ask(LIST, kind=direction, size=size, after=after)["data"]["repository"]["pullRequests"]
        found += [(node["updatedAt"], node["number"]) for node in answer["nodes"]]
        if not answer["pageInfo"]["hasNextPage"]:
            return found
        after = answer["pageInfo"]["endCursor"]
        if between:
            between(len(found))


def test_pages_are_whole_in_both_directions(ask: Query) -> None:
    up, down = walked(ask, "ASC", 7), walked(ask, "DESC", 10)
    assert up == sorted(up)
    assert down == up[::-1]
    total = ask(LIST, kind="ASC", size=1)["data"]["repository"]["pullRequests"]["totalCount"]
    assert len(set(up)) == total > 20


def test_a_cursor_holds_when_the_list_shifts(ask: Query, github: GitHub) -> None:
    before = walked(ask, "ASC", 100)
    touched = [number for _at, number in before[:3]]

    def shift(seen: int) -> None:
        if seen == 10:
            for number in touched:
                github.changes.touch("generated/lib0000", number)
            github.changes.delete_item("generated/lib0000", before[9][1])

    numbers = [number for _at, number in walked(ask, "ASC", 10, shift)]
    assert set(numbers) == {number for _at, number in before}
    assert numbers[-3:] == sorted(touched)


def test_last_and_before_walk_backwards(ask: Query) -> None:
    query = """query($before: String) { repository(owner: "boostorg", name: "system") { issue(number: 5) {
        comments(last: 50, before: $before) {
            pageInfo { hasPreviousPage hasNextPage startCursor } nodes { body } } } } }"""
    found: list[str] = []
    before = None
    while True:
        page = ask(query, before=before)["data"]["repository"]["issue"]["comments"]
        assert page["pageInfo"]["hasNextPage"] == bool(found)
        found = [node["body"] for node in page["nodes"]] + found
        if not page["pageInfo"]["hasPreviousPage"]:
            break
        before = page["pageInfo"]["startCursor"]
    assert found == [f"Remark {number} of 130." for number in range(1, 131)]


def test_a_pull_request_with_everything_below_it(ask: Query) -> None:
    body = ask("""{ repository(owner: "boostorg", name: "system") { pullRequest(number: 7) {
        state mergedBy { login } mergeCommit { oid messageHeadline }
        reviews(first: 10) { nodes { state author { login } comments(first: 5) { totalCount } } }
        reviewThreads(first: 10) { nodes { isResolved isOutdated line path resolvedBy { login }
            comments(first: 10) { nodes { body author { __typename login } replyTo { body } } } } } } } }""")
    pull = body["data"]["repository"]["pullRequest"]
    assert (pull["state"], pull["mergedBy"]["login"]) == ("MERGED", "ada")
    assert pull["mergeCommit"]["messageHeadline"] == "Merge pull request #7 from bo/feature/result"
    assert [node["comments"]["totalCount"] for node in pull["reviews"]["nodes"]] == [1, 1, 0]
    outdated, other = pull["reviewThreads"]["nodes"]
    assert (outdated["isOutdated"], outdated["line"], outdated["resolvedBy"]["login"]) == (True, None, "bo")
    assert outdated["comments"]["nodes"][1]["replyTo"]["body"] == "Make E a parameter."
    assert other["comments"]["nodes"][0]["author"] is None


def test_bots_ghosts_and_large_ids(ask: Query) -> None:
    body = ask("""{ repository(owner: "boostorg", name: "system") {
        bot: pullRequest(number: 10) { author { __typename login ... on Bot { databaseId } } }
        ghost: issue(number: 3) { author { login } stateReason }
        large: issue(number: 6) { author { __typename } comments(first: 1) { nodes { databaseId fullDatabaseId } } }
        duplicate: issue(number: 4) { stateReason(enableDuplicate: true) } } }""")
    data = body["data"]["repository"]
    assert data["bot"]["author"] == {"__typename": "Bot", "login": "samplebot", "databaseId": 5006}
    assert data["ghost"] == {"author": None, "stateReason": "NOT_PLANNED"}
    assert data["large"]["author"] == {"__typename": "Mannequin"}
    assert data["large"]["comments"]["nodes"] == [{"databaseId": None, "fullDatabaseId": "2900000001"}]
    assert data["duplicate"]["stateReason"] == "DUPLICATE"


def test_commit_authors_a_hundred_at_a_time(ask: Query, client: httpx.Client) -> None:
    hashes = [row["sha"] for row in client.get("/repos/generated/lib0000/commits?per_page=20").json()]
    fields = " ".join(
        f'c{i}: object(oid: "{sha}") {{ ... on Commit {{ author {{ email user {{ login }} }} }} }}'
        for i, sha in enumerate([*hashes, "0" * 40])
    )
    found = ask(f'{{ repository(owner: "generated", name: "lib0000") {{ {fields} }} }}')["data"]["repository"]
    assert found.pop(f"c{len(hashes)}") is None
    for node in found.values():
        number = node["author"]["email"].removeprefix("dev").partition("@")[0]
        login = (node["author"]["user"] or {}).get("login")
        assert login == (None if int(number) % 40 == 39 else f"generated-dev{number}")


def test_nodes_are_found_by_id_and_errors_come_with_the_rest(ask: Query) -> None:
    issue = ask('{ repository(owner: "generated", name: "lib0001") { issues(last: 1) { nodes { id title } } } }')
    (node,) = issue["data"]["repository"]["issues"]["nodes"]
    body = ask("query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Issue { title } } }", ids=[node["id"], "I_nothing"])
    assert body["data"]["nodes"] == [node, None]
    (error,) = body["errors"]
    assert (error["type"], error["path"]) == ("NOT_FOUND", ["nodes", 1])


@pytest.mark.parametrize(
    ("query", "kind", "path"),
    [
        ('{ repository(owner: "no", name: "no") { id } }', "NOT_FOUND", ["repository"]),
        (
            '{ repository(owner: "boostorg", name: "json") { issue(number: 9) { id } } }',
            "NOT_FOUND",
            ["repository", "issue"],
        ),
        (
            '{ repository(owner: "boostorg", name: "json") { issues(first: 101) { totalCount } } }',
            "EXCESSIVE_PAGINATION",
            ["repository", "issues"],
        ),
        (
            '{ repository(owner: "boostorg", name: "json") { issues { totalCount } } }',
            "MISSING_PAGINATION_BOUNDARIES",
            ["repository", "issues"],
        ),
    ],
)
def test_typed_errors(ask: Query, query: str, kind: str, path: list[str]) -> None:
    body = ask(query)
    assert [(error["type"], error["path"]) for error in body["errors"]] == [(kind, path)]
    assert body["data"].get("repository") in (None, {"issue": None})


def test_a_query_is_checked_against_the_schema(ask: Query) -> None:
    body = ask('{ repository(owner: "boostorg", name: "json") { nonsense } }')
    assert "data" not in body
    assert "nonsense" in body["errors"][0]["message"]


def test_the_cost_is_the_sum_of_the_requests_of_the_connections(ask: Query) -> None:
    # 1 for the pull requests, 50 for their comments, 50 x 20 for the comments of their threads and 50 for the threads.
    body = ask("""{ rateLimit { cost nodeCount } repository(owner: "generated", name: "lib0000") {
        pullRequests(first: 50) { nodes { comments(first: 20) { totalCount }
            reviewThreads(first: 20) { nodes { comments(first: 2) { totalCount } } } } } } }""")
    assert body["data"]["rateLimit"] == {"cost": 11, "nodeCount": 50 + 50 * 20 + 50 * 20 + 50 * 20 * 2}
    assert ask("{ rateLimit { cost } viewer { login } }")["data"]["rateLimit"]["cost"] == 1


def test_more_than_half_a_million_nodes_are_refused(ask: Query) -> None:
    body = ask("""{ organization(login: "generated") { repositories(first: 100) { nodes { issues(first: 100) {
        nodes { comments(first: 100) { totalCount } } } } } } }""")
    assert [error["type"] for error in body["errors"]] == ["MAX_NODE_LIMIT_EXCEEDED"]


def test_issues_since_a_time_are_counted_and_listed(ask: Query) -> None:
    query = """query($since: DateTime!) { repository(owner: "generated", name: "lib0000") {
        issues(first: 100, filterBy: {since: $since}, orderBy: {field: UPDATED_AT, direction: ASC}) {
            totalCount nodes { updatedAt } } } }"""
    since = "2024-06-01T00:00:00Z"
    issues = ask(query, since=since)["data"]["repository"]["issues"]
    assert issues["totalCount"] == len(issues["nodes"]) > 5
    assert all(node["updatedAt"] >= since for node in issues["nodes"])
    everything = ask(query, since="2000-01-01T00:00:00Z")["data"]["repository"]["issues"]
    assert everything["totalCount"] > issues["totalCount"]
