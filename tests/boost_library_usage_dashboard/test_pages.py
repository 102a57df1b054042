"""The pages: what stands in them without a script, that nothing in the data can break them, and what they weigh."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from boost_collectors.boost_library_usage_dashboard.rendering import render
from tests.boost_library_usage_dashboard.conftest import World

HOSTILE = "<script>alert(1)</script>\"'&<!--"
LARGEST_INDEX, LARGEST_LIBRARY = 150_000, 100_000


def _render(folder: Path, data: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "dashboard_data.json").write_text(json.dumps(data), encoding="utf-8")
    render(folder)
    return folder


def _page(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "lxml")


def _local_links(page: BeautifulSoup) -> set[str]:
    addresses = [tag.get(name) for tag, name in ((t, n) for n in ("href", "src", "data-source", "data-languages")
                 for t in page.find_all(attrs={n: True}))]  # fmt: skip
    return {str(each) for each in addresses if not re.match(r"https://|data:|#", str(each))}


@pytest.fixture
def site(small_world: World) -> Path:
    """The pages of the small world."""
    small_world.collect()
    render(small_world.folder)
    return small_world.folder


def test_the_index_page(site: Path) -> None:
    page = _page(site / "index.html")
    assert page.title is not None
    assert page.title.text == "Boost Library Usage Dashboard"
    assert [heading.text for heading in page.find_all("h1")] == ["Boost Library Usage Dashboard"]
    assert [heading.text for heading in page.find_all("h2")] == [
        "New Repositories Using Boost Libraries by Year",
        "C++ Repository Growth Analysis",
        "Language Comparison by Year",
        "New Repositories by Boost Version",
        "Library Overview",
        "Top 20 Repositories by Different Metrics",
        "Most and Least Active Libraries",
        "Libraries That No Repository Uses",
        "All Libraries",
    ]
    assert "Generated 2026-05-06 07:08:09 UTC" in page.text
    row = page.select_one("#overview tbody tr")
    assert row is not None
    assert [cell.text.strip() for cell in row.find_all(["th", "td"])] == [
        "asio", "1.34.0", "4", "5", "5", "-0.358", "287",
    ]  # fmt: skip
    assert "10 stars or fewer" in page.text
    assert "../index.html" not in str(page)
    assert [option.text for option in page.find_all("option")] == ["C++", "Rust"]


def test_the_page_of_a_library(site: Path) -> None:
    page = _page(site / "libraries" / "asio.html")
    assert page.title is not None
    assert page.title.text == "asio - Boost Library Dashboard"
    assert page.find("a", string="Back to Dashboard", href="../index.html")
    assert {term.text: term.find_next("dd").text for term in page.find_all("dt")} == {  # type: ignore[union-attr]
        "Created Version": "1.34.0",
        "Most Recent Modified Version": "1.100.0",
        "Total Repositories": "4",
        "All Header Includes": "6",
        "Average New Repositories Per Year": "1.00",
        "Most Recent Year Repository Count": "1 (2025)",
        "Most Used Year": "2 (2024)",
        "Average Stars": "287",
        "Activity Score": "-0.358",
        "Internal Consumers": "3",
        "Contributors in Most Recent Version": "1",
        "Total Contributors": "3",
    }
    assert "All consumers" in page.text
    link = page.find("a", string="bo/three")
    assert link is not None
    assert link["href"] == "https://github.com/bo/three"
    assert "noopener" in link["rel"]


def test_every_link_of_every_page_leads_somewhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        page = _page(path)
        broken = [link for link in _local_links(page) if not (path.parent / link).exists()]
        assert broken == [], path
        fragments = {str(tag["href"])[1:] for tag in page.find_all("a", href=re.compile("^#"))}
        assert fragments <= {str(tag["id"]) for tag in page.find_all(id=True)}
        ids = [tag["id"] for tag in page.find_all(id=True)]
        assert len(ids) == len(set(ids))
        assert "http://" not in path.read_text().replace("http://www.w3.org", "")


def test_libraries_with_one_name_have_a_page_each(site: Path) -> None:
    pages = {path.stem for path in (site / "libraries").iterdir()}
    assert pages == {"asio", "beast", "old", "twin__others_", "twin__twins_"}


@pytest.mark.parametrize("data", [{}, {"libraries_page_data": {}, "metrics_by_library": []}, {"repos_by_year": 3}])
def test_a_data_file_with_nothing_makes_an_index_page(data: Any, tmp_path: Path) -> None:
    page = _page(_render(tmp_path / "site", data) / "index.html")
    assert page.text.count("No data available") >= 5


def test_nothing_in_the_data_can_break_a_page(tmp_path: Path) -> None:
    entry = {
        "internal_dependents_data": {"table_data": [{"name": HOSTILE, "depth": "x"}], "chart_data": {HOSTILE: 3}},
        "external_consumers": {
            "table_data": [{"name": HOSTILE, "stars": None}],
            "chart_data": {2024: 7, "2025": {"repos": 1}},
        },
        "contribute_data": {"table_data": [{"version": HOSTILE, "person": HOSTILE}], "chart_data": {HOSTILE: 1}},
        "over_view": {"description": HOSTILE, "used_headers": {HOSTILE: 1}, "created_version": HOSTILE},
    }
    data = {
        "generated_at": HOSTILE,
        "libraries_page_data": {HOSTILE: entry, "empty": {}},
        "metrics_by_library": [{"name": HOSTILE}, {"name": "empty"}, "no object"],
        "language_comparison_data": {HOSTILE: {"2024": {"all": 3, "stars_10_plus": 5}}},
        "repos_by_year_boost_rate": [{"year": 2024, "over_10": 1, "boost_over_10": 3, "boost_over_10_percentage": "?"}],
        "repos_by_version": [{"version": HOSTILE, "count": 1}, ["1.0", 2], 5],
        "top_repositories": {"top20_by_stars": [{"repo_name": HOSTILE, "stars": "x", "created_at": None}]},
    }
    site = _render(tmp_path / "site", data)
    (library,) = (site / "libraries").iterdir()
    for path in [*site.glob("*.html"), library]:
        text = path.read_text(encoding="utf-8")
        assert "<script>alert" not in text
        page = BeautifulSoup(text, "lxml")
        assert page.find("script", string=re.compile("^alert")) is None
        for rows in page.select("script[data-rows]"):
            json.loads(rows.text)
    index = _page(site / "index.html")
    grid = index.select_one(".links")
    assert grid is not None
    assert [item.text for item in grid.find_all("li") if not item.find("a")] == ["empty"]


def test_pages_stay_small_and_their_files_too(generated_world: World) -> None:
    generated_world.collect()
    render(generated_world.folder)
    site = generated_world.folder
    assert (site / "index.html").stat().st_size <= LARGEST_INDEX
    pages = list((site / "libraries").iterdir())
    assert max(path.stat().st_size for path in pages) <= LARGEST_LIBRARY
    assets = sum(len(gzip.compress(path.read_bytes())) for path in (site / "assets").iterdir())
    assert assets <= 12_000
    assert list((site / "data").rglob("external.js")), "no table is long enough for this test"


def test_only_what_changed_is_written_and_what_is_gone_goes(small_world: World) -> None:
    data = small_world.collect()
    folder = small_world.folder
    render(folder)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    again = render(folder)
    assert (again.written, again.removed) == (0, 0)
    assert again.unchanged == len(before) - 1  # all but the data file
    data["libraries_page_data"]["beast"]["over_view"]["description"] = "changed"
    del data["libraries_page_data"]["twin (twins)"]
    (folder / "dashboard_data.json").write_text(json.dumps(data), encoding="utf-8")
    (folder / "data" / "left" / "over").mkdir(parents=True)
    (folder / "data" / "left" / "over" / "rows.js").write_text("")
    assert render(folder).removed == 2
    after = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    changed = {path.relative_to(folder).as_posix() for path in after if after[path] != before.get(path)}
    # The consumers of beast and twin no longer link to the page that is gone.
    assert {"libraries/beast.html", "index.html", "dashboard_data.json"} <= changed
    assert "libraries/old.html" not in changed
    assert not (folder / "libraries" / "twin__twins_.html").exists()
    assert not (folder / "data" / "left").exists()
