"""``migrate_workspace_layout``: staged files of the oldest layout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from boost_collectors import registry
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings

SPEC = registry.find("migrate_workspace_layout")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "workspace" / "github_activity_tracker"


@pytest.fixture
def migrate(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def run(*arguments: str) -> str:
        capsys.readouterr()
        execute(SPEC, Request(arguments=arguments), settings=settings)
        return capsys.readouterr().out

    return run


def _files(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() for path in sorted(root.rglob("*")) if path.is_file()}


def _write(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


OLD = (
    "boostorg/commits/json/master/aa.json",
    "boostorg/commits/json/developer/left.json",
    "boostorg/commits/system/developer/bb.json",
    "boostorg/issues/json/issue_7.json",
    "boostorg/issues/json/notes.json",
    "boostorg/prs/json/pr_8.json",
    "boostorg/prs/json/issue_9.json",
    "boostorg/json/issues/1.json",
    "clones/commits/x/master/no.json",
)
MOVED = {
    "boostorg/commits/json/developer/left.json": "boostorg/commits/json/developer/left.json",
    "boostorg/issues/json/notes.json": "boostorg/issues/json/notes.json",
    "boostorg/json/commits/aa.json": "boostorg/commits/json/master/aa.json",
    "boostorg/json/issues/1.json": "boostorg/json/issues/1.json",
    "boostorg/json/issues/7.json": "boostorg/issues/json/issue_7.json",
    "boostorg/json/prs/8.json": "boostorg/prs/json/pr_8.json",
    "boostorg/prs/json/issue_9.json": "boostorg/prs/json/issue_9.json",
    "boostorg/system/commits/bb.json": "boostorg/commits/system/developer/bb.json",
    "clones/commits/x/master/no.json": "clones/commits/x/master/no.json",
}


def test_files_move_to_where_they_are_looked_for(root: Path, migrate: Callable[..., str]) -> None:
    _write(root, *OLD)
    assert "Moved 4" in migrate()
    assert _files(root) == MOVED
    assert "Moved 0" in migrate()


def test_a_dry_run_moves_nothing(root: Path, migrate: Callable[..., str]) -> None:
    _write(root, *OLD)
    output = migrate("--dry-run")
    assert "would move boostorg/issues/json/issue_7.json -> boostorg/json/issues/7.json" in output
    assert output.count("would move") == 4
    assert "Dry run" in output
    assert _files(root) == {name: name for name in OLD}


def test_a_newer_file_is_never_replaced(
    root: Path, migrate: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    _write(root, "boostorg/issues/json/issue_7.json", "boostorg/json/issues/7.json")
    before = _files(root)
    assert "Moved 0" in migrate()
    assert _files(root) == before
    assert "issue_7.json" in caplog.text


def test_without_a_workspace_there_is_nothing_to_do(root: Path, migrate: Callable[..., str]) -> None:
    assert "does not exist" in migrate()
    assert not root.exists()
