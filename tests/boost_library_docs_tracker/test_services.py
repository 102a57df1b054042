"""Texts and pages one by one, and what they refuse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from boost_collectors.boost_library_docs_tracker import services
from boost_collectors.boost_library_docs_tracker.models import BoostDocContent
from boost_collectors.boost_library_docs_tracker.services import PageRecord, store_pages
from boost_collectors.boost_library_tracker.services import stored_releases
from boost_collectors.core.database import Database
from tests.bench import statements
from tests.boost_library_docs_tracker.docs import SITE, add_library

URL = f"{SITE}/1_86_0/libs/asio/index.html"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HASHES = ["0" * 64, "1" * 64, "2" * 64]


@pytest.fixture
def asio(database: Database) -> int:
    """The library version of asio in 1.86.0; 1.80.0 and 1.90.0 are known, too."""
    for version in ("1.90.0", "1.80.0"):
        add_library(database, version, "asio", released=None)
    return add_library(database, "1.86.0", "asio", released=None)


@pytest.fixture
def session(database: Database, asio: int) -> Iterator[Session]:
    with database.session() as session:
        yield session


def version(session: Session, number: str) -> int:
    return next(release.id for release in stored_releases(session) if release.version == f"boost-{number}")


def test_a_text_is_known_by_its_hash(session: Session) -> None:
    row, change = services.get_or_create_doc_content(session, f" {URL} ", HASHES[0])
    assert (row.url, row.is_upserted, row.first_version_id, change) == (URL, False, None, "created")
    scraped = row.scraped_at
    again, change = services.get_or_create_doc_content(session, f"{URL}?", HASHES[0])
    assert (again.id, again.url, change) == (row.id, f"{URL}?", "unchanged")
    assert again.scraped_at > scraped
    with pytest.raises(ValueError, match="must not be empty"):
        services.get_or_create_doc_content(session, "  ", HASHES[1])


def test_a_text_widens_to_older_and_newer_releases(session: Session) -> None:
    spans = []
    for number in ("1.86.0", "1.80.0", "1.90.0", "1.86.0"):
        row, _ = services.get_or_create_doc_content(session, URL, HASHES[0], version(session, number))
        spans.append((row.first_version_id, row.last_version_id))
    old, middle, new = (version(session, number) for number in ("1.80.0", "1.86.0", "1.90.0"))
    assert spans == [(middle, middle), (old, middle), (old, new), (old, new)]


def test_what_the_vector_index_has(session: Session) -> None:
    rows = [services.get_or_create_doc_content(session, URL, digest)[0] for digest in HASHES]
    services.set_doc_content_upserted(session, rows[0], True)
    assert [row.id for row in services.get_unupserted_doc_contents(session)] == [rows[1].id, rows[2].id]
    assert services.set_doc_content_upserted_by_ids(session, [rows[1].id, 999_999], True) == 1
    assert services.set_doc_content_upserted_by_ids(session, [999_999], True) == 0
    with statements() as seen:
        assert services.set_doc_content_upserted_by_ids(session, [], True) == 0
    assert seen == []


def test_a_page_links_a_text_to_a_library_once(session: Session, asio: int, database: Database) -> None:
    other = add_library(database, "1.80.0", "asio", released=None)
    row, _ = services.get_or_create_doc_content(session, URL, HASHES[0])
    link, created = services.link_content_to_library_version(session, asio, row.id)
    assert (link.page_url, created) == (URL, True)
    again, created = services.link_content_to_library_version(session, asio, row.id)
    assert (again.id, created) == (link.id, False)
    services.link_content_to_library_version(session, other, row.id, f"{URL}?other")
    assert [page.id for page in services.get_docs_for_library_version(session, asio)] == [link.id]
    new, _ = services.get_or_create_doc_content(session, URL, HASHES[1])
    moved, created = services.link_content_to_library_version(session, asio, new.id)
    assert (moved.id, moved.boost_doc_content_id, created) == (link.id, new.id, False)
    session.refresh(row)
    assert (row.gone_at, row.url) == (None, f"{URL}?other")


def test_many_pages_cost_as_many_statements_as_one(session: Session, asio: int) -> None:
    used = []
    for number in (1, 500):
        pages = [PageRecord(f"{URL}?{number}-{i}", f"{number:032}{i:032}") for i in range(number)]
        with statements() as seen:
            stored = store_pages(session, asio, version(session, "1.86.0"), pages, NOW)
        assert (stored.contents.inserted, stored.pages.inserted) == (number, number)
        used.append(len(seen))
    assert used[0] == used[1] <= 16


def test_a_page_that_the_database_refuses_does_not_cost_the_others(session: Session, asio: int) -> None:
    pages = [PageRecord(URL, HASHES[0]), PageRecord(f"{URL}?bad", "3" * 65), PageRecord(f"{URL}?nul\0", HASHES[1])]
    stored = store_pages(session, asio, version(session, "1.86.0"), pages, NOW)
    assert stored.pages.inserted == 1
    assert {record.url for record, _ in stored.refused} == {pages[1].url, pages[2].url}


def test_pages_swap_their_texts(session: Session, asio: int) -> None:
    release = version(session, "1.86.0")
    store_pages(session, asio, release, [PageRecord("a", HASHES[0]), PageRecord("b", HASHES[1])], NOW)
    stored = store_pages(session, asio, release, [PageRecord("a", HASHES[1]), PageRecord("b", HASHES[0])], NOW)
    assert (stored.pages.updated, stored.contents.inserted) == (2, 0)
    contents = session.query(BoostDocContent).order_by(BoostDocContent.content_hash).all()
    assert [(row.url, row.gone_at) for row in contents] == [("b", None), ("a", None)]


def test_pages_that_are_missing_take_their_texts_with_them(session: Session, asio: int) -> None:
    release = version(session, "1.86.0")
    store_pages(session, asio, release, [PageRecord("a", HASHES[0]), PageRecord("b", HASHES[1])], NOW)
    assert services.forget_missing_pages(session, asio, ["a"], NOW) == 1
    assert services.forget_missing_pages(session, asio, ["a"], NOW) == 0
    assert services.stored_urls(session, asio) == {"a"}
    assert [row.url for row in services.get_unupserted_doc_contents(session)] == ["a"]
    assert services.forget_missing_pages(session, asio, [], NOW) == 1
