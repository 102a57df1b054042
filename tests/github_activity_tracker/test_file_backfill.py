"""``backfill_300_file_commits``: what the API cut off is completed, once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from boost_collectors import registry
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from boost_collectors.github_activity_tracker import services
from tests.github_activity_tracker.conftest import OWNER, Workshop

SPEC = registry.find("backfill_300_file_commits")
CHANGES = """
    SELECT c.commit_hash, count(*) FROM github_activity_tracker_gitcommit c
    JOIN github_activity_tracker_gitcommitfilechange f ON f.commit_id = c.id GROUP BY 1 ORDER BY min(c.id)
"""
NAME = "system"


@pytest.fixture
def bench(
    environment: dict[str, str], make_settings: Callable[..., Settings], capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    settings = make_settings(**environment)

    def run(*arguments: str) -> str:
        capsys.readouterr()
        assert execute(SPEC, Request(arguments=arguments), settings=settings) is None
        return capsys.readouterr().out

    return run


@pytest.fixture
def repository(make_repository: Callable[..., Workshop]) -> Workshop:
    """One commit with 305 files, one with exactly 300, one with a single file."""
    made = make_repository(NAME)
    made.commit("many", {f"a/{number}": f"{number}" for number in range(305)})
    made.commit("exactly", {f"b/{number}": f"{number}" for number in range(300)})
    made.commit("one", {"c": "c"})
    return made


def _store_cut_off(database: Database, repository: Workshop) -> list[str]:
    """Store the commits as the earlier system did: at most 300 files each."""
    commits = [commit._replace(files=commit.files[:300]) for commit in repository.read()]
    with database.session() as session:
        services.store_commits(session, services.ensure_repository(session, OWNER, NAME), commits)
    return [commit.hash for commit in commits]


def _changes(database: Database) -> dict[str, int]:
    with database.session() as session:
        return {row[0]: row[1] for row in session.execute(text(CHANGES))}


def _clones(environment: dict[str, str]) -> list[Path]:
    folder = Path(environment["WORKSPACE_DIR"]) / "github_activity_tracker" / "clones"
    return [path for path in folder.rglob("*.git") if path.is_dir()]


def test_cut_off_commits_are_completed_and_nothing_is_read_twice(
    bench: Callable[..., str], repository: Workshop, database: Database, environment: dict[str, str]
) -> None:
    many, exactly, one = _store_cut_off(database, repository)
    assert _changes(database) == {many: 300, exactly: 300, one: 1}
    assert "2 commits: 2 updated, 0 failed" in bench()
    assert _changes(database) == {many: 305, exactly: 300, one: 1}
    assert _clones(environment) == []
    assert "No commits" in bench()


def test_a_dry_run_names_the_commits_and_writes_nothing(
    bench: Callable[..., str], repository: Workshop, database: Database, environment: dict[str, str]
) -> None:
    many, exactly, _ = _store_cut_off(database, repository)
    output = bench("--dry-run")
    assert output.splitlines()[:2] == [f"Would backfill {OWNER}/{NAME} {hash}" for hash in (many, exactly)]
    assert "Dry run" in output
    assert _changes(database)[many] == 300
    assert _clones(environment) == []


def test_a_limit_takes_the_first_by_id(bench: Callable[..., str], repository: Workshop, database: Database) -> None:
    many, exactly, _ = _store_cut_off(database, repository)
    assert "1 commits: 1 updated" in bench("--limit", "1")
    assert _changes(database)[many] == 305
    assert bench("--dry-run").startswith(f"Would backfill {OWNER}/{NAME} {exactly}")


def test_a_stale_change_goes_away(bench: Callable[..., str], repository: Workshop, database: Database) -> None:
    many = repository.read()[0]
    wrong = many._replace(files=(*many.files[:299], many.files[299]._replace(filename="never/there")))
    with database.session() as session:
        services.store_commits(session, services.ensure_repository(session, OWNER, NAME), [wrong])
    bench()
    assert _changes(database) == {many.hash: 305}


def test_a_commit_that_is_gone_is_counted_and_the_others_go_on(
    bench: Callable[..., str], repository: Workshop, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    first = repository.read()[0]
    gone = first._replace(hash="f" * 40, files=first.files[:300])
    with database.session() as session:
        services.store_commits(session, services.ensure_repository(session, OWNER, NAME), [gone])
    many, *_ = _store_cut_off(database, repository)
    assert "3 commits: 2 updated, 1 failed" in bench()
    assert "ffffffffffff" in caplog.text
    assert _changes(database)[many] == 305


def test_a_clone_of_the_collector_stays(
    bench: Callable[..., str],
    repository: Workshop,
    database: Database,
    environment: dict[str, str],
    context: Callable[..., Any],
) -> None:
    from boost_collectors.core.git_hosting import Hosting
    from boost_collectors.github_activity_tracker.source import Clone

    _store_cut_off(database, repository)
    run = context()
    Clone(run.workspace, f"{OWNER}/{NAME}", Hosting.at(environment["GITHUB_GIT_URL"], ""), run.stop).refresh()
    assert "2 updated" in bench()
    assert len(_clones(environment)) == 1


def test_without_such_commits_it_says_so(bench: Callable[..., str]) -> None:
    assert "No commits" in bench()
