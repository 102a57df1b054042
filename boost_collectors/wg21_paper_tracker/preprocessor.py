"""Papers of the committee as documents for the vector index: what the mailings say of them, not their own text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time

from sqlalchemy.orm import Session

from boost_collectors.core.context import RunContext
from boost_collectors.core.document_pages import Item, Page, read_document_pages
from boost_collectors.core.settings import Settings
from boost_collectors.wg21_paper_tracker.index_rows import IndexedPaper, papers_for_index

PAGE_SIZE = 1000


def preprocess_wg21_for_pinecone(
    failed_ids: Sequence[str], final_sync_at: datetime | None, *, context: RunContext | None = None
) -> tuple[Iterator[Item], bool]:
    """Papers that are new or changed since the last sync, and those that failed then, as whole documents.

    ``failed_ids``: row ids. Read page by page as the documents are taken. ``context``: a run's database; without one,
    that of the settings.
    """
    named = [int(name) for name in (str(failed).strip() for failed in failed_ids) if name.isascii() and name.isdigit()]

    def read(session: Session, _settings: Settings, after: int) -> Page[int]:
        papers = papers_for_index(session, since=final_sync_at, named=named, after=after, limit=PAGE_SIZE)
        return [item_of(paper) for paper in papers], papers[-1].id if len(papers) == PAGE_SIZE else None

    return read_document_pages(context, 0, read), False


def item_of(paper: IndexedPaper) -> Item:
    """The document of a paper."""
    name, authors = paper.paper_id.upper(), ", ".join(paper.authors)
    facts = {
        "Paper": f"{name}: {paper.title}" if paper.title.lower() != paper.paper_id else name,
        "Authors": authors,
        "Subgroup": paper.subgroup,
        "Date": paper.document_date.isoformat() if paper.document_date else "",
        "Mailing": paper.mailing_title or paper.mailing_date,
        "Source": "papers of the C++ standards committee (WG21)",
    }
    written_at = datetime.combine(paper.document_date, time(), UTC) if paper.document_date else None
    return {
        "content": "\n".join(f"{label}: {fact}" for label, fact in facts.items() if fact),
        "metadata": {
            # The same number may name papers of several years.
            "doc_id": f"wg21-{paper.paper_id}-{paper.year}",
            "type": "wg21",
            "title": f"{name} {paper.title}".strip(),
            "author": authors,
            "url": paper.url,
            "paper_id": paper.paper_id,
            "subgroup": paper.subgroup,
            "mailing_date": paper.mailing_date,
            "timestamp": int(written_at.timestamp()) if written_at else 0,
            "source_ids": str(paper.id),
        },
    }
