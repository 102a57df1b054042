"""Which issues and pull requests the vector index should look at."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Integer, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from boost_collectors.core.database.arrays import rows_of
from boost_collectors.github_activity_tracker.models import ExportKind, Issue, PullRequest


class ChangedItem(NamedTuple):
    """The keys of an item and its repository, and whether it is gone at the source."""

    key: int
    repo_id: int
    gone: bool


def find_changed_items(
    session: Session,
    kind: ExportKind,
    repo_ids: Collection[int],
    *,
    since: datetime | None,
    named: Mapping[int, Collection[int]],
    after: int,
    limit: int,
) -> list[ChangedItem]:
    """The next items of these repositories, by key, of which anything changed after ``since`` (None: all), or whose
    number is ``named`` for their repository."""
    model: type[Issue] | type[PullRequest] = Issue if kind is ExportKind.ISSUE else PullRequest
    number = Issue.issue_number if kind is ExportKind.ISSUE else PullRequest.pr_number
    query = select(model.id, model.repo_id, model.gone_at.isnot(None)).where(
        model.id > after,
        model.repo_id.in_(repo_ids),
        number > 0,  # those that a recreated repository took over are not positive any more
    )
    if since is not None:
        query = query.where(or_(model.updated_at > since, _is_named(model, number, named)))
    return [ChangedItem(*row) for row in session.execute(query.order_by(model.id).limit(limit))]


def _is_named(
    model: type[Issue] | type[PullRequest],
    number: InstrumentedAttribute[int],
    named: Mapping[int, Collection[int]],
) -> ColumnElement[bool]:
    pairs = [(repo, wanted) for repo, numbers in named.items() for wanted in numbers]
    given = rows_of(
        {
            "repo_id": (BigInteger(), [repo for repo, _ in pairs]),
            "number": (Integer(), [wanted for _, wanted in pairs]),
        }
    )
    return select(given.c.number).where(given.c.repo_id == model.repo_id, given.c.number == number).exists()
