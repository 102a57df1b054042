"""The only writer of the Clang tracker's tables, and the reads that others may use.

Rows are merged with what is stored: a known time is never lost, the later one wins, and an item that once was a pull
request stays one. A row that would not change is not written, and keeps its ``updated_at``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple, TypeVar

from sqlalchemy import false, func, or_, select, update
from sqlalchemy.orm import Session

from boost_collectors.clang_github_tracker.models import ClangCommit, ClangIssueItem
from boost_collectors.core.database.bulk import MergeResult, merge, stage
from boost_collectors.core.errors import SourceError
from boost_collectors.core.utils.datetime_parsing import ensure_aware_utc

BATCH_SIZE = 500
AFTER = timedelta(milliseconds=1)
"""How far behind what is stored the earlier system started to read."""

LARGEST_NUMBER = 2**31 - 1

_SHA = re.compile(r"[0-9a-f]{40}")
_NOW = {"updated_at": func.now()}

R = TypeVar("R")


class InvalidCommit(SourceError, ValueError):
    """A text that is no hash of a commit."""


class InvalidNumber(SourceError, ValueError):
    """A value that is no number of an issue or pull request."""


class CommitRow(NamedTuple):
    """A commit as it is stored: the time shown for it, and its committer's date."""

    sha: str
    github_committed_at: datetime | None
    committed_at: datetime | None = None


class ItemRow(NamedTuple):
    """An issue or pull request as it is stored."""

    number: int
    is_pull_request: bool
    github_created_at: datetime | None
    github_updated_at: datetime | None


def checked_sha(sha: object) -> str:
    """A hash, trimmed and in lower case. Raises InvalidCommit, a ValueError."""
    text = sha.strip().lower() if isinstance(sha, str) else ""
    if not _SHA.fullmatch(text):
        raise InvalidCommit(f"{str(sha)[:80]!r} is not the hash of a commit: 40 hex digits")
    return text


def checked_number(number: object) -> int:
    """A number of an item. Raises InvalidNumber, a ValueError, for what is no positive integer."""
    if isinstance(number, bool) or not isinstance(number, int) or not 0 < number <= LARGEST_NUMBER:
        raise InvalidNumber(f"{str(number)[:80]!r} is not a number of an issue or pull request: a positive integer")
    return number


def upsert_commit(
    session: Session, sha: str, *, github_committed_at: datetime | None, committed_at: datetime | None = None
) -> tuple[ClangCommit, bool]:
    """Store a commit; as (row, created). Raises ValueError for a hash that is none."""
    row = CommitRow(checked_sha(sha), github_committed_at, committed_at)
    result = _merge_commits(session, [row])
    stored = select(ClangCommit).where(ClangCommit.sha == row.sha).execution_options(populate_existing=True)
    return session.scalars(stored).one(), result.inserted == 1


def upsert_issue_item(
    session: Session,
    number: int,
    *,
    is_pull_request: bool,
    github_created_at: datetime | None,
    github_updated_at: datetime | None,
) -> tuple[ClangIssueItem, bool]:
    """Store an issue or pull request; as (row, created). Raises ValueError for a number that is none."""
    row = ItemRow(checked_number(number), is_pull_request, github_created_at, github_updated_at)
    result = _merge_items(session, [row])
    stored = select(ClangIssueItem).where(ClangIssueItem.number == number).execution_options(populate_existing=True)
    return session.scalars(stored).one(), result.inserted == 1


def upsert_commits_batch(
    session: Session, rows: Iterable[tuple[str, datetime | None] | CommitRow], *, batch_size: int = BATCH_SIZE
) -> tuple[int, int]:
    """Store commits, so many at once; as (inserted, updated). What has no hash of 40 digits is left out.

    A row is ``(sha, shown time)``, or a CommitRow. A batch size below one means 500.
    """
    given = (CommitRow(*row) for row in rows)
    usable = (row._replace(sha=sha) for row in given if (sha := _or_none(checked_sha, row.sha)))
    return _in_batches(usable, batch_size, lambda batch: _merge_commits(session, batch))


def upsert_issue_items_batch(
    session: Session,
    rows: Iterable[tuple[int, bool, datetime | None, datetime | None] | ItemRow],
    *,
    batch_size: int = BATCH_SIZE,
) -> tuple[int, int]:
    """Store items, so many at once; as (inserted, updated). What has no usable number is left out."""
    usable = (ItemRow(*row) for row in rows if _or_none(checked_number, row[0]))
    return _in_batches(usable, batch_size, lambda batch: _merge_items(session, batch))


def touch_items(session: Session, numbers: Collection[int]) -> None:
    """Let ``updated_at`` of items say that something of them changed that this table does not hold."""
    if numbers:
        # Those that were written in this transaction say so already.
        stale = (ClangIssueItem.number.in_(numbers), ClangIssueItem.updated_at != func.now())
        session.execute(
            update(ClangIssueItem).where(*stale).values(updated_at=func.now()),
            execution_options={"synchronize_session": False},
        )


def get_issue_item_watermark(session: Session) -> datetime | None:
    """The latest update of all items; None when there are none."""
    return session.scalar(select(func.max(ClangIssueItem.github_updated_at)))


def get_commit_watermark(session: Session) -> datetime | None:
    """The latest time of all commits; None when there are none."""
    return session.scalar(select(func.max(ClangCommit.github_committed_at)))


def start_after_watermark(moment: datetime | None) -> datetime | None:
    """A millisecond later; None for None. A time without a zone is UTC."""
    return None if moment is None else ensure_aware_utc(moment) + AFTER


def _in_batches(rows: Iterator[R], size: int, write: Callable[[Sequence[R]], MergeResult]) -> tuple[int, int]:
    total = MergeResult()
    while batch := list(islice(rows, size if size > 0 else BATCH_SIZE)):
        total += write(batch)
    return total.inserted, total.updated


def _or_none(check: Callable[[object], R], value: object) -> R | None:
    try:
        return check(value)
    except ValueError:
        return None


def _merge_commits(session: Session, rows: Sequence[CommitRow]) -> MergeResult:
    times = ("github_committed_at", "committed_at")
    columns = {name: ClangCommit.__table__.c[name].type for name in CommitRow._fields}
    with stage(session, "clang_commit", columns, key=["sha"]) as staging:
        staging.copy((row.sha, *map(ensure_aware_utc, row[1:])) for row in rows)
        given, known = staging.table, ClangCommit
        latest = (
            select(given.c.sha, *(func.max(given.c[name]).label(name) for name in times))
            .group_by(given.c.sha)
            .subquery("latest")
        )
        merged = (func.greatest(latest.c[name], getattr(known, name)).label(name) for name in times)
        source = select(latest.c.sha, *merged).outerjoin_from(latest, known, known.sha == latest.c.sha)
        return merge(session, ClangCommit, select(source.subquery("merged")), key=["sha"], touch=_NOW)


def _merge_items(session: Session, rows: Sequence[ItemRow]) -> MergeResult:
    columns = {name: ClangIssueItem.__table__.c[name].type for name in ItemRow._fields}
    with stage(session, "clang_item", columns, key=["number"]) as staging:
        staging.copy((row.number, row.is_pull_request, *map(ensure_aware_utc, row[2:])) for row in _as_one(rows))
        given, known = staging.table, ClangIssueItem
        source = select(
            given.c.number,
            or_(given.c.is_pull_request, func.coalesce(known.is_pull_request, false())).label("is_pull_request"),
            func.coalesce(given.c.github_created_at, known.github_created_at).label("github_created_at"),
            func.greatest(given.c.github_updated_at, known.github_updated_at).label("github_updated_at"),
        ).outerjoin_from(given, known, known.number == given.c.number)
        return merge(session, ClangIssueItem, source, key=["number"], touch=_NOW)


def _as_one(rows: Iterable[ItemRow]) -> Iterable[ItemRow]:
    """Rows of one number made one, as if they had been stored one after the other."""
    found: dict[int, ItemRow] = {}
    for row in rows:
        before = found.get(row.number, row)
        updates = [at for at in map(ensure_aware_utc, (before.github_updated_at, row.github_updated_at)) if at]
        found[row.number] = ItemRow(
            row.number,
            before.is_pull_request or row.is_pull_request,
            before.github_created_at if row.github_created_at is None else row.github_created_at,
            max(updates, default=None),
        )
    return found.values()
