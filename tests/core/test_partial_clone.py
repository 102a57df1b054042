"""Chosen commits and files of a repository, fetched together and once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from boost_collectors.core.errors import NotFoundError, SourceError
from boost_collectors.core.partial_clone import PartialClone
from include.sandbox import Sandbox
from include.sandbox.git_releases import START, STEP, BoostReleases, PublishedRelease

OLD = {"README": b"old\n", "src/a.cpp": b"int a;\n", "src/b.cpp": b"int b;\n"}
NEW = {"README": b"new\n", "src/a.cpp": b"int a;\n", "\u00fc/x": b"\x00\xff\n\n"}
ABSENT = "1" * 40


@pytest.fixture(scope="module")
def releases() -> BoostReleases:
    tags = [("boost-1.1.0", OLD), ("boost-1.2.0", NEW)]
    return BoostReleases([PublishedRelease(tag, START + i * STEP, {"x": files}) for i, (tag, files) in enumerate(tags)])


@pytest.fixture
def sandbox(releases: BoostReleases, tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(cache=tmp_path / "cache", releases=releases) as server:
        yield server


@pytest.fixture
def clone(sandbox: Sandbox, tmp_path: Path) -> Callable[..., PartialClone]:
    def make(name: str = "x") -> PartialClone:
        return PartialClone(tmp_path / f"{name}.git", f"{sandbox.url}/git/boostorg/{name}", None, threading.Event())

    return make


@pytest.fixture
def commits(releases: BoostReleases) -> list[str]:
    return [releases.commit("x", tag) for tag in ("boost-1.1.0", "boost-1.2.0")]


def test_commits_come_without_contents_and_only_once(clone: Callable[..., PartialClone], commits: list[str]) -> None:
    x = clone()
    assert x.fetch_commits(commits) == 1
    assert x.fetch_commits(commits) == 0
    assert [entry.path for entry in x.files(commits[0])] == ["README", "src/a.cpp", "src/b.cpp"]
    assert [entry.path for entry in x.files(commits[1], "src", "README")] == ["README", "src/a.cpp"]
    blobs = [entry.hash for entry in x.files(commits[0])]
    assert x.kinds([commits[0], *blobs]) == {commits[0]: "commit"}


def test_contents_come_together_and_only_those_asked_for(
    clone: Callable[..., PartialClone], commits: list[str], sandbox: Sandbox
) -> None:
    x = clone()
    x.fetch_commits(commits)
    wanted = {entry.path: entry.hash for commit in commits for entry in x.files(commit) if entry.path != "src/b.cpp"}
    sandbox.requests.clear()
    assert x.fetch_blobs(wanted.values()) == 1
    before = len(list(sandbox.requests))
    found = dict(x.contents(wanted.values()))
    assert {path: found[hash] for path, hash in wanted.items()} == {
        "README": b"new\n",
        "src/a.cpp": b"int a;\n",
        "\u00fc/x": b"\x00\xff\n\n",
    }
    assert x.fetch_blobs(wanted.values()) == 0
    assert len(list(sandbox.requests)) == before


def test_a_missing_content_is_an_error_and_is_never_fetched_silently(
    clone: Callable[..., PartialClone], commits: list[str], sandbox: Sandbox
) -> None:
    x = clone()
    x.fetch_commits(commits)
    sandbox.requests.clear()
    with pytest.raises(SourceError, match="does not have the object"):
        list(x.contents([x.files(commits[0])[0].hash]))
    assert list(sandbox.requests) == []


def test_a_commit_that_the_remote_lacks_keeps_no_other_from_coming(
    clone: Callable[..., PartialClone], commits: list[str]
) -> None:
    x = clone()
    x.fetch_commits([ABSENT, *commits])
    assert x.kinds([ABSENT, *commits]) == dict.fromkeys(commits, "commit")


def test_a_repository_that_is_not_there(clone: Callable[..., PartialClone]) -> None:
    with pytest.raises(NotFoundError):
        clone("gone").fetch_commits([ABSENT])


def test_a_clone_can_be_thrown_away(clone: Callable[..., PartialClone], commits: list[str]) -> None:
    x = clone()
    x.remove()
    x.fetch_commits(commits)
    x.remove()
    assert not x.folder.exists()
    assert x.fetch_commits(commits) == 1
