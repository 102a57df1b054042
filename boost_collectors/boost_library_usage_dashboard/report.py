"""The report in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from boost_collectors.boost_library_usage_dashboard.queries import STARS
from boost_collectors.core.utils.boost_version_operations import loose_version_tuple

NAME = "Boost_Usage_Report_total.md"
FIRST_YEAR = 2002
OLDEST_IN_TABLE = (1, 53, 0)


def render(stamp: str, statistics: Mapping[str, Any]) -> str:
    """The whole report, out of the dashboard's statistics."""
    return "\n".join(_lines(stamp, statistics)) + "\n"


def _lines(stamp: str, statistics: Mapping[str, Any]) -> Iterator[str]:
    versions = statistics["version_related_stats"]
    yield from ("# Boost Usage Analysis Report", "", f"Generated: {stamp}", "")
    yield from ("## Data Source and Date Range", "")
    yield f"- Repositories at GitHub with more than {STARS} stars that include headers of Boost."
    yield f"- Data since {FIRST_YEAR}."
    yield "- Young repositories have had less time to find stars: recent years and releases are under-represented."
    yield from ("", "## Overview", "")
    yield from _overview(statistics)
    yield from ("", "## Top Boost Libraries by Repository Count", "")
    yield from _top(statistics["top_libraries"])
    if statistics["never_used_libraries"]:
        yield from ("", "## Never Used Boost Libraries", "")
        yield from _never_used(statistics["never_used_libraries"])
    if versions["distribution_by_version"]:
        yield from ("", "## Boost Version Distribution", "")
        yield from _distribution(versions["distribution_by_version"])
    table = list(_by_year(versions["distribution_by_year_version"]))
    if table:
        yield from ("", "## Repository Counts by Year and Version", "", *table)


def _overview(statistics: Mapping[str, Any]) -> Iterator[str]:
    yield f"- Repositories with an audience: {statistics['total_repositories']:,}"
    yield f"- Of them using Boost: {statistics['affected_repositories']:,}"
    yield f"- Usage records: {statistics['total_usage_records']:,}"
    yield f"- Libraries in the newest release: {statistics['total_libraries']:,}"


def _top(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not rows:
        yield "N/A"
        return
    names = ("name", "repo_count", "total_usage", "earliest_commit", "latest_commit")
    yield from _table(
        ("Library", "Repository Count", "Usage Count", "Earliest Commit", "Latest Commit"),
        "lrrll",
        ([row[name] for name in names] for row in rows),
    )


def _never_used(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    names = ("name", "created_version", "last_updated_version")
    yield from _table(
        ("Library", "Created Version", "Last Updated Version"), "lll", ([row[name] for name in names] for row in rows)
    )


def _distribution(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    names = ("version", "created_at", "confirmed", "guessed")
    yield from _table(
        ("Version", "Created At", "Confirmed", "Not Confirmed"), "llrr", ([row[name] for name in names] for row in rows)
    )


def _by_year(counts: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    versions = [version for version in counts if loose_version_tuple(version) >= OLDEST_IN_TABLE]
    versions.sort(key=loose_version_tuple, reverse=True)
    years = sorted({year for version in versions for year in counts[version]}, reverse=True)
    if years:
        rows = ([year, *(counts[version].get(year) or " " for version in versions)] for year in years)
        yield from _table(("Year", *versions), "l" + "r" * len(versions), rows)


def _table(head: Sequence[str], sides: str, rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    yield _row(head)
    yield "|" + "|".join("---:" if side == "r" else "---" for side in sides) + "|"
    yield from (_row([_cell(value) for value in row]) for row in rows)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: Any) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    if value == " ":
        return ""
    return " ".join(str(value).replace("\\", "\\\\").replace("|", "\\|").split()) or "N/A"
