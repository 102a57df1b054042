"""What GitHub has against what is stored, per repository and kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from boost_collectors.cppa_user_tracker.models import GithubAccount
from boost_collectors.github_activity_tracker.models import (
    Completeness,
    CountedKind,
    GitCommit,
    GithubRepository,
    Issue,
    IssueComment,
    PullRequest,
    PullRequestComment,
    PullRequestReview,
    PullRequestVerdict,
)
from boost_collectors.github_activity_tracker.services.writing import table_of

_ACCOUNT = table_of(GithubAccount)


@dataclass(frozen=True, slots=True)
class Gap:
    """A count that differs. ``key`` is ``owner/name``; ``missing`` is negative where more is stored than exists."""

    key: str
    kind: str
    source_count: int
    stored_count: int
    checked_at: datetime
    since: datetime | None = None
    until: datetime | None = None

    @property
    def missing(self) -> int:
        """How many are not stored."""
        return self.source_count - self.stored_count


@dataclass(frozen=True, slots=True)
class Summary:
    """How many counts were compared, how many differ, the worst of those, and when the oldest comparison was."""

    checked: int
    gaps: int
    worst: tuple[Gap, ...]
    oldest_check: datetime | None


def note_completeness(
    session: Session,
    repo_id: int,
    kind: CountedKind | str,
    source_count: int,
    stored_count: int,
    now: datetime,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> None:
    """Note how many of a kind a repository has at the source and here; takes the place of the last comparison.

    ``since`` and ``until`` bound the time that a run's window is about, open when None. When all of a kind is there,
    so is what was missing from windows of it: these are forgotten.
    """
    table = table_of(Completeness)
    counts = {"source_count": source_count, "stored_count": stored_count, "checked_at": now}
    key = {"repo_id": repo_id, "kind": CountedKind(kind).value, "since": since, "until": until}
    statement = insert(table).values(**key, **counts)
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=counts))
    if since is until is None and source_count == stored_count:
        bounded = or_(table.c.since.is_not(None), table.c.until.is_not(None))
        session.execute(delete(table).where(table.c.repo_id == repo_id, table.c.kind == key["kind"], bounded))


def compare(
    session: Session,
    repo_id: int,
    source_counts: Mapping[CountedKind, int],
    now: datetime,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> dict[CountedKind, tuple[int, int]]:
    """Count what is stored of these kinds and note it beside the source's counts. Returns (source, stored) by kind."""
    stored = stored_counts(session, repo_id, source_counts, since=since, until=until)
    for kind, count in source_counts.items():
        note_completeness(session, repo_id, kind, count, stored[kind], now, since=since, until=until)
    return {kind: (count, stored[kind]) for kind, count in source_counts.items()}


def stored_counts(
    session: Session,
    repo_id: int,
    kinds: Iterable[CountedKind] = tuple(CountedKind),
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> dict[CountedKind, int]:
    """How many rows of these kinds a repository has that are not gone, from ``since`` on and before ``until``."""
    queries = {kind: _counting(kind, repo_id, since, until).scalar_subquery() for kind in kinds}
    if not queries:
        return {}
    row = session.execute(select(*(query.label(kind.value) for kind, query in queries.items()))).one()
    return dict(zip(queries, row, strict=True))


def _counting(kind: CountedKind, repo_id: int, since: datetime | None, until: datetime | None) -> Select[Any]:
    model, at, parent = _COUNTED[kind]
    query = select(func.count()).select_from(model).where(model.gone_at.is_(None), *_within(at, since, until))
    if parent is None:
        return query.where(model.repo_id == repo_id)
    owner, link = parent
    return query.join(owner, owner.id == link).where(owner.repo_id == repo_id, owner.gone_at.is_(None))


def _within(at: Any, since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    bounds = [at >= since] if since else []
    return [*bounds, at < until] if until else bounds


_COUNTED: dict[CountedKind, tuple[Any, Any, Any]] = {
    CountedKind.COMMITS: (GitCommit, GitCommit.committed_at, None),
    CountedKind.ISSUES: (Issue, Issue.issue_updated_at, None),
    CountedKind.PULL_REQUESTS: (PullRequest, PullRequest.pr_updated_at, None),
    CountedKind.ISSUE_COMMENTS: (IssueComment, IssueComment.issue_comment_created_at, (Issue, IssueComment.issue_id)),
    CountedKind.PR_COMMENTS: (
        PullRequestComment,
        PullRequestComment.pr_comment_created_at,
        (PullRequest, PullRequestComment.pr_id),
    ),
    CountedKind.REVIEW_COMMENTS: (
        PullRequestReview,
        PullRequestReview.pr_review_created_at,
        (PullRequest, PullRequestReview.pr_id),
    ),
    CountedKind.REVIEWS: (PullRequestVerdict, PullRequestVerdict.submitted_at, (PullRequest, PullRequestVerdict.pr_id)),
}


def completeness_summary(session: Session, worst: int = 5) -> Summary:
    """The state of all comparisons, with the ``worst`` gaps. Repositories that are gone are left out."""
    gap = Completeness.source_count != Completeness.stored_count
    there = GithubRepository.gone_at.is_(None)
    totals = select(func.count(), func.count().filter(gap), func.min(Completeness.checked_at)).join_from(
        Completeness, GithubRepository, GithubRepository.id == Completeness.repo_id
    )
    checked, gaps, oldest = session.execute(totals.where(there)).one()
    found = tuple(Gap(*row) for row in session.execute(_worst(worst).where(gap, there))) if gaps else ()
    return Summary(checked, gaps, found, oldest)


def _worst(number: int) -> Select[Any]:
    key = _ACCOUNT.c.username + literal("/") + GithubRepository.repo_name
    size = func.abs(Completeness.source_count - Completeness.stored_count)
    columns = (
        *(Completeness.kind, Completeness.source_count, Completeness.stored_count, Completeness.checked_at),
        *(Completeness.since, Completeness.until),
    )
    return (
        select(key, *columns)
        .join_from(Completeness, GithubRepository, GithubRepository.id == Completeness.repo_id)
        .join(_ACCOUNT, _ACCOUNT.c.baseprofile_ptr_id == GithubRepository.owner_account_id)
        .order_by(size.desc(), key, Completeness.kind, Completeness.id)
        .limit(number)
    )
