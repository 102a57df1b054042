"""What the page of a library shows: who needs it inside Boost, who uses it outside, who writes it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from boost_collectors.boost_library_usage_dashboard.consumers import DependencyGraph
from boost_collectors.boost_library_usage_dashboard.libraries import Library
from boost_collectors.boost_library_usage_dashboard.releases import Calendar, Release
from boost_collectors.core.utils.boost_version_operations import loose_version_tuple

UNRELEASED = "unreleased"
"""Stands for the release that will hold the commits after the newest one."""

_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")


class Grouped:
    """Rows that come library after library, taken from by rising library id."""

    def __init__(self, rows: Generator[Row[Any], None, None]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def of(self, library_id: int) -> list[Row[Any]]:
        """The rows of this library; those of libraries before it that were not asked for are passed over."""
        found = []
        while self._next is not None and self._next.library_id <= library_id:
            if self._next.library_id == library_id:
                found.append(self._next)
            self._next = next(self._rows, None)
        return found

    def close(self) -> None:
        """Let the rows go that nobody asked for."""
        self._rows.close()


@dataclass(frozen=True, slots=True)
class LibraryRows:
    """What the database says about one library: its headers, the repositories that use it, the commits to it."""

    headers: Sequence[Row[Any]]
    consumers: Sequence[Row[Any]]
    work: Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class Background:
    """What the pages of all libraries have in common."""

    releases: Sequence[Release]
    calendar: Calendar
    graph: DependencyGraph
    names: Mapping[int, str]
    current_year: int


def library_page(library: Library, rows: LibraryRows, of: Background) -> dict[str, Any]:
    """The library's entry of ``libraries_page_data``. Also tells the library which release last changed it."""
    internal = _internal(library, of)
    external = _external(library, rows.consumers)
    contributed = _contributed(library, rows.work, of)
    return {
        "internal_dependents_data": internal,
        "external_consumers": external,
        "contribute_data": {name: contributed[name] for name in ("table_data", "chart_data")},
        "over_view": {
            "created_version": library.created_version,
            "last_updated_version": library.last_updated_version,
            "removed_version": library.removed_version,
            "description": library.description,
            "used_headers": _counted((row.filename, row.usages) for row in rows.headers),
            "last_contributors": contributed["last"],
            "overall_contributors": contributed["overall"],
            "internal_consumers": len(internal["table_data"]),
            "used_repo_count": library.repositories,
            "all_time_usage": library.usages,
            "active_score": library.activity.score,
            "average_star": library.average_stars,
            **overview_of_years({year: each.repositories for year, each in library.years.items()}, of.current_year),
        },
    }


def overview_of_years(repositories: Mapping[int, int], current_year: int) -> dict[str, Any]:
    """The facts of the overview that follow from how many repositories were created in each year."""
    most = max(repositories.items(), key=lambda pair: (pair[1], -pair[0]), default=("", 0))
    return {
        "average_used_repo_count": sum(repositories.values()) / len(repositories) if repositories else 0,
        "most_used_year": {"year": most[0], "count": most[1]} if most[1] else {"year": "", "count": 0},
        "last_year_used_repo_count": {"year": current_year - 1, "count": repositories.get(current_year - 1, 0)},
    }


def person_name(*names: str) -> str:
    """The first name that is not blank and holds no e-mail address; ``unknown`` without any."""
    return next((name.strip() for name in names if name.strip() and not _ADDRESS.search(name)), "unknown")


def _internal(library: Library, of: Background) -> dict[str, Any]:
    nearest: dict[int, int] = {}
    chart = {}
    for release in of.releases:
        found = of.graph.consumers(library.id, release.id)
        for consumer, depth in found.items():
            nearest[consumer] = min(depth, nearest.get(consumer, depth))
        direct = sum(1 for depth in found.values() if depth == 1)
        chart[release.version] = {"first_level": direct, "all_deeper": len(found)}
    rows = [{"name": of.names[consumer], "depth": depth} for consumer, depth in nearest.items()]
    rows.sort(key=lambda row: (row["depth"], row["name"]))
    return {"table_data": rows, "chart_data": chart}


def _external(library: Library, consumers: Iterable[Row[Any]]) -> dict[str, Any]:
    rows = [
        {
            "name": row.repo_name,
            "stars": row.stars,
            "usage_count": row.usages,
            "created_at": _day(row.created_at),
            "updated_at": _day(row.pushed_at),
        }
        for row in consumers
    ]
    chart = {
        str(year): {"by_created": each.created, "by_last_commit": each.committed, "repos": each.repositories}
        for year, each in library.years.items()
    }
    return {"table_data": rows, "chart_data": chart}


def _contributed(library: Library, work: Iterable[Row[Any]], of: Background) -> dict[str, Any]:
    counts: dict[str, int] = defaultdict(int)
    accounts: dict[str, set[int]] = defaultdict(set)
    rows = []
    for row in work:
        version = of.calendar.after(row.released) or UNRELEASED
        counts[version] += row.commits
        accounts[version].add(row.account_id)
        name = person_name(row.identity_name, row.display_name, row.username)
        rows.append({"version": version, "person": name, "commit_count": row.commits})
    rows.sort(key=lambda row: (_rank(row["version"]), row["commit_count"]), reverse=True)
    released = [version for version in counts if version != UNRELEASED]
    last = max(released, key=loose_version_tuple, default="")
    library.last_updated_version = last
    first = loose_version_tuple(library.created_version)
    chart = {
        release.version: counts.get(release.version, 0)
        for release in of.releases
        if loose_version_tuple(release.version) >= first
    }
    if UNRELEASED in counts:
        chart[UNRELEASED] = counts[UNRELEASED]
    return {
        "table_data": rows,
        "chart_data": chart,
        "last": len(accounts[last]) if last else 0,
        "overall": len(set().union(*accounts.values())),
    }


def _rank(version: str) -> tuple[bool, tuple[int, int, int]]:
    return version == UNRELEASED, loose_version_tuple(version)


def _counted(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for name, count in pairs:
        counts[name] += count
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _day(value: datetime | None) -> str:
    return value.isoformat()[:10] if value else ""
