from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from boost_collectors.core.git import GitError
from boost_collectors.github_activity_tracker.commit_changes import get_commit_file_changes


def test_every_kind_of_change(make_repository: Callable[..., Any]) -> None:
    repository = make_repository()
    lines = "".join(f"line {number}\n" for number in range(30))
    before = {"changed.txt": "a\n", "gone.txt": "x\n", "src/old/f.txt": lines, "bin": b"\0\1"}
    parent = repository.commit("before", before)
    after = {"changed.txt": "b\nc\n", "gone.txt": None, "bin": b"\0\2", 'tab\t"é".txt': "new\n"}
    repository.git("mv", "src/old/f.txt", "src/f.txt")
    commit = repository.commit("after", after)
    changes = {change["filename"]: change for change in get_commit_file_changes(repository.path, parent, commit)}
    assert {name: (c["status"], c["additions"], c["deletions"]) for name, c in changes.items()} == {
        "changed.txt": ("modified", 2, 1),
        "gone.txt": ("removed", 0, 1),
        "bin": ("modified", 0, 0),
        'tab\t"é".txt': ("added", 1, 0),
        "src/f.txt": ("renamed", 0, 0),
    }
    assert changes["src/f.txt"]["previous_filename"] == "src/old/f.txt"
    assert "previous_filename" not in changes["bin"]
    assert changes["gone.txt"]["patch"] == ""
    assert changes["changed.txt"]["patch"] == "@@ -1 +1,2 @@\n-a\n+b\n+c"


@pytest.mark.parametrize(("limit", "cut"), [(40, True), (None, False), (0, False)])
def test_patches_are_cut_at_the_limit(make_repository: Callable[..., Any], limit: int | None, cut: bool) -> None:
    repository = make_repository()
    parent = repository.commit("before", {"f": "a\n"})
    commit = repository.commit("after", {"f": "long line\n" * 100})
    (change,) = get_commit_file_changes(repository.path, parent, commit, patch_size_limit=limit)
    assert change["patch"].endswith("\n... (truncated)") is cut
    assert len(change["patch"]) < 100 or not cut


def test_an_unknown_commit_raises(make_repository: Callable[..., Any]) -> None:
    repository = make_repository()
    parent = repository.commit("before", {"f": "a\n"})
    with pytest.raises(GitError):
        get_commit_file_changes(repository.path, parent, "0" * 40)
    assert get_commit_file_changes(repository.path, parent, parent) == []
