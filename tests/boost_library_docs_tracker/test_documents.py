"""Pages in the vector index: whole, once a text, and gone when no page has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from boost_collectors import registry
from boost_collectors.boost_library_docs_tracker.preprocessor import PAGE_SIZE, preprocess_boost_library_docs
from boost_collectors.boost_library_docs_tracker.workspace import save_page
from boost_collectors.core.errors import CollectorError
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.window import Window, WindowMode
from tests.bench import statements
from tests.boost_library_docs_tracker.docs import SITE, Bench, Site, html
from tests.contract.content import versions

SPEC = registry.find("sync_boost_library_documents")
FULL = Window(WindowMode.FULL)
PLACE = "boost-library-documentation"
SAID = "{} tells how the executor keeps its work alive until every handler has run, whatever is posted meanwhile."
OLD, NEW = datetime(2024, 4, 11, tzinfo=UTC), datetime(2024, 8, 14, tzinfo=UTC)


class Index:
    """The command, and what the sandbox's Pinecone holds afterwards."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def sync(self, *arguments: str) -> dict[str, int]:
        self._bench.sandbox.requests.clear()
        result = execute(SPEC, Request(arguments=arguments), settings=self._bench.settings())
        assert result is not None
        return dict(result.counts)

    @property
    def texts(self) -> dict[str, str]:
        """The address of each document and its text, which has the hash that it is called by."""
        found = self._bench.sandbox.pinecone.vectors(self._bench.settings().pinecone_index_name, PLACE)
        return {fields["url"].rpartition("/")[2]: fields["chunk_text"] for fields in found.values()}

    @property
    def noted(self) -> int:
        (number,) = self._bench.rows(
            "SELECT count(*) FROM boost_library_docs_tracker_boostdoccontent WHERE is_upserted"
        )
        return int(number)


@pytest.fixture
def index(bench: Bench, site: Site) -> Index:
    """Two pages of asio in 1.86.0 are stored."""
    site.page("libs/asio/index.html", html("a.html", text=SAID.format("Asio")))
    site.page("libs/asio/a.html", html(text=SAID.format("A")))
    bench.library("1.86.0", "asio", NEW)
    bench.collect()
    return Index(bench)


def offered(bench: Bench, make_context: Any, *failed: str, since: datetime | None = None) -> list[dict[str, Any]]:
    context = make_context(database=bench.database, settings=bench.settings())
    items, chunked = preprocess_boost_library_docs(failed, since, context=context)
    assert not chunked
    return list(items)


def test_a_text_has_exactly_these_metadata(bench: Bench, site: Site, index: Index, make_context: Any) -> None:
    bench.library("1.85.0", "asio", OLD)
    bench.library("1.86.0", "beast", NEW)
    site.page("libs/beast/index.html", html("a.html", text=SAID.format("Asio")))
    bench.collect("--versions", "1.85.0")
    _, item = offered(bench, make_context)[:2]
    url = item["metadata"]["url"]
    (row,) = bench.rows(f"SELECT id, content_hash FROM boost_library_docs_tracker_boostdoccontent WHERE url = '{url}'")
    assert item["content"] == f"# {SAID.format('A')}\n"
    assert item["metadata"] == {
        "doc_id": row[1],
        "url": f"{SITE}/1_85_0/libs/asio/a.html",
        "library_name": "asio",
        "source_ids": str(row[0]),
        "first_version_key": 108500,
        "last_version_key": 108600,
    }


def test_a_text_that_changed_or_vanished_takes_its_vectors_with_it(bench: Bench, site: Site, index: Index) -> None:
    assert index.sync()["upserted"] > 0
    assert (index.noted, set(index.texts)) == (2, {"index.html", "a.html"})
    before = versions(bench.database)["boost_library_docs_tracker_boostdoccontent"]
    assert index.sync()["total"] == 0
    assert versions(bench.database)["boost_library_docs_tracker_boostdoccontent"] == before

    site.page("libs/asio/a.html", html(text=SAID.format("The mended A")))
    bench.collect(window=FULL)
    counts = index.sync()
    assert (counts["gone_documents"], index.noted) == (1, 2)
    assert index.texts["a.html"].startswith("# The mended A")

    site.page("libs/asio/index.html", html(text=SAID.format("Asio alone")))
    bench.collect(window=FULL)
    index.sync()
    assert (index.noted, list(index.texts)) == (1, ["index.html"])

    site.page("libs/asio/index.html", html("a.html", text=SAID.format("Asio")))
    bench.collect(window=FULL)
    index.sync()
    assert (index.noted, set(index.texts)) == (2, {"index.html", "a.html"})


def test_a_run_that_was_cut_off_before_it_noted_anything_is_repeated(bench: Bench, site: Site, index: Index) -> None:
    index.sync()
    with bench.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE boost_library_docs_tracker_boostdoccontent SET is_upserted = false")
    site.page("libs/asio/index.html", html(text=SAID.format("Asio")))
    bench.collect(window=FULL)
    counts = index.sync()
    assert (counts["gone_documents"], index.noted) == (2, 1)  # a.html, and the first page with its link
    assert list(index.texts) == ["index.html"]


def test_what_is_sent_is_what_has_the_hash(
    bench: Bench, index: Index, make_context: Any, caplog: pytest.LogCaptureFixture
) -> None:
    save_page(bench.workspace, f"{SITE}/1_86_0/libs/asio/a.html", "# Something else\n")
    (page,) = (path for path in bench.workspace.root.rglob("index.md"))
    page.unlink()
    assert offered(bench, make_context) == []
    assert "index.html is not in the workspace" in caplog.text
    assert "a.html holds another text" in caplog.text
    assert (index.sync()["total"], index.noted) == (0, 0)


def test_failed_rows_are_offered_again(bench: Bench, index: Index, make_context: Any, caplog: Any) -> None:
    index.sync()
    later = datetime.now(UTC) + timedelta(hours=1)
    ids = [str(row) for row in bench.rows("SELECT id FROM boost_library_docs_tracker_boostdoccontent ORDER BY id")]
    assert offered(bench, make_context, since=later) == []
    again = offered(bench, make_context, f"{ids[1]}, {ids[0]}", "x1", "", "9" * 30, since=later)
    assert [item["metadata"]["source_ids"] for item in again] == ids
    assert "'x1' is no row id" in caplog.text
    # What was read again may have other metadata.
    assert len(offered(bench, make_context, since=NEW)) == 2


def test_texts_are_read_in_pages_of_one_statement(bench: Bench, site: Site, index: Index, make_context: Any) -> None:
    names = [f"p{number}.html" for number in range(PAGE_SIZE + 5)]
    site.page("libs/zip/index.html", html(*names))
    for name in names:
        site.page(f"libs/zip/{name}", html(text=name))
    bench.library("1.86.0", "zip", NEW)
    bench.collect("--use-local")
    with statements() as seen:
        found = offered(bench, make_context)
    assert {item["metadata"]["library_name"] for item in found} == {"asio", "zip"}
    assert len(found) == PAGE_SIZE + 8
    assert len(seen) == 2


def test_an_index_that_does_not_answer_fails_the_run_and_a_dry_run_writes_nothing(bench: Bench, index: Index) -> None:
    before = versions(bench.database)
    assert index.sync("--dry-run")["total"] == 2
    assert versions(bench.database) == before
    bench.sandbox.faults.add("*", "status", status=503, times=None)
    with pytest.raises(CollectorError):
        index.sync()
    assert index.noted == 0
    bench.sandbox.faults.clear()
    index.sync()
    assert index.noted == 2
