"""Clones and what they tell, apart from commits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import CommandError, NotFoundError
from boost_collectors.core.git import GitCredentials
from boost_collectors.core.git_hosting import Hosting, submodule_key
from boost_collectors.core.window import Window
from boost_collectors.github_activity_tracker.source import Clone

TOKEN = "ghp_0123456789abcdefghijABCDEFGHIJ456789"


@pytest.fixture
def clone_of(context: Callable[..., RunContext]) -> Callable[[str], Clone]:
    created = context()
    hosting = Hosting.at(created.settings.github_git_url, "")
    return lambda key: Clone(created.workspace, key, hosting, threading.Event())


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("../system.git", "boostorg/system"),
        ("../system", "boostorg/system"),
        ("../system/", "boostorg/system"),
        ("../x.github.io", "boostorg/x.github.io"),
        ("../x.git.tools.git", "boostorg/x.git.tools"),
        ("../../other/thing.git", "other/thing"),
        ("https://github.com/other/thing.git", "other/thing"),
        ("https://github.com/other/thing", "other/thing"),
        ("git@github.com:other/thing.git", "other/thing"),
        ("ssh://git@github.com/other/thing.git", "other/thing"),
        ("http://127.0.0.1:8080/git/other/thing.git", "other/thing"),
        ("https://gitlab.com/other/thing.git", None),
        ("git@gitlab.com:other/thing.git", None),
        ("./inside", None),
        ("../../../thing.git", None),
        ("https://github.com/thing.git", None),
        ("https://github.com/a/b/c.git", None),
        ("thing", None),
        ("", None),
    ],
)
def test_where_a_submodule_is_hosted(url: str, key: str | None) -> None:
    assert submodule_key(url, "boostorg/boost", Hosting("http://127.0.0.1:8080/git")) == key


def test_the_token_is_for_https_only() -> None:
    assert Hosting.at("https://github.com/", TOKEN).credentials == GitCredentials("https://github.com", TOKEN)
    assert Hosting.at("http://github.com", TOKEN).credentials is None
    assert Hosting.at("https://github.com", "").credentials is None


@pytest.mark.parametrize("key", ["../boost", "boostorg/..", "boostorg/a b", "boostorg"])
def test_a_key_cannot_leave_the_workspace(clone_of: Callable[[str], Clone], key: str) -> None:
    with pytest.raises(CommandError):
        clone_of(key)


def test_a_clone_follows_its_remote(clone_of: Callable[[str], Clone], repository: Any) -> None:
    first = repository.commit("one", {"a": "1\n"})
    repository.git("tag", "-a", "-m", "t", "v1")
    clone = clone_of("boostorg/boost")
    assert clone.refresh() == 1
    assert clone.tips() == {"refs/heads/develop": first, "refs/tags/v1": first}
    assert clone.refresh() == 0
    repository.git("branch", "-m", "develop", "main")
    repository.git("tag", "-d", "v1")
    second = repository.commit("two", {"b": "1\n"})
    assert clone.refresh() == 1
    assert clone.tips() == {"refs/heads/main": second}
    assert set(clone.files()) == {"a", "b"}


def test_a_branch_may_become_a_folder_of_branches(clone_of: Callable[[str], Clone], repository: Any) -> None:
    repository.commit("one")
    repository.git("branch", "feature")
    clone = clone_of("boostorg/boost")
    clone.refresh()
    repository.git("branch", "-D", "feature")
    repository.git("branch", "feature/one")
    clone.refresh()
    assert set(clone.tips()) == {"refs/heads/develop", "refs/heads/feature/one"}


def test_heads_of_pull_requests_stay_out(clone_of: Callable[[str], Clone], repository: Any) -> None:
    repository.commit("one")
    repository.git("update-ref", "refs/pull/1/head", repository.head())
    clone = clone_of("boostorg/boost")
    clone.refresh()
    assert set(clone.own_refs()) == {"refs/heads/develop"}


def test_an_empty_repository_is_no_error(clone_of: Callable[[str], Clone], repository: Any) -> None:
    clone = clone_of("boostorg/boost")
    assert clone.refresh() == 0
    assert (clone.tips(), list(clone.files()), clone.submodules()) == ({}, [], [])


def test_a_repository_that_does_not_exist(clone_of: Callable[[str], Clone], repository: Any) -> None:
    with pytest.raises(NotFoundError):
        clone_of("boostorg/nothing").refresh()


def test_no_url_and_no_token_is_kept_in_the_clone(clone_of: Callable[[str], Clone], repository: Any) -> None:
    repository.commit("one")
    clone = clone_of("boostorg/boost")
    clone.refresh()
    assert "git.test" not in (clone.path / "config").read_text(encoding="utf-8")
    assert not (clone.path / "FETCH_HEAD").exists()


def test_a_lock_left_by_a_dead_git_does_not_stop_the_clone(clone_of: Callable[[str], Clone], repository: Any) -> None:
    repository.commit("one")
    clone = clone_of("boostorg/boost")
    clone.refresh()
    (clone.path / "refs" / "heads" / "develop.lock").touch()
    second = repository.commit("two")
    clone.refresh()
    assert clone.tips() == {"refs/heads/develop": second}


def test_two_processes_may_refresh_one_clone(clone_of: Callable[[str], Clone], repository: Any) -> None:
    for number in range(20):
        repository.commit(f"{number}", {"a": f"{number}\n"})
    results: list[int] = []
    threads = [threading.Thread(target=lambda: results.append(clone_of("boostorg/boost").refresh())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [0, 0, 0, 1]


def test_a_window_is_half_open_whatever_the_order_of_dates(clone_of: Callable[[str], Clone], repository: Any) -> None:
    times = [1_400_000_000 + n for n in (50, 10, 20, 60, 30)]
    hashes = [repository.commit(f"{at}", committed=at) for at in times]
    clone = clone_of("boostorg/boost")
    clone.refresh()
    window = Window.between(*(datetime.fromtimestamp(1_400_000_000 + n, UTC) for n in (20, 50)))
    assert clone.committed_in(window, [hashes[-1]]) == [hashes[2], hashes[4]]


def test_files_of_a_repository_whose_head_names_nothing(clone_of: Callable[[str], Clone], repository: Any) -> None:
    repository.commit("one", {"a": "1\n", "größe": "1\n"})
    repository.git("checkout", "--quiet", "--detach")
    repository.git("tag", "only")
    repository.git("branch", "-D", "develop")
    clone = clone_of("boostorg/boost")
    clone.refresh()
    assert set(clone.files()) == {"a", "größe"}


def test_the_workspace_holds_the_clone(clone_of: Callable[[str], Clone], repository: Any, tmp_path: Path) -> None:
    repository.commit("one")
    clone = clone_of("boostorg/boost")
    clone.refresh()
    assert clone.path == tmp_path / "workspace" / "github_activity_tracker" / "clones" / "boostorg" / "boost.git"
    assert (clone.path / "objects").is_dir()
