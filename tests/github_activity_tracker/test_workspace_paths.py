"""Files of the activity store lie where they are documented, and no name leads elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.workspace import Workspace
from boost_collectors.github_activity_tracker import workspace_paths as paths


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "work", tmp_path / "raw")


@pytest.mark.parametrize(
    ("accessor", "item", "expected"),
    [
        (paths.get_commit_json_path, "abc", "work/github_activity_tracker/boostorg/json/commits/abc.json"),
        (paths.get_issue_json_path, 7, "work/github_activity_tracker/boostorg/json/issues/7.json"),
        (paths.get_pr_json_path, 7, "work/github_activity_tracker/boostorg/json/prs/7.json"),
        (paths.get_raw_source_commit_path, "abc", "raw/github_activity_tracker/boostorg/json/commits/abc.json"),
        (paths.get_raw_source_issue_path, 7, "raw/github_activity_tracker/boostorg/json/issues/7.json"),
        (paths.get_raw_source_pr_path, 7, "raw/github_activity_tracker/boostorg/json/prs/7.json"),
    ],
)
def test_accessors_make_the_folder_and_not_the_file(
    workspace: Workspace, tmp_path: Path, accessor: Callable[..., Path], item: Any, expected: str
) -> None:
    path = accessor("boostorg", "json", item, workspace=workspace)
    assert path == tmp_path / expected
    assert path.parent.is_dir()
    assert not path.exists()


ITERATORS = [
    (paths.iter_existing_commit_jsons, "commits"),
    (paths.iter_existing_issue_jsons, "issues"),
    (paths.iter_existing_pr_jsons, "prs"),
]


@pytest.mark.parametrize(("iterate", "folder"), ITERATORS)
def test_staged_files_are_listed_and_nothing_else(
    workspace: Workspace, iterate: Callable[..., Any], folder: str
) -> None:
    place = workspace.root / "github_activity_tracker" / "o" / "r" / folder
    assert list(iterate("o", "r", workspace=workspace)) == []
    assert not workspace.root.exists()
    place.mkdir(parents=True)
    for name in ("2.json", "1.json", "3.json.bad", "notes.txt", ".half.json"):
        (place / name).touch()
    (place / "4.json").mkdir()
    assert [path.name for path in iterate("o", "r", workspace=workspace)] == ["1.json", "2.json"]


@pytest.mark.parametrize(
    "name", ["", " ", ".", "..", "a b", "a/b", "a\\b", "a\0", "../x", "a\n", "ä", "x@y", "a" * 256]
)
def test_only_single_path_segments_are_names(workspace: Workspace, name: str) -> None:
    with pytest.raises(ValueError, match="Invalid GitHub owner"):
        paths.get_issue_json_path(name, "json", 1, workspace=workspace)
    with pytest.raises(ValueError, match="Invalid GitHub repo"):
        paths.iter_existing_pr_jsons("boostorg", name, workspace=workspace)
    with pytest.raises(ValueError, match="Invalid commit sha"):
        paths.get_commit_json_path("boostorg", "json", name, workspace=workspace)
    assert not workspace.root.exists() or not list(workspace.root.rglob("*.json"))


@pytest.mark.parametrize("name", ["boost.github.io", "_x", "a-b", "...", ".github"])
def test_unusual_names_that_github_allows(workspace: Workspace, name: str) -> None:
    assert paths.get_issue_json_path("o", name, 1, workspace=workspace).parts[-3] == name


@pytest.mark.parametrize("number", [0, -1, True, "7", 1.5, None])
def test_only_positive_numbers_name_items(workspace: Workspace, number: Any) -> None:
    with pytest.raises(ValueError, match="Invalid number"):
        paths.get_pr_json_path("o", "r", number, workspace=workspace)


def test_without_a_workspace_the_one_of_the_settings_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSPACE_DIR", str(tmp_path / "set"))
    assert paths.get_issue_json_path("o", "r", 1).is_relative_to(tmp_path / "set")
    assert paths.get_raw_source_pr_path("o", "r", 1).is_relative_to(tmp_path / "set" / "raw")
