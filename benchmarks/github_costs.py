"""What reading GitHub costs by the sandbox's account of GitHub's published rules, against the earlier system's figures.

API points of 1,000 commits with files, of 1,000 issues with three comments each, of 1,000 pull requests with three
comments, three reviews and three threads of two comments each, and of a day on which nothing happened to 170
repositories; and the SQL statements that storing 1,000 pull requests takes.
``tests/github_activity_tracker/test_figures.py`` asserts the same figures with the same code.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import event

from benchmarks.figures import Figure
from benchmarks.processes import new_database, server
from boost_collectors import registry
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.github import GitHubClient
from boost_collectors.core.http import HttpClient
from boost_collectors.core.progress import make_progress
from boost_collectors.core.settings import Settings
from boost_collectors.core.workspace import Workspace
from boost_collectors.github_activity_tracker import catalogue, services
from boost_collectors.github_activity_tracker.activity import collect_activity
from boost_collectors.github_activity_tracker.api import items
from boost_collectors.github_activity_tracker.records import Issue, PullRequest
from boost_collectors.github_activity_tracker.repository_run import RepositoryRun
from include.sandbox import Sandbox
from include.sandbox.github.generated import GeneratedOrganization

COMMAND = "run_boost_github_activity_tracker"
OWNER = "generated"

COMMITS = GeneratedOrganization(superproject="boost", repositories=1, commits=1000, issues=0, pull_requests=0)
ITEMS = GeneratedOrganization(repositories=1, issues=1000, pull_requests=1000, threads=3)


def quiet(repositories: int) -> GeneratedOrganization:
    """An organisation of small repositories."""
    items = 2 * repositories
    return GeneratedOrganization(repositories=repositories, commits=repositories, issues=items, pull_requests=items)


def run() -> list[Figure]:
    """Measure on a sandbox in this process, and an embedded server."""
    with _run_on(COMMITS) as context:
        commits = points_of_commits(context.settings)
    with _run_on(ITEMS) as context, GitHubClient.from_context(context) as client:
        _, issues = read_issues(client)
        pulls, pull_points = read_pull_requests(client)
        statements = statements_to_store(context.database, pulls)
    with _run_on(quiet(170)) as context:
        first, second = day(context), day(context)
    return [
        _beside("commits", "points: 1,000 commits with files", commits, 10, 1_010),
        _beside("issues", "points: 1,000 issues with 3 comments", issues, 20, 2_010),
        _beside("pull_requests", "points: 1,000 pull requests with all", pull_points, 60, 3_010),
        Figure("first_day", "points: the first day of 170 small repositories", points(first), ""),
        _beside("quiet_day", "points: a quiet day of 170 repositories", points(second), 100, 510),
        _beside("statements", "SQL statements: 1,000 pull requests with 3+6 comments", statements, 400, 37_002),
    ]


def _beside(key: str, name: str, value: int, most: int, earlier: int) -> Figure:
    return Figure(key, name, value, "", at_most=most, baseline="earlier system", baseline_value=earlier)


def read_issues(client: GitHubClient) -> tuple[list[Issue], int]:
    """The issues of ``ITEMS``, and the points they cost."""
    before = points(client.counts())
    found = [issue for page in items.issues(client, OWNER, "lib0000") for issue in page.items]
    return found, points(client.counts()) - before


def read_pull_requests(client: GitHubClient) -> tuple[list[PullRequest], int]:
    """The pull requests of ``ITEMS``, and the points they cost."""
    before = points(client.counts())
    found = [pull for page in items.pull_requests(client, OWNER, "lib0000") for pull in page.items]
    return found, points(client.counts()) - before


def statements_to_store(database: Database, pulls: list[PullRequest], page: int = 18) -> int:
    """How many statements storing takes, in pages as GitHub gives them."""
    with database.session() as session:
        repo_id = services.ensure_repository(session, OWNER, "lib0000")
    with statements(database) as sent:
        for start in range(0, len(pulls), page):
            with database.session() as session:
                services.store_pull_requests(session, repo_id, pulls[start : start + page])
    return len(sent)


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The statements that are sent inside the block."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def points_of_commits(settings: Settings) -> int:
    """What a first run of the command over ``COMMITS`` costs more than one that finds nothing new."""
    first, second = (
        execute(registry.find(COMMAND), Request(["--skip-markdown-export"]), settings=settings) for _ in range(2)
    )
    assert first is not None
    assert second is not None
    assert first.counts["commits_inserted"] == 1000
    return points(first.counts) - points(second.counts)


def day(context: RunContext) -> dict[str, int]:
    """Bring everything but commits up to date; what was counted."""
    with GitHubClient.from_context(context) as client:
        counts = Counts()
        for state in catalogue.whole(client, OWNER, []).states.values():
            with context.database.session() as session:
                repo_id, _ = services.store_repository(session, state, context.clock())
            collect_activity(RepositoryRun(context, client, state, repo_id, counts))
        return counts.as_dict() | client.counts()


def points(counts: Mapping[str, int]) -> int:
    """GraphQL points and REST requests; those answered 304 are free."""
    return counts["github_graphql_points"] + counts["github_rest_points"]


@contextmanager
def _run_on(organization: GeneratedOrganization) -> Iterator[RunContext]:
    """A run on an empty database, against a sandbox that has this organisation."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        sandbox = stack.enter_context(Sandbox(cache=Path(folder, "sandbox"), generated=[organization]))
        variables = {"BOOST_GITHUB_OWNER": OWNER, "WORKSPACE_DIR": folder}
        url = new_database(stack.enter_context(server()))
        settings = Settings.load(sandbox.environment() | variables | {"DATABASE_URL": url}, env_file=None)
        yield RunContext(
            command=COMMAND,
            settings=settings,
            database=stack.enter_context(Database.from_settings(settings)),
            http=stack.enter_context(HttpClient.from_settings(settings)),
            workspace=Workspace.from_settings(settings),
            progress=make_progress(),
            log=logging.getLogger(__name__),
            run_id="benchmark",
        )
