"""What reading costs, by the sandbox's account of GitHub's published rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from boost_collectors.core.counts import Counts
from boost_collectors.core.database import Database
from boost_collectors.core.github import GitHubClient
from boost_collectors.github_activity_tracker import catalogue, services
from boost_collectors.github_activity_tracker.activity import collect_activity
from boost_collectors.github_activity_tracker.api import items
from boost_collectors.github_activity_tracker.repository_run import RepositoryRun
from include.sandbox import Sandbox
from include.sandbox.github.generated import GeneratedOrganization

COMMAND = "run_boost_github_activity_tracker"
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
def client(sandbox: Sandbox, make_settings: Any, database_url: str, database: Database) -> Iterator[GitHubClient]:
    settings = make_settings(**sandbox.environment(), DATABASE_URL=database_url)
    with GitHubClient.from_settings(settings, database) as client:
        yield client


THOUSAND = GeneratedOrganization(repositories=1, issues=1000, pull_requests=1000, threads=3)


@pytest.mark.parametrize("organization", [THOUSAND], indirect=True)
def test_a_thousand_issues_and_a_thousand_pull_requests(client: GitHubClient) -> None:
    issues = [issue for page in items.issues(client, "generated", "lib0000") for issue in page.items]
    points = client.counts()["github_graphql_points"]
    assert len(issues) == len({issue.number for issue in issues}) == 1000
    assert sum(len(issue.comments) for issue in issues) == 3000
    assert sum(len(issue.assignees) for issue in issues) > 100
    assert points <= 20
    pulls = [pull for page in items.pull_requests(client, "generated", "lib0000") for pull in page.items]
    assert len(pulls) == len({pull.number for pull in pulls}) == 1000
    assert sum(len(pull.review_comments) for pull in pulls) == 6000
    assert sum(len(pull.reviews) for pull in pulls) == 3000
    assert client.counts()["github_graphql_points"] - points <= 60


@pytest.mark.parametrize("organization", [THOUSAND], indirect=True)
def test_comparing_everything_costs_about_three_points_for_two_hundred_items(client: GitHubClient) -> None:
    for kind in items.KINDS:
        stamps = [stamp for page in items.sweep(client, "generated", "lib0000", kind) for stamp in page.items]
        assert len(stamps) == 1000
        assert {stamp.comments for stamp in stamps} == {3}
        assert {stamp.reviews for stamp in stamps} == {3 if kind == "pulls" else 0}
    assert client.counts()["github_graphql_points"] <= 31


@pytest.mark.parametrize("organization", [GeneratedOrganization(repositories=170)], indirect=True)
def test_the_states_of_all_repositories_of_boost(client: GitHubClient) -> None:
    found = catalogue.whole(client, "generated", ["generated/lib0007", "generated/unknown"])
    assert len(found.states) == 170
    assert found.keys[:3] == ["generated/lib0007", "generated/unknown", "generated/lib0000"]
    assert found.missing == {"generated/unknown"}
    assert client.counts()["github_graphql_points"] <= 5


QUIET = GeneratedOrganization(repositories=REPOSITORIES, issues=2 * REPOSITORIES, pull_requests=2 * REPOSITORIES)


@pytest.mark.parametrize("organization", [QUIET], indirect=True)
def test_a_quiet_day_over_many_repositories(
    sandbox: Sandbox, make_settings: Any, make_context: Any, database: Any
) -> None:
    settings = make_settings(**sandbox.environment(), DATABASE_URL=database.url)
    context = make_context(COMMAND, settings=settings)
    spent = []
    for _ in range(2):
        with GitHubClient.from_context(context) as client:
            found = catalogue.whole(client, "generated", [])
            assert len(found.keys) == REPOSITORIES
            counts = Counts()
            for state in found.states.values():
                with database.session() as session:
                    repo_id, _ = services.store_repository(session, state, context.clock())
                collect_activity(RepositoryRun(context, client, state, repo_id, counts))
            spent.append(client.counts())
    assert counts["lists_unchanged"] == 2 * REPOSITORIES
    assert counts["issues_updated"] == counts["issues_inserted"] == 0
    # The list of the repositories with their states, and nothing for each of them.
    assert spent[1]["github_graphql_points"] == 2
    assert spent[1]["github_not_modified"] == 2 * REPOSITORIES
