"""Usages: one row per file and header, and a placeholder per file for the headers that no library has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, DateTime, and_, func, literal, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from boost_collectors.boost_library_tracker.models import BoostFile
from boost_collectors.boost_usage_tracker.models import (
    BoostExternalRepository,
    BoostMissingHeaderTmp,
    BoostUsage,
)
from boost_collectors.core.database.bulk import MergeResult, bulk_merge, merge, stage
from boost_collectors.github_activity_tracker.models import GithubFile

KEY = ("repo_id", "boost_header_id", "file_path_id")
_PAIR: Mapping[str, TypeEngine[Any] | type[TypeEngine[Any]]] = {
    "boost_header_id": BigInteger,
    "file_path_id": BigInteger,
    "last_commit_date": DateTime(timezone=True),
}
_PLACE: Mapping[str, TypeEngine[Any] | type[TypeEngine[Any]]] = {
    "file_path_id": BigInteger,
    "last_commit_date": DateTime(timezone=True),
}
_TOUCH = {"updated_at": func.now()}


class Pair(NamedTuple):
    """A file includes a header. Without a date the stored one stays."""

    header_id: int
    file_id: int
    changed_at: datetime | None


def store_usages(session: Session, repository_id: int, pairs: Iterable[Pair]) -> MergeResult:
    """Make usages of a repository be there and not excepted. Of the same pair given twice the last wins."""
    with stage(session, "usage", _PAIR, KEY[1:]) as staged:
        staged.copy(pairs)
        staged.analyze()
        given, stored = staged.table.c, BoostUsage.__table__.alias("known")
        same = (stored.c.repo_id == repository_id, *(stored.c[name] == given[name] for name in KEY[1:]))
        source = select(
            literal(repository_id, BigInteger).label("repo_id"),
            given.boost_header_id,
            given.file_path_id,
            func.coalesce(given.last_commit_date, stored.c.last_commit_date).label("last_commit_date"),
            null().cast(BoostUsage.__table__.c.excepted_at.type).label("excepted_at"),
        ).select_from(staged.table.outerjoin(stored, and_(*same)))
        return merge(session, BoostUsage, source, key=KEY, touch=_TOUCH)


def store_placeholders(
    session: Session, repository_id: int, files: Iterable[tuple[int, datetime | None]]
) -> dict[int, int]:
    """The placeholder of each (file id, date), there and not excepted, by file id."""
    usage = BoostUsage.__table__
    with stage(session, "placeholder", _PLACE, ("file_path_id",)) as staged:
        staged.copy(sorted(dict(files).items()))
        given = staged.table.c
        rows = select(literal(repository_id, BigInteger), given.file_path_id, given.last_commit_date)
        statement = insert(BoostUsage).from_select(["repo_id", "file_path_id", "last_commit_date"], rows)
        dated = func.coalesce(statement.excluded.last_commit_date, usage.c.last_commit_date)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["repo_id", "file_path_id"],
                index_where=usage.c.boost_header_id.is_(None),
                set_={"last_commit_date": dated, "excepted_at": None, "updated_at": func.now()},
                where=or_(usage.c.last_commit_date.is_distinct_from(dated), usage.c.excepted_at.is_not(None)),
            )
        )
        query = (
            select(usage.c.file_path_id, usage.c.id)
            .join(staged.table, usage.c.file_path_id == given.file_path_id)
            .where(usage.c.repo_id == repository_id, usage.c.boost_header_id.is_(None))
        )
        return {row.file_path_id: row.id for row in session.execute(query)}


def store_missing_headers(session: Session, rows: Iterable[tuple[int, str]]) -> MergeResult:
    """Note (placeholder id, header) pairs."""
    columns = ("usage_id", "header_name")
    return bulk_merge(session, BoostMissingHeaderTmp, columns, rows, key=columns, update=(), strip_nul=True)


def create_or_update_boost_usage(
    session: Session,
    repo: BoostExternalRepository,
    boost_header: BoostFile,
    file_path: GithubFile,
    last_commit_date: datetime | None = None,
) -> tuple[BoostUsage, bool]:
    """One usage as (row, created): excepted no more, and dated anew if a date is given."""
    pair = Pair(boost_header.github_file_id, file_path.id, last_commit_date)
    created = store_usages(session, repo.githubrepository_ptr_id, [pair]).inserted == 1
    query = select(BoostUsage).filter_by(
        repo_id=repo.githubrepository_ptr_id, boost_header_id=pair.header_id, file_path_id=pair.file_id
    )
    return session.scalars(query.execution_options(populate_existing=True)).one(), created


def bulk_create_or_update_boost_usage(
    session: Session,
    repo: BoostExternalRepository,
    usages: Iterable[tuple[BoostFile, GithubFile, datetime | None]],
) -> tuple[int, int]:
    """Any number of usages as (created, updated); only rows that changed count as updated."""
    pairs = [Pair(header.github_file_id, file.id, changed_at) for header, file, changed_at in usages]
    result = store_usages(session, repo.githubrepository_ptr_id, pairs) if pairs else MergeResult()
    return result.inserted, result.updated


def get_or_create_missing_header_usage(
    session: Session,
    repo: BoostExternalRepository,
    file_path: GithubFile,
    header_name: str,
    last_commit_date: datetime | None = None,
) -> tuple[BoostUsage, BoostMissingHeaderTmp, bool]:
    """A header that no library has, as (the file's placeholder, row about the header, whether that is new)."""
    repository_id = repo.githubrepository_ptr_id
    usage_id = store_placeholders(session, repository_id, [(file_path.id, last_commit_date)])[file_path.id]
    created = store_missing_headers(session, [(usage_id, header_name)]).inserted == 1
    query = select(BoostMissingHeaderTmp).filter_by(usage_id=usage_id, header_name=header_name)
    missing = session.scalars(query).one()
    usage = session.get_one(BoostUsage, usage_id, populate_existing=True)
    return usage, missing, created


def mark_usage_excepted(session: Session, usage: BoostUsage, today: date | None = None) -> BoostUsage:
    """Note that a usage is not found any more; the first day on which that was so stays."""
    mark_usages_excepted_bulk(session, [usage.id], today)
    session.refresh(usage)
    return usage


def mark_usages_excepted_bulk(session: Session, usage_ids: Sequence[int], today: date | None = None) -> int:
    """Note that usages are not found any more. Returns how many were until now; a day that is noted never moves."""
    if not usage_ids:
        return 0
    return except_usages(session, BoostUsage.id.in_(usage_ids), today or datetime.now(UTC).date())


def except_usages(session: Session, which: ColumnElement[bool], today: date) -> int:
    """Note of the active usages among these that they are not found any more. Returns how many there were."""
    done = session.execute(
        update(BoostUsage)
        .where(which, BoostUsage.excepted_at.is_(None))
        .values(excepted_at=today, updated_at=func.now())
        .execution_options(synchronize_session=False)
    )
    return int(getattr(done, "rowcount", 0))


def except_repository(session: Session, repository_id: int, today: date) -> int:
    """Note that a repository is gone with all its usages. Returns how many were active until now."""
    return except_usages(session, BoostUsage.repo_id == repository_id, today)


class ActiveUsage(NamedTuple):
    """A usage with the paths of its file and of its header (None for a placeholder)."""

    usage: BoostUsage
    file_path: str
    header_path: str | None


def get_active_usages_for_repo(session: Session, repo: BoostExternalRepository) -> list[ActiveUsage]:
    """The usages that are not excepted, with their files and headers, in one statement."""
    file, header = GithubFile.__table__.alias("file"), GithubFile.__table__.alias("header")
    query = (
        select(BoostUsage, file.c.filename, header.c.filename)
        .join(file, file.c.id == BoostUsage.file_path_id)
        .outerjoin(header, header.c.id == BoostUsage.boost_header_id)
        .where(BoostUsage.repo_id == repo.githubrepository_ptr_id, BoostUsage.excepted_at.is_(None))
        .order_by(BoostUsage.repo_id, BoostUsage.boost_header_id, BoostUsage.file_path_id)
    )
    return [ActiveUsage(*row) for row in session.execute(query)]
