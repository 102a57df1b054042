"""The only writer of the WG21 tables, and the reads that others may use."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, Integer, String, and_, case, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased
from sqlalchemy.types import TypeEngine

from boost_collectors.core.database.bulk import MergeResult, Staging, merge, stage
from boost_collectors.core.database.isolation import store_isolated
from boost_collectors.core.database.staging import POSITION
from boost_collectors.cppa_user_tracker.models import WG21PaperAuthorProfile
from boost_collectors.cppa_user_tracker.services import ensure_wg21_author_profiles
from boost_collectors.wg21_paper_tracker.models import (
    DispatchKind,
    DownloadStatus,
    WG21Dispatch,
    WG21Mailing,
    WG21Paper,
    WG21PaperAuthor,
)
from boost_collectors.wg21_paper_tracker.records import PaperInput, fold, normalise_year
from boost_collectors.wg21_paper_tracker.source import MAILING_DATE

logger = logging.getLogger(__name__)

UNKNOWN_MAILING = "unknown"

_PAPERS: Any = WG21Paper.__table__
_AUTHORS: Any = WG21PaperAuthor.__table__
_DISPATCH: Any = WG21Dispatch.__table__


@dataclass(frozen=True, slots=True)
class StoredPapers:
    """What became of a batch: counts of rows, and the papers that cannot be rows with the reason."""

    papers: MergeResult
    authors: MergeResult
    refused: tuple[tuple[PaperInput, str], ...] = ()


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
    """Download status by mailing date. A mailing without papers is never complete.

    Left out are the placeholder and dates of no month, which the earlier system took from CSV files.
    """
    has_papers = select(WG21Paper.id).where(WG21Paper.mailing_id == WG21Mailing.id).exists()
    query = select(
        WG21Mailing.mailing_date,
        case((has_papers, WG21Mailing.download_status), else_=DownloadStatus.FAILED.value),
    ).where(WG21Mailing.mailing_date.regexp_match(f"^{MAILING_DATE.pattern}$"))
    return {row[0]: row[1] for row in session.execute(query)}


def all_were_read(session: Session, mailing_dates: Collection[str]) -> bool:
    """Whether the page of each of these mailings was read to the end when it was last asked for, papers or not."""
    read = WG21Mailing.download_status == DownloadStatus.COMPLETE.value
    query = select(func.count()).where(WG21Mailing.mailing_date.in_(mailing_dates), read)
    return session.scalar(query) == len(set(mailing_dates))


def store_papers(
    session: Session, mailing: WG21Mailing, papers: Sequence[PaperInput], *, announce: bool
) -> StoredPapers:
    """Insert or update papers and their authors; new and changed documents go to the dispatch outbox.

    A known date, subgroup, title or mailing is never erased by an absent one. A placeholder (year 0) becomes the dated
    paper. Nothing is written where nothing differs. With ``announce`` False the outbox is left alone. A paper that
    cannot be stored is refused and does not take the others with it.
    """
    folded = fold(papers)
    refused = tuple((paper, paper.unstorable) for paper in folded if paper.unstorable)
    storable = [paper for paper in folded if not paper.unstorable]
    if not storable:
        return StoredPapers(MergeResult(), MergeResult(), refused)
    session.flush()
    parts, bad = store_isolated(session, storable, lambda part: _store(session, mailing, part, announce=announce))
    return StoredPapers(
        sum((part.papers for part in parts), MergeResult()),
        sum((part.authors for part in parts), MergeResult()),
        (*refused, *bad),
    )


def get_or_create_paper(
    session: Session,
    paper_id: str,
    url: str,
    title: str,
    document_date: date | None,
    mailing: WG21Mailing,
    subgroup: str = "",
    author_names: Sequence[str] | None = None,
    author_emails: Sequence[str | None] | None = None,
    year: Any = None,
) -> tuple[WG21Paper, bool]:
    """One paper as (row, created), stored as by ``store_papers``; the outbox is left alone.

    Raises ValueError for a blank id and for what no column can hold.
    """
    key, number = (paper_id or "").strip().lower(), normalise_year(year)
    if not key:
        raise ValueError("paper_id is required")
    paper = PaperInput(
        key, number, url, title, document_date, subgroup, tuple(author_names or ()), tuple(author_emails or ())
    )
    stored = store_papers(session, mailing, [paper], announce=False)
    for _, reason in stored.refused:
        raise ValueError(reason)
    query = select(WG21Paper).filter_by(paper_id=key).order_by(WG21Paper.year).limit(1)
    if number:
        query = query.filter_by(year=number)
    row = session.scalars(query.execution_options(populate_existing=True)).one()
    return row, bool(stored.papers.inserted)


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
    session: Session, paper: WG21Paper, profile: WG21PaperAuthorProfile, author_order: int
) -> tuple[WG21PaperAuthor, bool]:
    """The link of a paper and an author and whether it was created now; a different order is taken over.

    Raises ValueError when ``author_order`` is not a positive integer.
    """
    if not isinstance(author_order, int) or isinstance(author_order, bool) or author_order < 1:
        raise ValueError(f"author_order must be a positive integer, not {author_order!r}")
    values = {"paper_id": paper.id, "profile_id": profile.id, "author_order": author_order}
    created = session.scalar(insert(WG21PaperAuthor).values(values).on_conflict_do_nothing().returning(WG21PaperAuthor))
    if created is not None:
        return created, True
    link = session.scalars(select(WG21PaperAuthor).filter_by(paper_id=paper.id, profile_id=profile.id)).one()
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


def _store(session: Session, mailing: WG21Mailing, papers: Sequence[PaperInput], *, announce: bool) -> StoredPapers:
    with _staged(session, papers) as staging:
        _promote_placeholders(session, staging)
        if announce:
            _queue_announcements(session, staging)
        merged = _merge_papers(session, mailing, staging)
        authors = _merge_authors(session, staging, papers)
    return StoredPapers(merged, authors)


@contextmanager
def _staged(session: Session, papers: Sequence[PaperInput]) -> Iterator[Staging]:
    """The papers in a temporary table.

    Year 0 is replaced by the stored year of that id, if there is just one and no placeholder.
    """
    with stage(session, "wg21_paper", _STAGED) as staging:
        staging.copy((p.paper_id, p.year, p.url, p.title, p.document_date, p.subgroup) for p in papers)
        only_year = (
            select(_PAPERS.c.paper_id, func.min(_PAPERS.c.year).label("year"))
            .where(_PAPERS.c.paper_id.in_(select(staging.table.c.paper_id)))
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
    promotion = (
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
    try:
        with session.begin_nested():
            session.execute(promotion)
    except IntegrityError:
        logger.info("Another writer stored the dated paper of a placeholder meanwhile: it is updated instead")


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
        .order_by(staged[POSITION])
    )
    session.execute(insert(_DISPATCH).from_select(["url", "kind"], news).on_conflict_do_nothing())


def _merge_papers(session: Session, mailing: WG21Mailing, staging: Staging) -> MergeResult:
    staged = staging.table.c
    mailing_id: Any = literal(mailing.id, BigInteger)
    if mailing.mailing_date == UNKNOWN_MAILING:
        mailing_id = func.coalesce(_PAPERS.c.mailing_id, mailing_id)
    source = select(
        staged.paper_id,
        staged.year,
        mailing_id.label("mailing_id"),
        staged.url,
        # A paper without title is called by its id.
        func.coalesce(func.nullif(staged.title, staged.paper_id), _PAPERS.c.title, staged.title).label("title"),
        func.coalesce(staged.document_date, _PAPERS.c.document_date).label("document_date"),
        func.coalesce(func.nullif(staged.subgroup, ""), _PAPERS.c.subgroup, "").label("subgroup"),
    ).select_from(staging.table.outerjoin(_PAPERS, _match(staging)))
    return merge(session, _PAPERS, source, key=["paper_id", "year"], touch={"updated_at": func.now()})


def _merge_authors(session: Session, staging: Staging, papers: Sequence[PaperInput]) -> MergeResult:
    """Make the links of each paper that names authors equal to its list."""
    profiles = ensure_wg21_author_profiles(session, (person for paper in papers for person in paper.people))
    columns: Mapping[str, type[TypeEngine[Any]]] = {
        "place": BigInteger,
        "profile_id": BigInteger,
        "author_order": Integer,
    }
    with stage(session, "wg21_author", columns) as links:
        links.copy(
            (place, profile_id, order)
            for place, paper in enumerate(papers)
            for order, profile_id in enumerate(dict.fromkeys(profiles[person] for person in paper.people), 1)
        )
        wanted = (
            select(_PAPERS.c.id.label("paper_id"), links.table.c.profile_id, links.table.c.author_order)
            .select_from(staging.table.join(_PAPERS, _match(staging)))
            .join(links.table, links.table.c.place == staging.table.c[POSITION])
        )
        kept = wanted.subquery()
        is_kept = select(kept.c.paper_id).where(
            kept.c.paper_id == _AUTHORS.c.paper_id, kept.c.profile_id == _AUTHORS.c.profile_id
        )
        same = is_kept.where(kept.c.author_order == _AUTHORS.c.author_order)
        moved = session.scalars(
            select(WG21PaperAuthor.paper_id).where(
                is_kept.correlate(_AUTHORS).exists(), ~same.correlate(_AUTHORS).exists()
            )
        ).all()
        removed = session.scalars(
            delete(WG21PaperAuthor)
            .where(WG21PaperAuthor.paper_id.in_(select(kept.c.paper_id)), ~is_kept.correlate(_AUTHORS).exists())
            .returning(WG21PaperAuthor.paper_id)
            .execution_options(synchronize_session=False)
        ).all()
        merged = merge(session, _AUTHORS, wanted, key=["paper_id", "profile_id"], update=["author_order"])
    _touch(session, {*moved, *removed})
    return merged


def _touch(session: Session, papers: Collection[int]) -> None:
    """Note that papers changed of which only authors did: documents for the vector index follow that time."""
    if papers:
        change = update(WG21Paper).where(WG21Paper.id.in_(papers)).values(updated_at=func.now())
        session.execute(change.execution_options(synchronize_session=False))
