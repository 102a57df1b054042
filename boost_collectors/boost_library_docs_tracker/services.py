"""The only writer of the documentation tables, and the reads that others may use."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Text,
    and_,
    case,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from boost_collectors.boost_library_docs_tracker.models import BoostDocContent, BoostLibraryDocumentation
from boost_collectors.boost_library_tracker.models import BoostLibrary, BoostLibraryVersion, BoostVersion
from boost_collectors.boost_library_tracker.services import stored_releases
from boost_collectors.core.database.arrays import rows_of
from boost_collectors.core.database.bulk import MergeResult, Staging, merge, stage
from boost_collectors.core.database.isolation import store_isolated
from boost_collectors.core.utils.boost_version_operations import loose_version_tuple

_CONTENTS: Any = BoostDocContent.__table__
_PAGES: Any = BoostLibraryDocumentation.__table__
_STAGED = {"url": Text, "content_hash": Text}


class IndexedText(NamedTuple):
    """A text for the vector index: ``library`` is that of the page linked last, the releases are tags or None."""

    id: int
    url: str
    content_hash: str
    library: str
    first_release: str | None
    last_release: str | None
    is_gone: bool


class PageRecord(NamedTuple):
    """A page as it was read: its address in the release, and the SHA-256 of its Markdown in hex."""

    url: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class StoredPages:
    """What became of a batch. ``contents.unchanged`` are texts that were known, ``pages.updated`` pages that have
    another text now, or are back; ``refused`` are those that the database does not take, with the reason."""

    contents: MergeResult
    pages: MergeResult
    refused: tuple[tuple[PageRecord, str], ...] = ()


def store_pages(
    session: Session, library_version_id: int, version_id: int, pages: Sequence[PageRecord], when: datetime
) -> StoredPages:
    """Store pages of a library in a release, any number in the same few statements.

    Texts are known by their hash and widen to the release; a page that has another text now leaves its former one,
    which is gone when no other page has it.
    """
    if not pages:
        return StoredPages(MergeResult(), MergeResult())
    parts, refused = store_isolated(
        session, pages, lambda part: _store(session, library_version_id, version_id, part, when)
    )
    contents = sum((part.contents for part in parts), MergeResult())
    return StoredPages(contents, sum((part.pages for part in parts), MergeResult()), tuple(refused))


def has_library_version(session: Session, library_version_id: int) -> bool:
    """Whether the library is still known in the release."""
    return session.get(BoostLibraryVersion, library_version_id, populate_existing=True) is not None


def forget_missing_pages(session: Session, library_version_id: int, kept: Collection[str], when: datetime) -> int:
    """Mark the pages of a library in a release that are not among ``kept`` (addresses) as gone. Returns how many."""
    known = rows_of({"url": (Text(), sorted(kept))})
    gone = (
        update(BoostLibraryDocumentation)
        .where(
            BoostLibraryDocumentation.boost_library_version_id == library_version_id,
            BoostLibraryDocumentation.gone_at.is_(None),
            ~exists(select(known.c.url).where(known.c.url == BoostLibraryDocumentation.page_url)),
        )
        .values(gone_at=when)
        .returning(BoostLibraryDocumentation.boost_doc_content_id)
        .execution_options(synchronize_session=False)
    )
    texts = session.scalars(gone).all()
    _settle(session, texts, when)
    return len(texts)


def stored_urls(session: Session, library_version_id: int) -> set[str]:
    """The addresses of the pages that a library has in a release."""
    query = select(BoostLibraryDocumentation.page_url).where(
        BoostLibraryDocumentation.boost_library_version_id == library_version_id,
        BoostLibraryDocumentation.gone_at.is_(None),
    )
    return set(session.scalars(query))


def get_or_create_doc_content(
    session: Session, url: str, content_hash: str, version_id: int | None = None
) -> tuple[BoostDocContent, str]:
    """The text of that hash, and ``created`` or ``unchanged``. Raises ValueError for an empty address.

    A known text takes the address and the time, and widens to the release.
    """
    address = url.strip()
    if not address:
        raise ValueError("url must not be empty")
    with stage(session, "doc_content", _STAGED, ("url",)) as staging:
        staging.copy([(address, content_hash)])
        merged = _merge_contents(session, staging, version_id, datetime.now(UTC))
    query = select(BoostDocContent).filter_by(content_hash=content_hash)
    row = session.scalars(query.execution_options(populate_existing=True)).one()
    return row, "created" if merged.inserted else "unchanged"


def set_doc_content_upserted(session: Session, row: BoostDocContent, value: bool) -> BoostDocContent:
    """Note whether the vector index has a text. Returns the row."""
    row.is_upserted = value
    session.add(row)
    session.flush()
    return row


def set_doc_content_upserted_by_ids(session: Session, ids: Sequence[int], value: bool) -> int:
    """Note for many texts whether the vector index has them. Returns how many rows there were, those included that
    said so already and are not written."""
    if not ids:
        return 0
    known = rows_of({"id": (BigInteger(), list(ids))})
    among = BoostDocContent.id.in_(select(known.c.id))
    session.execute(
        update(BoostDocContent)
        .where(among, BoostDocContent.is_upserted.is_distinct_from(value))
        .values(is_upserted=value)
        .execution_options(synchronize_session=False)
    )
    return session.scalars(select(func.count()).where(among)).one()


def get_unupserted_doc_contents(session: Session) -> Sequence[BoostDocContent]:
    """The texts that some page has and that the vector index lacks, by address."""
    query = select(BoostDocContent).where(~BoostDocContent.is_upserted, BoostDocContent.gone_at.is_(None))
    return session.scalars(query.order_by(BoostDocContent.url, BoostDocContent.id)).all()


def texts_for_index(
    session: Session, *, since: datetime | None, named: Sequence[int], after: int, limit: int
) -> list[IndexedText]:
    """Texts that the vector index lacks, has without need, or has with older metadata, and the ``named`` ones, by id.

    Older is what was read again after ``since``; None: all texts. Only ids greater than ``after``; one statement.
    """
    content, page, first, last = _CONTENTS.c, _PAGES.c, aliased(BoostVersion), aliased(BoostVersion)
    newest = (
        select(BoostLibrary.name)
        .join(BoostLibraryVersion, BoostLibraryVersion.library_id == BoostLibrary.id)
        .join(_PAGES, page.boost_library_version_id == BoostLibraryVersion.id)
        .where(page.boost_doc_content_id == content.id, page.gone_at.is_(None))
        .order_by(page.created_at.desc(), page.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    wanted: ColumnElement[bool] = true()
    if since is not None:
        differs = content.is_upserted == content.gone_at.is_not(None)
        # A run that was cut off may have sent what it did not note: what went since is offered whatever is noted.
        wanted = or_(differs, and_(content.is_upserted, content.scraped_at > since), content.gone_at > since)
    known = rows_of({"id": (BigInteger(), list(named))})
    query = (
        select(
            content.id,
            content.url,
            content.content_hash,
            func.coalesce(newest, ""),
            first.version,
            last.version,
            content.gone_at.is_not(None),
        )
        .select_from(_CONTENTS)
        .outerjoin(first, first.id == content.first_version_id)
        .outerjoin(last, last.id == content.last_version_id)
        .where(content.id > after, or_(wanted, content.id.in_(select(known.c.id))))
        .order_by(content.id)
        .limit(limit)
    )
    return [IndexedText(*row) for row in session.execute(query)]


def link_content_to_library_version(
    session: Session, library_version_id: int, doc_content_id: int, page_url: str | None = None
) -> tuple[BoostLibraryDocumentation, bool]:
    """A page of a library in a release, and whether it is new; ``page_url`` is the text's own address unless given.

    A page that had another text has this one now.
    """
    url = page_url or session.execute(select(_CONTENTS.c.url).where(_CONTENTS.c.id == doc_content_id)).scalar_one()
    values = {"boost_library_version_id": library_version_id, "page_url": url}
    former = session.scalar(select(BoostLibraryDocumentation.boost_doc_content_id).filter_by(**values))
    statement = insert(BoostLibraryDocumentation).values(**values, boost_doc_content_id=doc_content_id)
    change = {"boost_doc_content_id": doc_content_id, "gone_at": None}
    session.execute(statement.on_conflict_do_update(index_elements=list(values), set_=change))
    _settle(session, [] if former in (None, doc_content_id) else [former], datetime.now(UTC))
    query = select(BoostLibraryDocumentation).filter_by(**values)
    return session.scalars(query.execution_options(populate_existing=True)).one(), former is None


def get_docs_for_library_version(session: Session, library_version_id: int) -> Sequence[BoostLibraryDocumentation]:
    """The pages that a library has in a release, by address."""
    query = select(BoostLibraryDocumentation).filter_by(boost_library_version_id=library_version_id, gone_at=None)
    return session.scalars(query.order_by(BoostLibraryDocumentation.page_url)).all()


def _store(
    session: Session, library_version_id: int, version_id: int, pages: Sequence[PageRecord], when: datetime
) -> StoredPages:
    with stage(session, "doc_page", _STAGED, ("url",)) as staging:
        staging.copy(pages)
        contents = _merge_contents(session, staging, version_id, when)
        left = _texts_left(session, staging, library_version_id)
        links = _merge_pages(session, staging, library_version_id)
    _settle(session, left, when)
    return StoredPages(contents, links)


def _merge_contents(session: Session, staging: Staging, version_id: int | None, when: datetime) -> MergeResult:
    given, stored = staging.table.c, _CONTENTS.c
    first, last = _widened(session, version_id)
    source = select(
        given.content_hash,
        given.url,
        first.label("first_version_id"),
        last.label("last_version_id"),
        literal(when, DateTime(timezone=True)).label("scraped_at"),
        null().cast(DateTime(timezone=True)).label("gone_at"),
    ).select_from(staging.table.outerjoin(_CONTENTS, stored.content_hash == given.content_hash))
    merged = merge(session, _CONTENTS, source, key=["content_hash"])
    # That it was seen again is no change of a text.
    return MergeResult(merged.inserted, 0, merged.updated + merged.unchanged)


def _widened(session: Session, version_id: int | None) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """First and last release of a text that is in this one, too, in the order in which releases were made."""
    first, last = _CONTENTS.c.first_version_id, _CONTENTS.c.last_version_id
    if version_id is None:
        return first, last
    order = [release.id for release in sorted(stored_releases(session), key=_release_order)]
    place = order.index(version_id)
    given = literal(version_id, BigInteger)
    return (
        case((or_(first.is_(None), first.in_(order[place + 1 :])), given), else_=first),
        case((or_(last.is_(None), last.in_(order[:place])), given), else_=last),
    )


def _release_order(release: Any) -> tuple[Any, ...]:
    return (loose_version_tuple(release.version), release.version)


def _merge_pages(session: Session, staging: Staging, library_version_id: int) -> MergeResult:
    given = staging.table.c
    source = select(
        literal(library_version_id, BigInteger).label("boost_library_version_id"),
        given.url.label("page_url"),
        _CONTENTS.c.id.label("boost_doc_content_id"),
        null().cast(DateTime(timezone=True)).label("gone_at"),
    ).select_from(staging.table.join(_CONTENTS, _CONTENTS.c.content_hash == given.content_hash))
    return merge(session, _PAGES, source, key=["boost_library_version_id", "page_url"])


def _texts_left(session: Session, staging: Staging, library_version_id: int) -> Sequence[int]:
    """The texts that pages of the batch have had until now and do not have any more."""
    given = staging.table.c
    query = (
        select(_PAGES.c.boost_doc_content_id)
        .join(staging.table, _PAGES.c.page_url == given.url)
        .join(_CONTENTS, _CONTENTS.c.id == _PAGES.c.boost_doc_content_id)
        .where(_PAGES.c.boost_library_version_id == library_version_id, _CONTENTS.c.content_hash != given.content_hash)
    )
    return session.scalars(query).all()


def _settle(session: Session, texts: Iterable[int], when: datetime) -> None:
    """Texts that pages have left: gone when no page has them, else at home on a page that has them."""
    ids = sorted(set(texts))
    if not ids:
        return
    page = aliased(BoostLibraryDocumentation)
    has = and_(page.boost_doc_content_id == BoostDocContent.id, page.gone_at.is_(None))
    home = select(func.max(page.page_url)).where(has).scalar_subquery()
    at_home = exists().where(has, page.page_url == BoostDocContent.url)
    left = update(BoostDocContent).where(BoostDocContent.id.in_(ids)).execution_options(synchronize_session=False)
    session.execute(left.where(~exists().where(has)).values(gone_at=when))
    session.execute(left.where(exists().where(has), ~at_home).values(url=home))
