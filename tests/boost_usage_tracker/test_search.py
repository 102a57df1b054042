"""Searches with more results than GitHub shows, that run out of time, or that fail: through the real client."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from boost_collectors.boost_usage_tracker import source
from boost_collectors.boost_usage_tracker.search import FIRST_DAY, find_by_spans, find_repositories, primary_ranges
from boost_collectors.boost_usage_tracker.source import Found, RepositoryQuery, hinted, license_name, search_result
from boost_collectors.core.database import Database
from boost_collectors.core.errors import NetworkError, RateLimited
from boost_collectors.core.github import GitHubClient
from include.sandbox.github.repository import Repository
from tests.boost_usage_tracker.conftest import UsageBench

TODAY = date(2026, 11, 22)
DAY = date(2024, 6, 1)
ONE_DAY = RepositoryQuery("pushed", (DAY, DAY))


@pytest.fixture
def client(bench: UsageBench, database: Database) -> Iterator[GitHubClient]:
    with GitHubClient.from_settings(bench.settings(), database, sleep=lambda _: None) as client:
        yield client


def fill(bench: UsageBench, count: int, **facts: Any) -> set[str]:
    """Repositories without a history, a day apart by creation."""
    world = bench.sandbox.github.world
    owner, start = world.login("many"), date(2009, 1, 1)
    given = {"languages": {"C++": 1}, "stars": 50, "pushed_at": f"{DAY}T12:00:00Z"} | facts
    for number in range(count):
        name, created = f"r{number:05}", f"{start + timedelta(days=number)}T00:00:00Z"
        world.add_repository(
            Repository(id=500_000 + number, owner=owner, name=name, git="", **({"created_at": created} | given))
        )
    return {f"many/r{number:05}" for number in range(count)}


def queries(bench: UsageBench) -> list[str]:
    return [dict(request.query)["q"] for request in bench.sandbox.requests if "/search/repositories" in request.path]


def test_ranges() -> None:
    assert primary_ranges("pushed", DAY, DAY + timedelta(days=2)) == [
        (day, day) for day in (DAY, DAY + timedelta(days=1), DAY + timedelta(days=2))
    ]
    created = primary_ranges("created", date(2018, 4, 1), date(2026, 1, 1))
    assert len(created) == 8
    assert (created[0][1], created[-1]) == (date(2019, 3, 27), (date(2025, 3, 2), date(2026, 1, 1)))
    assert primary_ranges("created", DAY, DAY - timedelta(days=1)) == []


def test_a_day_with_1500_pushes_loses_none_however_old(bench: UsageBench, client: GitHubClient) -> None:
    names = fill(bench, 1500)
    found = find_repositories(client, ONE_DAY, TODAY)
    assert found.complete
    assert set(found.repositories) == names
    asked = queries(bench)
    assert f"created:{FIRST_DAY}.." in asked[1]
    assert all(query.count("created:") <= 1 for query in asked)


def test_a_span_with_2500_is_halved_by_its_own_days_first(bench: UsageBench, client: GitHubClient) -> None:
    names = fill(bench, 2500)
    query = RepositoryQuery("created", (date(2009, 1, 1), date(2016, 1, 1)))
    spans = list(find_by_spans(client, query, TODAY))
    assert set().union(*(found.repositories for _, found in spans)) == names
    assert all(found.complete for _, found in spans)
    assert all("pushed" not in asked for asked in queries(bench))


def test_what_cannot_be_divided_gives_its_first_thousand_and_says_so(bench: UsageBench, client: GitHubClient) -> None:
    fill(bench, 1100, created_at="2020-01-01T00:00:00Z")
    query = RepositoryQuery("created", (date(2020, 1, 1), date(2020, 1, 1)))
    found = find_repositories(client, query, TODAY)
    assert (len(found.repositories), found.complete, found.errors) == (1000, False, [])


def test_small_searches_take_one_probe_and_their_pages(bench: UsageBench, client: GitHubClient) -> None:
    assert find_repositories(client, ONE_DAY, TODAY) == Found()
    assert len(queries(bench)) == 1
    fill(bench, 150)
    bench.sandbox.requests.clear()
    assert len(find_repositories(client, ONE_DAY, TODAY).repositories) == 150
    pages = [(dict(r.query)["page"], dict(r.query)["per_page"]) for r in bench.sandbox.requests if "/search/" in r.path]
    assert pages == [("1", "1"), ("1", "100"), ("2", "100")]


def test_a_search_that_runs_out_of_time_is_divided(bench: UsageBench, client: GitHubClient) -> None:
    names = fill(bench, 60)
    bench.sandbox.github.limits.configure(timeout_results=40)
    query = RepositoryQuery("created", (date(2009, 1, 1), date(2009, 12, 31)))
    found = find_repositories(client, query, TODAY)
    assert (set(found.repositories), found.complete) == (names, True)


def test_a_single_day_that_runs_out_of_time_stays_incomplete(bench: UsageBench, client: GitHubClient) -> None:
    fill(bench, 60)
    bench.sandbox.github.limits.configure(timeout_results=40)
    found = find_repositories(client, ONE_DAY, TODAY)
    assert (len(found.repositories), found.complete, found.errors) == (40, False, [])


def test_pages_that_move_are_read_again(bench: UsageBench, client: GitHubClient) -> None:
    names = fill(bench, 250)
    bench.sandbox.faults.add("*", "repeated_page", times=1, after=4)
    found = find_repositories(client, ONE_DAY, TODAY)
    assert (set(found.repositories), found.complete) == (names, True)


def test_a_page_that_github_refuses_keeps_what_came_before(bench: UsageBench, client: GitHubClient) -> None:
    fill(bench, 250)
    client.rest("/rate_limit")
    bench.sandbox.faults.add("/github-api/search*", "status", status=422, after=2, times=1)
    found = find_repositories(client, ONE_DAY, TODAY)
    assert (len(found.repositories), found.complete, len(found.errors)) == (100, False, 1)


def test_a_probe_that_github_refuses_is_no_empty_day(bench: UsageBench, client: GitHubClient) -> None:
    fill(bench, 5)
    client.rest("/rate_limit")
    bench.sandbox.faults.add("/github-api/search*", "status", status=422, times=1)
    found = find_repositories(client, ONE_DAY, TODAY)
    assert (found.repositories, found.complete, len(found.errors)) == ({}, False, 1)


def test_limits_and_broken_connections_are_not_swallowed(bench: UsageBench, client: GitHubClient) -> None:
    fill(bench, 5)
    client.rest("/rate_limit")
    bench.sandbox.faults.add("/github-api/search*", "status", status=500, times=None)
    with pytest.raises(NetworkError):
        find_repositories(client, ONE_DAY, TODAY)
    bench.sandbox.faults.clear()
    bench.sandbox.faults.add("/github-api/search*", "status", status=429, retry_after=900, times=None)
    with pytest.raises(RateLimited):
        find_repositories(client, ONE_DAY, TODAY)


def test_code_search_asks_for_many_at_once_and_divides_the_ones_not_seen(
    bench: UsageBench, client: GitHubClient
) -> None:
    include = "#include <boost/any.hpp>\n"
    bench.repository("ada/huge", {f"f{n}.cpp": include for n in range(120)})
    for name in ("a", "c", "e"):
        bench.repository(f"ada/{name}", {"a.cpp": include})
    for name in ("b", "d"):
        bench.repository(f"ada/{name}", {"a.cpp": "int x;\n"})
    names = ["ada/huge", *(f"ada/{name}" for name in "abcde")]
    hints = hinted(client, names)
    assert hints == {name: name not in ("ada/b", "ada/d") for name in names}
    assert len([r for r in bench.sandbox.requests if "/search/code" in r.path]) <= 5
    assert hinted(client, []) == {}


def test_results_are_read_leniently() -> None:
    assert search_result({"full_name": "", "id": 1, "owner": {"id": 2}}) is None
    result = search_result({"full_name": "a/b", "id": 1, "owner": {"id": 2}})
    assert result is not None
    assert (result.stars, result.description, result.pushed_at, result.license_spdx) == (0, "", None, "")
    assert [license_name(one) for one in ({"spdx_id": "MIT"}, {"key": "mit"}, {"name": "M"}, None, "mit")] == [
        "MIT",
        "mit",
        "M",
        "",
        "",
    ]


def test_names_of_languages_with_blanks_are_quoted() -> None:
    query = RepositoryQuery("created", (DAY, DAY), language="Jupyter Notebook", min_stars=3)
    assert query.text == 'language:"Jupyter Notebook" stars:>3 created:2024-06-01..2024-06-01'
    assert source.code_query(["a/b", "c/d"]) == '"#include <boost/" language:C++ repo:a/b repo:c/d'
