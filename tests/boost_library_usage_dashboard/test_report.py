"""The report in Markdown."""

from __future__ import annotations

from boost_collectors.boost_library_usage_dashboard.report import render
from tests.boost_library_usage_dashboard.conftest import World


def test_the_report_of_the_small_world(small_world: World) -> None:
    small_world.write(
        "UPDATE boost_library_tracker_boostlibrary SET name = 'be|ast' WHERE id = 2",
        "UPDATE boost_library_tracker_boostversion SET version = 'boost-1.52.0' WHERE id = 2",
        "UPDATE boost_usage_tracker_boostexternalrepository SET boost_version = '1.53.7'"
        " WHERE githubrepository_ptr_id = 13",
    )
    text = render("2026-05-06 07:08:09 UTC", small_world.collect()["dashboard_statistics"])
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings == [
        "# Boost Usage Analysis Report",
        "## Data Source and Date Range",
        "## Overview",
        "## Top Boost Libraries by Repository Count",
        "## Never Used Boost Libraries",
        "## Boost Version Distribution",
        "## Repository Counts by Year and Version",
    ]
    assert "Generated: 2026-05-06 07:08:09 UTC" in text
    assert "more than 10 stars" in text
    assert "| asio | 4 | 5 | 2024-04-01 00:00:00 | 2026-02-02 00:00:00 |" in text
    assert "| be\\|ast | 1.100.0 | N/A |" in text
    assert "| 1.34.0 | 2008-01-01 | 0 | 0 |" in text
    table = text.partition("## Repository Counts by Year and Version")[2].strip().splitlines()
    assert table[0] == "| Year | 1.100.0 | 1.99.0 | 1.53.0 |"  # 1.52.0 is too old
    assert table[2:] == ["| 2025 | 1 |  |  |", "| 2024 |  | 1 | 1 |"]


def test_the_report_of_nothing(make_world: object) -> None:
    text = render("now", make_world().collect()["dashboard_statistics"])  # type: ignore[operator]
    assert "## Top Boost Libraries by Repository Count\n\nN/A\n" in text
    assert "Never Used" not in text
    assert "Distribution" not in text
    assert "by Year and Version" not in text
