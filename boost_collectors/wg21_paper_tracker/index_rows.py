"""Which papers are to be offered to the vector index, with their authors and mailings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from boost_collectors.core.database.arrays import among
from boost_collectors.cppa_user_tracker.models import WG21PaperAuthorProfile
from boost_collectors.wg21_paper_tracker.models import WG21Mailing, WG21Paper, WG21PaperAuthor

# The table itself: what all kinds of profiles share is not needed.
_PROFILES: Any = WG21PaperAuthorProfile.__table__


class IndexedPaper(NamedTuple):
    """A paper; ``authors`` in their order."""

    id: int
    paper_id: str
    year: int
    url: str
    title: str
    document_date: date | None
    subgroup: str
    mailing_date: str
    mailing_title: str
    authors: Sequence[str]


def papers_for_index(
    session: Session, *, since: datetime | None, named: Collection[int], after: int, limit: int
) -> list[IndexedPaper]:
    """The next papers, by row id, that came or changed, or whose authors did, after ``since`` (None: all), or that are
    ``named`` by their row ids."""
    paper, link = WG21Paper, WG21PaperAuthor
    query = (
        select(
            paper.id,
            paper.paper_id,
            paper.year,
            paper.url,
            paper.title,
            paper.document_date,
            paper.subgroup,
            WG21Mailing.mailing_date,
            WG21Mailing.title,
        )
        .join(WG21Mailing, WG21Mailing.id == paper.mailing_id)
        .where(paper.id > after)
        .order_by(paper.id)
        .limit(limit)
    )
    if since is not None:
        authors_changed = exists().where(
            link.paper_id == paper.id,
            _PROFILES.c.baseprofile_ptr_id == link.profile_id,
            or_(link.created_at > since, _PROFILES.c.updated_at > since),
        )
        changed = or_(paper.created_at > since, paper.updated_at > since, WG21Mailing.updated_at > since)
        query = query.where(or_(changed, authors_changed, among(paper.id.expression, named)))
    rows = session.execute(query).all()
    authors = _authors(session, [row[0] for row in rows])
    return [IndexedPaper(*row, authors.get(row[0], ())) for row in rows]


def _authors(session: Session, papers: Collection[int]) -> dict[int, Sequence[str]]:
    link = WG21PaperAuthor
    names = func.nullif(_PROFILES.c.display_name, "")
    in_order = func.array_agg(names).aggregate_order_by(link.author_order, link.id)
    query = select(link.paper_id, in_order).join(_PROFILES, _PROFILES.c.baseprofile_ptr_id == link.profile_id)
    found = session.execute(query.where(among(link.paper_id.expression, papers)).group_by(link.paper_id))
    return {row[0]: [name for name in row[1] if name] for row in found}
