"""What was published of issues and pull requests, and what needs publishing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, and_, delete, func, literal, select, text, union_all, update
from sqlalchemy.orm import Session

from boost_collectors.core.counts import Counts
from boost_collectors.core.database.bulk import bulk_merge
from boost_collectors.cppa_user_tracker.models import GithubAccount
from boost_collectors.github_activity_tracker.models import (
    ExportedItem,
    ExportKind,
    GithubRepository,
    Issue,
    PullRequest,
)

_COLUMNS = ("target", "repo_id", "kind", "number", "item_updated_at", "path", "content_hash")
_KEY = ("target", "repo_id", "kind", "number")


@dataclass(frozen=True, slots=True)
class DueItem:
    """An item that needs publishing. ``path`` and ``content_hash`` are those of its last time, empty if never."""

    repo_id: int
    kind: ExportKind
    number: int
    item_id: int
    title: str
    created_at: datetime
    item_updated_at: datetime
    path: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Exported:
    """An item as it was just published, from the row that ``item_updated_at`` names."""

    repo_id: int
    kind: ExportKind
    number: int
    item_updated_at: datetime
    path: str
    content_hash: str


def due_exports(session: Session, target: str, repo_ids: Collection[int], limit: int) -> list[DueItem]:
    """The items of these repositories that are not published to the target as they are now, by repository and number.

    ``created_at`` is when GitHub says an item was made, or, where it does not, when its row was.
    """
    due = union_all(
        _due(ExportKind.ISSUE, target, repo_ids), _due(ExportKind.PULL_REQUEST, target, repo_ids)
    ).subquery()
    _join_by_hashing(session)
    rows = session.execute(select(due).order_by(due.c.repo_id, due.c.number, due.c.kind).limit(limit))
    return [DueItem(row.repo_id, ExportKind(row.kind), *row[2:]) for row in rows]


def count_due_exports(session: Session, target: str, repo_ids: Collection[int]) -> int:
    """How many items ``due_exports`` would give without a limit."""
    _join_by_hashing(session)
    kinds = [_due(kind, target, repo_ids).subquery() for kind in ExportKind]
    return sum(session.scalar(select(func.count()).select_from(kind)) or 0 for kind in kinds)


def _join_by_hashing(session: Session) -> None:
    # After a first load the tables have no statistics yet: PostgreSQL would go through one for each row of the other.
    session.execute(text("SET LOCAL enable_nestloop = off"))


def _due(kind: ExportKind, target: str, repo_ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    item: type[Issue] | type[PullRequest]
    if kind is ExportKind.ISSUE:
        item, number, created = Issue, Issue.issue_number, Issue.issue_created_at
    else:
        item, number, created = PullRequest, PullRequest.pr_number, PullRequest.pr_created_at
    exported = ExportedItem
    same = and_(
        exported.target == target, exported.repo_id == item.repo_id, exported.kind == kind, exported.number == number
    )
    return (
        select(
            item.repo_id.label("repo_id"),
            literal(kind.value, String).label("kind"),
            number.label("number"),
            item.id.label("item_id"),
            item.title.label("title"),
            func.coalesce(created, item.created_at).label("created_at"),
            item.updated_at.label("item_updated_at"),
            func.coalesce(exported.path, "").label("path"),
            func.coalesce(exported.content_hash, "").label("content_hash"),
        )
        .outerjoin(exported, same)
        # Numbers that a recreated repository took over are not positive any more.
        .where(item.repo_id.in_(repo_ids), number > 0, exported.item_updated_at.is_distinct_from(item.updated_at))
    )


def note_exported(session: Session, target: str, items: Iterable[Exported]) -> Counts:
    """Note what was published. An item that changed meanwhile stays due."""
    counts = Counts()
    rows = (
        (target, item.repo_id, item.kind.value, item.number, item.item_updated_at, item.path, item.content_hash)
        for item in items
    )
    touch = {"updated_at": func.now()}
    counts.merged("exports", bulk_merge(session, ExportedItem, _COLUMNS, rows, key=_KEY, touch=touch))
    return counts


def mark_for_export(session: Session, repo_id: int, kind: ExportKind, numbers: Collection[int]) -> int:
    """Have items published again to every target, although they did not change; returns how many were published.

    Items that changed need no mark: their row's ``updated_at`` is one.
    """
    marked = session.execute(
        update(ExportedItem)
        .where(ExportedItem.repo_id == repo_id, ExportedItem.kind == kind, ExportedItem.number.in_(numbers))
        .values(item_updated_at=None, content_hash="")
        .returning(ExportedItem.id)
    )
    return len(marked.all())


def forget_exports(session: Session, target: str) -> int:
    """Have everything published again to a target that lost its files; returns how many items were published."""
    return len(
        session.execute(delete(ExportedItem).where(ExportedItem.target == target).returning(ExportedItem.id)).all()
    )


def export_repositories(session: Session, owner: str, name: str = "") -> dict[int, str]:
    """Keys and names of the repositories of an owner (of one of them), by GitHub's spelling in any case."""
    statement = (
        select(GithubRepository.id, GithubRepository.repo_name)
        .join(GithubAccount, GithubAccount.baseprofile_ptr_id == GithubRepository.owner_account_id)
        .where(func.lower(GithubAccount.username) == owner.lower())
    )
    if name:
        statement = statement.where(func.lower(GithubRepository.repo_name) == name.lower())
    return {row.id: row.repo_name for row in session.execute(statement.order_by(GithubRepository.id))}
