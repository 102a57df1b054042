"""The pure parts: score, versions, lists, dependency graphs, names, charts, tables."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest

from boost_collectors.boost_library_usage_dashboard.charts import Axis, Chart, Series
from boost_collectors.boost_library_usage_dashboard.collector import analysed
from boost_collectors.boost_library_usage_dashboard.consumers import consumers
from boost_collectors.boost_library_usage_dashboard.library_data import overview_of_years, person_name
from boost_collectors.boost_library_usage_dashboard.names import page_names, safe_name
from boost_collectors.boost_library_usage_dashboard.reading import number, percentage, versions
from boost_collectors.boost_library_usage_dashboard.releases import moved
from boost_collectors.boost_library_usage_dashboard.scoring import Weights, activity
from boost_collectors.boost_library_usage_dashboard.selection import select_rows
from boost_collectors.boost_library_usage_dashboard.tables import Column, DataTable, safe_json


@pytest.mark.parametrize(
    ("counts", "total", "recent", "past", "score"),
    [
        ([(2020, 2), (2021, 4), (2022, 6)], 12, 10, 2, 0.3088739590),
        ([(2023, 2), (2024, 8)], 10, 10, 0, 0.5311102694),
        ([(2024, 10)], 10, 10, 0, 0.0),
        ([(2015, 10), (2016, 5), (2020, 20), (2025, 40), (2026, 99)], 75, 40, 35, 0.2435057328),
        ([(2010, 100), (2024, 1)], 101, 1, 100, -0.3811714130),
        ([(2026, 5)], 5, 5, 0, 0.0),
        ([], 0, 0, 0, -10.0),
        ([(2020, 0)], 0, 0, 0, -10.0),
    ],
)
def test_the_activity_score(counts: list[tuple[int, int]], total: int, recent: int, past: int, score: float) -> None:
    found = activity(counts, 2026)
    assert (found.total, found.recent, found.past) == (total, recent, past)
    assert found.score == pytest.approx(score, abs=1e-9)


def test_the_score_of_one_year_twice() -> None:
    assert activity([(2020, 3), (2020, 2)], 2024).score == pytest.approx(-0.0291806719, abs=1e-9)


def test_the_weights_weigh_the_parts() -> None:
    counts = [(2020, 2), (2021, 4), (2022, 6)]
    parts = [activity(counts, 2026, Weights(*weights)).score for weights in ((1, 0, 0), (0, 1, 0), (0, 0, 1))]
    assert activity(counts, 2026).score == pytest.approx(0.4 * parts[0] + 0.3 * parts[1] + 0.3 * parts[2])


@pytest.mark.parametrize(
    ("version", "steps", "expected"),
    [("", 1, None), ("9.9", 1, "9.9"), ("1", 1, "2"), ("3", -2, "1"), ("3", 1, None), ("1", -1, None)],
)
def test_moving_along_versions(version: str, steps: int, expected: str | None) -> None:
    assert moved(version, steps, ["1", "2", "3"]) == expected


def test_selecting_rows() -> None:
    rows = [{"n": "a", "v": 3}, {"n": "b"}, {"n": "c", "v": None}, {"n": "d", "v": 5}]
    assert select_rows(rows, ["n"], sort_by="v", descending=True) == [
        {"n": "d", "v": 5},
        {"n": "a", "v": 3},
        {"n": "b", "v": None},
        {"n": "c", "v": None},
    ]
    assert [row["n"] for row in select_rows(rows, ["n"], sort_by="v", condition=("v", 1, 3))] == ["d"]
    assert [row["n"] for row in select_rows(rows, ["n"], sort_by="v", condition=("v", -1, 3))] == ["b", "c"]
    assert [row["n"] for row in select_rows(rows, ["n"], sort_by="v", condition=("v", 0, 0), limit=1)] == ["b"]
    assert len(select_rows(rows, [], sort_by="v", limit=0)) == 4


def test_consumers_are_found_by_the_shortest_way_and_cycles_end() -> None:
    assert consumers({1: {1, 2}, 2: {3}, 3: {2}}, 1) == {2: 1, 3: 2}
    assert consumers({1: {2, 3}, 2: {3}, 3: {4}, 4: {1}}, 1) == {2: 1, 3: 1, 4: 2}
    assert consumers({1: {2}}, 9) == {}


def test_the_overview_of_years() -> None:
    assert overview_of_years({2024: 5, 2025: 3, 2026: 12}, 2026) == {
        "average_used_repo_count": pytest.approx(20 / 3),
        "most_used_year": {"year": 2026, "count": 12},
        "last_year_used_repo_count": {"year": 2025, "count": 3},
    }
    assert overview_of_years({2024: 5, 2025: 5}, 2026)["most_used_year"]["year"] == 2024
    assert overview_of_years({}, 2026)["most_used_year"] == {"year": "", "count": 0}


def test_no_address_is_anybodys_name() -> None:
    assert person_name("", "ada@example.org", "ada") == "ada"
    assert person_name("Ada <ada@example.org>", "", "") == "unknown"
    assert person_name("Ada", "x", "y") == "Ada"


def test_names_of_pages_are_safe_and_never_the_same() -> None:
    assert safe_name("asio/io") == "asio_io"
    assert safe_name("") == "unknown"
    names = page_names(["A B", "A_B", "a_b", "A/B", "..", "con", "asio"])
    assert names["A_B"] == "A_B"
    assert names["asio"] == "asio"
    folded = [name.casefold() for name in names.values()]
    assert len(set(folded)) == len(folded)
    assert not [name for name in folded if name.startswith(".") or name == "con"]
    # A page keeps its name whatever other libraries come.
    assert page_names(["A/B", "A_B"])["A/B"] == names["A/B"]


@pytest.mark.parametrize("largest", [0, 0.4, 1, 3, 5, 7, 11, 33, 99, 100, 101, 998, 12_345, 1_999_999])
def test_an_axis_holds_its_values_with_few_round_ticks(largest: float) -> None:
    axis = Axis.up_to(largest)
    assert axis.top >= largest
    assert 2 <= len(axis.ticks) <= 7
    assert axis.ticks[0] == 0
    assert axis.ticks[-1] == pytest.approx(axis.top)
    assert axis.top <= max(1, largest * 2.5)


def test_a_chart_shows_the_same_numbers_in_picture_table_and_csv() -> None:
    chart = Chart(
        id="c",
        title="Bars & <line>",
        category="Year",
        categories=["2024", "2025"],
        bars=[Series("One, two", [3, 0])],
        line=Series("Rate", [1.5, 0.0], 3, "percent"),
    )
    svg = chart.svg()
    assert "<title>2024, One, two: 3</title>" in svg
    assert "<title>2025, Rate: 0.00%</title>" in svg
    assert "Bars &amp; &lt;line&gt;" in svg
    assert list(chart.rows()) == [["2024", "3", "1.50%"], ["2025", "0", "0.00%"]]
    assert unquote(chart.csv_link()).partition(",")[2] == 'Year,"One, two",Rate\n2024,3,1.5\n2025,0,0\n'


def test_a_chart_of_zeros_and_one_of_nothing_can_be_drawn() -> None:
    assert "<svg" in Chart("c", "t", "Year", ["2024"], [Series("a", [0])], Series("b", [0])).svg()
    assert "<svg" in Chart("c", "t", "Year", [], [Series("a", [])], Series("b", [])).svg()


def test_embedded_rows_cannot_end_their_script() -> None:
    text = safe_json(["</script><!-- \u2028\u2029 & é"])
    assert not {"<", ">", "&", "\u2028", "\u2029"} & set(text)
    assert json.loads(text) == ["</script><!-- \u2028\u2029 & é"]


@pytest.mark.parametrize(("rows", "separate"), [(500, False), (501, True)])
def test_long_tables_keep_their_rows_beside_the_page(rows: int, separate: bool) -> None:
    table = DataTable("t", "T", [Column("n", "number")], [[1]] * rows, (0, "ascending"))
    assert table.is_separate is separate
    assert table.info == f"Showing 1-10 of {rows}"


def test_odd_data_counts_as_nothing() -> None:
    assert [number(value) for value in (None, "x", "3", True, float("nan"), float("inf"), [1], 2)] == [
        0,
        0,
        3,
        0,
        0,
        0,
        0,
        2,
    ]
    assert [percentage(value) for value in ("12.34%", "abc", None, 7)] == [12.34, 0.0, 0.0, 7.0]
    rows: list[Any] = [["1.0", 3], ("2.0", "d", 1, 2), {"version": "3.0", "count": 4}, {"x": 1}, "4.0", 5]
    rows.append({"version": "5.0", "confirmed": 1, "guessed": 2})
    assert list(versions(rows)) == [("1.0", 3), ("2.0", 3), ("3.0", 4), ("5.0", 3)]


def test_the_number_of_repositories_analysed() -> None:
    assert analysed({"repos_analyzed": 1, "total_repositories": 3}) == 1
    assert analysed({"total_repos": 2, "total_repositories": 3}) == 2
    assert analysed({"total_repositories": 3}) == 3
    assert analysed({}) == 0
