"""Clones that a run made for itself go away with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from boost_collectors.github_activity_tracker.clones import (
    clear_clone_registry,
    register_clone_path,
    registered_clone_paths,
    remove_clone_dir,
    remove_registered_clones,
)


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    clear_clone_registry()
    yield
    clear_clone_registry()


def _clone(path: Path) -> Path:
    objects = path / "objects"
    objects.mkdir(parents=True)
    (objects / "pack").write_text("x")
    (objects / "pack").chmod(0o400)
    objects.chmod(0o500)
    return path


def test_paths_are_registered_once_and_cleared(tmp_path: Path) -> None:
    for name in ("b", "a", "b"):
        register_clone_path(tmp_path / name)
    assert registered_clone_paths() == [tmp_path / "b", tmp_path / "a"]
    clear_clone_registry()
    assert registered_clone_paths() == []


def test_write_protected_clones_are_removed(tmp_path: Path) -> None:
    clone = _clone(tmp_path / "clone")
    assert remove_clone_dir(clone)
    assert not clone.exists()
    assert remove_clone_dir(clone), "one that never was there counts as gone"


def test_all_registered_clones_are_removed_and_what_is_left_stays_noted(tmp_path: Path) -> None:
    clone, file = _clone(tmp_path / "clone"), tmp_path / "file"
    file.write_text("not a folder")
    register_clone_path(clone)
    register_clone_path(file)
    assert remove_registered_clones() == [file]
    assert not clone.exists()
    assert registered_clone_paths() == [file]
