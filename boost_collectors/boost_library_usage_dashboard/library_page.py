"""What the page of a library shows, out of its entry in the data file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from boost_collectors.boost_library_usage_dashboard import reading
from boost_collectors.boost_library_usage_dashboard.charts import Chart, Series
from boost_collectors.boost_library_usage_dashboard.index_page import GITHUB
from boost_collectors.boost_library_usage_dashboard.tables import Column, DataTable
from boost_collectors.core.utils.boost_version_operations import loose_version_tuple

TABLES = ("headers", "internal", "external", "contribution")
_UNRELEASED = "unreleased"


def library_page(name: str, data: Mapping[str, Any], pages: Mapping[str, str]) -> dict[str, Any]:
    """The values of the template ``library.html``. ``pages`` are the files of the libraries that have a page."""
    overview = reading.mapping(data, "over_view")
    return {
        "name": name,
        "description": reading.text(overview.get("description")),
        "facts": _facts(overview),
        "headers": _headers(overview),
        "internal": _internal(data, pages),
        "internal_chart": _internal_chart(data),
        "external": _external(data),
        "external_chart": _external_chart(data),
        "contribution": _contribution(data),
        "contribution_chart": _contribution_chart(data),
    }


def _facts(overview: Mapping[str, Any]) -> list[tuple[str, str]]:
    def count(name: str, digits: int = 0) -> str:
        return f"{reading.number(overview.get(name)):,.{digits}f}"

    most = reading.mapping(overview, "most_used_year")
    last = reading.mapping(overview, "last_year_used_repo_count")
    facts = [
        ("Created Version", reading.text(overview.get("created_version")) or "N/A"),
        ("Most Recent Modified Version", reading.text(overview.get("last_updated_version")) or "N/A"),
        ("Total Repositories", count("used_repo_count")),
        ("Average New Repositories Per Year", count("average_used_repo_count", 2)),
        ("Most Recent Year Repository Count", _in_year(last)),
        ("Most Used Year", _in_year(most)),
        ("Average Stars", count("average_star")),
        ("Activity Score", count("active_score", 3)),
        ("Internal Consumers", count("internal_consumers")),
        ("Contributors in Most Recent Version", count("last_contributors")),
        ("Total Contributors", count("overall_contributors")),
    ]
    if overview.get("all_time_usage") is not None:
        facts.insert(3, ("All Header Includes", count("all_time_usage")))
    if overview.get("removed_version"):
        facts.insert(1, ("Removed in Version", reading.text(overview["removed_version"])))
    return facts


def _in_year(value: Mapping[str, Any]) -> str:
    year = reading.text(value.get("year"))
    return f"{reading.number(value.get('count')):,.0f} ({year})" if year else "N/A"


def _headers(overview: Mapping[str, Any]) -> DataTable:
    rows = [(header, reading.number(count)) for header, count in reading.mapping(overview, "used_headers").items()]
    rows.sort(key=lambda row: -row[1])
    columns = [Column("Header"), Column("Times Included", "number")]
    return DataTable("headers", "Used Headers", columns, rows, (1, "descending"))


def _internal(data: Mapping[str, Any], pages: Mapping[str, str]) -> DataTable:
    rows = [
        ((reading.text(row.get("name")), pages.get(reading.text(row.get("name")))), reading.number(row.get("depth")))
        for row in reading.objects(reading.mapping(data, "internal_dependents_data").get("table_data"))
    ]
    rows.sort(key=lambda row: row[1])
    columns = [Column("Library"), Column("Depth", "number")]
    return DataTable("internal", "Libraries that need this one", columns, rows, (1, "ascending"))


def _internal_chart(data: Mapping[str, Any]) -> Chart:
    chart = reading.mapping(data, "internal_dependents_data", "chart_data")
    versions = _in_order(chart)
    rows = [reading.mapping(chart[version]) for version in versions]
    return Chart(
        id="internal-chart",
        title="Libraries that need this one, by version",
        category="Version",
        categories=versions,
        bars=[
            Series("Primary consumers", [reading.number(row.get("first_level")) for row in rows], 1),
            Series("All consumers", [reading.number(row.get("all_deeper")) for row in rows], 2),
        ],
    )


def _external(data: Mapping[str, Any]) -> DataTable:
    rows = [
        (
            reading.text(row.get("name")),
            reading.number(row.get("stars")),
            reading.number(row.get("usage_count")),
            reading.day(row.get("created_at")),
            reading.day(row.get("updated_at")),
        )
        for row in reading.objects(reading.mapping(data, "external_consumers").get("table_data"))
    ]
    rows.sort(key=lambda row: -row[1])
    columns = [
        Column("Repository", site=GITHUB),
        Column("Stars", "number"),
        Column("Header Includes", "number"),
        Column("Created", "date"),
        Column("Updated", "date"),
    ]
    return DataTable("external", "Repositories that use the library", columns, rows, (1, "descending"))


def _external_chart(data: Mapping[str, Any]) -> Chart:
    years = reading.by_year(reading.mapping(data, "external_consumers", "chart_data"))
    rows = [reading.mapping(year) for year in years.values()]
    return Chart(
        id="external-chart",
        title="Includes and new repositories by year",
        category="Year",
        categories=[str(year) for year in years],
        bars=[
            Series("Includes by year of creation", [reading.number(row.get("by_created")) for row in rows], 1),
            Series("Includes by year of last commit", [reading.number(row.get("by_last_commit")) for row in rows], 2),
        ],
        line=Series("Created repositories", [reading.number(row.get("repos")) for row in rows], 3),
    )


def _contribution(data: Mapping[str, Any]) -> DataTable:
    rows = [
        (reading.text(row.get("version")), reading.text(row.get("person")), reading.number(row.get("commit_count")))
        for row in reading.objects(reading.mapping(data, "contribute_data").get("table_data"))
    ]
    rows.sort(key=lambda row: -row[2])
    columns = [Column("Version", "version"), Column("Contributor"), Column("Commit Count", "number")]
    return DataTable("contribution", "Contributors by version", columns, rows, (2, "descending"))


def _contribution_chart(data: Mapping[str, Any]) -> Chart:
    chart = reading.mapping(data, "contribute_data", "chart_data")
    versions = _in_order(chart)
    return Chart(
        id="contribution-chart",
        title="Commits by version",
        category="Version",
        categories=versions,
        bars=[Series("Commits", [reading.number(chart[version]) for version in versions], 1)],
    )


def _in_order(chart: Mapping[str, Any]) -> list[str]:
    """Versions by number; what no release holds yet comes last."""
    return sorted(chart, key=lambda version: (version == _UNRELEASED, loose_version_tuple(version)))
