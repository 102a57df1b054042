"""REST as clients see it: paging, filters, conditional requests, errors."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from github import Auth, Github

from include.sandbox import Sandbox
from include.sandbox.github import GitHub

GENERATED = "/repos/generated/lib0000"


def pages(client: httpx.Client, path: str, **params: Any) -> list[list[Any]]:
    """All pages by their Link headers."""
    found, url = [], str(httpx.URL(path, params=params))
    while url:
        answer = client.get(url)
        found.append(answer.json())
        url = answer.links.get("next", {}).get("url", "")
    return found


def test_pages_follow_one_another_and_say_where_the_last_is(client: httpx.Client) -> None:
    first = client.get(f"{GENERATED}/issues", params={"state": "all", "per_page": 50})
    assert set(first.links) == {"next", "last"}
    numbers = [row["number"] for page in pages(client, f"{GENERATED}/issues", state="all", per_page=50) for row in page]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == len(numbers)
    last = client.get(first.links["last"]["url"])
    assert set(last.links) == {"prev", "first"}
    assert last.json()[-1]["number"] == 1


def test_issues_are_open_ones_unless_asked_and_mark_pull_requests(client: httpx.Client) -> None:
    rows = client.get("/repos/boostorg/system/issues", params={"per_page": 100}).json()
    assert {row["state"] for row in rows} == {"open"}
    rows = client.get("/repos/boostorg/system/issues", params={"state": "all", "per_page": 100}).json()
    assert sorted(row["number"] for row in rows if "pull_request" in row) == [7, 8, 9, 10]
    merged = next(row for row in rows if row["number"] == 7)
    pull = client.get("/repos/boostorg/system/pulls/7").json()
    assert merged["id"] != pull["id"]
    assert merged["pull_request"]["merged_at"] == pull["merged_at"] == "2023-12-06T17:00:00Z"


def test_issues_since_a_time_in_update_order(client: httpx.Client) -> None:
    params: dict[str, Any] = {"state": "all", "sort": "updated", "direction": "asc", "since": "2020-01-01T00:00:00Z"}
    rows = [row for page in pages(client, f"{GENERATED}/issues", **params) for row in page]
    assert [row["updated_at"] for row in rows] == sorted(row["updated_at"] for row in rows)
    params.pop("since")
    everything = [row for page in pages(client, f"{GENERATED}/issues", **params, per_page=100) for row in page]
    assert rows == [row for row in everything if row["updated_at"] >= "2020-01-01T00:00:00Z"]


@pytest.mark.parametrize("kind", ["issues", "pulls"])
def test_all_comments_of_a_repository_since_a_time(kind: str, client: httpx.Client, github: GitHub) -> None:
    since = "2023-01-01T00:00:00Z"
    found = pages(client, f"{GENERATED}/{kind}/comments", since=since, sort="updated", direction="asc", per_page=100)
    repository = github.world.repository("generated", "lib0000")
    assert repository is not None
    wanted = {
        part.id
        for item in repository.items.all()
        for part in (item.content.comments if kind == "issues" else item.content.review_comments)
        if part.updated_at >= since
    }
    assert wanted
    assert {row["id"] for page in found for row in page} == wanted


def test_a_long_conversation_takes_two_pages(client: httpx.Client) -> None:
    found = pages(client, "/repos/boostorg/system/issues/5/comments", per_page=100)
    assert [len(page) for page in found] == [100, 30]


def test_deleted_accounts_are_the_ghost_or_nobody(client: httpx.Client) -> None:
    assert client.get("/repos/boostorg/system/issues/3").json()["user"]["login"] == "ghost"
    (review,) = client.get("/repos/boostorg/system/pulls/8/reviews").json()
    assert review["user"] is None


def test_an_unchanged_answer_is_304_and_costs_nothing(client: httpx.Client, github: GitHub) -> None:
    first = client.get("/repos/boostorg/system/issues/1")
    again = client.get("/repos/boostorg/system/issues/1", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["X-RateLimit-Remaining"] == first.headers["X-RateLimit-Remaining"]
    github.changes.edit_item("boostorg/system", 1, title="Other")
    changed = client.get("/repos/boostorg/system/issues/1", headers={"If-None-Match": first.headers["ETag"]})
    assert (changed.status_code, changed.json()["title"]) == (200, "Other")


def test_errors_are_worded_as_githubs(client: httpx.Client, github: GitHub) -> None:
    github.changes.delete_item("boostorg/system", 2)
    gone = client.get("/repos/boostorg/system/issues/2")
    assert (gone.status_code, gone.json()["message"]) == (410, "This issue was deleted")
    assert client.get("/repos/boostorg/none").json()["message"] == "Not Found"
    wrong = client.get("/repos/boostorg/system/issues", params={"sort": "size"})
    assert (wrong.status_code, wrong.json()["message"]) == (422, "Validation Failed")
    github.limits.configure(strict=True)
    bad = client.get("/user", headers={"Authorization": "Bearer unknown"})
    assert (bad.status_code, bad.json()["message"]) == (401, "Bad credentials")


def test_commits_name_the_accounts_of_their_addresses(client: httpx.Client) -> None:
    commits = client.get("/repos/llvm/llvm-project/commits").json()
    assert [row["author"]["login"] for row in commits] == ["bo", "lena", "bo", "lena"]
    one = client.get(f"/repos/llvm/llvm-project/commits/{commits[2]['sha']}").json()
    assert [(file["filename"], file["status"]) for file in one["files"]] == [
        ("clang/lib/Sema/SemaLambda.cpp", "modified"),
        ("clang/test/Sema/lambda.cpp", "added"),
    ]
    assert one["stats"] == {"total": 3, "additions": 2, "deletions": 1}


def test_an_annotated_tag_leads_to_its_commit(client: httpx.Client) -> None:
    ref = client.get("/repos/boostorg/system/git/ref/tags/boost-1.85.0").json()
    assert ref["object"]["type"] == "tag"
    tag = client.get(f"/repos/boostorg/system/git/tags/{ref['object']['sha']}").json()
    assert (
        client.get(f"/repos/boostorg/system/git/commits/{tag['object']['sha']}").json()["sha"] == tag["object"]["sha"]
    )
    listed = {row["name"]: row["commit"]["sha"] for row in client.get("/repos/boostorg/system/tags").json()}
    assert listed["boost-1.85.0"] == tag["object"]["sha"]


def test_pygithub_reads_it(sandbox: Sandbox) -> None:
    auth, root = Auth.Token("token-of-ada"), f"{sandbox.url}/github-api"
    with Github(auth=auth, base_url=root, per_page=2, seconds_between_requests=None) as library:
        repository = library.get_repo("boostorg/system")
        assert library.get_user().login == "ada"
        assert len(list(repository.get_issues(state="all"))) == 10
        pull = repository.get_pull(7)
        assert [review.state for review in pull.get_reviews()] == ["CHANGES_REQUESTED", "COMMENTED", "APPROVED"]
        assert repository.get_contents("README.md").decoded_content == b"# Sample of Boost.System\n"  # type: ignore[union-attr]
        assert library.get_rate_limit().resources.core.limit == 5000
        headers, data = library.requester.graphql_query("{ viewer { login } }", {})
        assert data["data"]["viewer"]["login"] == "ada"
        assert headers["x-ratelimit-resource"] == "graphql"
