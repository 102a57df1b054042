"""The contract of ``sync_api``: names, signatures, documentation."""

from __future__ import annotations

import inspect
import re
from types import ModuleType

import pytest

from boost_collectors.github_activity_tracker import sync_api

SIGNATURES = {
    "get_commit_json_path": ("owner", "repo", "commit_sha"),
    "get_issue_json_path": ("owner", "repo", "number"),
    "get_pr_json_path": ("owner", "repo", "number"),
    "get_raw_source_issue_path": ("owner", "repo", "number"),
    "get_raw_source_pr_path": ("owner", "repo", "number"),
    "iter_existing_commit_jsons": ("owner", "repo"),
    "iter_existing_issue_jsons": ("owner", "repo"),
    "iter_existing_pr_jsons": ("owner", "repo"),
    "normalize_issue_json": 1,
    "normalize_pr_json": 1,
    "save_commit_raw_source": 3,
    "save_issue_raw_source": 3,
    "save_pr_raw_source": 3,
    "build_issue_document": 3,
    "build_pr_document": 3,
}
"""What callers give by position: the names where they are part of the contract, else how many."""

FETCHER = {
    "fetch_user_from_github": ("client", "username", "email", "user_id"),
    "fetch_commits_from_github": ("client", "owner", "repo", "start_time", "end_time", "etag_cache"),
    "fetch_comments_from_github": ("client", "owner", "repo", "issue_number", "start_time", "end_time"),
    "fetch_pr_reviews_from_github": ("client", "owner", "repo", "pr_number", "start_time", "end_time"),
    "fetch_issues_and_prs_from_github": ("client", "owner", "repo", "start_time", "end_time", "etag_cache"),
}
REQUIRED = {"fetch_user_from_github": 1, "fetch_comments_from_github": 4, "fetch_pr_reviews_from_github": 4}


def _positional(function: object) -> list[inspect.Parameter]:
    parameters = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    return [parameter for parameter in parameters if parameter.kind is parameter.POSITIONAL_OR_KEYWORD]


@pytest.mark.parametrize("name", SIGNATURES)
def test_every_function_takes_what_its_callers_give(name: str) -> None:
    positional = _positional(getattr(sync_api, name))
    assert all(parameter.default is parameter.empty for parameter in positional)
    expected = SIGNATURES[name]
    if isinstance(expected, int):
        assert len(positional) == expected
    else:
        assert tuple(parameter.name for parameter in positional) == expected


@pytest.mark.parametrize("name", FETCHER)
def test_the_fetcher_takes_what_its_callers_give(name: str) -> None:
    positional = _positional(getattr(sync_api.fetcher, name))
    assert tuple(parameter.name for parameter in positional) == FETCHER[name]
    required = [parameter for parameter in positional if parameter.default is parameter.empty]
    assert len(required) == REQUIRED.get(name, 3)


def test_all_lists_exactly_what_there_is() -> None:
    assert {*SIGNATURES, "fetcher"} <= set(sync_api.__all__)
    assert len(sync_api.__all__) >= 16
    assert isinstance(sync_api.fetcher, ModuleType)
    assert all(hasattr(sync_api, name) for name in sync_api.__all__)
    assert sorted(sync_api.fetcher.__all__) == sorted(FETCHER)


@pytest.mark.parametrize("name", sync_api.__all__)
def test_every_symbol_has_a_heading_and_a_docstring(name: str, pytestconfig: pytest.Config) -> None:
    page = (pytestconfig.rootpath / "docs" / "github_sync_api.md").read_text(encoding="utf-8")
    assert re.search(rf"^## {name}$", page, re.MULTILINE)
    assert getattr(sync_api, name).__doc__


def test_headings_name_nothing_that_is_not_there(pytestconfig: pytest.Config) -> None:
    page = (pytestconfig.rootpath / "docs" / "github_sync_api.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^## ([A-Za-z_]+)$", page, re.MULTILINE))
    assert headings - {"Files"} == set(sync_api.__all__)
