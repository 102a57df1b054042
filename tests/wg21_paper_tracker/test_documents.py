"""Papers in the vector index: what is told of them and when they are offered again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from boost_collectors.core.database import Database
from boost_collectors.cppa_pinecone_sync.sync_api import sync_to_pinecone
from boost_collectors.wg21_paper_tracker import services
from boost_collectors.wg21_paper_tracker.preprocessor import preprocess_wg21_for_pinecone

URL = "https://www.open-std.org/jtc1/sc22/wg21/docs/papers/2025/p2300r10.html"
MAKE: dict[str, Any] = {
    "url": URL,
    "title": "std::execution",
    "document_date": date(2025, 1, 5),
    "subgroup": "LEWG",
    "author_names": ("Mila Aster", "Jon Birch"),
}
LONG_AGO = timedelta(days=1)


class Papers:
    def __init__(self, database: Database, context: Any) -> None:
        self.database, self.context = database, context

    def store(self, paper_id: str = "p2300r10", **fields: Any) -> None:
        with self.database.session() as session:
            mailing, _ = services.get_or_create_mailing(session, "2025-01", "2025-01 pre-Hagenberg")
            services.get_or_create_paper(session, paper_id, mailing=mailing, year=2025, **{**MAKE, **fields})

    def offered(self, *failed: str, since: datetime | None = None) -> list[dict[str, Any]]:
        items, chunked = preprocess_wg21_for_pinecone(failed, since, context=self.context)
        assert not chunked
        return list(items)

    def make_older(self) -> None:
        """As if all that is stored had been stored long ago."""
        with self.database.session() as session:
            for table in (
                "wg21_paper_tracker_wg21mailing",
                "wg21_paper_tracker_wg21paper",
                "cppa_user_tracker_wg21paperauthorprofile",
            ):
                session.execute(text(f"UPDATE {table} SET created_at = '2020-01-01', updated_at = '2020-01-01'"))
            session.execute(text("UPDATE wg21_paper_tracker_wg21paperauthor SET created_at = '2020-01-01'"))


@pytest.fixture
def papers(database: Database, database_url: str, make_settings: Any, make_context: Any) -> Papers:
    settings = make_settings(DATABASE_URL=database_url, VECTOR_STORE="local")
    return Papers(database, make_context(database=database, settings=settings))


def test_a_paper_becomes_a_document(papers: Papers) -> None:
    papers.store()
    (item,) = papers.offered()
    assert item["content"].splitlines() == [
        "Paper: P2300R10: std::execution",
        "Authors: Mila Aster, Jon Birch",
        "Subgroup: LEWG",
        "Date: 2025-01-05",
        "Mailing: 2025-01 pre-Hagenberg",
        "Source: papers of the C++ standards committee (WG21)",
    ]
    source = item["metadata"].pop("source_ids")
    assert source.isdigit()
    assert item["metadata"] == {
        "doc_id": "wg21-p2300r10-2025",
        "type": "wg21",
        "title": "P2300R10 std::execution",
        "author": "Mila Aster, Jon Birch",
        "url": URL,
        "paper_id": "p2300r10",
        "subgroup": "LEWG",
        "mailing_date": "2025-01",
        "timestamp": int(datetime(2025, 1, 5, tzinfo=UTC).timestamp()),
    }


def test_what_is_unknown_is_left_out(papers: Papers) -> None:
    papers.store("n1", title="n1", document_date=None, subgroup="", author_names=())
    (item,) = papers.offered()
    assert item["content"].splitlines()[0] == "Paper: N1"
    assert (item["metadata"]["timestamp"], item["metadata"]["author"]) == (0, "")


@pytest.mark.parametrize(
    "change",
    [
        {"title": "std::execution, revised"},
        {"author_names": ("Mila Aster", "Jon Birch", "Sato Cedar")},
        {"author_names": ("Mila Aster",)},
        {"author_names": ("Jon Birch", "Mila Aster")},
    ],
    ids=["title", "author came", "author went", "order"],
)
def test_a_paper_is_offered_again_when_it_or_its_authors_change(papers: Papers, change: dict[str, Any]) -> None:
    papers.store()
    papers.store("p1r0")
    papers.make_older()
    since = datetime.now(UTC) - LONG_AGO
    assert papers.offered(since=since) == []
    papers.store()
    assert papers.offered(since=since) == []
    papers.store(**change)
    (item,) = papers.offered(since=since)
    names = change.get("author_names", MAKE["author_names"])
    assert item["metadata"]["author"] == ", ".join(names)
    failed = papers.offered(item["metadata"]["source_ids"], "x", since=datetime.now(UTC) + LONG_AGO)
    assert failed == [item]


def test_papers_reach_the_index_once(papers: Papers) -> None:
    papers.store()
    papers.store("p1r0", title="Concepts for iterators", author_names=())
    for upserted, unchanged in ((2, 0), (0, 2)):
        summary = sync_to_pinecone(
            "wg21",
            "wg21",
            lambda failed, _since: preprocess_wg21_for_pinecone(failed, None, context=papers.context),
            context=papers.context,
        )
        assert (summary["upserted"], summary["unchanged_documents"]) == (upserted, unchanged)
