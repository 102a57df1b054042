"""Repositories and files out of tables that others made, such as a CSV file: what those lack changes nothing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Subquery, and_, false, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, distinct_on
from sqlalchemy.orm import Session

from boost_collectors.core.database.bulk import MergeResult, merge
from boost_collectors.cppa_user_tracker.models import GithubAccount
from boost_collectors.github_activity_tracker.models import GithubFile, GithubRepository

_REPOSITORY_KEY = ("owner_account_id", "repo_name")
_FILE_KEY = ("repo_id", "filename")
_NEW = {"stars": literal(0), "forks": literal(0), "description": literal("")}
_TIMES = ("repo_pushed_at", "repo_created_at", "repo_updated_at")


def named_repositories() -> Subquery:
    """The repository of each owner and name, to be joined: ``owner``, ``repo_name`` and ``repo_id``.

    Of several, those of GitHub's own accounts come before those of synthetic ones, then those that are not gone.
    """
    owner, repo = GithubAccount.__table__.c, GithubRepository.__table__.c
    joined = GithubRepository.__table__.join(GithubAccount.__table__, owner.baseprofile_ptr_id == repo.owner_account_id)
    return (
        select(owner.username.label("owner"), repo.repo_name, repo.id.label("repo_id"))
        .select_from(joined)
        .ext(distinct_on(owner.username, repo.repo_name))
        .order_by(owner.username, repo.repo_name, owner.github_account_id < 0, repo.gone_at.is_not(None), repo.id)
        .subquery("named_repository")
    )


def last_given(column: ColumnElement[Any], order: ColumnElement[Any]) -> ColumnElement[Any]:
    """An aggregate: of a group's values that are not null the one that is last by ``order``; null if there is none."""
    given = func.array_agg(aggregate_order_by(column, order.desc())).filter(column.is_not(None))
    return given[1]


def merge_repositories(session: Session, given: FromClause) -> MergeResult:
    """Make repositories have what is given of them and not null; new ones are made.

    ``given`` has a row per ``owner_account_id`` and ``repo_name``, with all of stars, forks, description and the three
    times.
    """
    stored = GithubRepository.__table__.alias("known")
    same = and_(*(stored.c[name] == given.c[name] for name in _REPOSITORY_KEY))
    kept = [func.coalesce(given.c[name], stored.c[name], new).label(name) for name, new in _NEW.items()]
    kept += [func.coalesce(given.c[name], stored.c[name]).label(name) for name in _TIMES]
    rows = select(*(given.c[name] for name in _REPOSITORY_KEY), *kept).select_from(given.outerjoin(stored, same))
    return merge(session, GithubRepository, select(rows.subquery("repository")), key=_REPOSITORY_KEY)


def merge_files(session: Session, given: FromClause) -> MergeResult:
    """Make files be there, and deleted or not where ``is_deleted`` is not null.

    ``given`` has a row per ``repo_id`` and ``filename``.
    """
    stored = GithubFile.__table__.alias("known")
    same = and_(*(stored.c[name] == given.c[name] for name in _FILE_KEY))
    is_deleted = func.coalesce(given.c.is_deleted, stored.c.is_deleted, false()).label("is_deleted")
    rows = select(*(given.c[name] for name in _FILE_KEY), is_deleted).select_from(given.outerjoin(stored, same))
    return merge(session, GithubFile, select(rows.subquery("file")), key=_FILE_KEY)
