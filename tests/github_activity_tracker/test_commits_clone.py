"""Clones that hold the commits of the default branch and nothing else."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from typing import Any

import pytest

from boost_collectors.core.context import RunContext
from boost_collectors.core.git_hosting import Hosting
from boost_collectors.core.window import Window
from boost_collectors.github_activity_tracker.frontier import Frontier
from boost_collectors.github_activity_tracker.source import CommitsClone, Header
from tests.github_activity_tracker.conftest import START

KEY = "boostorg/boost"
HOUR = 3600


@pytest.fixture
def clone(context: Callable[..., RunContext]) -> CommitsClone:
    created = context()
    return CommitsClone(created.workspace, KEY, Hosting.at(created.settings.github_git_url, ""), threading.Event())


def objects(clone: CommitsClone) -> list[str]:
    form = "--batch-check=%(objecttype)"
    return sorted(clone.git.run("cat-file", "--batch-all-objects", form).decode().split())


def test_it_holds_commits_of_the_default_branch_and_no_files(clone: CommitsClone, repository: Any) -> None:
    hashes = [repository.commit("one", {"a": "1"}), repository.commit("two", {"b": "2"})]
    repository.git("checkout", "--quiet", "-b", "side")
    repository.commit("aside", {"c": "3"})
    repository.git("tag", "v1")
    repository.git("checkout", "--quiet", "develop")
    assert clone.refresh() == 1
    assert objects(clone) == ["commit", "commit"]
    assert clone.tips() == {"refs/heads/develop": hashes[-1]}
    assert clone.refresh() == 0
    assert (clone.path / "config").read_text(encoding="utf-8").count("@") == 0


def test_headers_come_parents_first_with_both_dates(clone: CommitsClone, repository: Any) -> None:
    first = repository.commit("one", authored=START + HOUR, committed=START + 2 * HOUR)
    second = repository.commit("two", authored=START, committed=START + HOUR)
    clone.refresh()
    tips = clone.tips().values()
    headers = list(clone.headers(tips))
    assert [header.hash for header in headers] == [first, second]
    assert headers[1].parents == (first,)
    assert [_seconds(header) for header in headers] == [(HOUR, 2 * HOUR), (0, HOUR)]
    assert list(clone.headers([second, first], walk=False)) == headers[::-1]
    assert list(clone.headers([])) == []
    assert list(clone.headers(Frontier([first]).revisions(tips))) == headers[1:]
    assert clone.committed_in(Window.between(headers[0].committed_at, None), tips) == [first]


def _seconds(header: Header) -> tuple[float, float]:
    assert header.authored_at
    assert header.committed_at
    return header.authored_at.timestamp() - START, header.committed_at.timestamp() - START


def test_what_the_remote_lost_is_not_there_and_not_asked_for(clone: CommitsClone, repository: Any) -> None:
    kept, lost = repository.commit("one", {"a": "1"}), repository.commit("two", {"a": "2"})
    clone.refresh()
    assert clone.existing([kept, lost]) == {kept, lost}
    repository.git("reset", "--quiet", "--hard", kept)
    repository.git("reflog", "expire", "--expire=now", "--all")
    repository.git("gc", "--quiet", "--prune=now")
    clone.renew()
    shutil.move(repository.path, repository.path.with_name("away"))
    assert clone.existing([kept, lost, "f" * 40]) == {kept}
    assert clone.existing([]) == set()


def test_another_default_branch_takes_its_place(clone: CommitsClone, repository: Any) -> None:
    repository.commit("one")
    clone.refresh()
    repository.git("branch", "--move", "develop", "main")
    newest = repository.commit("two")
    clone.refresh()
    assert clone.tips() == {"refs/heads/main": newest}


def test_an_empty_repository_has_no_commit(clone: CommitsClone, repository: Any) -> None:
    assert clone.refresh() == 0
    assert clone.tips() == {}
    assert list(clone.headers(clone.tips().values())) == []


def test_a_host_that_cannot_filter_does_as_well(clone: CommitsClone, repository: Any) -> None:
    repository.git("config", "uploadpack.allowFilter", "false")
    only = repository.commit("one", {"a": "1"})
    clone.refresh()
    assert [header.hash for header in clone.headers(clone.tips().values())] == [only]
