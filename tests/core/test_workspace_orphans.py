"""Leftovers of killed processes go; what is in use, foreign, young or unreadable stays."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from boost_collectors import registry
from boost_collectors.core import file_locks
from boost_collectors.core.errors import CommandError
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from boost_collectors.core.workspace_orphans import (
    FileState,
    JsonCacheStats,
    classify_json_file,
    clean_up_at_start,
    cleanup_github_activity_tracker_json_cache,
    find_leftovers,
    remove,
)

DAYS_AGO = time.time() - 3 * 86_400


def put(path: Path, content: bytes = b"", *, changed: float | None = DAYS_AGO) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if changed is not None:
        os.utime(path, (changed, changed))
    return path


@pytest.fixture
def clean(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Callable[..., list[str]]:
    """Run the command; returns what it printed."""

    def run(*arguments: str) -> list[str]:
        execute(registry.find("cleanup_workspace_orphans"), Request(arguments=arguments), settings=settings)
        return capsys.readouterr().out.splitlines()

    return run


def test_old_temporary_files_are_listed_and_only_deleted_when_asked_to(
    clean: Callable[..., list[str]], settings: Settings
) -> None:
    root = settings.workspace_dir
    old = [put(root / "a" / name) for name in ("x.tmp", "y.part", "z.lock", "q.swp")]
    young, other, loud = (
        put(root / "a" / "new.tmp", changed=None),
        put(root / "a" / "x.json"),
        put(root / "a" / "X.TMP"),
    )
    (root / "a" / "link.tmp").symlink_to(other)
    assert clean() == [
        "would delete a/q.swp",
        "would delete a/x.tmp",
        "would delete a/y.part",
        "would delete a/z.lock",
        "4 found, 0 deleted",
    ]
    assert all(path.exists() for path in old)
    assert clean("--execute")[-1] == "4 found, 4 deleted"
    assert not any(path.exists() for path in old)
    assert young.exists()
    assert other.exists()
    assert loud.exists()
    assert clean("--execute", "--max-age-hours", "0")[-1] == "1 found, 1 deleted"


def test_locks_of_others_stay(clean: Callable[..., list[str]], settings: Settings) -> None:
    root = settings.workspace_dir
    held = put(root / "held.lock")
    bare = put(root / "clones" / "boost" / "packed-refs.lock")
    put(bare.parent / "HEAD")
    (bare.parent / "objects").mkdir()
    tree = put(root / "published" / "index.lock")
    (tree.parent / ".git").mkdir()
    server = put(settings.embedded_postgres_dir / "start.lock")
    with held.open("rb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert clean("--execute") == ["in use held.lock", "1 found, 0 deleted"]
    assert all(path.exists() for path in (held, bare, tree, server))


def test_a_file_that_changes_meanwhile_stays(tmp_path: Path) -> None:
    path = put(tmp_path / "x.part")
    (leftover,) = find_leftovers(tmp_path, time.time() - 60)
    path.write_bytes(b"more")
    assert not remove(leftover)
    assert path.read_bytes() == b"more"


def test_a_lock_file_that_was_cleared_away_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, flock, cleared = tmp_path / "x.lock", fcntl.flock, []

    def clear_away_once(descriptor: int, kind: int) -> None:
        if not cleared:
            cleared.append(path.unlink())
        flock(descriptor, kind)

    monkeypatch.setattr(fcntl, "flock", clear_away_once)
    with file_locks.alone(path, "it", wait=60, stop=threading.Event()):
        assert path.exists()
        with path.open("w") as other, pytest.raises(BlockingIOError):
            flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize("hours", ["-1", "nan"])
def test_an_age_that_is_none_is_refused(clean: Callable[..., list[str]], settings: Settings, hours: str) -> None:
    path = put(settings.workspace_dir / "x.tmp")
    with pytest.raises(CommandError, match="--max-age-hours"):
        clean("--execute", f"--max-age-hours={hours}")
    assert path.exists()


def test_a_missing_workspace_is_an_error(clean: Callable[..., list[str]]) -> None:
    with pytest.raises(CommandError, match="is not a directory"):
        clean()


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (b"", FileState.EMPTY),
        (b"{", FileState.INVALID),
        (b"\xff", FileState.INVALID),
        (b"{}", FileState.VALID),
        (b"\xef\xbb\xbf{}", FileState.VALID),
        (b"[" * 100_000, FileState.UNREADABLE),
    ],
)
def test_what_a_json_file_holds(tmp_path: Path, content: bytes, state: FileState) -> None:
    assert classify_json_file(put(tmp_path / "x.json", content)) is state


def cache(root: Path) -> dict[str, Path]:
    repository = root / "github_activity_tracker" / "boostorg" / "asio"
    return {
        "empty": put(repository / "commits" / "a.json"),
        "broken": put(repository / "issues" / "1.json", b"{"),
        "young": put(repository / "prs" / "2.json", b"{", changed=None),
        "valid": put(repository / "prs" / "3.json", b"{}"),
        "clone": put(root / "github_activity_tracker" / "clones" / "x" / "prs" / "4.json", b"{"),
        "hidden": put(root / "github_activity_tracker" / ".x" / "x" / "prs" / "4.json", b"{"),
    }


def test_a_rehearsal_counts_and_touches_nothing(tmp_path: Path) -> None:
    files = cache(tmp_path)
    stats = cleanup_github_activity_tracker_json_cache(tmp_path, False, True, 60, 60)
    assert stats == JsonCacheStats(scanned=4, removed_invalid=2, skipped_grace_invalid=1, stale_valid_warnings=1)
    assert all(path.exists() for path in files.values())


def test_empty_and_broken_files_go(clean: Callable[..., list[str]], settings: Settings) -> None:
    files = cache(settings.workspace_dir)
    said = clean("--execute", "--github-json-cache")[-1]
    assert "scanned=4 removed_invalid=2 quarantined_invalid=0" in said
    assert {name for name, path in files.items() if path.exists()} == {"young", "valid", "clone", "hidden"}


def test_quarantine_keeps_every_file_of_a_name(tmp_path: Path) -> None:
    for content in (b"{", b"["):
        path = put(tmp_path / "github_activity_tracker" / "o" / "r" / "prs" / "1.json", content)
        stats = cleanup_github_activity_tracker_json_cache(tmp_path, True, True, -1, 0)
        assert (stats.quarantined_invalid, stats.removed_invalid, path.exists()) == (1, 0, False)
    kept = tmp_path / "_quarantine" / "github_activity_tracker" / "o" / "r" / "prs"
    assert sorted(path.read_bytes() for path in kept.iterdir()) == [b"[", b"{"]


def test_the_start_cleans_up_only_when_a_setting_asks_for_it_and_never_fails(
    make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    files = cache(tmp_path / "workspace")
    assert clean_up_at_start(make_settings()) is None
    assert files["broken"].exists()
    asked = make_settings(WORKSPACE_ORPHAN_CLEANUP_ENABLED="true")
    stats = clean_up_at_start(asked)
    assert stats is not None
    assert stats.removed_invalid == 2
    (tmp_path / "workspace" / "github_activity_tracker").rename(tmp_path / "elsewhere")
    assert clean_up_at_start(asked) == JsonCacheStats()
