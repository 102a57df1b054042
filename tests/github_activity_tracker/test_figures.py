"""What reading costs, by the sandbox's account of GitHub's rules: the figures of ``benchmarks.github_costs``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks import github_costs
from benchmarks.github_costs import COMMAND, COMMITS, ITEMS, OWNER, points, quiet
from boost_collectors.core.database import Database
from boost_collectors.core.github import GitHubClient
from boost_collectors.core.settings import Settings
from boost_collectors.github_activity_tracker import catalogue
from boost_collectors.github_activity_tracker.api import items
from include.sandbox import Sandbox
from include.sandbox.github.generated import GeneratedOrganization

REPOSITORIES = 50


@pytest.fixture
def organization(request: pytest.FixtureRequest) -> GeneratedOrganization:
    given: GeneratedOrganization = request.param
    return given


@pytest.fixture
def sandbox(organization: GeneratedOrganization) -> Iterator[Sandbox]:
    with Sandbox(generated=[organization]) as server:
        yield server


@pytest.fixture
def pointed(sandbox: Sandbox, make_settings: Any, database_url: str) -> Settings:
    """Settings that lead to the sandbox."""
    made: Settings = make_settings(**sandbox.environment(), DATABASE_URL=database_url, BOOST_GITHUB_OWNER=OWNER)
    return made


@pytest.fixture
def client(pointed: Settings, database: Database) -> Iterator[GitHubClient]:
    with GitHubClient.from_settings(pointed, database) as client:
        yield client


@pytest.mark.parametrize("organization", [ITEMS], indirect=True)
def test_a_thousand_issues_and_a_thousand_pull_requests(client: GitHubClient, database: Database) -> None:
    issues, cost = github_costs.read_issues(client)
    assert len(issues) == len({issue.number for issue in issues}) == 1000
    assert sum(len(issue.comments) for issue in issues) == 3000
    assert sum(len(issue.assignees) for issue in issues) > 100
    assert cost <= 20
    pulls, cost = github_costs.read_pull_requests(client)
    assert len(pulls) == len({pull.number for pull in pulls}) == 1000
    assert sum(len(pull.review_comments) for pull in pulls) == 6000
    assert sum(len(pull.reviews) for pull in pulls) == 3000
    assert cost <= 60
    assert github_costs.statements_to_store(database, pulls) <= 300


@pytest.mark.parametrize("organization", [COMMITS], indirect=True)
def test_a_thousand_commits_cost_only_the_look_for_their_authors(pointed: Settings) -> None:
    assert github_costs.points_of_commits(pointed) <= 10


@pytest.mark.parametrize("organization", [ITEMS], indirect=True)
def test_comparing_everything_costs_about_three_points_for_two_hundred_items(client: GitHubClient) -> None:
    for kind in items.KINDS:
        stamps = [stamp for page in items.sweep(client, OWNER, "lib0000", kind) for stamp in page.items]
        assert len(stamps) == 1000
        assert {stamp.comments for stamp in stamps} == {3}
        assert {stamp.reviews for stamp in stamps} == {3 if kind == "pulls" else 0}
    assert client.counts()["github_graphql_points"] <= 31


@pytest.mark.parametrize("organization", [GeneratedOrganization(repositories=170)], indirect=True)
def test_the_states_of_all_repositories_of_boost(client: GitHubClient) -> None:
    found = catalogue.whole(client, OWNER, ["generated/lib0007", "generated/unknown"])
    assert len(found.states) == 170
    assert found.keys[:3] == ["generated/lib0007", "generated/unknown", "generated/lib0000"]
    assert found.missing == {"generated/unknown"}
    assert client.counts()["github_graphql_points"] <= 5


@pytest.mark.parametrize("organization", [quiet(REPOSITORIES)], indirect=True)
def test_a_quiet_day_over_many_repositories(pointed: Settings, make_context: Any) -> None:
    context = make_context(COMMAND, settings=pointed)
    first, second = github_costs.day(context), github_costs.day(context)
    assert first["issues_inserted"] == first["pull_requests_inserted"] == 2 * REPOSITORIES
    assert second["lists_unchanged"] == 2 * REPOSITORIES
    assert "issues_updated" not in second
    assert "issues_inserted" not in second
    # The list of the repositories with their states, and nothing for each of them.
    assert points(second) == 2
    assert second["github_not_modified"] == 2 * REPOSITORIES
