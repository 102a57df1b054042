"""Paths, stale titles and the tree written from the archive."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boost_collectors.core.workspace import Workspace
from boost_collectors.github_activity_tracker.archive import save_issue_raw_source, save_pr_raw_source
from boost_collectors.github_activity_tracker.export import detect_renames, detect_stale_titled_paths, write_md_files
from boost_collectors.github_activity_tracker.export.paths import file_name, item_path
from boost_collectors.github_activity_tracker.models import ExportKind
from boost_collectors.github_activity_tracker.workspace_paths import get_raw_source_issue_path

ISSUE, PULL = ExportKind.ISSUE, ExportKind.PULL_REQUEST


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ('Unsafe /:*?"<>|chars', "#7 - Unsafe chars.md"),
        ("  plain  ", "#7 - plain.md"),
        ("", "#7 - issue-7.md"),
        ("???", "#7 - issue-7.md"),
        ("...", "#7 - issue-7.md"),
        ("ends. . .", "#7 - ends.md"),
        ("tab\tand\nline\x00\u2028", "#7 - tabandline.md"),
        ("a" * 150, "#7 - " + "a" * 100 + ".md"),
        ("中" * 100, "#7 - " + "中" * 82 + ".md"),
    ],
)
def test_file_names(title: str, name: str) -> None:
    assert file_name(ISSUE, 7, title) == name


def test_a_blank_title_of_a_pull_request() -> None:
    assert file_name(PULL, 7, " ") == "#7 - pr-7.md"


@given(st.text(max_size=300), st.integers(1, 10**9))
def test_every_title_gives_one_file_name(title: str, number: int) -> None:
    name = file_name(PULL, number, title)
    assert name.startswith(f"#{number} - ")
    assert name.endswith(".md")
    assert len(name.encode()) <= 255
    assert not set(name) & set('\\/:*?"<>|\0\n\r')


def test_paths_follow_the_month_of_creation_in_utc() -> None:
    created = datetime(2024, 6, 30, 21, tzinfo=timezone(timedelta(hours=-5)))
    assert item_path(ISSUE, 7, "t", created) == "issues/2024/2024-07/#7 - t.md"
    assert item_path(PULL, 7, "t", created, "boost.x") == "boost.x/pull_requests/2024/2024-07/#7 - t.md"


NEW = {"a/#1 - new.md": "", "#2 - root.md": "", "b/README.md": ""}


def test_renames_in_a_tree() -> None:
    tree = [
        {"type": "blob", "path": path}
        for path in ["a/#1 - old.md", "a/#1 - new.md", "a/#11 - x.md", "b/#1 - x.md", "#2 - old.md", "b/OTHER.md"]
    ]
    tree += [{"type": "tree", "path": "a/#1 - folder"}, {"type": "blob"}, {"type": "blob", "path": "a/#1 - old.md"}]
    assert detect_renames(tree, NEW) == ["#2 - old.md", "a/#1 - old.md"]
    assert detect_renames([], NEW) == detect_renames(tree, {}) == []


def test_renames_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a" / "#1 - folder.md").mkdir(parents=True)
    for name in ["a/#1 - old.md", "a/#1 - new.md", "a/#1 - old.txt", "a/.#1 - dot.md", "#2 - old.md"]:
        (tmp_path / name).write_text("")
    assert detect_stale_titled_paths(tmp_path, [*NEW, "missing/#1 - x.md"]) == ["#2 - old.md", "a/#1 - old.md"]
    assert detect_stale_titled_paths(tmp_path, []) == []


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace", tmp_path / "workspace" / "raw")


def archived(workspace: Workspace, number: int, **info: Any) -> None:
    given = {"number": number, "title": f"T{number}", "created_at": "2024-03-01T00:00:00Z"} | info
    save_issue_raw_source("o", "r", {"issue_info": given, "comments": []}, workspace=workspace)


def test_writing_archived_items(workspace: Workspace, tmp_path: Path) -> None:
    archived(workspace, 1)
    pull = {"number": 2, "title": "P", "created_at": "2024-06-30T21:00:00-05:00", "merged": True}
    save_pr_raw_source("o", "r", {"pr_info": pull, "comments": [], "reviews": []}, workspace=workspace)
    written = write_md_files("o", "r", [1, 1], [2], tmp_path / "out", "boost.r", workspace=workspace)
    assert list(written) == ["boost.r/issues/2024/2024-03/#1 - T1.md", "boost.r/pull_requests/2024/2024-07/#2 - P.md"]
    first, second = (Path(path) for path in written.values())
    assert first.is_absolute()
    assert first.read_text().startswith("# #1 - T1 [Open]")
    assert second.read_text().startswith("# #2 P [Merged]")


def test_flat_archives_are_read_too(workspace: Workspace, tmp_path: Path) -> None:
    path = get_raw_source_issue_path("o", "r", 3, workspace=workspace)
    path.write_text('{"number": 3, "title": "Flat", "created_at": "2024-03-01T00:00:00Z", "body": "b"}')
    (written,) = write_md_files("o", "r", [3], [], tmp_path / "out", workspace=workspace)
    assert written == "issues/2024/2024-03/#3 - Flat.md"


def test_what_cannot_be_read_is_left_out(
    workspace: Workspace, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    archived(workspace, 1)
    get_raw_source_issue_path("o", "r", 2, workspace=workspace).write_text("{half")
    get_raw_source_issue_path("o", "r", 3, workspace=workspace).write_text("[]")
    with caplog.at_level(logging.WARNING):
        written = write_md_files("o", "r", [2, 3, 4, 1], [], tmp_path / "out", workspace=workspace)
    assert len(written) == 1
    assert [f"issue {number}" in caplog.text for number in (2, 3, 4)] == [True] * 3


def test_a_new_title_leaves_one_file(workspace: Workspace, tmp_path: Path) -> None:
    archived(workspace, 1, updated_at="2024-03-01T00:00:00Z")
    write_md_files("o", "r", [1], [], tmp_path / "out", workspace=workspace)
    archived(workspace, 1, title="Other", updated_at="2024-03-02T00:00:00Z")
    (path,) = write_md_files("o", "r", [1], [], tmp_path / "out", workspace=workspace).values()
    assert [found.name for found in Path(path).parent.iterdir()] == ["#1 - Other.md"]


def test_an_item_without_a_date_stays_where_it_is(workspace: Workspace, tmp_path: Path) -> None:
    archived(workspace, 1, created_at="soon")
    for month, expected in [(5, 5), (6, 5)]:
        moment = datetime(2024, month, 1, tzinfo=UTC)
        (path,) = write_md_files("o", "r", [1], [], tmp_path / "out", workspace=workspace, clock=lambda: moment)  # noqa: B023 - called before the next turn
        assert path == f"issues/2024/2024-{expected:02}/#1 - T1.md"
