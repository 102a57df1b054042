"""Importing paper metadata from a CSV file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from boost_collectors import registry
from boost_collectors.core.errors import CommandError
from boost_collectors.core.execution import Request, execute
from tests.contract.content import versions
from tests.wg21_paper_tracker.papers import Bench, Site

SPEC = registry.find("import_wg21_metadata_from_csv")
HEAD = "filename,paper_id,url,title,author,date,mailing_date,subgroup\n"
PAPERS = "SELECT paper_id, year, title, document_date::text, subgroup FROM wg21_paper_tracker_wg21paper ORDER BY 1, 2"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "papers.csv"


def _import(bench: Bench, file: Path | None, content: str | bytes | None = None, *flags: str) -> None:
    if file is not None and content is not None:
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    arguments = (*(("--csv-file", str(file)) if file else ()), *flags)
    assert execute(SPEC, Request(arguments=arguments), settings=bench.settings()) is None


def _counts(caplog: pytest.LogCaptureFixture) -> dict[str, int]:
    found: list[Any] = [record.counts for record in caplog.records if hasattr(record, "counts")]
    return {name: number for name, number in found[-1].items() if number}


def test_a_file_is_imported(bench: Bench, file: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    rows = (
        'p1r0.pdf, P1R0 ,https://x/p1r0.pdf," A  title\non lines","Ada, Bo and Cy",2025-1-5,2025-01,SG1\n'
        "n2.pdf,n2,https://x/n2.pdf,,,20240302,,\n"
        "n3.pdf,n3,https://x/n3.pdf,T,,,unknown,\n"
    )
    _import(bench, file, HEAD + rows)
    assert bench.rows(PAPERS) == [
        ("n2", 2024, "n2", "2024-03-02", ""),
        ("n3", 0, "T", None, ""),
        ("p1r0", 2025, "A title on lines", "2025-01-05", "SG1"),
    ]
    mailings = "SELECT mailing_date, title FROM wg21_paper_tracker_wg21mailing ORDER BY 1"
    assert bench.rows(mailings) == [("2025-01", "2025-01 (from metadata)"), ("unknown", "Unknown")]
    names = "SELECT display_name FROM cppa_user_tracker_wg21paperauthorprofile ORDER BY 1"
    assert bench.rows(names) == ["Ada", "Bo and Cy"]
    assert _counts(caplog) == {"rows": 3, "mailings created": 2, "papers created": 3}
    assert bench.waiting == []


def test_a_second_import_writes_nothing_and_counts_every_row_as_updated(
    bench: Bench, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    content = HEAD + "".join(f",p{number}r0,https://x/{number},T,Ada,,2025-01,\n" for number in range(5))
    _import(bench, file, content)
    before = versions(bench.database)
    _import(bench, file)
    assert versions(bench.database) == before
    assert _counts(caplog) == {"rows": 5, "papers updated": 5}


def test_columns_may_come_in_any_order_and_case_with_others_between(bench: Bench, file: Path) -> None:
    _import(bench, file, "URL ,x, Paper_ID\nhttps://x/1,y,p1r0,surplus\nhttps://x/2,y,p2r0\n")
    assert [row[0] for row in bench.rows(PAPERS)] == ["p1r0", "p2r0"]


def test_a_byte_order_mark_is_no_part_of_the_first_column(bench: Bench, file: Path) -> None:
    _import(bench, file, b"\xef\xbb\xbf" + b"paper_id,url\np1r0,https://x/1\n")
    assert len(bench.rows(PAPERS)) == 1


def test_the_default_file_is_in_the_workspace(bench: Bench) -> None:
    path = bench.settings().workspace_dir / "wg21_paper_tracker" / "metadata.csv"
    path.parent.mkdir(parents=True)
    _import(bench, path, "paper_id,url\np1r0,https://x/1\n")
    _import(bench, None)
    assert len(bench.rows(PAPERS)) == 1


@pytest.mark.parametrize("content", ["", HEAD])
def test_a_file_without_rows_is_fine(bench: Bench, file: Path, content: str, caplog: pytest.LogCaptureFixture) -> None:
    _import(bench, file, content)
    assert bench.rows(PAPERS) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "File not found"),
        (b"paper_id,url\np1r0,\xff\xfe\n", "cannot be read as CSV"),
        (b"paper_id,title\np1r0,T\n", "no column url"),
        (b"name\nx\n", "no column paper_id and no column url"),
        (b"paper_id,url\n,https://x/1\np1r0,\n", "not one of 2 rows"),
        (b"paper_id,url,date\np1r0,https://x/1,2025-02-30\n", "not one of 1 rows"),
    ],
)
def test_what_is_no_such_file_fails(bench: Bench, file: Path, content: bytes | None, told: str) -> None:
    with pytest.raises(CommandError, match=told):
        _import(bench, file, content)


def test_a_folder_is_no_file(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read as CSV"):
        _import(bench, tmp_path)


def test_rows_that_cannot_be_used_are_named_and_stop_no_other(
    bench: Bench, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    rows = (
        ",,https://x/1,no id,,,2025-01,\n"
        ",p1r0,https://x/1,bad date,,2025-02-30,2025-01,\n"
        f",p2r0,https://x/{'y' * 1100},long,,,2025-01,\n"
        ",p3r0,https://x/3,nul\0inside,,,2025-01,\n"
        ",p4r0,https://x/4,good,,,2025-01,\n"
    )
    _import(bench, file, HEAD + rows)
    assert [row[0] for row in bench.rows(PAPERS)] == ["p3r0", "p4r0"]
    assert _counts(caplog) == {"rows": 5, "skipped": 3, "mailings created": 1, "papers created": 2}
    assert f"{file} row 2: no paper_id or url" in caplog.text
    assert f"{file} row 3: day" in caplog.text
    assert "p2r0 of mailing 2025-01: url is longer" in caplog.text


def test_a_row_that_the_database_refuses_stops_no_other(
    bench: Bench, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with bench.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE wg21_paper_tracker_wg21paper ADD CHECK (title <> 'odd')")
    rows = "".join(f",p{n}r0,https://x/{n},{'odd' if n == 2 else 'T'},,,2025-01,\n" for n in range(5))
    _import(bench, file, HEAD + rows)
    assert len(bench.rows(PAPERS)) == 4
    assert _counts(caplog)["skipped"] == 1


@pytest.mark.parametrize("mailing", ["2025-13", "2025-00", "2025-1", "soon", "20255-01"])
def test_what_is_no_month_is_the_unknown_mailing(bench: Bench, file: Path, site: Site, mailing: str) -> None:
    _import(bench, file, f"paper_id,url,mailing_date,date\np1r0,https://x/1,{mailing},2025-03-01\n")
    assert bench.rows("SELECT mailing_date FROM wg21_paper_tracker_wg21mailing") == ["unknown"]
    assert bench.rows("SELECT year FROM wg21_paper_tracker_wg21paper") == [2025]
    site.mailing("2025-01", "p2r0.pdf")
    bench.collect()
    assert bench.stored == {"p1r0", "p2r0"}


def test_what_the_site_says_is_not_damaged(bench: Bench, file: Path, site: Site) -> None:
    site.paper("2025-01", "p1r0.pdf", title="Real title")
    bench.collect()
    before = versions(bench.database)
    url = bench.rows("SELECT url FROM wg21_paper_tracker_wg21paper")[0]
    _import(bench, file, f"paper_id,url,mailing_date\np1r0,{url},2025-01\np1r0,{url},\n")
    after = versions(bench.database)
    assert after["wg21_paper_tracker_wg21paper"] == before["wg21_paper_tracker_wg21paper"]
    titles = "SELECT title FROM wg21_paper_tracker_wg21mailing WHERE mailing_date = '2025-01'"
    assert bench.rows(titles) == ["2025-01 mailing"]


def test_an_imported_mailing_is_still_read_from_the_site(bench: Bench, file: Path, site: Site) -> None:
    for date in ("2025-01", "2025-02", "2025-03"):
        site.mailing(date, f"n{date[-1]}.pdf")
    _import(bench, file, "paper_id,url,mailing_date\np9r0,https://x/9,2025-01\n")
    bench.collect()
    assert "n1" in bench.stored
    titles = "SELECT title FROM wg21_paper_tracker_wg21mailing WHERE mailing_date = '2025-01'"
    assert bench.rows(titles) == ["2025-01 mailing"]


def test_several_rows_of_one_paper_are_one_paper(bench: Bench, file: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    rows = ",p1r0,https://x/1.pdf,T,Ada,2025-01-05,2025-01,SG1\n,p1r0,https://x/1.html,T,,,2025-01,\n"
    _import(bench, file, HEAD + rows)
    assert bench.rows(PAPERS) == [("p1r0", 2025, "T", "2025-01-05", "SG1")]
    assert bench.rows("SELECT url FROM wg21_paper_tracker_wg21paper") == ["https://x/1.html"]
    assert bench.rows("SELECT count(*) FROM wg21_paper_tracker_wg21paperauthor") == [1]
    assert _counts(caplog) == {"rows": 2, "mailings created": 1, "papers created": 1, "papers updated": 1}


def test_a_dry_run_names_every_row_and_writes_nothing(
    bench: Bench, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    _import(bench, file, "paper_id,url\np1r0,https://x/1\np2r0,https://x/2\n", "--dry-run")
    assert bench.rows(PAPERS) == []
    dry = [record.getMessage() for record in caplog.records if record.getMessage().startswith("Dry run")]
    assert dry == ["Dry run: p1r0 of mailing unknown", "Dry run: p2r0 of mailing unknown"]
