"""The only writer of the WG21 tables, and the reads that others may use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, Integer, String, and_, case, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased
from sqlalchemy.types import TypeEngine

from boost_collectors.core.database.bulk import MergeResult, Staging, merge, stage
from boost_collectors.cppa_user_tracker.services import ensure_wg21_author_profiles
from boost_collectors.wg21_paper_tracker.models import (
    DispatchKind,
    DownloadStatus,
    WG21Dispatch,
    WG21Mailing,
    WG21Paper,
    WG21PaperAuthor,
)

UNKNOWN_MAILING = "unknown"

_PAPERS: Any = WG21Paper.__table__
_AUTHORS: Any = WG21PaperAuthor.__table__
_DISPATCH: Any = WG21Dispatch.__table__


@dataclass(frozen=True, slots=True)
class PaperInput:
    """A paper to be stored. Year 0 means unknown; empty authors leave the stored ones alone."""

    paper_id: str
    year: int
    url: str
    title: str
    document_date: date | None = None
    subgroup: str = ""
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredPapers:
    papers: MergeResult
    authors: MergeResult


def normalise_year(value: Any) -> int:
    """A year as stored: None, junk, 0 and below, and above 9999 are 0; text counts by its first four characters."""
    text = str(value if value is not None else "")[:4] if isinstance(value, str) else str(value or 0)
    return int(text) if text.isdecimal() and 0 < int(text) <= 9999 else 0


def get_or_create_mailing(session: Session, mailing_date: str, title: str) -> tuple[WG21Mailing, bool]:
    """The mailing of that date and whether it was created now; a different title is taken over."""
    created = session.scalar(
        insert(WG21Mailing)
        .values(mailing_date=mailing_date, title=title)
        .on_conflict_do_nothing()
        .returning(WG21Mailing)
    )
    if created is not None:
        return created, True
    mailing = session.scalars(select(WG21Mailing).filter_by(mailing_date=mailing_date)).one()
    if mailing.title != title:
        mailing.title = title
        session.flush()
    return mailing, False


def find_or_create_imported_mailing(session: Session, mailing_date: str) -> tuple[WG21Mailing, bool]:
    """The mailing of that date, kept as it is, or a new one with a title that says where it came from."""
    known = session.scalar(select(WG21Mailing).filter_by(mailing_date=mailing_date))
    if known is not None:
        return known, False
    title = "Unknown" if mailing_date == UNKNOWN_MAILING else f"{mailing_date} (from metadata)"
    return get_or_create_mailing(session, mailing_date, title)


def record_attempt(session: Session, mailing: WG21Mailing, status: DownloadStatus, when: datetime) -> None:
    """Note how reading the mailing's papers went. Reading a complete mailing again is nothing new."""
    if status is DownloadStatus.COMPLETE and mailing.download_status == status.value:
        return
    mailing.download_status = status.value
    mailing.last_attempt_at = when
    session.flush()


def mailing_statuses(session: Session) -> dict[str, str]:
    """Download status by mailing date, without the placeholder. A mailing without papers is never complete."""
    has_papers = select(WG21Paper.id).where(WG21Paper.mailing_id == WG21Mailing.id).exists()
    query = select(
        WG21Mailing.mailing_date,
        case((has_papers, WG21Mailing.download_status), else_=DownloadStatus.FAILED.value),
    ).where(WG21Mailing.mailing_date != UNKNOWN_MAILING)
    return {row[0]: row[1] for row in session.execute(query)}


def store_papers(
    session: Session, mailing: WG21Mailing, papers: Sequence[PaperInput], *, announce: bool
) -> StoredPapers:
    """Insert or update papers and their authors; new and changed documents go to the dispatch outbox.

    A known date or subgroup is never erased by an absent one. A placeholder (year 0) becomes the dated paper. Nothing
    is written where nothing differs. With ``announce`` False the outbox is left alone.
    """
    if not papers:
        return StoredPapers(MergeResult(0, 0, 0), MergeResult(0, 0, 0))
    with _staged(session, papers) as staging:
        _promote_placeholders(session, staging)
        if announce:
            _queue_announcements(session, staging)
        merged = _merge_papers(session, mailing, staging)
        authors = _merge_authors(session, staging, papers)
    return StoredPapers(merged, authors)


def mark_paper_downloaded(session: Session, paper_id: str, year: int | None) -> None:
    """Note that a paper's document was converted. Raises ValueError without an id or a year (0 must be given)."""
    if not (paper_id or "").strip():
        raise ValueError("paper_id is required")
    if year is None:
        raise ValueError("year is required")
    session.execute(
        update(WG21Paper)
        .where(WG21Paper.paper_id == paper_id.strip().lower(), WG21Paper.year == year, ~WG21Paper.is_downloaded)
        .values(is_downloaded=True)
    )


def get_or_create_paper_author(
    session: Session, paper: WG21Paper, profile_id: int, author_order: int
) -> tuple[WG21PaperAuthor, bool]:
    """The link of a paper and an author and whether it was created now; a different order is taken over.

    Raises ValueError when ``author_order`` is not a positive integer.
    """
    if not isinstance(author_order, int) or isinstance(author_order, bool) or author_order < 1:
        raise ValueError(f"author_order must be a positive integer, not {author_order!r}")
    values = {"paper_id": paper.id, "profile_id": profile_id, "author_order": author_order}
    created = session.scalar(insert(WG21PaperAuthor).values(values).on_conflict_do_nothing().returning(WG21PaperAuthor))
    if created is not None:
        return created, True
    link = session.scalars(select(WG21PaperAuthor).filter_by(paper_id=paper.id, profile_id=profile_id)).one()
    if link.author_order != author_order:
        link.author_order = author_order
        session.flush()
    return link, False


def waiting_announcements(session: Session) -> list[tuple[int, str]]:
    """(id, URL) of everything that still has to be announced, oldest first."""
    query = select(WG21Dispatch.id, WG21Dispatch.url).where(WG21Dispatch.sent_at.is_(None)).order_by(WG21Dispatch.id)
    return [(row.id, row.url) for row in session.execute(query)]


def record_announcement(session: Session, ids: Iterable[int], when: datetime, *, sent: bool) -> None:
    """Note an attempt to announce these entries; ``sent`` takes them off the list."""
    session.execute(
        update(WG21Dispatch)
        .where(WG21Dispatch.id.in_(list(ids)))
        .values(
            attempts=WG21Dispatch.attempts + 1,
            last_attempt_at=when,
            sent_at=when if sent else None,
        )
    )


_STAGED: Mapping[str, type[TypeEngine[Any]]] = {
    "paper_id": String,
    "year": Integer,
    "url": String,
    "title": String,
    "document_date": Date,
    "subgroup": String,
}


@contextmanager
def _staged(session: Session, papers: Sequence[PaperInput]) -> Iterator[Staging]:
    """The papers in a temporary table; year 0 is replaced by the stored year of that id if there is just one."""
    with stage(session, "wg21_paper", _STAGED) as staging:
        staging.copy((p.paper_id, p.year, p.url, p.title, p.document_date, p.subgroup) for p in papers)
        only_year = (
            select(_PAPERS.c.paper_id, func.min(_PAPERS.c.year).label("year"))
            .where(_PAPERS.c.year > 0)
            .group_by(_PAPERS.c.paper_id)
            .having(func.count() == 1)
            .subquery()
        )
        staged = staging.table
        session.execute(
            update(staged)
            .where(staged.c.year == 0, staged.c.paper_id == only_year.c.paper_id)
            .values(year=only_year.c.year)
        )
        yield staging


def _promote_placeholders(session: Session, staging: Staging) -> None:
    dated = aliased(WG21Paper)
    exists = select(dated.id).where(dated.paper_id == staging.table.c.paper_id, dated.year == staging.table.c.year)
    session.execute(
        update(WG21Paper)
        .where(
            WG21Paper.year == 0,
            WG21Paper.paper_id == staging.table.c.paper_id,
            staging.table.c.year > 0,
            ~exists.exists(),
        )
        .values(year=staging.table.c.year)
        .execution_options(synchronize_session=False)
    )


def _match(staging: Staging) -> Any:
    return and_(_PAPERS.c.paper_id == staging.table.c.paper_id, _PAPERS.c.year == staging.table.c.year)


def _queue_announcements(session: Session, staging: Staging) -> None:
    """Papers that are new, and papers whose document now stands elsewhere, in the order they were given."""
    staged = staging.table.c
    kind = case((_PAPERS.c.id.is_(None), DispatchKind.CREATED.value), else_=DispatchKind.CHANGED.value)
    news = (
        select(staged.url, kind.label("kind"))
        .select_from(staging.table.outerjoin(_PAPERS, _match(staging)))
        .where(or_(_PAPERS.c.id.is_(None), _PAPERS.c.url != staged.url))
    )
    session.execute(insert(_DISPATCH).from_select(["url", "kind"], news).on_conflict_do_nothing())


def _merge_papers(session: Session, mailing: WG21Mailing, staging: Staging) -> MergeResult:
    staged = staging.table.c
    source = select(
        staged.paper_id,
        staged.year,
        literal(mailing.id, BigInteger).label("mailing_id"),
        staged.url,
        staged.title,
        func.coalesce(staged.document_date, _PAPERS.c.document_date).label("document_date"),
        func.coalesce(func.nullif(staged.subgroup, ""), _PAPERS.c.subgroup, "").label("subgroup"),
    ).select_from(staging.table.outerjoin(_PAPERS, _match(staging)))
    return merge(session, _PAPERS, source, key=["paper_id", "year"], touch={"updated_at": func.now()})


def _merge_authors(session: Session, staging: Staging, papers: Sequence[PaperInput]) -> MergeResult:
    """Make the links of each paper with authors equal to the list given; the first place of a repeated name counts."""
    named = [paper for paper in papers if paper.authors]
    profiles: Mapping[tuple[str, str | None], int] = ensure_wg21_author_profiles(
        session, {(name, None) for paper in named for name in paper.authors}
    )
    links = [
        (paper.paper_id, paper.url, profiles[name, None], order)
        for paper in named
        for order, name in enumerate(dict.fromkeys(paper.authors), 1)
    ]
    columns: Mapping[str, type[TypeEngine[Any]]] = {
        "paper_id": String,
        "url": String,
        "profile_id": BigInteger,
        "author_order": Integer,
    }
    with stage(session, "wg21_author", columns) as staged_links:
        staged_links.copy(links)
        wanted = (
            select(_PAPERS.c.id.label("paper_id"), staged_links.table.c.profile_id, staged_links.table.c.author_order)
            .select_from(staging.table.join(_PAPERS, _match(staging)))
            .join(
                staged_links.table,
                and_(
                    staged_links.table.c.paper_id == staging.table.c.paper_id,
                    staged_links.table.c.url == staging.table.c.url,
                ),
            )
        )
        kept = wanted.subquery()
        session.execute(
            delete(WG21PaperAuthor)
            .where(
                WG21PaperAuthor.paper_id.in_(select(kept.c.paper_id)),
                ~select(kept.c.paper_id)
                .where(kept.c.paper_id == _AUTHORS.c.paper_id, kept.c.profile_id == _AUTHORS.c.profile_id)
                .correlate(_AUTHORS)
                .exists(),
            )
            .execution_options(synchronize_session=False)
        )
        return merge(session, _AUTHORS, wanted, key=["paper_id", "profile_id"], update=["author_order"])
