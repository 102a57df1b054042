"""Issues and pull requests from the sandbox's GitHub to rows: what changes at the source changes in the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.database import Database
from boost_collectors.core.errors import RateLimited
from boost_collectors.core.github import GitHubClient
from boost_collectors.core.window import Window, WindowMode
from boost_collectors.github_activity_tracker import services
from boost_collectors.github_activity_tracker.activity import collect_activity
from boost_collectors.github_activity_tracker.api.repositories import overview
from boost_collectors.github_activity_tracker.repository_run import RepositoryRun
from include.sandbox import Sandbox
from include.sandbox.github.changes import Changes
from include.sandbox.github.generated import GeneratedOrganization
from include.sandbox.github.repository import Items
from tests.github_activity_tracker.spoiled import Spoiled

T = "github_activity_tracker_"
KEY = "generated/lib0000"
LATE = "2026-02-01T00:00:00Z"
Rows = dict[int, tuple[Any, ...]]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(generated=[GeneratedOrganization(repositories=1, issues=150, pull_requests=60)]) as server:
        yield server


@pytest.fixture
def between(sandbox: Sandbox) -> Iterator[Spoiled]:
    """Stands between the client and the sandbox's API."""
    with Spoiled(sandbox.url) as server:
        yield server


@pytest.fixture
def make(
    between: Spoiled, sandbox: Sandbox, make_settings: Any, make_context: Any, database_url: str
) -> Callable[..., RunContext]:
    impatient = {"HTTP_MAX_ATTEMPTS": "2", "HTTP_MAX_WAIT_SECONDS": "1", "GITHUB_QUOTA_RESERVE": "0"}
    variables = sandbox.environment() | impatient | {"DATABASE_URL": database_url}
    variables["GITHUB_API_URL"] = variables["GITHUB_API_URL"].replace(sandbox.url, between.url)

    def context(**fields: Any) -> RunContext:
        settings = make_settings(**variables)
        made: RunContext = make_context("run_boost_github_activity_tracker", settings=settings, **fields)
        return made

    return context


@pytest.fixture
def collect(make: Callable[..., RunContext]) -> Callable[..., dict[str, int]]:
    """One run over the repository; returns what it counted."""

    def run(key: str = KEY, **fields: Any) -> dict[str, int]:
        context = make(**fields)
        counts = Counts()
        with GitHubClient.from_context(context) as client:
            state = overview(client, [key]).states[key]
            with context.database.session() as session:
                repo_id, found = services.store_repository(session, state, context.clock())
            counts += found
            collect_activity(RepositoryRun(context, client, state, repo_id, counts))
            return counts.as_dict() | client.counts()

    return run


def items_of(sandbox: Sandbox) -> Items:
    repository = sandbox.github.world.repository(*KEY.split("/"))
    assert repository is not None
    return repository.items


def source(sandbox: Sandbox) -> Rows:
    """What GitHub has, by number: title, state, and the ids and texts of comments and review comments."""
    items = items_of(sandbox).all()
    return {
        item.number: (
            item.title,
            "merged" if item.pull and item.pull.merged_at else item.state,
            item.updated_at,
            sorted((comment.id, comment.body) for comment in item.content.comments),
            sorted((comment.id, comment.body) for comment in item.content.review_comments),
            sorted(account.id for account in item.assignees),
        )
        for item in items
    }


STORED = f"""
    SELECT i.issue_number, i.title, i.state, to_char(i.issue_updated_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        ARRAY(SELECT (issue_comment_id, body)::text FROM {T}issuecomment c
              WHERE c.issue_id = i.id AND c.gone_at IS NULL),
        ARRAY[]::text[],
        ARRAY(SELECT g.github_account_id FROM {T}issue_assignees a JOIN cppa_user_tracker_githubaccount g
              ON g.baseprofile_ptr_id = a.githubaccount_id WHERE a.issue_id = i.id)
    FROM {T}issue i WHERE i.gone_at IS NULL
    UNION ALL
    SELECT p.pr_number, p.title, p.state, to_char(p.pr_updated_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        ARRAY(SELECT (pr_comment_id, body)::text FROM {T}pullrequestcomment c
              WHERE c.pr_id = p.id AND c.gone_at IS NULL),
        ARRAY(SELECT (pr_review_id, body)::text FROM {T}pullrequestreview c
              WHERE c.pr_id = p.id AND c.gone_at IS NULL),
        ARRAY(SELECT g.github_account_id FROM {T}pullrequest_assignees a JOIN cppa_user_tracker_githubaccount g
              ON g.baseprofile_ptr_id = a.githubaccount_id WHERE a.pullrequest_id = p.id)
    FROM {T}pullrequest p WHERE p.gone_at IS NULL
"""


@pytest.fixture
def stored(database: Database) -> Callable[[], Rows]:
    """What is stored and not gone, in the form of ``source``."""

    def rows() -> Rows:
        with database.session() as session:
            found = [tuple(row) for row in session.execute(text(STORED))]
        return {row[0]: (*row[1:4], _pairs(row[4]), _pairs(row[5]), sorted(row[6])) for row in found}

    return rows


def _pairs(texts: list[str]) -> list[tuple[int, str]]:
    pairs = (value[1:-1].partition(",") for value in texts)
    return sorted((int(key), body[1:-1].replace('""', '"') if body[:1] == '"' else body) for key, _, body in pairs)


def one(database: Database, query: str) -> Any:
    with database.session() as session:
        return session.execute(text(query)).scalar_one()


def written(counts: dict[str, int]) -> dict[str, int]:
    return {name: n for name, n in counts.items() if n and name.endswith(("_inserted", "_updated", "_gone"))}


def test_everything_is_stored_and_a_second_run_costs_one_point(collect: Any, stored: Any, sandbox: Sandbox) -> None:
    first = collect()
    assert stored() == source(sandbox)
    assert first["github_graphql_points"] <= 1 + 3 + 4
    second = collect()
    assert written(second) == {}
    assert second["github_graphql_points"] == 1
    assert second["lists_unchanged"] == 2


def _touch(number: int, changes: Changes) -> None:
    changes.touch(KEY, number, LATE)


def test_items_touched_while_the_list_is_read_are_not_lost(collect: Any, stored: Any, sandbox: Sandbox) -> None:
    numbers = [item.number for item in items_of(sandbox).all("updated")]
    for place, asked in ((5, 2), (-5, 4), (60, 5), (-60, 6)):
        for number in numbers[place : place + 5] if place > 0 else numbers[place - 5 : place]:
            sandbox.github.after(asked, partial(_touch, number), path="graphql")
    collect()
    assert stored().keys() == source(sandbox).keys()
    collect()
    assert stored() == source(sandbox)


def test_what_changed_since_is_read_and_nothing_else(collect: Any, stored: Any, sandbox: Sandbox) -> None:
    collect()
    changes = sandbox.github.changes
    changes.edit_item(KEY, 3, title="Another title", at=LATE)
    changes.add_comment(KEY, 5, "one more", author="ada", at=LATE)
    changes.add_item(KEY, "A new one", pull=True, author="ada", at=LATE)
    counts = collect()
    assert stored() == source(sandbox)
    assert counts["github_graphql_points"] <= 4
    assert counts["issues_pages"] + counts["pulls_pages"] <= 3


def test_an_item_of_the_year_2037_hides_nothing(collect: Any, stored: Any, sandbox: Sandbox) -> None:
    sandbox.github.changes.touch(KEY, 1, "2037-01-01T00:00:00Z")
    sandbox.github.changes.touch(KEY, 2, "2037-01-01T00:00:00Z")
    collect()
    for number in (7, 8, 9, 10):
        sandbox.github.changes.edit_item(KEY, number, title=f"later {number}", at=LATE)
    collect()
    assert stored() == source(sandbox)


def test_an_edited_old_comment_is_found_though_its_item_was_not_touched(
    collect: Any, stored: Any, sandbox: Sandbox
) -> None:
    collect()
    items = items_of(sandbox)
    issue = next(item for item in items.all(kind="issue") if item.content.comments)
    pull = next(item for item in items.all(kind="pull") if item.content.review_comments)
    sandbox.github.changes.edit_part("comment", issue.content.comments[0].id, body="edited", at=LATE, touch=False)
    remark = pull.content.review_comments[0].id
    sandbox.github.changes.edit_part("review_comment", remark, body="edited too", at=LATE, touch=False)
    counts = collect()
    assert counts["items_refetched"] == 2
    assert stored() == source(sandbox)


def test_deleted_items_are_marked_as_gone(collect: Any, stored: Any, sandbox: Sandbox, database: Database) -> None:
    collect()
    sandbox.github.changes.delete_item(KEY, 4)
    counts = collect()
    assert counts["items_gone"] == 1
    assert stored() == source(sandbox)
    reasons = (
        f"SELECT count(*) FROM (SELECT gone_reason FROM {T}issue UNION ALL SELECT gone_reason FROM {T}pullrequest) x"
    )
    assert one(database, f"{reasons} WHERE gone_reason = 'deleted'") == 1
    assert written(collect()) == {}


def test_a_deleted_comment_is_found_by_a_full_run(collect: Any, stored: Any, sandbox: Sandbox) -> None:
    collect()
    items = items_of(sandbox)
    comment = next(item for item in items.all() if item.content.comments).content.comments[0]
    sandbox.github.changes.delete_part("comment", comment.id, touch=False)
    collect(window=Window(WindowMode.FULL))
    assert stored() == source(sandbox)


@pytest.mark.parametrize("newest", [True, False])
def test_a_deleted_reply_is_found_though_its_thread_stays_and_its_pull_request_was_not_touched(
    collect: Any, stored: Any, sandbox: Sandbox, database: Database, newest: bool
) -> None:
    """At once when it was among the hundred edited last, else by the next sweep."""
    collect()
    remarks = [remark for pull in items_of(sandbox).all(kind="pull") for remark in pull.content.review_comments]
    replies = [remark for remark in sorted(remarks, key=lambda each: each.updated_at) if remark.reply_to]
    reply = replies[-1 if newest else 0]
    sandbox.github.changes.delete_part("review_comment", reply.id, touch=False)
    at_once = collect()
    assert at_once.get("items_refetched", 0) == int(newest)
    swept = collect(clock=partial(later, timedelta(days=30)))
    assert swept.get("items_refetched", 0) == int(not newest)
    assert stored() == source(sandbox)
    assert one(database, f"SELECT count(*) FROM {T}pullrequestreview WHERE gone_at IS NOT NULL") == 1
    assert one(database, f"SELECT count(*) FROM {T}pullrequestthread WHERE gone_at IS NOT NULL") == 0


def test_review_comments_that_stay_different_are_listed_once(
    collect: Any, sandbox: Sandbox, between: Spoiled, database: Database
) -> None:
    """A comment that GitHub counts and never shows must not cost a listing every day."""
    collect()
    with database.session() as session:
        session.execute(text(f"UPDATE {T}pullrequestreview SET gone_at = now() WHERE pr_review_id % 7 = 0"))
    between.spoil = _without_answers
    month = timedelta(days=30)
    listed = []
    for months in (1, 2):
        sandbox.requests.clear()
        collect(clock=partial(later, months * month))
        listed.append(sum("direction=asc" in request.url for request in sandbox.requests))
    assert listed[0] > 0
    assert listed[1] == 0


def later(by: timedelta) -> datetime:
    """A clock that is ahead."""
    return datetime.now(UTC) + by


def _without_answers(answer: dict[str, Any]) -> None:
    """GitHub shows no comment in any thread that it is asked for by number."""
    for name, node in (answer["data"].get("repository") or {}).items():
        if name.startswith("p") and isinstance(node, dict) and "reviewThreads" in node:
            for thread in node["reviewThreads"]["nodes"]:
                thread["comments"]["nodes"] = []


def test_counts_of_everything_are_kept(collect: Any, sandbox: Sandbox, database: Database) -> None:
    collect()
    assert _counted(database).keys() == {"issues", "pull_requests", "review_comments"}
    collect(window=Window(WindowMode.FULL))
    items = list(items_of(sandbox).all())
    pulls, issues = ([item for item in items if bool(item.pull) is is_pull] for is_pull in (True, False))
    expected = {
        "issues": len(issues),
        "pull_requests": len(pulls),
        "issue_comments": sum(len(issue.content.comments) for issue in issues),
        "pr_comments": sum(len(pull.content.comments) for pull in pulls),
        "review_comments": sum(len(pull.content.review_comments) for pull in pulls),
        "reviews": sum(len(pull.content.reviews) for pull in pulls),
    }
    assert _counted(database) == {kind: (count, count) for kind, count in expected.items()}


def test_a_count_that_differs_is_kept_as_it_is(collect: Any, between: Spoiled, database: Database) -> None:
    between.spoil = _one_comment_more
    collect(window=Window(WindowMode.FULL))
    counted = {kind: source - stored for kind, (source, stored) in _counted(database).items() if source != stored}
    assert counted == {"issue_comments": 150}


def _one_comment_more(answer: dict[str, Any]) -> None:
    """GitHub counts a comment for every issue that it does not show."""
    for node in ((answer["data"].get("repository") or {}).get("issues") or {}).get("nodes", []):
        if node.get("comments", {}).keys() == {"totalCount"}:
            node["comments"]["totalCount"] += 1


def _counted(database: Database) -> dict[str, tuple[int, int]]:
    with database.session() as session:
        found = session.execute(text(f"SELECT kind, source_count, stored_count FROM {T}completeness"))
        return {row[0]: (row[1], row[2]) for row in found}


def test_a_server_that_gives_up_on_large_pages_is_asked_for_smaller_ones(
    collect: Any, stored: Any, sandbox: Sandbox, database: Database
) -> None:
    sandbox.github.limits.options = sandbox.github.limits.options.changed({"timeout_nodes": 3000})
    collect()
    assert stored() == source(sandbox)
    size = one(database, f"SELECT cursor->>'page_size' FROM core_checkpoint WHERE unit = '{KEY}#issues'")
    assert 0 < int(size) < 65


def test_a_reading_that_is_cut_off_goes_on_behind_its_last_page(collect: Any, stored: Any, sandbox: Sandbox) -> None:
    sandbox.faults.add("*graphql*", "status", status=502, after=3, times=None)
    with pytest.raises(Exception, match="502"):
        collect()
    before = len(stored())
    assert 0 < before < 150
    sandbox.faults.clear()
    counts = collect()
    assert counts["issues_inserted"] < 150 - before + 66
    assert stored() == source(sandbox)


def test_a_spent_quota_is_told_and_the_rest_is_read_later(
    collect: Any, stored: Any, sandbox: Sandbox, database: Database
) -> None:
    sandbox.github.limits.options = sandbox.github.limits.options.changed({"graphql": 5})
    with pytest.raises(RateLimited):
        collect()
    assert one(database, "SELECT count(*) FROM core_checkpoint WHERE unit LIKE '%#issues'") == 1
    before = len(stored())
    assert before > 0
    sandbox.github.limits.options = sandbox.github.limits.options.changed({"graphql": 5000})
    sandbox.github.clock.advance(3700)
    counts = collect(clock=lambda: datetime.now(UTC) + timedelta(seconds=3700))
    assert counts.get("issues_inserted", 0) + counts["pull_requests_inserted"] == 210 - before
    assert stored() == source(sandbox)


def test_a_backfill_reads_its_window_and_moves_nothing(
    collect: Any, stored: Any, sandbox: Sandbox, database: Database
) -> None:
    window = Window.between(datetime(2018, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC))
    collect(window=window)
    inside = {n: row for n, row in source(sandbox).items() if "2018" <= row[2] < "2020"}
    assert inside
    assert stored() == inside
    assert one(database, "SELECT count(*) FROM core_checkpoint") == 0
    pulls = sum(bool(item.pull) for item in items_of(sandbox).all() if item.number in inside)
    issues = len(inside) - pulls
    assert _counted(database) == {"issues": (issues, issues), "pull_requests": (pulls, pulls)}
    assert one(database, f"SELECT (min(since), max(until)) = ('2018-01-01Z', '2020-01-01Z') FROM {T}completeness")


def test_lists_longer_than_a_page_asks_for_are_completed(
    collect: Any, stored: Any, sandbox: Sandbox, database: Database
) -> None:
    changes = sandbox.github.changes
    people = [sandbox.github.world.login(f"assignee-{number}").login for number in range(12)]
    names = [changes.add_label(KEY, f"label {number}").name for number in range(25)]
    issue = changes.add_item(KEY, "Long", labels=names, assignees=people, at=LATE)
    pull = changes.add_item(KEY, "Long too", pull=True, at=LATE)
    for number in range(150):
        changes.add_comment(KEY, issue.number, f"comment {number}", at=LATE)
    first = changes.add_review_comment(KEY, pull.number, "first", at=LATE)
    for number in range(40):
        changes.add_review(KEY, pull.number, "APPROVED", at=LATE)
        changes.add_review_comment(KEY, pull.number, f"answer {number}", thread=first.thread_id, at=LATE)
    for number in range(60):
        changes.add_review_comment(KEY, pull.number, f"elsewhere {number}", at=LATE)
    collect()
    assert stored() == source(sandbox)
    assert len(stored()[pull.number][4]) == 101
    labels = f"SELECT count(*) FROM {T}issuelabel l JOIN {T}issue i ON i.id = l.issue_id"
    assert one(database, f"{labels} WHERE i.title = 'Long'") == 25
    verdicts = f"SELECT count(*) FROM {T}pullrequestverdict v JOIN {T}pullrequest p ON p.id = v.pr_id"
    assert one(database, f"{verdicts} WHERE p.title = 'Long too'") == 40


def _without_comments(*numbers: int) -> Callable[[dict[str, Any]], None]:
    """GitHub cannot read the comments of these items, however it is asked."""

    def spoil(answer: dict[str, Any]) -> None:
        found = answer["data"].get("repository") or {}
        listed = (found.get("issues") or {}).get("nodes", [])
        nodes: dict[tuple[str | int, ...], Any] = {(alias,): node for alias, node in found.items()}
        nodes |= {("issues", "nodes", place): node for place, node in enumerate(listed)}
        for path, node in nodes.items():
            if isinstance(node, dict) and node.get("number") in numbers and "title" in node:
                node["comments"] = None
                where = ["repository", *path, "comments"]
                answer["errors"] = [{"type": "SERVICE_UNAVAILABLE", "path": where, "message": "not today"}]

    return spoil


def test_an_item_that_comes_in_part_waits_and_is_tried_again(
    collect: Any, stored: Any, sandbox: Sandbox, between: Spoiled, database: Database
) -> None:
    number = next(n for n, row in source(sandbox).items() if row[3] and not row[4])
    between.spoil = _without_comments(number)
    assert collect()["items_unread"] > 0
    assert source(sandbox).keys() - stored().keys() == {number}
    assert one(database, "SELECT array_agg(key) FROM core_pendingitem") == [str(number)]
    between.spoil = None
    assert collect()["items_refetched"] == 1
    assert stored() == source(sandbox)
    assert one(database, "SELECT count(*) FROM core_pendingitem") == 0


def test_a_partial_answer_never_takes_away_what_is_known(
    collect: Any, stored: Any, sandbox: Sandbox, between: Spoiled
) -> None:
    collect()
    before = stored()
    number = next(n for n, row in before.items() if row[3] and not row[4])
    sandbox.github.changes.edit_item(KEY, number, title="Edited", at=LATE)
    between.spoil = _without_comments(number)
    collect()
    assert stored() == before
    between.spoil = None
    collect()
    assert stored() == source(sandbox)


def _null_item(answer: dict[str, Any]) -> None:
    """GitHub shows nothing at all of the page's first item."""
    for name in ("issues", "pullRequests"):
        page = (answer["data"].get("repository") or {}).get(name)
        if page and "title" in (page["nodes"][0] or {}):
            page["nodes"][0] = None
            answer["errors"] = [{"path": ["repository", name, "nodes", 0], "message": "an item is not to be had"}]


def test_an_item_of_which_not_even_the_number_comes_is_found_by_the_counts(
    collect: Any, stored: Any, sandbox: Sandbox, between: Spoiled
) -> None:
    between.spoil = _null_item
    assert collect()["sweeps"] == 1
    assert stored() == source(sandbox)
