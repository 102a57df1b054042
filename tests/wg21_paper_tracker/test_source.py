"""Reading the committee's pages."""

from __future__ import annotations

from datetime import date

import pytest

from boost_collectors.wg21_paper_tracker.source import Mailing, YearPage, parse_date, parse_index, split_authors

BASE = "https://www.open-std.org/jtc1/sc22/wg21/docs/papers/2025"
CELLS = ("{links}", "{title}", "{authors}", "2025-1-5", "2025-01", "", "SG1", "")
EIGHT = "<tr>" + "".join(f"<td>{cell}</td>" for cell in CELLS) + "</tr>"


def _page(rows: str, anchor: str = '<a name="mailing2025-01"></a>', tail: str = "") -> YearPage:
    return YearPage(f"<h1>2025</h1>{anchor}<table>{rows}</table>{tail}", "2025")


def _row(links: str = '<a href="p1r0.html">P1R0</a>', title: str = "T", authors: str = "A") -> str:
    return EIGHT.format(links=links, title=title, authors=authors)


def test_a_title_with_markup_keeps_its_blanks() -> None:
    assert (
        parse_index('<a href="2025/#mailing2025-02">2025-02 <b>pre</b>\n meeting</a>')[0].title == "2025-02 pre meeting"
    )


def test_the_index_names_each_mailing_once_in_order() -> None:
    html = """<a href="2025/#mailing2025-02"> February </a><a href="2025/#mailing2025-01">January</a>
    <a href="2025/#mailing2025-02">again</a><a href="2025/#mailing2025-13">no month</a>
    <a href="https://www.open-std.org/2025/#mailing2025-03">absolute</a><a href="index.html#mailing2025-04">x</a>"""
    assert parse_index(html) == [Mailing("2025-02", "February", "2025"), Mailing("2025-01", "January", "2025")]


def test_a_row_of_eight_columns() -> None:
    papers = _page(_row('<a href="P1234R0.PDF">P1234R0</a>', " A  title\n on lines ", "A B, C D")).papers("2025-01")
    assert papers is not None
    [paper] = papers
    assert paper.paper_id == "p1234r0"
    assert paper.url == f"{BASE}/P1234R0.PDF"
    assert paper.title == "A title on lines"
    assert paper.authors == ("A B", "C D")
    assert paper.document_date == date(2025, 1, 5)
    assert paper.subgroup == "SG1"


def test_a_row_of_five_columns() -> None:
    row = '<tr><td><a href="n1.pdf">n1</a></td><td>T</td><td>A</td><td>20250105</td><td>LWG</td></tr>'
    papers = _page(row).papers("2025-01")
    assert papers is not None
    assert (papers[0].subgroup, papers[0].document_date) == ("LWG", date(2025, 1, 5))


@pytest.mark.parametrize("anchor", ['<p id="mailing2025-01">', '<a name="mailing2025-01">'])
def test_the_anchor_may_be_an_id_or_a_name(anchor: str) -> None:
    assert _page(_row(), anchor).papers("2025-01")


def test_the_table_of_the_next_mailing_is_not_taken() -> None:
    page = _page(_row(), '<a name="mailing2025-01"></a>none<a name="mailing2025-02"></a>')
    assert page.papers("2025-01") is None
    assert page.papers("2025-02")
    assert page.papers("2025-03") is None


def test_a_table_that_bears_the_mark_itself_is_the_mailings() -> None:
    first = f'<table id="mailing2025-01">{_row(title="January")}</table>'
    second = f'<table id="mailing2025-02">{_row(title="February")}</table>'
    page = YearPage(first + second, "2025")
    for mailing_date, title in (("2025-01", "January"), ("2025-02", "February")):
        papers = page.papers(mailing_date)
        assert papers is not None
        assert [paper.title for paper in papers] == [title]


def test_a_mark_without_table_does_not_take_the_next_marked_table() -> None:
    html = f'<a name="mailing2025-01"></a><table id="mailing2025-02">{_row()}</table>'
    assert YearPage(html, "2025").papers("2025-01") is None


@pytest.mark.parametrize(
    ("html", "is_one"),
    [('<a name="mailing2025-01">', True), ('<p id="mailing2025-01">', True), ("<table></table>", False), ("", False)],
)
def test_a_year_page_marks_mailings(html: str, is_one: bool) -> None:
    assert YearPage(html, "2025").has_mailings is is_one


@pytest.mark.parametrize(
    "links",
    [
        "",
        '<a href="http://[x/p1r0.pdf">no host</a>',
        '<a href="d1234r0.pdf">d</a>',
        '<a href="p1234.pdf">p</a>',
        '<a href="p1r0">p</a>',
        '<a href="p1r0.7z">p</a>',
        '<a href="https://example.org/p1r0.pdf">elsewhere</a>',
        '<a href="ftp://www.open-std.org/p1r0.pdf">ftp</a>',
    ],
)
def test_links_that_are_no_papers(links: str) -> None:
    assert _page(_row(links)).papers("2025-01") == []


def test_the_next_link_of_a_cell_counts_when_the_first_leads_elsewhere() -> None:
    links = '<a href="https://example.org/p1r0.pdf">x</a> <a href="http://open-std.org/x/p1r0.html">y</a>'
    papers = _page(_row(links)).papers("2025-01")
    assert papers is not None
    assert papers[0].url == "https://www.open-std.org/x/p1r0.html"


def test_the_best_format_represents_a_paper() -> None:
    rows = "".join(_row(f'<a href="p1r0.{kind}">x</a>', kind) for kind in ("pdf", "ps", "html", "zip", "html"))
    papers = _page(rows).papers("2025-01")
    assert papers is not None
    assert [paper.url for paper in papers] == [f"{BASE}/p1r0.html"]


def test_spanning_rows_and_rows_without_title_are_left_out() -> None:
    rows = '<tr><td colspan="8"><a href="p9r9.pdf">x</a></td></tr>' + _row(title=" ")
    assert _page(rows).papers("2025-01") == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A, B and C", ("A", "B", "C")),
        ("A; B & C", ("A", "B", "C")),
        ("Alexander and Anders", ("Alexander", "Anders")),
        ("A,B,A", ("A", "B")),
        ("Anders Sandberg", ("Anders Sandberg",)),
        ("", ()),
    ],
)
def test_authors(text: str, names: tuple[str, ...]) -> None:
    assert split_authors(text) == names


def test_a_line_break_parts_authors_and_white_space_does_not() -> None:
    papers = _page(_row(authors="Jo\n  Doe<br>Mi Aster")).papers("2025-01")
    assert papers is not None
    assert papers[0].authors == ("Jo Doe", "Mi Aster")


def test_a_line_break_in_a_title_is_a_blank() -> None:
    papers = _page(_row(title="One<br>line")).papers("2025-01")
    assert papers is not None
    assert papers[0].title == "One line"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2025-01-05", date(2025, 1, 5)), ("2025-1-5", date(2025, 1, 5)), ("20250105", date(2025, 1, 5)), ("soon", None)],
)
def test_dates(text: str, expected: date | None) -> None:
    assert parse_date(text) == expected


def test_an_impossible_date_is_empty_in_a_page_and_an_error_by_itself() -> None:
    papers = _page(_row().replace("2025-1-5", "2025-02-30")).papers("2025-01")
    assert papers is not None
    assert papers[0].document_date is None
    with pytest.raises(ValueError, match="day"):
        parse_date("2025-02-30")
