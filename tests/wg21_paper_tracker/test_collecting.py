"""The collector on a site that changes, fails, and holds odd rows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from boost_collectors.core.errors import CommandError, NetworkError, PermanentError, SourceError, TransientError
from boost_collectors.core.window import Window, WindowMode
from tests.bench import statements
from tests.contract.content import versions
from tests.wg21_paper_tracker.papers import BASE, Bench, Site

FULL = Window(WindowMode.FULL)


def test_a_mailing_whose_page_failed_is_read_by_the_next_run(bench: Bench, site: Site) -> None:
    site.mailing("2024-12", "p1r0.pdf")
    site.mailing("2025-01", "p2r0.pdf")
    bench.sandbox.faults.add("*/2024/", "status", status=503)
    error = bench.fail()
    assert isinstance(error, TransientError)
    assert "2024" in str(error)
    assert bench.statuses == {"2024-12": "failed", "2025-01": "complete"}
    assert bench.stored == {"p2r0"}
    assert error.result is not None
    assert error.result.counts["papers_inserted"] == 1
    bench.collect()
    assert bench.stored == {"p1r0", "p2r0"}
    assert bench.statuses == {"2024-12": "complete", "2025-01": "complete"}


def test_a_page_that_failed_is_downloaded_whole_although_it_has_not_changed(bench: Bench, site: Site) -> None:
    site.mailing("2025-01", "p1r0.pdf")
    bench.collect()
    bench.sandbox.faults.add("*/2025/", "status", status=503)
    bench.fail()
    assert bench.statuses == {"2025-01": "failed"}
    bench.collect()
    assert bench.pages == [("2025", 200)]
    assert bench.statuses == {"2025-01": "complete"}


def test_a_mailing_that_failed_long_ago_is_still_tried(bench: Bench, site: Site) -> None:
    site.mailing("2001-01", "n1.pdf")
    bench.sandbox.faults.add("*/2001/", "dropped")
    bench.fail()
    for date in ("2024-01", "2024-02", "2024-03"):
        site.mailing(date, f"p{date[-1]}r0.pdf")
    bench.collect()
    assert "n1" in bench.stored


def test_a_paper_that_joins_the_newest_mailings_late_is_found(bench: Bench, site: Site) -> None:
    for date in ("2024-10", "2024-12", "2025-01"):
        site.mailing(date, f"n{date[-2:]}.pdf")
    bench.collect()
    site.paper("2025-01", "p1r0.pdf")
    site.paper("2024-12", "p2r0.pdf")
    assert bench.collect()["papers_inserted"] == 2
    assert {"p1r0", "p2r0"} <= bench.stored


def test_an_older_mailing_that_the_index_lacked_is_found(bench: Bench, site: Site) -> None:
    site.mailing("2025-03", "p3r0.pdf")
    bench.collect()
    site.mailing("2025-01", "p1r0.pdf")
    site.mailing("1999-05", "n1.pdf")
    bench.collect()
    assert bench.stored == {"p1r0", "p3r0", "n1"}


def test_a_mailing_without_papers_yet_is_no_failure_and_is_read_when_its_page_changes(bench: Bench, site: Site) -> None:
    for date in ("2025-01", "2025-02", "2025-03"):
        site.mailing(date, f"n{date[-1]}.pdf")
    site.mailing("2001-01")
    assert bench.collect()["mailings_without_papers"] == 1
    bench.collect()
    assert bench.pages == [("2001", 304), ("2025", 304)]
    site.paper("2001-01", "n9.pdf")
    bench.collect()
    assert "n9" in bench.stored


def test_bad_rows_stop_neither_the_others_nor_the_announcements(bench: Bench, site: Site) -> None:
    site.mailing("2024-12", "p1r0.pdf")
    site.paper("2024-12", "p2r0.pdf", title="x" * 1100, authors=["y" * 300], subgroup="z" * 300)
    site.paper("2024-12", f"{'long/' * 250}p3r0.pdf")
    site.paper("2024-12", f"p{'4' * 300}r0.pdf")
    site.paper("2024-12", "http://[bad/p5r0.pdf")
    site.paper("2024-12", "p6r0.pdf", title="")
    site.paper("2024-12", "p7r0.pdf", date="2024-02-30")
    site.mailing("2025-01", "p8r0.pdf")
    assert bench.collect()["papers_quarantined"] == 2
    assert bench.stored == {"p1r0", "p2r0", "p7r0", "p8r0"}
    assert [url for url, _ in bench.waiting] == [
        f"{y}/p{n}r0.pdf" for y, n in ((2024, 1), (2024, 2), (2024, 7), (2025, 8))
    ]
    assert bench.rows("SELECT title FROM wg21_paper_tracker_wg21paper WHERE paper_id = 'p2r0'") == ["x" * 1024]
    assert bench.rows("SELECT document_date FROM wg21_paper_tracker_wg21paper WHERE paper_id = 'p7r0'") == [None]
    assert {key[:4]: status for key, (status, _) in bench.pending.items()} == {
        "p3r0": "quarantined",
        "p444": "quarantined",
    }
    before = versions(bench.database)
    bench.collect(window=FULL)
    assert versions(bench.database) == before


def test_a_paper_leaves_quarantine_when_the_page_has_it_right(bench: Bench, site: Site) -> None:
    site.mailing("2024-12", f"{'long/' * 250}p3r0.pdf", "p1r0.pdf")
    bench.collect()
    assert list(bench.pending) == ["p3r0"]
    site.change("2024-12", files=["p3r0.pdf"])
    bench.collect()
    assert "p3r0" in bench.stored
    assert bench.pending == {}


def test_one_download_per_year_and_none_while_nothing_changes(bench: Bench, site: Site) -> None:
    for month in range(1, 10):
        site.mailing(f"2024-0{month}", f"p{month}r0.pdf")
    site.mailing("2025-01", "n1.pdf")
    bench.collect()
    assert bench.pages == [("2024", 200), ("2025", 200)]
    counts = bench.collect()
    assert [request.status for request in bench.sandbox.requests] == [304, 304, 304]
    assert counts["pages_unchanged"] == 2
    site.paper("2025-01", "n2.pdf")
    bench.collect()
    assert bench.pages == [("2024", 304), ("2025", 200)]
    assert "n2" in bench.stored


def test_a_new_mailing_makes_the_index_be_read_again(bench: Bench, site: Site) -> None:
    site.mailing("2025-01", "n1.pdf")
    bench.collect()
    bench.collect()
    assert bench.sandbox.requests[0].status == 304
    site.mailing("2025-02", "n2.pdf")
    bench.collect()
    assert bench.sandbox.requests[0].status == 200
    assert bench.stored == {"n1", "n2"}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"url": "elsewhere", "html": "x", "etag": "y"}'])
def test_a_damaged_copy_of_the_index_is_no_copy(bench: Bench, site: Site, content: str) -> None:
    site.mailing("2025-01", "n1.pdf")
    bench.collect()
    copy = bench.settings().workspace_dir / "wg21_paper_tracker" / "index.json"
    assert copy.exists()
    copy.write_text(content)
    bench.collect()
    assert bench.sandbox.requests[0].status == 200


def test_what_a_bounded_run_reads_hides_no_late_paper(bench: Bench, site: Site) -> None:
    for date in ("2025-01", "2025-02", "2025-03"):
        site.mailing(date, f"n{date[-1]}.pdf")
    bench.collect()
    site.paper("2025-03", "p1r0.pdf")
    bench.collect("--from-date", "2025-01", "--to-date", "2025-01")
    assert "p1r0" not in bench.stored
    bench.collect()
    assert "p1r0" in bench.stored


def test_a_bounded_run_reads_its_mailings_even_when_the_page_has_not_changed(bench: Bench, site: Site) -> None:
    site.mailing("2025-01", "n1.pdf")
    bench.collect()
    bench.collect("--from-date", "2025-01")
    assert bench.pages == [("2025", 200)]


def test_a_full_run_reads_every_mailing_again(bench: Bench, site: Site) -> None:
    for date in ("2001-01", "2024-01", "2025-01", "2025-02"):
        site.mailing(date, f"n{int(date[:4]) + int(date[5:])}.pdf")
    bench.collect()
    site.change("2001-01", title="Corrected")
    bench.collect()
    assert bench.pages == [("2025", 304)]
    assert bench.collect(window=FULL)["papers_updated"] == 1
    assert bench.pages == [("2001", 200), ("2024", 200), ("2025", 200)]


def test_a_changed_document_is_announced(bench: Bench, site: Site) -> None:
    site.mailing("2025-01", "p1r0.pdf", "p2r0.pdf")
    bench.collect()
    assert bench.waiting == [("2025/p1r0.pdf", "created"), ("2025/p2r0.pdf", "created")]
    site.paper("2025-01", "p1r0.html")
    site.change("2025-01", 1, title="Another title alone is no other document")
    bench.collect()
    assert bench.waiting[2:] == [("2025/p1r0.html", "changed")]


def test_the_other_spelling_of_the_host_is_the_same_host(bench: Bench, site: Site) -> None:
    site.mailing(
        "2025-01", "http://open-std.org/jtc1/sc22/wg21/docs/papers/2025/p1r0.html", "https://example.org/p2r0.pdf"
    )
    bench.collect()
    assert bench.rows("SELECT url FROM wg21_paper_tracker_wg21paper") == [f"{BASE}/2025/p1r0.html"]


def test_what_is_known_is_not_erased_by_what_is_missing(bench: Bench, site: Site) -> None:
    site.mailing("2025-01", "p1r0.pdf")
    bench.collect()
    known = "SELECT document_date, subgroup FROM wg21_paper_tracker_wg21paper"
    before = bench.rows(known)
    site.change("2025-01", date="", subgroup="", authors=[])
    bench.collect()
    assert bench.rows(known) == before
    assert before[0][1] == "SG1"
    assert bench.rows("SELECT count(*) FROM wg21_paper_tracker_wg21paperauthor") == [1]


def test_an_unchanged_mailing_costs_few_statements_and_no_write(bench: Bench, site: Site) -> None:
    papers = 40
    for number in range(papers):
        site.paper("2025-01", f"p{number}r0.pdf", authors=["Ada", "Bo", f"Person {number}"])
    with statements() as first:
        bench.collect()
    before = versions(bench.database)
    with statements() as second:
        assert bench.collect(window=FULL)["papers_unchanged"] == papers
    assert versions(bench.database) == before
    assert len(second) < papers
    assert len(first) < papers
    writing = [statement for statement in second if statement.startswith(("INSERT INTO wg21", "DELETE FROM wg21"))]
    assert len(writing) <= 3


@pytest.mark.parametrize("kind", ["dropped", "status", "truncated"])
def test_a_site_that_cannot_be_reached_fails_the_run(bench: Bench, site: Site, kind: str) -> None:
    site.mailing("2025-01", "p1r0.pdf")
    bench.sandbox.faults.add("*/papers/", kind)
    assert isinstance(bench.fail(), NetworkError)


def test_an_index_without_mailings_is_not_the_index(bench: Bench) -> None:
    error = bench.fail()
    assert isinstance(error, SourceError)
    assert "links no mailing" in str(error)


def test_a_page_without_any_mailing_is_no_year_page(bench: Bench, site: Site) -> None:
    site.mailing("2025-01", "p1r0.pdf")
    bench.sandbox.faults.add("*/2025/", "malformed")
    error = bench.fail()
    assert isinstance(error, PermanentError)
    assert "marks no mailing" in str(error)
    assert bench.statuses == {"2025-01": "failed"}
    bench.collect()
    assert bench.stored == {"p1r0"}


@pytest.mark.parametrize(
    ("arguments", "pages", "stored"),
    [
        (("--from-date", "2024-12", "--to-date", "2025-01"), ["2024", "2025"], {"n12", "n1"}),
        (("--to-date", "2024-10"), ["2024"], {"n10"}),
        (("--from-date", " 2025-03 "), ["2025"], {"n3"}),
        (("--from-date", " ", "--to-date", ""), ["2024", "2025"], {"n10", "n12", "n1", "n3"}),
        (("--since", "2024-12-01", "--until", "2025-01-01"), ["2024"], {"n12"}),
        (("--since", "2025-01-15"), ["2025"], {"n1", "n3"}),
    ],
)
def test_bounds(bench: Bench, site: Site, arguments: tuple[str, ...], pages: list[str], stored: set[str]) -> None:
    for date in ("2024-10", "2024-12", "2025-01", "2025-03"):
        site.mailing(date, f"n{int(date[5:])}.pdf")
    bench.collect(*arguments)
    assert [year for year, _ in bench.pages] == pages
    assert bench.stored == stored


def test_an_upper_bound_alone_reads_on_from_the_newest_that_is_stored(bench: Bench, site: Site) -> None:
    for date in ("2024-10", "2024-12", "2025-01", "2025-03"):
        site.mailing(date, f"n{int(date[5:])}.pdf")
    bench.collect("--from-date", "2024-12", "--to-date", "2024-12")
    assert bench.collect("--to-date", "2025-01")["mailings_selected"] == 1
    assert bench.stored == {"n12", "n1"}


def test_a_month_of_no_calendar_in_the_table_blocks_nothing(bench: Bench, site: Site) -> None:
    with bench.database.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO wg21_paper_tracker_wg21mailing (mailing_date, title) VALUES ('2025-13', 'x'), ('unknown', 'y')"
        )
    site.mailing("2025-01", "p1r0.pdf")
    bench.collect("--to-date", "2025-02")
    assert bench.stored == {"p1r0"}


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
@pytest.mark.parametrize("bounds", [("--from-date", "2025-13"), ("--from-date", "2025-02", "--to-date", "2025-01")])
def test_wrong_bounds_are_told_before_any_request(bench: Bench, dry: tuple[str, ...], bounds: tuple[str, ...]) -> None:
    assert isinstance(bench.fail(*bounds, *dry), CommandError)
    assert len(bench.sandbox.requests) == 0


def test_the_window_of_the_run_wins_over_the_flags(bench: Bench, site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.mailing("2024-12", "n1.pdf")
    site.mailing("2025-01", "n2.pdf")
    window = Window(WindowMode.BACKFILL, datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC))
    bench.collect("--from-date", "2024-12", window=window)
    assert bench.stored == {"n2"}
    assert "give way to the window" in caplog.text


def test_a_dry_run_reads_the_index_only_and_writes_nothing(bench: Bench, site: Site) -> None:
    site.mailing("2025-01", "n1.pdf")
    assert bench.collect("--dry-run")["mailings_selected"] == 1
    assert len(bench.sandbox.requests) == 1
    assert bench.statuses == {}
    assert not bench.settings().workspace_dir.exists()


def test_papers_on_the_page_of_a_year_to_come_get_no_year(
    bench: Bench, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.mailing("2999-01", "p1r0.pdf")
    bench.collect()
    assert bench.rows("SELECT year FROM wg21_paper_tracker_wg21paper") == [0]
    assert "Mailing 2999-01 stands on the page of year 2999" in caplog.text


def test_authors_keep_their_order_and_follow_the_page(bench: Bench, site: Site) -> None:
    site.paper("2025-01", "p1r0.pdf", authors=["Ada", "Bo", "Cy"])
    bench.collect()
    order = (
        "SELECT p.display_name FROM wg21_paper_tracker_wg21paperauthor a "
        "JOIN cppa_user_tracker_wg21paperauthorprofile p ON p.baseprofile_ptr_id = a.profile_id ORDER BY a.author_order"
    )
    assert bench.rows(order) == ["Ada", "Bo", "Cy"]
    site.change("2025-01", authors=["Cy", "Ada", "Di", "Cy"])
    bench.collect()
    assert bench.rows(order) == ["Cy", "Ada", "Di"]
    assert bench.rows("SELECT count(*) FROM cppa_user_tracker_wg21paperauthorprofile") == [4]
