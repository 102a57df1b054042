"""From repositories to rows: what a run stores, what the next one adds, and what a killed one leaves."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.database import Database
from boost_collectors.core.errors import CommandError
from boost_collectors.core.git_hosting import Hosting
from boost_collectors.core.protocols import TrackerResult
from boost_collectors.core.window import Window, WindowMode
from boost_collectors.github_activity_tracker import history
from boost_collectors.github_activity_tracker.collector import BoostGithubActivityCollector
from boost_collectors.github_activity_tracker.history import RepositoryHistory, UnreadableCommit
from boost_collectors.github_activity_tracker.source import Clone

Contexts = Callable[..., RunContext]
LINES = "".join(f"line {number}\n" for number in range(40))
PROJECT = Path(__file__).parents[2]
T = "github_activity_tracker_"


def run(context: Contexts, **fields: Any) -> TrackerResult:
    """One run; it must succeed."""
    result = BoostGithubActivityCollector(context(**fields)).run()
    assert result.success, result.errors
    return result


def rows(database: Database, query: str, **values: Any) -> list[tuple[Any, ...]]:
    with database.session() as session:
        return [tuple(row) for row in session.execute(text(query), values)]


def one(database: Database, query: str, **values: Any) -> Any:
    ((value,),) = rows(database, query, **values)
    return value


def live(database: Database, name: str = "boost") -> int:
    return int(
        one(
            database,
            f"SELECT count(*) FROM {T}gitcommit c JOIN {T}githubrepository r ON r.id = c.repo_id "
            "WHERE r.repo_name = :name AND c.gone_at IS NULL",
            name=name,
        )
    )


def files(database: Database) -> dict[str, tuple[bool, str | None]]:
    query = (
        f"SELECT f.filename, f.is_deleted, p.filename FROM {T}githubfile f "
        f"LEFT JOIN {T}githubfile p ON p.id = f.previous_filename_id"
    )
    return {name: (deleted, previous) for name, deleted, previous in rows(database, query)}


def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the tracker by what they say, without surrogate keys and times of writing."""
    commit = f"{T}gitcommit c JOIN {T}githubrepository r ON r.id = c.repo_id"
    return {
        "commits": rows(
            database,
            "SELECT r.repo_name, commit_hash, comment, commit_at, committed_at, c.gone_at IS NULL, a.display_name "
            f"FROM {commit} JOIN cppa_user_tracker_githubaccount a ON a.baseprofile_ptr_id = c.account_id "
            "ORDER BY 1, 2",
        ),
        "changes": rows(
            database,
            f"SELECT r.repo_name, commit_hash, f.filename, status, additions, deletions, patch FROM {commit} "
            f"JOIN {T}gitcommitfilechange x ON x.commit_id = c.id JOIN {T}githubfile f ON f.id = x.github_file_id "
            "ORDER BY 1, 2, 3",
        ),
        "files": sorted((name, *state) for name, state in files(database).items()),
        "refs": rows(database, f"SELECT ref_name, tip, gone_at IS NULL FROM {T}gitref ORDER BY 1, 2"),
        "checkpoints": rows(database, "SELECT command, unit, cursor FROM core_checkpoint ORDER BY 1, 2"),
        "emails": rows(database, "SELECT email FROM cppa_user_tracker_email ORDER BY 1"),
    }


def test_a_first_run_stores_commits_files_and_authors(context: Contexts, database: Database, repository: Any) -> None:
    repository.commit("one", {"a": "1\n", "b": "1\n"}, GIT_AUTHOR_NAME="Bob", GIT_AUTHOR_EMAIL="b@example.org")
    repository.commit("two\n\nwhy", {"a": "2\n"})
    counts = run(context).counts
    assert (counts["commits_inserted"], counts["files_inserted"], counts["changes_inserted"]) == (2, 2, 3)
    assert (counts["git_fetches"], counts["requests"], counts["units"]) == (1, 0, 1)
    stored = everything(database)
    assert [(row[2], row[6]) for row in sorted(stored["commits"], key=lambda row: row[3])] == [
        ("one", "Bob"),
        ("two\n\nwhy", "Ada"),
    ]
    assert ("boost", repository.head(), "a", "modified", 1, 1, "@@ -1 +1 @@\n-1\n+2") in stored["changes"]


def test_the_repository_belongs_to_an_organisation(context: Contexts, database: Database, repository: Any) -> None:
    repository.commit()
    run(context)
    query = (
        f"SELECT a.username, a.account_type, r.repo_name FROM {T}githubrepository r "
        "JOIN cppa_user_tracker_githubaccount a ON a.baseprofile_ptr_id = r.owner_account_id"
    )
    assert rows(database, query) == [("boostorg", "organization", "boost")]


def test_a_no_reply_address_names_the_account(context: Contexts, database: Database, repository: Any) -> None:
    repository.commit("x", {"a": "1"}, GIT_AUTHOR_EMAIL="4711+ada@users.noreply.github.com")
    run(context)
    query = (
        "SELECT a.github_account_id, a.username FROM cppa_user_tracker_githubaccount a "
        f"JOIN {T}gitcommit c ON c.account_id = a.baseprofile_ptr_id"
    )
    assert rows(database, query) == [(4711, "ada")]


def test_a_second_run_writes_nothing(context: Contexts, database: Database, repository: Any) -> None:
    repository.commit("one", {"a": LINES})
    repository.git("mv", "a", "b")
    repository.commit("two")
    run(context)
    before = everything(database)
    counts = run(context).counts
    assert not {key for key, value in counts.items() if value and key.endswith(("inserted", "updated", "moved"))}
    assert counts["git_fetches"] == 0
    assert everything(database) == before


def test_a_full_run_finds_everything_unchanged(context: Contexts, database: Database, repository: Any) -> None:
    repository.commit("one", {"a": LINES})
    repository.git("mv", "a", "b")
    repository.commit("two")
    run(context)
    before = everything(database)
    counts = run(context, window=Window(WindowMode.FULL)).counts
    assert (counts["commits_unchanged"], counts["commits_updated"], counts["commits_inserted"]) == (2, 0, 0)
    assert (counts["changes_unchanged"], counts["changes_updated"]) == (2, 0)
    assert everything(database) == before


def test_the_next_run_reads_only_what_is_new(context: Contexts, database: Database, repository: Any) -> None:
    repository.commit("one", {"a": "1\n"})
    run(context)
    repository.commit("two", {"a": "2\n"})
    counts = run(context).counts
    assert (counts["commits_inserted"], counts["commits_unchanged"], counts["refs_moved"]) == (1, 0, 1)
    assert live(database) == repository.count() == 2


def test_dates_decide_nothing(context: Contexts, database: Database, repository: Any) -> None:
    """A commit from the future, then a branch written before it and merged after it, then a rebased old commit."""
    repository.commit("start", {"a": "1\n"})
    repository.git("branch", "side")
    repository.commit("future", {"a": "2\n"}, authored=2_114_380_800, committed=2_114_380_800)
    run(context)
    repository.git("checkout", "--quiet", "side")
    repository.commit("old", {"b": "1\n"}, authored=1_000_000_000, committed=1_000_000_000)
    repository.git("checkout", "--quiet", "develop")
    repository.merge("side")
    repository.commit("rebased", {"c": "1\n"}, authored=1_000_000_000)
    run(context)
    assert live(database) == repository.count() == 5
    query = f"SELECT commit_at, committed_at FROM {T}gitcommit WHERE comment = 'rebased'"
    ((written, committed),) = rows(database, query)
    assert written == datetime.fromtimestamp(1_000_000_000, UTC) != committed


def test_commits_that_only_a_tag_reaches(context: Contexts, database: Database, repository: Any) -> None:
    repository.commit("one", {"a": "1\n"})
    repository.git("checkout", "--quiet", "--detach")
    repository.commit("release", {"v": "1\n"})
    repository.git("tag", "-a", "-m", "annotated", "boost-1.0")
    repository.git("tag", "a-tree", "HEAD^{tree}")
    repository.git("checkout", "--quiet", "develop")
    run(context)
    assert live(database) == 2
    assert {name for name, _, _ in everything(database)["refs"]} == {"refs/heads/develop", "refs/tags/boost-1.0"}


def test_a_force_push_leaves_a_mark(context: Contexts, database: Database, repository: Any) -> None:
    repository.commit("one", {"a": "1\n"})
    old = repository.commit("two", {"a": "2\n"})
    run(context)
    repository.git("reset", "--quiet", "--hard", "HEAD~1")
    new = repository.commit("other", {"a": "3\n"})
    counts = run(context).counts
    assert (counts["rewrites"], counts["commits_gone"], counts["commits_inserted"]) == (1, 1, 1)
    assert rows(database, f"SELECT ref_name, old_tip, new_tip FROM {T}gitforcepush") == [
        ("refs/heads/develop", old, new)
    ]
    assert one(database, f"SELECT commit_hash FROM {T}gitcommit WHERE gone_at IS NOT NULL") == old
    assert live(database) == repository.count() == 2


def test_a_commit_that_comes_back_is_not_gone(context: Contexts, database: Database, repository: Any) -> None:
    repository.commit("one", {"a": "1\n"})
    old = repository.commit("two", {"a": "2\n"})
    run(context)
    repository.git("reset", "--quiet", "--hard", "HEAD~1")
    run(context)
    assert live(database) == 1
    repository.git("reset", "--quiet", "--hard", old)
    run(context)
    assert live(database) == repository.count() == 2


def test_a_deleted_branch_takes_its_commits_along(context: Contexts, database: Database, repository: Any) -> None:
    repository.commit("one", {"a": "1\n"})
    repository.git("checkout", "--quiet", "-b", "side")
    gone = repository.commit("side", {"b": "1\n"})
    repository.git("checkout", "--quiet", "develop")
    run(context)
    repository.git("branch", "-D", "side")
    counts = run(context).counts
    assert (counts["commits_gone"], counts["refs_moved"]) == (1, 1)
    assert one(database, f"SELECT commit_hash FROM {T}gitcommit WHERE gone_at IS NOT NULL") == gone
    assert one(database, f"SELECT ref_name FROM {T}gitref WHERE gone_at IS NOT NULL") == "refs/heads/side"


def test_a_rewrite_is_seen_although_the_clone_was_lost(
    context: Contexts, database: Database, repository: Any, tmp_path: Path
) -> None:
    import shutil

    repository.commit("one", {"a": "1\n"})
    old = repository.commit("two", {"a": "2\n"})
    run(context)
    repository.git("reset", "--quiet", "--hard", "HEAD~1")
    repository.commit("other", {"a": "3\n"})
    repository.git("reflog", "expire", "--expire=now", "--all")
    repository.git("gc", "--quiet", "--prune=now")
    shutil.rmtree(tmp_path / "workspace")
    counts = run(context).counts
    assert (counts["rewrites"], counts["commits_gone"]) == (1, 1)
    assert one(database, f"SELECT commit_hash FROM {T}gitcommit WHERE gone_at IS NOT NULL") == old
    assert live(database) == repository.count() == 2


def test_file_states_are_those_of_the_newest_commit(context: Contexts, database: Database, repository: Any) -> None:
    repository.commit("one", {"keep": "1\n", "gone": "2\n", "old": LINES, "back": "3\n"})
    repository.commit("two", {"gone": None, "back": None})
    repository.git("mv", "old", "new")
    repository.commit("three", {"back": "4\n"})
    run(context)
    expected = {
        "keep": (False, None),
        "gone": (True, None),
        "old": (True, None),
        "new": (False, "old"),
        "back": (False, None),
    }
    assert files(database) == expected
    run(context, window=Window.between(datetime(2014, 5, 13, tzinfo=UTC), datetime(2014, 5, 13, 18, tzinfo=UTC)))
    assert files(database) == expected


def test_the_newest_rename_stays_linked_whatever_is_read_again(
    context: Contexts, database: Database, repository: Any
) -> None:
    repository.commit("one", {"first": LINES})
    repository.git("mv", "first", "name")
    second = repository.commit("first to name")
    repository.git("mv", "name", "second")
    repository.commit("away")
    repository.git("mv", "second", "name")
    repository.commit("second to name")
    run(context)
    assert files(database)["name"] == (False, "second")
    at = datetime.fromtimestamp(int(repository.git("show", "-s", "--format=%ct", second)), UTC)
    counts = run(context, window=Window.between(at, at.replace(minute=59))).counts
    assert counts["commits_unchanged"] == 1
    assert files(database)["name"] == (False, "second")


def test_a_backfill_reads_exactly_its_window_and_moves_nothing(
    context: Contexts, database: Database, repository: Any
) -> None:
    times = [1_400_000_000 + 1000 * n for n in (3, 1, 2, 5, 4)]
    for number, at in enumerate(times):
        repository.commit(f"{number}", {"f": f"{number}\n"}, committed=at)
    since, until = (datetime.fromtimestamp(1_400_000_000 + 1000 * n, UTC) for n in (2, 4))
    counts = run(context, window=Window.between(since, until)).counts
    assert counts["commits_inserted"] == 2
    assert {comment for (comment,) in rows(database, f"SELECT comment FROM {T}gitcommit")} == {"0", "2"}
    assert everything(database)["checkpoints"] == []
    assert everything(database)["refs"] == []
    counted = f"SELECT kind, since, until, source_count, stored_count FROM {T}completeness"
    assert rows(database, counted) == [("commits", since, until, 2, 2)]
    assert run(context).counts["commits_inserted"] == 3
    assert rows(database, counted) == [("commits", None, None, 5, 5)]
    assert live(database) == repository.count()


def test_submodules_are_units(context: Contexts, database: Database, make_repository: Any, repository: Any) -> None:
    for name in ("system", "x.github.io"):
        make_repository(name).commit(name, {"f": "1\n"})
    modules = "".join(
        f'[submodule "{name}"]\n\tpath = libs/{name}\n\turl = {url}\n'
        for name, url in {
            "system": "../system.git",
            "dotted": "../x.github.io.git",
            "absolute": "https://github.com/boostorg/system",
            "foreign": "https://gitlab.com/other/thing.git",
        }.items()
    )
    repository.commit("modules", {".gitmodules": modules})
    collector = BoostGithubActivityCollector(context())
    assert [unit.key for unit in collector.plan()] == ["boostorg/boost", "boostorg/system", "boostorg/x.github.io"]
    run(context)
    assert [live(database, name) for name in ("boost", "system", "x.github.io")] == [1, 1, 1]
    assert [unit.cost for unit in collector.plan()] == [2.0, 2.0, 2.0]
    only = run(context, only=("boostorg/system",))
    assert only.counts["units"] == 1
    with pytest.raises(CommandError, match="no unit boostorg/nothing"):
        BoostGithubActivityCollector(context(only=("boostorg/nothing",))).run()


def test_a_repository_that_is_missing_does_not_lose_the_others(
    context: Contexts, database: Database, make_repository: Any, repository: Any
) -> None:
    make_repository("system").commit("x", {"f": "1\n"})
    modules = '[submodule "a"]\n\turl = ../nowhere.git\n[submodule "b"]\n\turl = ../system.git\n'
    repository.commit("modules", {".gitmodules": modules})
    result = BoostGithubActivityCollector(context()).run()
    assert not result.success
    assert [error.split(":")[0] for error in result.errors] == ["boostorg/nowhere"]
    assert live(database, "system") == 1


def test_a_dry_run_writes_nothing(context: Contexts, database: Database, repository: Any) -> None:
    repository.commit("one", {"a": "1\n"})
    counts = run(context, dry_run=True).counts
    assert counts["refs_to_read"] == 1
    assert not any(everything(database).values())
    assert one(database, "SELECT count(*) FROM cppa_user_tracker_githubaccount") == 0


def test_an_author_named_by_github_is_kept(context: Contexts, database: Database, repository: Any) -> None:
    from boost_collectors.cppa_user_tracker.services import get_or_create_github_account

    repository.commit("one", {"a": "1\n"})
    run(context)
    with database.session() as session:
        account, _ = get_or_create_github_account(session, 42, "ada", "Ada")
        session.execute(text(f"UPDATE {T}gitcommit SET account_id = :id"), {"id": account.id})
    counts = run(context, window=Window(WindowMode.FULL)).counts
    assert counts["commits_unchanged"] == 1
    query = (
        "SELECT a.github_account_id FROM cppa_user_tracker_githubaccount a "
        f"JOIN {T}gitcommit c ON c.account_id = a.baseprofile_ptr_id"
    )
    assert rows(database, query) == [(42,)]


def test_a_damaged_clone_is_made_anew(context: Contexts, database: Database, repository: Any) -> None:
    repository.commit("one", {"a": "1\n"})
    run(context)
    lose(clone_of(context), repository.git("rev-parse", "HEAD:a"))
    repository.commit("two", {"a": "2\n"})
    counts = run(context).counts
    assert (live(database), counts["commits_inserted"]) == (2, 1)


def test_a_commit_that_cannot_be_read_is_named_and_what_came_before_is_kept(
    context: Contexts, database: Database, repository: Any, small_batches: None
) -> None:
    for number in range(3):
        repository.commit(f"{number}", {"a": f"{number}\n"})
    lost = repository.commit("lost", {"b": "lost\n"})
    repository.commit("after", {"c": "after\n"})
    clone = clone_of(context)
    clone.refresh()
    lose(clone, repository.git("rev-parse", f"{lost}:b"))
    with pytest.raises(UnreadableCommit, match=f"commit {lost} of boostorg/boost cannot be read"):
        RepositoryHistory(context(), clone, Counts()).collect()
    assert live(database) == 2


def clone_of(context: Contexts) -> Clone:
    created = context()
    hosting = Hosting.at(created.settings.github_git_url, "")
    return Clone(created.workspace, "boostorg/boost", hosting, created.stop)


def lose(clone: Clone, object: str) -> None:
    (clone.path / "objects" / object[:2] / object[2:]).unlink()


def test_a_run_that_is_asked_to_stop_keeps_what_it_has(
    context: Contexts, database: Database, repository: Any, small_batches: None
) -> None:
    for number in range(6):
        repository.commit(f"{number}", {"f": f"{number}\n"})

    class StopAfterTwo(threading.Event):
        asked = 0

        def is_set(self) -> bool:
            self.asked += 1
            return live(database) >= 4 if self.asked > 1 else False

    result = BoostGithubActivityCollector(context(stop=StopAfterTwo())).run()
    assert not result.success
    assert live(database) == 4
    assert run(context).counts["commits_inserted"] == 2
    assert live(database) == 6


@pytest.fixture
def small_batches() -> Any:
    before = history.BATCH_COMMITS
    history.BATCH_COMMITS = 2
    yield
    history.BATCH_COMMITS = before


KILLED = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.orm import Session
from boost_collectors.__main__ import main
from boost_collectors.github_activity_tracker import history

history.BATCH_COMMITS = 2
left = int(sys.argv.pop(1))

def count(session):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(Session, sys.argv.pop(1), count)
main()
"""


# 1 run log, 2 plan, 3 repository, 4 checkpoint, 5 to 8 batches, 9 conclusion.
@pytest.mark.parametrize(
    ("moment", "transaction"),
    [("after_commit", 3), ("before_commit", 5), ("after_commit", 5), ("before_commit", 8), ("before_commit", 9)],
)
def test_a_killed_run_leaves_nothing_lost_and_nothing_doubled(
    context: Contexts,
    database: Database,
    repository: Any,
    environment: dict[str, str],
    moment: str,
    transaction: int,
) -> None:
    _history_with_branches(repository)
    arguments = [sys.executable, "-c", KILLED, str(transaction), moment, "run_boost_github_activity_tracker"]
    died = subprocess.run(arguments, env=environment, cwd=PROJECT, capture_output=True, check=False)
    assert died.returncode == -9, died.stderr.decode()
    run(context)
    assert live(database) == repository.count()
    after = everything(database)
    run(context, window=Window(WindowMode.FULL))
    assert everything(database) == after
    assert one(database, f"SELECT count(*) FROM {T}gitcommit") == repository.count()
    assert len(after["changes"]) == _listed_changes(repository)


def _history_with_branches(repository: Any) -> None:
    repository.commit("start", {"a": LINES, "b": "1\n"})
    repository.git("checkout", "--quiet", "-b", "side")
    repository.commit("side 1", {"s": "1\n"})
    repository.commit("side 2", {"s": "2\n"}, committed=1_000_000_000)
    repository.git("checkout", "--quiet", "develop")
    repository.git("mv", "a", "c")
    repository.commit("main 1")
    repository.commit("main 2", {"b": None})
    repository.merge("side")
    repository.git("tag", "v1")
    repository.git("checkout", "--quiet", "-b", "later", "HEAD~1")
    repository.commit("later", {"l": "1\n"})


def _listed_changes(repository: Any) -> int:
    listing = repository.git(
        *("log", "--branches", "--tags", "--raw", "--format=", "--find-copies", "--diff-merges=first-parent")
    )
    return len(listing.splitlines())
