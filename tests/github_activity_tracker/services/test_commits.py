"""The store of commits: few statements, honest counts, text that PostgreSQL takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from boost_collectors.core.database import Database
from boost_collectors.github_activity_tracker import services
from boost_collectors.github_activity_tracker.git import Commit, FileChange

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def commit(number: int, **fields: Any) -> Commit:
    at = NOW + timedelta(minutes=number)
    made = Commit(
        hash=f"{number:040x}",
        parents=(),
        author_name=f"Author {number % 7}",
        author_email=f"author{number % 7}@example.org",
        authored_at=at,
        committer_name="Cora",
        committer_email="cora@example.org",
        committed_at=at,
        message=f"change {number}",
        files=tuple(FileChange(f"f{which % 13}", "modified", 1, 2, "@@") for which in (number, number + 1)),
    )
    return made._replace(**fields)


def stored(session: Session, columns: str) -> list[tuple[object, ...]]:
    query = f"SELECT {columns} FROM github_activity_tracker_gitcommit ORDER BY commit_hash"
    return [tuple(row) for row in session.execute(text(query))]


def test_a_batch_costs_the_same_few_statements_whatever_its_size(
    database: Database, repo_id: int, statements: Callable[[], Any]
) -> None:
    counts = []
    for commits in (100, 1000):
        with statements() as seen, database.session() as session:
            services.store_commits(session, repo_id, [commit(commits * 10 + n) for n in range(commits)])
        counts.append(len(seen))
    assert counts[1] <= counts[0] + 2
    assert counts[1] < 10 * 1000 / 100


def test_what_is_stored_already_is_not_written(database: Database, repo_id: int) -> None:
    commits = [commit(number) for number in range(50)]
    with database.session() as session:
        services.store_commits(session, repo_id, commits)
    with database.session() as session:
        counts = services.store_commits(session, repo_id, [*commits[:-1], commit(49, message="another")])
        assert (counts["commits_unchanged"], counts["commits_updated"]) == (49, 1)
        assert (counts["changes_unchanged"], counts["changes_updated"]) == (100, 0)
        assert session.execute(text("SELECT count(*) FROM github_activity_tracker_githubfile")).scalar_one() == 13


def test_a_repository_has_one_row(database: Database, repo_id: int) -> None:
    with database.session() as session:
        assert services.ensure_repository(session, "boostorg", "system") == repo_id
        assert services.ensure_repository(session, "boostorg", "config") != repo_id
        assert services.commit_counts(session) == {"boostorg/system": 0, "boostorg/config": 0}


def test_the_author_s_date_counts_then_the_committer_s_then_now(database: Database, repo_id: int) -> None:
    early = NOW - timedelta(days=1)
    commits = [
        commit(1, authored_at=early, committed_at=NOW),
        commit(2, authored_at=None, committed_at=NOW),
        commit(3, authored_at=None, committed_at=None),
    ]
    with database.session() as session:
        services.store_commits(session, repo_id, commits)
        (first, second, third) = stored(session, "commit_at, committed_at")
    assert (first, second) == ((early, NOW), (NOW, NOW))
    assert third[0] is not None
    assert third[1] is None
    with database.session() as session:
        assert services.store_commits(session, repo_id, commits)["commits_unchanged"] == 3


def test_an_author_without_name_is_the_committer_and_without_both_unknown(database: Database, repo_id: int) -> None:
    nobody = {"author_name": "", "author_email": ""}
    commits = [commit(1, **nobody), commit(2, **nobody, committer_name="", committer_email="")]
    long = commit(3, author_name="n" * 300, author_email="e" * 300)
    with database.session() as session:
        services.store_commits(session, repo_id, [*commits, long])
        query = (
            "SELECT display_name FROM github_activity_tracker_gitcommit c "
            "JOIN cppa_user_tracker_githubaccount a ON a.baseprofile_ptr_id = c.account_id ORDER BY commit_hash"
        )
        assert list(session.scalars(text(query))) == ["Cora", "unknown", "n" * 255]


def test_gone_commits_are_marked_once(database: Database, repo_id: int) -> None:
    commits = [commit(number) for number in range(4)]
    with database.session() as session:
        services.store_commits(session, repo_id, commits)
        assert services.mark_gone(session, repo_id, [commits[0].hash, "f" * 40], NOW) == 1
        assert services.mark_gone(session, repo_id, [commits[0].hash], NOW) == 0
        assert services.mark_gone_except(session, repo_id, [commits[0].hash, commits[1].hash], NOW) == 2
        assert [gone is None for (gone,) in stored(session, "gone_at")] == [False, True, False, False]
        services.store_commits(session, repo_id, commits[:1])
        assert stored(session, "gone_at")[0] == (None,)


def test_refs_are_kept_with_what_became_of_them(database: Database, repo_id: int) -> None:
    with database.session() as session:
        assert services.store_refs(session, repo_id, {"refs/heads/a": "1" * 40, "refs/heads/b": "2" * 40}, NOW) == 2
        assert services.store_refs(session, repo_id, {"refs/heads/a": "1" * 40, "refs/heads/b": "2" * 40}, NOW) == 0
        assert services.store_refs(session, repo_id, {"refs/heads/b": "3" * 40}, NOW) == 2
        assert services.live_refs(session, "boostorg", "system") == {"refs/heads/b": "3" * 40}
        assert services.store_refs(session, repo_id, {}, NOW) == 1
        assert services.live_refs(session, "boostorg", "system") == {}
        rewrite = services.Rewrite("refs/heads/b", "2" * 40, "3" * 40)
        assert services.add_rewrites(session, repo_id, [rewrite], NOW) == 1
        assert services.add_rewrites(session, repo_id, [rewrite], NOW) == 0


def test_an_authors_first_address_is_the_primary_one_whatever_the_hash_seed(database: Database, repo_id: int) -> None:
    addresses = [f"ada{number}@example.org" for number in range(20)]
    commits = [commit(number, author_name="Ada", author_email=email) for number, email in enumerate(addresses)]
    with database.session() as session:
        services.store_commits(session, repo_id, commits)
        primary = session.scalars(text("SELECT email FROM cppa_user_tracker_email WHERE is_primary")).all()
    assert primary == addresses[:1]
