"""Whole real histories: what is stored equals what git itself counts."""

from __future__ import annotations

import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.database import Database
from boost_collectors.core.git_hosting import Hosting
from boost_collectors.github_activity_tracker.history import RepositoryHistory
from boost_collectors.github_activity_tracker.source import Clone

DATA = Path(__file__).parents[3] / "shared" / "data" / "git"
REPOSITORIES = {
    "boost": "boostorg-boost-superproject-master.shallow.git.tar",
    "config": "boostorg-config.bundle",
    "json": "boostorg-json.shallow.git.tar",
    "system": "boostorg-system.bundle",
}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real histories are not here")


def unpacked(name: str, host: Path) -> Path:
    source, target = DATA / REPOSITORIES[name], host / "boostorg" / f"{name}.git"
    if source.suffix == ".tar":
        with tarfile.open(source) as archive:
            archive.extractall(host / "unpacked", filter="data")
        target.parent.mkdir(parents=True, exist_ok=True)
        next((host / "unpacked").glob("**/HEAD")).parent.rename(target)
    else:
        subprocess.run(["git", "clone", "--quiet", "--mirror", str(source), str(target)], check=True)
    return target


def git_lines(repository: Path, *arguments: str) -> list[str]:
    command = ["git", "-C", str(repository), "-c", "core.quotePath=true", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


@pytest.mark.parametrize("name", sorted(REPOSITORIES))
def test_rows_are_as_many_as_git_counts(
    context: Callable[..., RunContext], database: Database, host: Path, name: str
) -> None:
    origin = unpacked(name, host)
    created = context()
    clone = Clone(created.workspace, f"boostorg/{name}", Hosting.at(created.settings.github_git_url, ""), created.stop)
    clone.refresh()
    counts = Counts()
    RepositoryHistory(created, clone, counts).collect()

    refs = ("--branches", "--tags")
    (commits,) = git_lines(origin, "rev-list", "--count", *refs)
    changes = git_lines(
        *(origin, "log", *refs, "--raw", "--format=", "--find-copies", "--diff-merges=first-parent", "--no-abbrev")
    )
    in_head = git_lines(origin, "ls-tree", "-r", "--name-only", "--full-tree", "HEAD")
    assert counts["commits_inserted"] == stored(database, "gitcommit") == int(commits)
    assert counts["changes_inserted"] == stored(database, "gitcommitfilechange") == len(changes)
    assert stored(database, "githubfile WHERE NOT is_deleted") == len(in_head)

    again = Counts()
    RepositoryHistory(context(), clone, again).collect()
    assert not again.as_dict()


def stored(database: Database, what: str) -> int:
    with database.session() as session:
        return session.execute(text(f"SELECT count(*) FROM github_activity_tracker_{what}")).scalar_one()
