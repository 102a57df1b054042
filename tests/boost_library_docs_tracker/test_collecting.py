"""The collector on a site that is read, changes, and fails."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from boost_collectors.boost_library_docs_tracker.intake import MAX_ATTEMPTS, LibraryIntake
from boost_collectors.boost_library_docs_tracker.source import Crawl
from boost_collectors.boost_library_docs_tracker.targets import planned_targets
from boost_collectors.boost_library_docs_tracker.workspace import load_page
from boost_collectors.boost_library_tracker.services import get_or_create_boost_version
from boost_collectors.core.counts import Counts
from boost_collectors.core.database import Database
from boost_collectors.core.errors import CommandError, PermanentError, TransientError
from boost_collectors.core.window import Window, WindowMode
from include.sandbox import Sandbox
from tests.bench import statements
from tests.boost_library_docs_tracker.docs import SITE, Bench, Site, html, releases
from tests.contract.content import versions

DATA = Path(__file__).parents[3] / "shared" / "data"
FULL = Window(WindowMode.FULL)
OLD, NEW = datetime(2024, 4, 11, tzinfo=UTC), datetime(2024, 8, 14, tzinfo=UTC)


def asio(site: Site) -> None:
    """A library of three pages in a row."""
    site.page("libs/asio/index.html", html("doc/a.html", text="Asio"))
    site.page("libs/asio/doc/a.html", html("b.html", text="A"))
    site.page("libs/asio/doc/b.html", html("../index.html", text="B"))


def test_the_pages_of_the_newest_release_are_stored_and_saved(bench: Bench, site: Site) -> None:
    asio(site)
    bench.library("1.85.0", "asio", OLD)
    bench.library("1.86.0", "asio", NEW)
    counts = bench.collect()
    assert (counts["versions"], counts["pages"], counts["dry_run"]) == (1, 3, 0)
    assert (counts["contents_inserted"], counts["pages_inserted"], counts["files_written"]) == (3, 3, 3)
    assert set(bench.pages) == {f"1_86_0/libs/asio/{page}" for page in ("index.html", "doc/a.html", "doc/b.html")}
    assert load_page(bench.workspace, f"{SITE}/1_86_0/libs/asio/doc/a.html") == "# A\n\n[to b.html](b.html)\n"
    assert "boost_library_docs_tracker/converted/boost_1_86_0/libs/asio/doc/b.md" in bench.files
    assert bench.asked == [f"1_86_0/libs/asio/{page}" for page in ("index.html", "doc/a.html", "doc/b.html")]


def test_a_second_run_asks_for_nothing_and_writes_nothing(bench: Bench, site: Site) -> None:
    asio(site)
    bench.library("1.86.0", "asio")
    bench.collect()
    before = versions(bench.database)
    counts = bench.collect()
    assert (counts["libraries_unchanged"], counts["requests"]) == (1, 0)
    assert versions(bench.database) == before


def test_a_full_run_over_the_same_pages_adds_nothing_and_moves_the_time(bench: Bench, site: Site) -> None:
    asio(site)
    bench.library("1.86.0", "asio")
    bench.collect()
    before, scraped = bench.pages, bench.rows("SELECT min(scraped_at) FROM boost_library_docs_tracker_boostdoccontent")
    counts = bench.collect(window=FULL)
    assert (counts["contents_inserted"], counts["contents_unchanged"], counts["files_written"]) == (0, 3, 0)
    assert (counts["pages_inserted"], counts["pages_updated"], counts["pages_gone"]) == (0, 0, 0)
    assert bench.pages == before
    assert bench.rows("SELECT min(scraped_at) FROM boost_library_docs_tracker_boostdoccontent") > scraped


def test_a_changed_page_leaves_its_former_text_which_is_gone(bench: Bench, site: Site) -> None:
    asio(site)
    bench.library("1.86.0", "asio")
    bench.collect()
    site.page("libs/asio/doc/b.html", html(text="B, mended"))
    counts = bench.collect(window=FULL)
    assert (counts["contents_inserted"], counts["pages_updated"], counts["files_written"]) == (1, 1, 1)
    gone = bench.rows("SELECT url FROM boost_library_docs_tracker_boostdoccontent WHERE gone_at IS NOT NULL")
    assert gone == [f"{SITE}/1_86_0/libs/asio/doc/b.html"]
    assert load_page(bench.workspace, gone[0]) == "# B, mended\n"


def test_a_page_that_vanished_is_gone_and_may_come_back(bench: Bench, site: Site) -> None:
    asio(site)
    bench.library("1.86.0", "asio")
    bench.collect()
    whole = bench.pages
    site.page("libs/asio/doc/a.html", html(text="A"))
    assert bench.collect(window=FULL)["pages_gone"] == 1
    assert set(bench.pages) == {"1_86_0/libs/asio/index.html", "1_86_0/libs/asio/doc/a.html"}
    asio(site)
    assert bench.collect(window=FULL)["pages_updated"] == 2
    assert bench.pages == whole
    gone = bench.rows("SELECT url FROM boost_library_docs_tracker_boostdoccontent WHERE gone_at IS NOT NULL")
    assert gone == [f"{SITE}/1_86_0/libs/asio/doc/a.html"]


def test_equal_pages_share_a_text_and_each_keeps_its_row(bench: Bench, site: Site) -> None:
    site.page("libs/asio/index.html", html("one.html", "two.html"))
    site.page("libs/asio/one.html", html(text="Same"))
    site.page("libs/asio/two.html", html(text="Same"))
    bench.library("1.86.0", "asio")
    counts = bench.collect()
    assert (counts["pages_inserted"], counts["contents_inserted"]) == (3, 2)
    assert bench.pages["1_86_0/libs/asio/one.html"] == bench.pages["1_86_0/libs/asio/two.html"]
    site.page("libs/asio/two.html", html(text="Other"))
    bench.collect(window=FULL)
    # The text is now at home on the page that still has it.
    assert (
        bench.rows(
            "SELECT c.url FROM boost_library_docs_tracker_boostdoccontent c WHERE c.gone_at IS NULL AND NOT EXISTS ("
            "SELECT FROM boost_library_docs_tracker_boostlibrarydocumentation d"
            " WHERE d.boost_doc_content_id = c.id AND d.page_url = c.url)"
        )
        == []
    )


def test_a_broken_page_is_told_retried_and_not_stored(bench: Bench, site: Site) -> None:
    site.page("libs/asio/index.html", html("bad.html", "good.html"))
    site.page("libs/asio/bad.html", "<html><body><table><tr><td><a href='")
    site.page("libs/asio/good.html", html(text="Good"))
    bench.library("1.86.0", "asio")
    error = bench.fail()
    assert isinstance(error, TransientError)
    assert "libs/asio/bad.html (validation: the page has no text)" in str(error)
    assert set(bench.pages) == {"1_86_0/libs/asio/index.html", "1_86_0/libs/asio/good.html"}
    assert bench.pending == {"libs/asio/bad.html": ("pending", 1)}
    site.page("libs/asio/bad.html", html("late.html", text="Mended"))
    site.page("libs/asio/late.html", html(text="Late"))
    bench.collect()
    assert bench.asked == ["1_86_0/libs/asio/bad.html", "1_86_0/libs/asio/late.html"]
    assert {"1_86_0/libs/asio/bad.html", "1_86_0/libs/asio/late.html"} <= set(bench.pages)
    assert bench.pending == {}
    assert bench.collect()["requests"] == 0


def test_a_page_that_stays_broken_goes_into_quarantine(bench: Bench, site: Site) -> None:
    site.page("libs/asio/index.html", html("bad.html"))
    site.page("libs/asio/bad.html", "<html></html>")
    bench.library("1.86.0", "asio")
    for _ in range(MAX_ATTEMPTS - 1):
        bench.fail()
    assert bench.collect()["pages_quarantined"] == 1
    assert bench.pending["libs/asio/bad.html"][0] == "quarantined"
    assert bench.collect()["requests"] == 0


def test_a_dead_link_is_counted_and_a_library_without_its_first_page_fails(bench: Bench, site: Site) -> None:
    site.page("libs/asio/index.html", html("nowhere.html"))
    bench.library("1.86.0", "asio")
    bench.library("1.86.0", "beast")
    error = bench.fail()
    assert "1.86.0/beast" in str(error)
    assert "libs/beast/index.html" in str(error)
    assert error.result is not None
    assert (error.result.counts["pages_missing"], error.result.counts["pages"]) == (1, 1)
    assert list(bench.pages) == ["1_86_0/libs/asio/index.html"]


def test_one_library_that_fails_does_not_cost_the_others(bench: Bench, site: Site) -> None:
    asio(site)
    site.page("libs/zip/index.html", html())
    bench.library("1.86.0", "asio")
    bench.library("1.86.0", "zip")
    bench.sandbox.faults.add("*/libs/asio/*", "status", status=503, times=None)
    assert isinstance(bench.fail(), TransientError)
    assert list(bench.pages) == ["1_86_0/libs/zip/index.html"]
    bench.sandbox.faults.clear()
    assert bench.collect()["pages_inserted"] == 3


def test_an_interrupted_run_goes_on_at_the_first_page_that_is_not_stored(bench: Bench, site: Site) -> None:
    pages = [f"p{number}.html" for number in range(9)]
    site.page("libs/asio/index.html", html(*pages))
    for page in pages:
        site.page(f"libs/asio/{page}", html(text=page))
    bench.library("1.86.0", "asio")
    bench.sandbox.faults.add("*/libs/asio/*", "dropped", times=None, after=4)
    assert isinstance(bench.fail(), TransientError)
    assert len(bench.pages) == 4
    assert bench.pending == {}
    bench.sandbox.faults.clear()
    bench.collect()
    assert bench.asked == [f"1_86_0/libs/asio/{page}" for page in pages[3:]]
    assert len(bench.pages) == 10


def test_a_page_the_network_fails_on_is_set_aside_when_others_can_be_read(bench: Bench, site: Site) -> None:
    site.page("libs/asio/index.html", html("a.html", "b.html", "c.html"))
    for name in "abc":
        site.page(f"libs/asio/{name}.html", html(text=name))
    bench.library("1.86.0", "asio")
    bench.sandbox.faults.add("*/libs/asio/b.html", "truncated")
    bench.fail()
    assert len(bench.pages) == 3
    assert bench.pending == {"libs/asio/b.html": ("pending", 1)}


def test_redirects_and_queries_lead_to_one_page_stored_once(bench: Bench, site: Site) -> None:
    site.page(
        "libs/asio/index.html", html("a.html?view=1", "a.html?view=2#x", "./doc/../a.html", "old.html", "older.html")
    )
    site.page("libs/asio/a.html", html(text="A"))
    site.redirect(old="a.html?from=old", older="old.html")
    bench.library("1.86.0", "asio")
    assert bench.collect()["pages"] == 2
    assert set(bench.pages) == {"1_86_0/libs/asio/index.html", "1_86_0/libs/asio/a.html"}


def test_the_address_after_redirects_is_the_pages_own(bench: Bench, site: Site) -> None:
    site.page("libs/asio/doc/start.html", html("two.html", text="Start"))
    site.page("libs/asio/doc/two.html", html(text="Two"))
    site.redirect(index="doc/start.html")
    bench.library("1.86.0", "asio")
    bench.collect()
    assert set(bench.pages) == {"1_86_0/libs/asio/doc/start.html", "1_86_0/libs/asio/doc/two.html"}


def test_a_redirect_that_failed_is_settled_by_the_page_it_leads_to(bench: Bench, site: Site) -> None:
    site.page("libs/asio/index.html", html("old.html", "new.html"))
    site.page("libs/asio/new.html", html(text="New"))
    site.redirect(old="new.html")
    bench.library("1.86.0", "asio")
    bench.sandbox.faults.add("*/old.html", "dropped")
    bench.fail()
    assert bench.pending == {"libs/asio/old.html": ("pending", 1)}
    bench.collect()
    assert bench.pending == {}
    assert len(bench.pages) == 2


def test_a_redirect_to_another_library_is_not_this_ones_page(bench: Bench, site: Site) -> None:
    site.page("libs/asio/index.html", html("beast.html"))
    site.page("libs/beast/index.html", html())
    site.redirect(beast="../beast/index.html")
    bench.library("1.86.0", "asio")
    bench.collect()
    assert list(bench.pages) == ["1_86_0/libs/asio/index.html"]


def test_a_library_whose_first_page_is_no_page_fails(bench: Bench, site: Site) -> None:
    site.page("libs/asio/start.txt", "plain text")
    bench.library("1.86.0", "asio", start="start.txt")
    assert "libs/asio/start.txt is text/plain" in str(bench.fail())


def test_a_page_that_is_elsewhere_is_told_and_not_stored(
    bench: Bench, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.page("libs/asio/index.html", html("away.html", "other.html"))
    site.page("other.html", html())
    site.redirect(away="/", other="../../../1_85_0/other.html")
    bench.library("1.86.0", "asio")
    assert bench.collect()["pages_missing"] == 2
    assert list(bench.pages) == ["1_86_0/libs/asio/index.html"]
    assert "away.html" not in str(bench.pending)
    assert "is outside of" in caplog.text


def test_a_redirect_without_end_costs_only_its_page(bench: Bench, site: Site) -> None:
    site.page("libs/asio/index.html", html("loop.html", "good.html"))
    site.page("libs/asio/good.html", html(text="Good"))
    site.redirect(loop="loop.html?again")
    bench.library("1.86.0", "asio")
    error = bench.fail()
    assert "more than 10 redirects" in str(error)
    assert len(bench.pages) == 2
    assert bench.pending == {"libs/asio/loop.html": ("pending", 1)}


def test_what_is_no_html_is_no_page(bench: Bench, site: Site) -> None:
    site.page("libs/asio/index.html", html("notes", "code.cpp", "page.html"))
    site.page("libs/asio/notes", "plain text")
    site.page("libs/asio/code.cpp", "int main() {}")
    site.page("libs/asio/page.html", html(text="Page"))
    bench.library("1.86.0", "asio")
    assert bench.collect()["pages"] == 2
    assert [path.rpartition("/")[2] for path in bench.asked] == ["index.html", "notes", "page.html"]


def test_every_text_can_be_had_by_its_hash(bench: Bench, site: Site) -> None:
    asio(site)
    bench.library("1.85.0", "asio", OLD)
    bench.library("1.86.0", "asio", NEW)
    bench.collect("--versions", "1.85.0", "1.86.0")
    site.page("libs/asio/doc/a.html", html("b.html", text="A, mended"), release="1_86_0")
    bench.collect("--versions", "1.86.0", window=FULL)
    texts = bench.rows("SELECT url, content_hash FROM boost_library_docs_tracker_boostdoccontent WHERE gone_at IS NULL")
    assert len(texts) == 4
    for url, content_hash in texts:
        saved = load_page(bench.workspace, url)
        assert saved is not None
        assert sha256(saved.encode()).hexdigest() == content_hash


@pytest.mark.skipif(not (DATA / "boost-docs").is_dir(), reason="the real documentation pages are not here")
@pytest.mark.parametrize(("source", "most"), [((), 5), (("--use-local",), 99)])
def test_real_pages_are_all_found(
    tmp_path: Path, database: Database, database_url: str, make_settings: Any, source: tuple[str, ...], most: int
) -> None:
    # Each chapter of the book is a library of its own: libs/<chapter>/index.html sends its reader to doc/html/.
    book = DATA / "boost-docs" / "html-1.74"
    pages = {path.relative_to(book) for path in book.rglob("*.html")}
    chapters = sorted({path.parts[0].removesuffix(".html") for path in pages})[:most]
    with Sandbox(DATA, cache=tmp_path / "cache") as sandbox:
        bench = Bench(Site(tmp_path / "unused"), sandbox, database, database_url, make_settings)
        for chapter in chapters:
            bench.library("1.74.0", chapter)
        # Named, since the real repository beside these pages has newer releases.
        counts = bench.collect("--versions", "1.74.0", *source)
    stubs = {f"1_74_0/libs/{chapter}/index.html" for chapter in chapters}
    real = {f"1_74_0/doc/html/{path}" for path in pages if path.parts[0].removesuffix(".html") in chapters}
    assert set(bench.pages) == stubs | real
    assert counts["pages"] == len(stubs | real)
    assert counts.get("pages_pending", 0) == 0


def test_a_page_whose_file_cannot_be_written_does_not_cost_the_others(bench: Bench, site: Site) -> None:
    asio(site)
    bench.library("1.86.0", "asio")
    in_the_way = bench.workspace.path("boost_library_docs_tracker", "converted", "boost_1_86_0", "libs", "asio", "doc")
    (in_the_way / "a.md").mkdir()
    assert "libs/asio/doc/a.html (IsADirectoryError" in str(bench.fail())
    assert set(bench.pages) == {"1_86_0/libs/asio/index.html", "1_86_0/libs/asio/doc/b.html"}
    (in_the_way / "a.md").rmdir()
    bench.collect()
    assert len(bench.pages) == 3


def test_a_library_that_is_not_in_the_database_any_more_is_read_and_not_stored(
    bench: Bench, site: Site, make_context: Any, caplog: pytest.LogCaptureFixture
) -> None:
    asio(site)
    bench.library("1.86.0", "asio")
    context = make_context(bench.spec.name, settings=bench.settings())
    with bench.database.session() as session:
        (target,) = planned_targets(session, context.command, [], "")
    with bench.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM boost_library_tracker_boostlibraryversion"))
    counts = Counts()
    source = Crawl(context.http, context.settings.boost_docs_url, target.folder, delay=0, stop=context.stop)
    LibraryIntake(context, target, counts, batch=1, most=None).run(lambda: source)
    assert counts["pages"] == 3
    assert bench.pages == {}
    assert "is not in the database any more" in caplog.text


def test_links_out_of_the_library_or_the_release_are_not_followed(bench: Bench, site: Site) -> None:
    away = ("../../../../../etc/passwd", "http://[bad", "//evil.example/x.html", "mailto:x@y", "../functional/f.html")
    site.page("libs/io/index.html", html(*away, "doc/io.html", "../../../1_85_0/libs/io/index.html"))
    site.page("libs/io/doc/io.html", html("../../functional/io.html"))
    site.page("libs/functional/io.html", html())
    bench.library("1.86.0", "io")
    assert bench.collect()["pages"] == 2
    assert bench.asked == ["1_86_0/libs/io/index.html", "1_86_0/libs/io/doc/io.html"]


def test_a_first_page_that_stands_for_one_elsewhere_is_followed_there(bench: Bench, site: Site) -> None:
    refresh = '<meta http-equiv="refresh" content="0; URL=../../doc/html/any.html">'
    site.page("libs/any/index.html", html(text="Stub", head=refresh))
    site.page("doc/html/any.html", html("any/reference.html", "crc.html", text="Any"))
    site.page("doc/html/any/reference.html", html(text="Reference"))
    site.page("doc/html/crc.html", html())
    bench.library("1.86.0", "any")
    bench.collect()
    assert [path.partition("/")[2] for path in bench.asked] == [
        "libs/any/index.html",
        "doc/html/any.html",
        "doc/html/any/reference.html",
    ]


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (["--max-pages", "0"], "--max-pages", 1),
        (["--versions", " "], "--versions", 2),
        (["--versions", "1.99.0"], "not found in DB", 1),
        (["--library", "nothing"], "not found", 1),
    ],
)
def test_what_cannot_be_meant_is_an_error_before_any_work(
    bench: Bench, arguments: list[str], words: str, code: int
) -> None:
    bench.library("1.86.0", "asio")
    error = bench.fail(*arguments)
    assert isinstance(error, CommandError)
    assert words in str(error)
    assert error.returncode == code
    assert list(bench.sandbox.requests) == []


def test_without_any_release_there_is_nothing_to_read(bench: Bench) -> None:
    error = bench.fail()
    assert isinstance(error, TransientError)
    assert "No BoostVersion" in str(error)
    with bench.database.session() as session:
        get_or_create_boost_version(session, "boost-1.86.0")
    assert not isinstance(bench.fail(), PermanentError)


def test_a_release_that_is_not_stored_yet_is_not_passed_over(
    bench: Bench, site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asio(site)
    bench.library("1.86.0", "asio", OLD)
    releases(tmp_path / "samples", "1.86.0", "1.9.0", "1.87.0", "1.88.0.beta1")
    error = bench.fail()
    assert isinstance(error, TransientError)
    assert "boost-1.87.0 is not in the database yet" in str(error)
    assert bench.pages == {}
    assert bench.collect("--versions", "1.86.0")["pages"] == 3
    bench.library("1.87.0", "asio", NEW)
    assert bench.collect()["pages"] == 3
    bench.sandbox.faults.add("/git/*", "status", status=404, times=None)
    assert bench.collect()["libraries_unchanged"] == 1
    assert "Whether there is a newer release cannot be told" in caplog.text


def test_versions_may_be_several_and_are_read_from_the_oldest(bench: Bench, site: Site) -> None:
    asio(site)
    bench.library("1.86.0", "asio", NEW)
    bench.library("1.85.0", "asio", OLD)
    bench.library("1.84.0", "asio")
    counts = bench.collect("--versions", "boost-1.86.0", " 1.85.0 ", "--library", "asio")
    assert counts["versions"] == 2
    assert [path.partition("/")[0] for path in bench.asked] == ["1_85_0"] * 3 + ["1_86_0"] * 3


def test_what_an_earlier_release_still_lacks_is_read_with_the_newest(bench: Bench, site: Site) -> None:
    asio(site)
    site.page("libs/zip/index.html", html())
    bench.library("1.85.0", "asio", OLD)
    bench.library("1.85.0", "zip", OLD)
    bench.sandbox.faults.add("*/libs/asio/doc/b.html", "status", status=500)
    bench.fail()
    bench.library("1.86.0", "zip", NEW)
    assert bench.collect()["versions"] == 2
    assert bench.asked == ["1_85_0/libs/asio/doc/b.html", "1_86_0/libs/zip/index.html"]


def test_a_cap_holds_whenever_it_is_given_and_leaves_the_rest_to_a_whole_run(bench: Bench, site: Site) -> None:
    asio(site)
    bench.library("1.86.0", "asio")
    assert bench.collect("--max-pages", "2")["pages"] == 2
    assert bench.collect("--max-pages", "2")["pages_inserted"] == 0
    assert len(bench.pages) == 2
    assert bench.collect()["pages"] == 3
    assert len(bench.pages) == 3


def test_a_dry_run_reads_and_writes_nothing(bench: Bench, site: Site) -> None:
    asio(site)
    bench.library("1.86.0", "asio")
    before = versions(bench.database)
    counts = bench.collect("--dry-run")
    assert (counts["pages"], counts["dry_run"]) == (3, 1)
    assert versions(bench.database) == before
    assert bench.files == set()


def test_a_page_costs_a_few_statements_however_many_there_are(bench: Bench, site: Site) -> None:
    sizes = {"few": 5, "many": 20}
    for name, number in sizes.items():
        pages = [f"p{page}.html" for page in range(number)]
        site.page(f"libs/{name}/index.html", html(*pages))
        for page in pages:
            site.page(f"libs/{name}/{page}", html(text=f"{name} {page}"))
        bench.library("1.86.0", name)
    used = []
    for name in sizes:
        with statements() as seen:
            bench.collect("--library", name, "--use-local")
        used.append(len(seen))
    assert used[0] == used[1]
    assert used[0] <= 40


def test_texts_span_releases_in_the_order_of_the_releases(bench: Bench, site: Site) -> None:
    asio(site)
    for version, released in (("1.90.0", NEW), ("1.80.0", OLD), ("1.85.0", None)):
        bench.library(version, "asio", released)
        bench.collect("--versions", version)
    spans = bench.rows(
        "SELECT DISTINCT first.version, last.version FROM boost_library_docs_tracker_boostdoccontent c"
        " JOIN boost_library_tracker_boostversion first ON first.id = c.first_version_id"
        " JOIN boost_library_tracker_boostversion last ON last.id = c.last_version_id"
    )
    assert spans == [("boost-1.80.0", "boost-1.90.0")]
    assert len(bench.pages) == 9
