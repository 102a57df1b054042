"""What tests do to the world, in Python and over HTTP."""

from __future__ import annotations

import subprocess

import httpx
import pytest

from include.sandbox import Sandbox
from include.sandbox.github import GitHub
from tests.sandbox.github.conftest import Query

SYSTEM = "boostorg/system"
NOW = "2026-06-01T12:00:00Z"


def test_an_edit_moves_an_item_to_the_end_of_the_update_order(client: httpx.Client, github: GitHub) -> None:
    github.changes.edit_item("generated/lib0000", 3, title="Edited", labels=["new"], assignees=["ada"], state="open")
    (first,) = client.get("/repos/generated/lib0000/issues?state=all&sort=updated&per_page=1").json()
    assert (first["number"], first["title"], first["updated_at"]) == (3, "Edited", NOW)
    assert [label["name"] for label in first["labels"]] == ["new"]
    assert first["assignee"]["login"] == "ada"


def test_an_old_comment_is_edited_without_a_trace_on_its_issue(client: httpx.Client, github: GitHub) -> None:
    before = client.get(f"/repos/{SYSTEM}/issues/1").json()
    comment = client.get(f"/repos/{SYSTEM}/issues/1/comments").json()[0]
    github.changes.edit_part("comment", comment["id"], body="Other words")
    assert client.get(f"/repos/{SYSTEM}/issues/1").json()["updated_at"] == before["updated_at"]
    (edited,) = client.get(f"/repos/{SYSTEM}/issues/comments", params={"since": NOW}).json()
    assert (edited["id"], edited["body"], edited["updated_at"]) == (comment["id"], "Other words", NOW)


def test_an_old_comment_of_a_generated_issue_is_found_too(client: httpx.Client, github: GitHub) -> None:
    (comment, *_) = client.get("/repos/generated/lib0000/issues/comments?per_page=1").json()
    github.changes.edit_part("comment", comment["id"], body="Other words")
    (edited,) = client.get("/repos/generated/lib0000/issues/comments", params={"since": NOW}).json()
    assert (edited["id"], edited["body"]) == (comment["id"], "Other words")


def test_parts_come_and_go(ask: Query, github: GitHub) -> None:
    changes = github.changes
    changes.add_comment(SYSTEM, 10, "One more", author="bo")
    review = changes.add_review(SYSTEM, 10, "CHANGES_REQUESTED", author="ada")
    comment = changes.add_review_comment(SYSTEM, 10, "Here", author="ada")
    answer = changes.add_review_comment(SYSTEM, 10, "Done", author="bo", thread=comment.thread_id)
    changes.resolve_thread(comment.thread_id, "bo")
    query = """{ repository(owner: "boostorg", name: "system") { pullRequest(number: 10) {
        updatedAt reviewDecision comments(first: 5) { nodes { body } } reviews(first: 5) { totalCount }
        reviewThreads(first: 5) { nodes { isResolved comments(first: 5) { nodes { body } } } } } } }"""
    pull = ask(query)["data"]["repository"]["pullRequest"]
    assert (pull["updatedAt"], pull["reviewDecision"], pull["reviews"]["totalCount"]) == (NOW, "CHANGES_REQUESTED", 2)
    (thread,) = pull["reviewThreads"]["nodes"]
    assert thread == {"isResolved": True, "comments": {"nodes": [{"body": "Here"}, {"body": "Done"}]}}
    changes.delete_part("review", review.id)
    for part in (comment, answer):
        changes.delete_part("review_comment", part.id)
    pull = ask(query)["data"]["repository"]["pullRequest"]
    assert (pull["reviews"]["totalCount"], pull["reviewThreads"]["nodes"]) == (1, [])


def test_a_transferred_issue_keeps_its_id_and_leaves_a_gap(client: httpx.Client, github: GitHub) -> None:
    before = client.get(f"/repos/{SYSTEM}/issues/1").json()
    moved = github.changes.transfer(SYSTEM, 1, "boostorg/json")
    after = client.get(f"/repos/boostorg/json/issues/{moved.number}").json()
    assert (after["id"], after["comments"], after["repository_url"].rsplit("/", 1)[1]) == (before["id"], 4, "json")
    assert client.get(f"/repos/{SYSTEM}/issues/1", follow_redirects=True).json() == after
    assert 1 not in [row["number"] for row in client.get(f"/repos/{SYSTEM}/issues?state=all").json()]
    assert client.get(f"/repos/boostorg/json/issues/{moved.number}/comments").json()[0]["user"]["login"] == "ada"


def test_a_renamed_repository_is_found_under_both_names(sandbox: Sandbox, client: httpx.Client, github: GitHub) -> None:
    before = client.get(f"/repos/{SYSTEM}").json()
    github.changes.rename_repository(SYSTEM, "system2")
    moved = client.get(f"/repos/{SYSTEM}")
    assert moved.status_code == 301
    assert client.get(moved.headers["Location"]).json()["full_name"] == "boostorg/system2"
    followed = client.get(f"/repos/{SYSTEM}/pulls?state=closed&per_page=1", follow_redirects=True)
    assert [row["number"] for row in followed.json()] == [8]
    assert client.get("/repos/boostorg/system2").json()["id"] == before["id"]
    for name in ("system", "system2"):
        assert "refs/heads/develop" in _refs(f"{sandbox.url}/git/boostorg/{name}.git")


def test_a_recreated_repository_has_another_id_and_nothing_in_it(client: httpx.Client, github: GitHub) -> None:
    before = client.get(f"/repos/{SYSTEM}").json()
    github.changes.recreate_repository(SYSTEM)
    assert client.get(f"/repos/{SYSTEM}").json()["id"] != before["id"]
    assert client.get(f"/repos/{SYSTEM}/issues?state=all").json() == []


def test_a_deleted_repository_is_gone_from_git_too(sandbox: Sandbox, client: httpx.Client, github: GitHub) -> None:
    github.changes.delete_repository("boostorg/json")
    assert client.get("/repos/boostorg/json").status_code == 404
    with pytest.raises(subprocess.CalledProcessError):
        _refs(f"{sandbox.url}/git/boostorg/json.git")


def test_a_deleted_account_leaves_its_words(client: httpx.Client, ask: Query, github: GitHub) -> None:
    github.changes.delete_account("bo")
    assert client.get("/users/bo").status_code == 404
    issue = ask('{ repository(owner: "boostorg", name: "system") { issue(number: 1) { title author { login } } } }')
    assert issue["data"]["repository"]["issue"] == {"title": "error_code prints nothing", "author": None}


def test_a_change_between_two_pages(client: httpx.Client, github: GitHub) -> None:
    github.after(1, lambda changes: changes.add_item("boostorg/system", "Between"), path="/issues")
    path = f"/repos/{SYSTEM}/issues?state=all&per_page=5"
    first = [row["number"] for row in client.get(path).json()]
    second = [row["number"] for row in client.get(f"{path}&page=2").json()]
    assert (first, second) == ([10, 9, 8, 7, 6], [6, 5, 4, 3, 2])


def test_everything_is_to_be_had_over_http(sandbox: Sandbox, client: httpx.Client) -> None:
    with httpx.Client(base_url=f"{sandbox.url}/_sandbox/github", trust_env=False) as control:
        assert control.post("/clock", json={"set": "2037-01-01T00:00:00Z"}).json() == {"now": "2037-01-01T00:00:00Z"}
        control.post("/clock", json={"advance": 60})
        change = {"do": "edit_item", "repository": SYSTEM, "number": 1, "title": "From outside"}
        assert control.post("/changes", json=change).json() == [{"id": 70101000, "number": 1}]
        assert control.post("/changes", json={"do": "melt"}).status_code == 404
        assert control.post("/changes", json={"do": "touch"}).status_code == 400
        assert control.post("/limits", json={"core": 1}).json()["core"] == 1
        assert control.post("/limits", json={"speed": 1}).status_code == 400
        control.post("/tokens", json={"fresh": "zoe-m"})
        hook = {"requests": 1, "path": "/user", "changes": [{"do": "touch", "repository": SYSTEM, "number": 2}]}
        assert control.post("/after", json=hook).status_code == 204
        answer = client.get("/user", headers={"Authorization": "Bearer fresh"})
        assert (answer.json()["login"], answer.headers["X-RateLimit-Remaining"]) == ("zoe-m", "0")
        assert control.delete("/limits").status_code == 204
    issue = client.get(f"/repos/{SYSTEM}/issues/1").json()
    assert (issue["title"], issue["updated_at"]) == ("From outside", "2037-01-01T00:01:00Z")
    client.headers["Authorization"] = "Bearer token-of-ada"
    assert client.get(f"/repos/{SYSTEM}/issues/2").json()["updated_at"] == "2037-01-01T00:01:00Z"


def _refs(url: str) -> str:
    command = ["git", "ls-remote", url]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
