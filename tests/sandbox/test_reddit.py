"""The sandbox's Reddit keeps to what Reddit documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from include.sandbox import Sandbox
from include.sandbox.reddit import AGENT, BEARER, CLIENT_ID, CLIENT_SECRET, CSRF, SESSION


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as server:
        yield server


def ask(sandbox: Sandbox, path: str, **headers: str) -> httpx.Response:
    given = {"Authorization": f"bearer {BEARER}", "User-Agent": AGENT, **headers}
    return httpx.get(sandbox.environment()["REDDIT_OAUTH_URL"] + path, headers=given)


def names(listing: Any) -> list[str]:
    return [thing["data"]["name"] for thing in listing["data"]["children"]]


def test_listings_are_newest_first_page_by_page_and_without_what_is_gone(sandbox: Sandbox) -> None:
    everything = names(ask(sandbox, "/r/cpp/new").json())
    assert everything == ["t3_1czero", "t3_1cidel", "t3_1b7k2d", "t3_1afoo1"]
    first = ask(sandbox, "/r/CPP/new?limit=3").json()
    assert names(first) == everything[:3]
    assert first["data"]["after"] == everything[2]
    second = ask(sandbox, f"/r/cpp/new?limit=3&after={everything[2]}").json()
    assert (names(second), second["data"]["after"]) == (everything[3:], None)
    assert names(ask(sandbox, "/r/cpp/new?after=t3_zzz").json()) == []
    assert "t1_kb00001" not in names(ask(sandbox, "/r/cpp/comments?limit=100").json())


def test_a_tree_leaves_out_what_is_too_much_or_too_deep(sandbox: Sandbox) -> None:
    submission, comments = ask(sandbox, "/comments/1b7k2d").json()
    assert submission["data"]["children"][0]["data"]["num_comments"] == 12
    first, *_, more = comments["data"]["children"]
    assert (first["data"]["name"], first["data"]["author"], first["data"]["body"]) == ("t1_kb00001", *["[deleted]"] * 2)
    assert (more["kind"], more["data"]["children"]) == ("more", ["kb0000a"])
    assert more["data"]["count"] == 3
    deepest = first
    while deepest["kind"] == "t1":
        deepest = deepest["data"]["replies"]["data"]["children"][0]
    assert (deepest["data"]["id"], deepest["data"]["parent_id"]) == ("_", "t1_kb00004")
    below = ask(sandbox, "/comments/1b7k2d/_/kb00004").json()[1]
    assert names(below) == ["t1_kb00004"]


def test_more_children_come_flat_with_what_is_still_left_out(sandbox: Sandbox) -> None:
    path = "/api/morechildren?api_type=json&link_id=t3_1b7k2d&children=kb00008,kb0000a"
    things = ask(sandbox, path).json()["json"]["data"]["things"]
    assert [thing["data"]["name"] for thing in things] == ["t1_kb00008", "t1_kb0000a", "t1_kb0000b", "t1_kb0000c"]


def test_info_tells_of_what_became_of_things(sandbox: Sandbox) -> None:
    things = ask(sandbox, "/api/info?id=t1_kb00009,t3_1c0rem,t1_none").json()["data"]["children"]
    removed, submission = (thing["data"] for thing in things)
    assert (removed["body"], removed["author"]) == ("[removed]", "[deleted]")
    assert (submission["removed_by_category"], submission["title"]) == ("moderator", "Learn C++ in one day")


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/r/cpp/new", {"Authorization": "bearer other"}, 401),
        ("/r/cpp/new", {"User-Agent": "python-httpx/1"}, 429),
        ("/r/nothing/new", {}, 302),
        ("/comments/zzz", {}, 404),
        ("/user/shy_reader/about", {}, 404),
        ("/user/nobody/about", {}, 404),
        ("/user/once_here/about", {}, 200),
    ],
)
def test_refusals(sandbox: Sandbox, path: str, headers: dict[str, str], status: int) -> None:
    assert ask(sandbox, path, **headers).status_code == status


def test_each_answer_counts_down(sandbox: Sandbox) -> None:
    answers = [ask(sandbox, "/r/cpp/new").headers for _ in range(2)]
    left = [float(headers["x-ratelimit-remaining"]) for headers in answers]
    assert left[0] - left[1] == 1
    assert 0 < int(answers[0]["x-ratelimit-reset"]) <= 600


def test_two_ways_to_a_token(sandbox: Sandbox) -> None:
    site = sandbox.environment()["REDDIT_URL"]
    form = {"grant_type": "client_credentials"}
    given = httpx.post(f"{site}/api/v1/access_token", data=form, auth=(CLIENT_ID, CLIENT_SECRET)).json()
    assert given["token_type"] == "bearer"
    assert ask(sandbox, "/r/cpp/new", Authorization=f"bearer {given['access_token']}").status_code == 200
    assert httpx.post(f"{site}/api/v1/access_token", data=form, auth=(CLIENT_ID, "x")).status_code == 401
    with httpx.Client(cookies={"reddit_session": SESSION}) as browser:
        assert browser.get(f"{site}/").cookies["csrf_token"] == CSRF
        token = browser.post(f"{site}/svc/shreddit/token", json={"csrf_token": CSRF}).json()["token"]
        assert browser.post(f"{site}/svc/shreddit/token", json={"csrf_token": "x"}).status_code == 403
    assert ask(sandbox, "/r/cpp/new", Authorization=f"bearer {token}").status_code == 200
