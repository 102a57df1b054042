"""The figures about all libraries and repositories together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from boost_collectors.boost_library_usage_dashboard import queries
from boost_collectors.boost_library_usage_dashboard.libraries import Library
from boost_collectors.boost_library_usage_dashboard.releases import Release
from boost_collectors.boost_library_usage_dashboard.scoring import NO_ACTIVITY
from boost_collectors.boost_library_usage_dashboard.selection import select_rows
from boost_collectors.core.context import RunContext
from boost_collectors.core.utils.boost_version_operations import loose_version_tuple

OLDEST_SHOWN = (1, 34, 0)
"""Releases before this one are not shown among the repositories by release."""

LISTED = 20
CPP = "C++"

Languages = Mapping[str, Mapping[int, Mapping[str, int]]]


def repository_totals(session: Session) -> dict[str, Any]:
    """How many repositories and usages there are, and how many repositories name their version of Boost."""
    found = queries.totals(session)
    without = found.affected - found.with_version
    return {
        "total_repositories": found.repositories,
        "affected_repositories": found.affected,
        "total_usage_records": found.usages,
        "version_related_stats": {
            "repos_with_version": found.with_version,
            "repos_without_version": without,
            "version_coverage_percent": found.with_version / found.affected * 100 if found.affected else 0,
        },
    }


def library_lists(libraries: Sequence[Library]) -> dict[str, Any]:
    """The lists of libraries that stand out: most used, never used, most and least active."""
    rows = [library.row() for library in sorted(libraries, key=lambda library: library.label)]
    current = {library.label for library in libraries if library.is_current}
    never = select_rows(
        [row | {"number": loose_version_tuple(row["created_version"])} for row in rows if row["name"] in current],
        ["name", "created_version", "last_updated_version"],
        condition=("repo_count", 0, 0),
        sort_by="number",
    )
    active = ["name", "total_usage", "recent_usage", "past_usage", "activity_score"]
    by_score: dict[str, Any] = {"sort_by": "activity_score", "condition": ("activity_score", 1, NO_ACTIVITY)}
    return {
        "total_libraries": len(current),
        "top_libraries": select_rows(
            rows,
            ["name", "repo_count", "total_usage", "earliest_commit", "latest_commit"],
            sort_by="repo_count",
            descending=True,
            limit=LISTED,
        ),
        "never_used_libraries": [
            {name: row[name] for name in ("name", "created_version", "last_updated_version")} for row in never
        ],
        "top_active_libraries": select_rows(rows, active, descending=True, limit=LISTED, **by_score),
        "bottom_active_libraries": select_rows(rows, active, limit=LISTED, **by_score),
    }


def version_distribution(session: Session, releases: Sequence[Release]) -> list[dict[str, Any]]:
    """For each release, by number: its day, the repositories that name it, those for which it is guessed."""
    counted = queries.by_version(session)
    return [
        {
            "version": release.version,
            "created_at": _day(release.created_at),
            "confirmed": counted.get(release.version, (0, 0))[0],
            "guessed": counted.get(release.version, (0, 0))[1],
        }
        for release in releases
    ]


def by_year_and_version(session: Session) -> dict[str, dict[str, int]]:
    """Version, year in which repositories were created, how many of them have that version."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for row in queries.by_year_and_version(session):
        counts[row.version][str(row.year)] = row.repositories
    return {version: dict(sorted(counts[version].items())) for version in sorted(counts, key=loose_version_tuple)}


def repositories_by_version(distribution: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """Version and number of repositories, by the day of the release; releases without a day last."""
    shown = [row for row in distribution if loose_version_tuple(row["version"]) >= OLDEST_SHOWN]
    shown.sort(key=lambda row: (not row["created_at"], row["created_at"], loose_version_tuple(row["version"])))
    return [[row["version"], row["confirmed"] + row["guessed"]] for row in shown]


def languages(session: Session, context: RunContext) -> Languages:
    """By language and year: repositories created, and those of them with an audience. Empty without the tables."""
    found: dict[str, dict[int, dict[str, int]]] = defaultdict(dict)
    try:
        with session.begin_nested():
            rows = queries.created_by_language(session)
    except ProgrammingError as error:
        reason = str(error.orig).splitlines()[0]
        context.log.warning("The dashboard shows no languages, as their table cannot be read: %s", reason)
        return {}
    for row in rows:
        found[row.name][row.year] = {"all": row.all_repos, "stars_10_plus": row.significant_repos}
    return found


def boost_rate(of_languages: Languages, repositories_by_year: Mapping[int, int]) -> list[dict[str, Any]]:
    """For each year of the C++ counts, newest first: how many of the repositories with an audience use Boost."""
    name = next((name for name in of_languages if name.casefold() == CPP.casefold()), None)
    years = of_languages[name] if name else {}
    rows = []
    for year in sorted(years, reverse=True):
        starred, using = years[year]["stars_10_plus"], repositories_by_year.get(year, 0)
        rate = using / starred * 100 if starred else 0
        rows.append(
            {
                "year": year,
                "cpp_repo_count": years[year]["all"],
                "over_10": starred,
                "boost_over_10": using,
                "boost_over_10_percentage": f"{rate:.2f}%",
            }
        )
    return rows


def top_repositories(session: Session) -> dict[str, list[dict[str, Any]]]:
    """The first twenty repositories by stars, by usages and by day of creation."""
    return {kind: [_repository(row) for row in queries.top_repositories(session, kind)] for kind in queries.TOP_ORDERS}


def _repository(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "repo_name": row.repo_name,
        "affect_from_boost": True,
        "stars": row.stars,
        "created_at": _instant(row.created_at),
        "pushed_at": _instant(row.pushed_at),
        "boost_version": row.boost_version,
        "candidate_version": row.guessed,
        "usage_count": row.usages,
    }


def _instant(value: datetime | None) -> str:
    return value.isoformat() if value else ""


def _day(value: datetime | None) -> str:
    return value.strftime("%Y-%m-%d") if value else ""
