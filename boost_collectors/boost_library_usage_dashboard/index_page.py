"""What the index page shows, out of the data file."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from boost_collectors.boost_library_usage_dashboard import reading
from boost_collectors.boost_library_usage_dashboard.charts import Chart, Series
from boost_collectors.boost_library_usage_dashboard.data_file import DataFile
from boost_collectors.boost_library_usage_dashboard.tables import Column, DataTable

GITHUB = "https://github.com/"
STATISTICS = "dashboard_statistics"

TOPS = (
    ("By Stars", "top20_by_stars", 1),
    ("By Total Boost Usage", "top20_by_usage", 2),
    ("By Last Created", "top20_by_created", 3),
)
ACTIVES = (
    ("Most active", "top_active_libraries", "descending"),
    ("Least active", "bottom_active_libraries", "ascending"),
)


def index_page(data: DataFile, pages: Mapping[str, str]) -> dict[str, Any]:
    """The values of the template ``index.html``. ``pages`` are the libraries that have one, with its address."""
    languages = language_charts(data)
    return {
        "stamp": data.stamp,
        "facts": _facts(data),
        "by_year": _by_year(data),
        "boost_rate": _boost_rate(data),
        "languages": [name for name, _ in languages],
        "first_language": languages[0][1] if languages else None,
        "by_version": _by_version(data),
        "overview": _overview(data, pages),
        "top": [(label, _top(data, label, name, column)) for label, name, column in TOPS],
        "active": _active(data, pages),
        "never": _never_used(data, pages),
        "libraries": _all_libraries(data, pages),
    }


def language_charts(data: DataFile) -> list[tuple[str, Chart]]:
    """A chart for each language, by name."""
    found = {name: reading.by_year(years) for name, years in data.get("language_comparison_data", dict).items()}
    years = sorted({year for counts in found.values() for year in counts})
    charts = []
    for position, name in enumerate(sorted(found), start=1):
        counts = [found[name].get(year) for year in years]
        everything = [reading.number(reading.mapping(each).get("all")) for each in counts]
        starred = [reading.number(reading.mapping(each).get("stars_10_plus")) for each in counts]
        rest = [max(0, whole - part) for whole, part in zip(everything, starred, strict=True)]
        rates = [part / whole * 100 if whole else 0.0 for whole, part in zip(everything, starred, strict=True)]
        chart = Chart(
            id=f"language-{position}",
            title=f"{name} repositories by year",
            category="Year",
            categories=[str(year) for year in years],
            bars=[Series("10 stars or fewer", rest, 1), Series("More than 10 stars", starred, 2)],
            line=Series("Share with more than 10 stars", rates, 3, "percent"),
            stacked=True,
        )
        charts.append((name, chart))
    return charts


def _facts(data: DataFile) -> list[tuple[str, str]]:
    statistics = data.get(STATISTICS, dict)
    names = (
        ("Repositories looked at", "total_repositories"),
        ("Repositories that use Boost", "affected_repositories"),
        ("Includes of Boost headers", "total_usage_records"),
        ("Libraries in the newest release", "total_libraries"),
    )
    return [(label, f"{reading.number(statistics.get(name)):,.0f}") for label, name in names]


def _by_year(data: DataFile) -> Chart:
    years = reading.by_year(data.get("repos_by_year", dict))
    counts = [reading.number(count) for count in years.values()]
    return Chart(
        id="repositories-by-year",
        title="New repositories using Boost libraries by year",
        category="Year",
        categories=[str(year) for year in years],
        bars=[Series("New repositories", counts, 1)],
        line=Series("All so far", list(accumulate(counts)), 3),
    )


def _boost_rate(data: DataFile) -> Chart:
    rows = reading.objects(data.get("repos_by_year_boost_rate", list))
    rows.sort(key=lambda row: reading.number(row.get("year")))
    using = [reading.number(row.get("boost_over_10")) for row in rows]
    rest = [max(0, reading.number(row.get("over_10")) - used) for row, used in zip(rows, using, strict=True)]
    return Chart(
        id="boost-rate",
        title="C++ repositories with more than 10 stars by year, and those that use Boost",
        category="Year",
        categories=[reading.text(row.get("year")) for row in rows],
        bars=[Series("Using Boost", using, 1), Series("Other C++ repositories", rest, 2)],
        line=Series(
            "Share using Boost", [reading.percentage(row.get("boost_over_10_percentage")) for row in rows], 3, "percent"
        ),
        stacked=True,
    )


def _by_version(data: DataFile) -> Chart:
    rows = list(reading.versions(data.get("repos_by_version", list)))
    counts = [count for _, count in rows]
    return Chart(
        id="repositories-by-version",
        title="New repositories by Boost version",
        category="Version",
        categories=[version for version, _ in rows],
        bars=[Series("Repositories", counts, 1)],
        line=Series("All so far", list(accumulate(counts)), 3),
    )


def _overview(data: DataFile, pages: Mapping[str, str]) -> DataTable:
    rows = [
        (
            (reading.text(row.get("name")), pages.get(reading.text(row.get("name")))),
            reading.text(row.get("created_version")),
            *(reading.number(row.get(name)) for name in ("repo_count", "total_usage", "recent_usage")),
            round(reading.number(row.get("activity_score")), 6),
            reading.number(row.get("average_stars")),
        )
        for row in sorted(
            reading.objects(data.get("metrics_by_library", list)),
            key=lambda row: reading.text(row.get("name")).casefold(),
        )
    ]
    columns = [
        Column("Library"),
        Column("Created Version", "version"),
        Column("Repo Count", "number"),
        Column("Total Usage", "number"),
        Column("Recent Usage", "number"),
        Column("Activity Score", "number", digits=3),
        Column("Average Stars", "number"),
    ]
    return DataTable("overview", "Libraries and how much they are used", columns, rows, (0, "ascending"))


def _top(data: DataFile, label: str, name: str, column: int) -> DataTable:
    rows = [
        (
            reading.text(row.get("repo_name")),
            reading.number(row.get("stars")),
            reading.number(row.get("usage_count")),
            reading.day(row.get("created_at")),
        )
        for row in reading.objects(reading.mapping(data.get("top_repositories", dict)).get(name))
    ]
    columns = [
        Column("Repository", site=GITHUB),
        Column("Stars", "number"),
        Column("Used", "number"),
        Column("Created", "date", blank="N/A"),
    ]
    return DataTable(name.replace("_", "-"), f"Top 20 repositories: {label}", columns, rows, (column, "descending"))


def _active(data: DataFile, pages: Mapping[str, str]) -> list[tuple[str, DataTable]]:
    statistics = data.get(STATISTICS, dict)
    found = []
    for label, name, direction in ACTIVES:
        rows = [
            (
                (reading.text(row.get("name")), pages.get(reading.text(row.get("name")))),
                *(reading.number(row.get(key)) for key in ("total_usage", "recent_usage", "past_usage")),
                round(reading.number(row.get("activity_score")), 6),
            )
            for row in reading.objects(statistics.get(name))
        ]
        columns = [
            Column("Library"),
            Column("Total Usage", "number"),
            Column("Last Five Years", "number"),
            Column("Before", "number"),
            Column("Activity Score", "number", digits=3),
        ]
        if rows:
            table = DataTable(name.replace("_", "-"), f"{label} libraries", columns, rows, (4, direction))  # type: ignore[arg-type]
            found.append((label, table))
    return found


def _never_used(data: DataFile, pages: Mapping[str, str]) -> DataTable:
    rows = [
        (
            (reading.text(row.get("name")), pages.get(reading.text(row.get("name")))),
            reading.text(row.get("created_version")),
            reading.text(row.get("last_updated_version")),
        )
        for row in reading.objects(data.get(STATISTICS, dict).get("never_used_libraries"))
    ]
    columns = [
        Column("Library"),
        Column("Created Version", "version", blank="N/A"),
        Column("Last Updated Version", "version", blank="N/A"),
    ]
    return DataTable("never-used", "Libraries without any use", columns, rows, (1, "ascending"))


def _all_libraries(data: DataFile, pages: Mapping[str, str]) -> list[tuple[str, str | None]]:
    names = {reading.text(row.get("name")) for row in reading.objects(data.get("metrics_by_library", list))}
    names = {*names, *pages} - {""}
    return [(name, pages.get(name)) for name in sorted(names, key=lambda name: (name.casefold(), name))]
