"""Issues and pull requests with everything below them: few statements, honest counts, nothing lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest

from boost_collectors.core.database import Database
from boost_collectors.github_activity_tracker import services
from boost_collectors.github_activity_tracker.models import GoneReason
from boost_collectors.github_activity_tracker.records import Actor, Issue, PullRequest
from tests.github_activity_tracker.services.samples import NOW, comment, issue, pull, review_comment


def store(database: Database, repo_id: int, *items: Issue | PullRequest) -> dict[str, int]:
    issues = [item for item in items if isinstance(item, Issue)]
    pulls = [item for item in items if isinstance(item, PullRequest)]
    with database.session() as session:
        counts = services.store_issues(session, repo_id, issues)
        counts += services.store_pull_requests(session, repo_id, pulls)
    return counts.as_dict()


def test_a_thousand_pull_requests_take_less_than_three_hundred_statements(
    database: Database, repo_id: int, statements: Callable[[], Any]
) -> None:
    pulls = [pull(number) for number in range(1, 1001)]
    with statements() as seen:
        for start in range(0, 1000, 18):
            store(database, repo_id, *pulls[start : start + 18])
    assert len(seen) <= 300


def test_the_number_of_statements_does_not_grow_with_the_number_of_items(
    database: Database, repo_id: int, statements: Callable[[], Any]
) -> None:
    store(database, repo_id, issue(1), pull(2))
    costs = []
    for first, count in ((10, 1), (100, 200)):
        with statements() as seen:
            store(database, repo_id, *(issue(number) for number in range(first, first + count)))
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 5


def test_everything_of_a_pull_request_is_stored(
    database: Database, repo_id: int, rows: Callable[[str], list[Any]]
) -> None:
    counts = store(database, repo_id, pull(1))
    assert {name: number for name, number in counts.items() if number} == {
        "pull_requests_inserted": 1,
        "pr_comments_inserted": 3,
        "pr_labels_inserted": 1,
        "pr_assignees_inserted": 1,
        "reviews_inserted": 1,
        "review_threads_inserted": 1,
        "review_comments_inserted": 3,
    }
    assert rows("SELECT state, is_draft, gone_at FROM {}pullrequest") == [("merged", False, None)]
    verdicts = "SELECT username, state, body, v.commit_hash FROM {}pullrequestverdict v " + ACCOUNT
    assert rows(verdicts) == [("cora", "APPROVED", "fine", "c" * 40)]
    threads = "SELECT username, thread_id, path, line, is_resolved, is_outdated FROM {}pullrequestthread v " + RESOLVED
    assert rows(threads) == [("ada", "thread-1", "a.hpp", 7, True, False)]
    remarks = (
        "SELECT r.path, r.line, diff_hunk, v.state, t.path FROM {}pullrequestreview r "
        "JOIN {}pullrequestverdict v USING (review_id) JOIN {}pullrequestthread t USING (thread_id)"
    )
    assert rows(remarks) == [("a.hpp", 7, "@@ -1 +1 @@", "APPROVED", "a.hpp")] * 3


ACCOUNT = "JOIN cppa_user_tracker_githubaccount a ON a.baseprofile_ptr_id = v.account_id"
RESOLVED = "JOIN cppa_user_tracker_githubaccount a ON a.baseprofile_ptr_id = v.resolved_by_id"


def test_storing_the_same_again_writes_nothing(
    database: Database, repo_id: int, versions: Callable[[], dict[str, Any]]
) -> None:
    items: list[Issue | PullRequest] = [issue(number) for number in range(1, 9)]
    items += [pull(number) for number in range(10, 19)]
    store(database, repo_id, *items)
    before = versions()
    counts = store(database, repo_id, *items)
    assert versions() == before
    assert {name for name, number in counts.items() if number and not name.endswith("_unchanged")} == set()


def test_only_what_changed_is_written(database: Database, repo_id: int, versions: Callable[[], dict[str, Any]]) -> None:
    store(database, repo_id, issue(1), issue(2))
    before = versions()
    edited = replace(issue(2), comments=(comment(20, body="edited"), *issue(2).comments[1:]))
    counts = store(database, repo_id, issue(1), edited)
    assert counts["issue_comments_updated"] == 1
    changed = {name for name, found in versions().items() if found != before[name]}
    assert changed == {"github_activity_tracker_issuecomment", "github_activity_tracker_issue"}


def test_an_item_s_row_time_says_that_something_below_it_changed(
    database: Database, repo_id: int, rows: Callable[[str], list[Any]]
) -> None:
    store(database, repo_id, issue(1), issue(2))
    times = "SELECT issue_number, updated_at FROM {}issue ORDER BY 1"
    before = dict(rows(times))
    store(database, repo_id, replace(issue(1), labels=("bug",)), issue(2))
    after = dict(rows(times))
    assert after[1] > before[1]
    assert after[2] == before[2]


def test_comments_that_vanish_are_kept_as_gone_and_come_back(
    database: Database, repo_id: int, rows: Callable[[str], list[Any]]
) -> None:
    store(database, repo_id, issue(1), pull(2))
    bare = replace(pull(2), comments=(), review_comments=(), reviews=(), threads=())
    counts = store(database, repo_id, replace(issue(1), comments=issue(1).comments[:1]), bare)
    names = ("issue_comments_gone", "pr_comments_gone", "review_comments_gone", "reviews_gone", "review_threads_gone")
    assert [counts[name] for name in names] == [2, 3, 3, 1, 1]
    query = "SELECT issue_comment_id, gone_at IS NOT NULL, body FROM {}issuecomment ORDER BY 1"
    assert rows(query) == [(10, False, "comment 10"), (11, True, "comment 11"), (12, True, "comment 12")]
    again = store(database, repo_id, replace(issue(1), comments=issue(1).comments[:1]), bare)
    assert not any(number for name, number in again.items() if name.endswith("_gone"))
    counts = store(database, repo_id, issue(1), pull(2))
    assert counts["issue_comments_updated"] == 2
    assert rows("SELECT count(*) FROM {}issuecomment WHERE gone_at IS NOT NULL") == [(0,)]
    assert rows("SELECT count(*) FROM {}pullrequestthread WHERE gone_at IS NOT NULL") == [(0,)]


def test_labels_and_assignees_are_made_equal(
    database: Database, repo_id: int, rows: Callable[[str], list[Any]]
) -> None:
    store(database, repo_id, issue(1), issue(2))
    counts = store(database, repo_id, replace(issue(1), labels=("docs", " ", "new", "new"), assignees=()))
    assert (counts["issue_labels_gone"], counts["issue_labels_inserted"], counts["issue_assignees_gone"]) == (1, 1, 1)
    query = "SELECT issue_number, label_name FROM {}issuelabel l JOIN {}issue i ON i.id = l.issue_id ORDER BY 1, 2"
    assert rows(query) == [(1, "docs"), (1, "new"), (2, "bug"), (2, "docs")]


def test_nobody_is_the_ghost(database: Database, repo_id: int, rows: Callable[[str], list[Any]]) -> None:
    store(database, repo_id, replace(issue(1), author=None, comments=(comment(1, author=None),)))
    query = "SELECT github_account_id, username FROM {}issue v " + ACCOUNT
    assert rows(query) == [(10137, "ghost")]
    assert rows(query.replace("{}issue ", "{}issuecomment ")) == [(10137, "ghost")]


def test_text_is_made_fit_and_what_is_cut_is_counted(
    database: Database, repo_id: int, rows: Callable[[str], list[Any]]
) -> None:
    odd = replace(issue(1), title="t" * 1100, body="a\0b\ud800c", labels=("l" * 300,))
    odd = replace(odd, author=Actor(9, "i", "n" * 300, "https://x/" + "u" * 600))
    assert store(database, repo_id, odd)["texts_cut"] == 2
    assert rows("SELECT length(title), body FROM {}issue") == [(1024, "ab?c")]
    assert rows("SELECT length(label_name) FROM {}issuelabel") == [(255,)]
    assert store(database, repo_id, odd)["issues_unchanged"] == 1


def test_gone_items_are_marked_once_and_come_back(
    database: Database, repo_id: int, rows: Callable[[str], list[Any]]
) -> None:
    store(database, repo_id, issue(1), pull(2))
    reasons = {1: GoneReason.TRANSFERRED, 2: GoneReason.DELETED, 3: GoneReason.DELETED}
    with database.session() as session:
        assert services.mark_items_gone(session, repo_id, reasons, NOW) == 2
        assert services.mark_items_gone(session, repo_id, reasons, NOW) == 0
        assert services.stored_count(session, repo_id, "issues") == 0
    assert rows("SELECT gone_at, gone_reason FROM {}issue") == [(NOW, "transferred")]
    assert store(database, repo_id, issue(1))["issues_updated"] == 1
    assert rows("SELECT gone_at, gone_reason FROM {}issue") == [(None, "")]


def test_a_repository_made_anew_gives_its_numbers_to_other_items(
    database: Database, repo_id: int, rows: Callable[[str], list[Any]]
) -> None:
    store(database, repo_id, issue(1), issue(2))
    new = replace(issue(1), id=7001, comments=(comment(99),))
    counts = store(database, repo_id, new)
    assert (counts["issues_updated"], counts["issue_comments_gone"]) == (1, 3)
    assert rows("SELECT issue_number, issue_id FROM {}issue ORDER BY 1") == [(1, 7001), (2, 1002)]


def test_ids_that_change_places_do_not_collide(
    database: Database, repo_id: int, rows: Callable[[str], list[Any]]
) -> None:
    store(database, repo_id, pull(1), pull(2))
    store(database, repo_id, replace(pull(1), id=5002), replace(pull(2), id=5001))
    assert rows("SELECT pr_number, pr_id, gone_at FROM {}pullrequest ORDER BY 1") == [(1, 5002, None), (2, 5001, None)]


def test_an_item_moves_with_its_id_to_another_row_of_its_repository(
    database: Database, repo_id: int, rows: Callable[[str], list[Any]]
) -> None:
    store(database, repo_id, issue(1))
    with database.session() as session:
        other = services.ensure_repository(session, "boostorg", "renamed")
    assert store(database, other, issue(1))["issue_comments_unchanged"] == 3
    assert rows("SELECT repo_id, issue_number FROM {}issue") == [(other, 1)]


def test_organisations_do_not_become_people(database: Database, repo_id: int, rows: Callable[[str], list[Any]]) -> None:
    store(database, repo_id, replace(issue(1), author=Actor(50, "org", kind="Organization")))
    store(database, repo_id, replace(issue(1), author=Actor(50, "org")))
    assert rows("SELECT account_type FROM cppa_user_tracker_githubaccount WHERE github_account_id = 50") == [
        ("organization",)
    ]


def test_of_records_with_one_number_the_last_counts(
    database: Database, repo_id: int, rows: Callable[[str], list[Any]]
) -> None:
    counts = store(database, repo_id, issue(1), replace(issue(1), title="later"))
    assert counts["issues_inserted"] == 1
    assert rows("SELECT title FROM {}issue") == [("later",)]


def test_a_comment_given_twice_belongs_to_the_last(database: Database, repo_id: int) -> None:
    twice = replace(pull(1), review_comments=(review_comment(1, body="a"), review_comment(1, body="b")))
    assert store(database, repo_id, twice)["review_comments_inserted"] == 1


def test_nothing_given_asks_nothing(database: Database, repo_id: int, statements: Callable[[], Any]) -> None:
    with statements() as seen:
        assert not any(store(database, repo_id).values())
    assert seen == []


@pytest.mark.parametrize("attempt", range(3))
def test_writers_that_meet_the_same_people_do_not_block_each_other(
    database: Database, attempt: int, rows: Callable[[str], list[Any]]
) -> None:
    with database.session() as session:
        repositories = [services.ensure_repository(session, "boostorg", name) for name in ("one", "two")]
    actors = [Actor(number, f"person{number}") for number in range(100, 140)]
    start = Barrier(2)

    def write(place: int) -> None:
        ordered = actors if place else actors[::-1]
        start.wait()
        for page in range(4):
            numbers = range(1 + 10 * page, 11 + 10 * page)
            base = 1000 * place + 100_000
            items = [
                replace(issue(number), id=base + number, author=ordered[number - 1], comments=()) for number in numbers
            ]
            store(database, repositories[place], *items)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, range(2)))
    assert rows("SELECT count(*) FROM {}issue") == [(80,)]
    people = "SELECT count(*) FROM cppa_user_tracker_githubaccount WHERE github_account_id BETWEEN 100 AND 139"
    assert rows(people) == [(40,)]


def test_what_is_stored_is_what_a_sweep_sees(database: Database, repo_id: int) -> None:
    store(database, repo_id, pull(1), issue(2))
    with database.session() as session:
        assert services.stored_stamps(session, repo_id, "pulls")[1].comments == 3
        assert services.stored_stamps(session, repo_id, "pulls")[1].reviews == 1
        assert services.stored_stamps(session, repo_id, "pulls")[1].threads == 1
        assert services.review_comment_places(session, repo_id) == {10: 1, 11: 1, 12: 1}
        assert services.comment_times(session, [10, 999]) == {10: NOW}
