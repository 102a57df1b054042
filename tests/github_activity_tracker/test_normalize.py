"""Small helpers over GitHub's JSON."""

from __future__ import annotations

from typing import Any

import pytest

from boost_collectors.github_activity_tracker.normalize import (
    normalize_issue_json,
    normalize_pr_json,
    parse_github_user,
)


def test_nested_items_become_flat_copies() -> None:
    nested = {"issue_info": {"number": 1, "comments": 5}, "comments": [{"id": 1}]}
    assert normalize_issue_json(nested) == {"number": 1, "comments": [{"id": 1}]}
    assert nested["issue_info"] == {"number": 1, "comments": 5}
    pull = {"pr_info": {"number": 1}, "comments": 3, "reviews": None}
    assert normalize_pr_json(pull) == {"number": 1, "comments": [], "reviews": []}


@pytest.mark.parametrize("data", [{"number": 1, "comments": 4}, {"issue_info": None}, {"issue_info": [], "pr_info": 1}])
def test_anything_else_comes_back_unchanged(data: dict[str, Any]) -> None:
    assert normalize_issue_json(data) is data
    assert normalize_pr_json(data) is data


def test_accounts() -> None:
    nobody = {"account_id": None, "username": "", "display_name": "", "avatar_url": ""}
    assert parse_github_user(None) == nobody
    assert parse_github_user({}) == nobody
    user = {"id": 5, "login": "ada", "name": None, "avatar_url": "https://a"}
    assert parse_github_user(user) == {**nobody, "account_id": 5, "username": "ada", "avatar_url": "https://a"}
