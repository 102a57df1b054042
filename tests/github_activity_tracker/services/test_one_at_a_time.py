"""The forms for one row: the same key again gives the same row, and adds none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from boost_collectors.core.database import Database
from boost_collectors.cppa_user_tracker.models import GithubAccount
from boost_collectors.cppa_user_tracker.services import get_or_create_github_account
from boost_collectors.github_activity_tracker import services
from boost_collectors.github_activity_tracker.models import GithubRepository
from tests.github_activity_tracker.services.samples import NOW, pull

Place = tuple[Session, GithubRepository, GithubAccount]
Make = Callable[[Place], tuple[Any, bool]]


def _issue(place: Place, **fields: Any) -> tuple[Any, bool]:
    return services.create_or_update_issue(*place, 5, 500, **{"title": "t", **fields})


def _pull(place: Place, **fields: Any) -> tuple[Any, bool]:
    return services.create_or_update_pull_request(*place, 6, 600, **{"title": "t", **fields})


def _commit(place: Place, **fields: Any) -> tuple[Any, bool]:
    return services.create_or_update_commit(*place, "a" * 40, **fields)


def _file(place: Place, name: str = "path\0to\0file.py", **fields: Any) -> tuple[Any, bool]:
    return services.create_or_update_github_file(place[0], place[1], name, **fields)


def _change(place: Place, **fields: Any) -> tuple[Any, bool]:
    values = {"status": "modified", "patch": "a\0b", **fields}
    return services.add_commit_file_change(place[0], _commit(place)[0], _file(place)[0], **values)


MAKERS: list[Make] = [
    _issue,
    _pull,
    _commit,
    _file,
    _change,
    lambda place: services.create_or_update_issue_comment(place[0], _issue(place)[0], place[2], 7, "hello"),
    lambda place: services.create_or_update_pr_comment(place[0], _pull(place)[0], place[2], 8, "hello"),
    lambda place: services.create_or_update_pr_review(place[0], _pull(place)[0], place[2], 9, "hello", 3),
    lambda place: services.add_issue_label(place[0], _issue(place)[0], "bug"),
    lambda place: services.add_pull_request_label(place[0], _pull(place)[0], "bug"),
]


@pytest.fixture
def place(database: Database) -> Any:
    with database.session() as session:
        owner, _ = get_or_create_github_account(session, 5, "boostorg")
        repo, _ = services.get_or_create_repository(session, owner, "system")
        yield session, repo, owner


@pytest.mark.parametrize("make", MAKERS)
def test_the_second_call_finds_the_row_of_the_first(place: Place, make: Make) -> None:
    first, created = make(place)
    again, second = make(place)
    assert (created, second) == (True, False)
    assert again.id == first.id


def test_text_loses_nul(place: Place) -> None:
    assert _file(place)[0].filename == "pathtofile.py"
    assert _change(place)[0].patch == "ab"


def test_everything_is_overwritten_none_included(place: Place) -> None:
    _issue(place, body="b", state="closed", state_reason="completed", issue_closed_at=NOW)
    row, _ = _issue(place, title=None)
    assert (row.title, row.body, row.state, row.state_reason, row.issue_closed_at) == ("", "", "open", "", None)
    _pull(place, state="merged", head_hash="h", pr_merged_at=NOW)
    assert (_pull(place)[0].state, _pull(place)[0].head_hash, _pull(place)[0].pr_merged_at) == ("open", "", None)


def test_an_issue_is_found_by_its_id_under_another_number(place: Place) -> None:
    first, _ = _issue(place)
    moved, created = services.create_or_update_issue(*place, 9, 500)
    assert (created, moved.id, moved.issue_number) == (False, first.id, 9)


def test_a_remark_keeps_where_it_stands(place: Place) -> None:
    session, repo, account = place
    services.store_pull_requests(session, repo.id, [pull(6)])
    row, created = services.create_or_update_pr_review(session, _pull(place)[0], account, 60, "edited")
    assert (created, row.body, row.path, row.line) == (False, "edited", "a.hpp", 7)


def test_links_are_added_and_removed_any_number_of_times(
    place: Place,
) -> None:
    session, _, account = place
    issue, request = _issue(place)[0], _pull(place)[0]
    for _ in range(2):
        services.add_issue_assignee(session, issue, account)
        services.add_pr_assignee(session, request, account)
    for _ in range(2):
        services.remove_issue_assignee(session, issue, account)
        services.remove_pr_assignee(session, request, account)
        services.remove_issue_label(session, issue, "bug")
        services.remove_pull_request_label(session, request, "bug")
    services.add_issue_label(session, issue, "bug")
    services.remove_issue_label(session, issue, "bug")
    assert services.add_issue_label(session, issue, "bug")[1]


def test_files_of_a_commit(place: Place) -> None:
    session = place[0]
    _change(place)
    assert services.clear_commit_file_changes_for_commit(session, _commit(place)[0]) == 1
    assert services.clear_commit_file_changes_for_commit(session, _commit(place)[0]) == 0
    old, new = _file(place, "old")[0], _file(place, "new")[0]
    services.set_github_file_previous_filename(session, new, old)
    assert _file(place, "new", is_deleted=True)[0].previous_filename_id == old.id
    assert _file(place, "new")[0].is_deleted is False
