"""Collecting: from the database to the data file, one library after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from boost_collectors.boost_library_usage_dashboard import data_file, queries, statistics
from boost_collectors.boost_library_usage_dashboard.consumers import DependencyGraph
from boost_collectors.boost_library_usage_dashboard.libraries import read_libraries
from boost_collectors.boost_library_usage_dashboard.library_data import (
    Background,
    Grouped,
    LibraryRows,
    library_page,
)
from boost_collectors.boost_library_usage_dashboard.releases import Calendar
from boost_collectors.boost_library_usage_dashboard.scoring import Weights
from boost_collectors.core.context import RunContext

STATISTICS = "dashboard_statistics"


def collect(context: RunContext, session: Session, path: Path) -> dict[str, Any]:
    """Read everything in the session's one transaction, and bring the data file up to date.

    Returns the file's members but for the libraries. A file with the same data is left as it is.
    """
    reader = _Reader(context, session)
    data_file.write(path, stamp(context.clock()), reader.libraries(), reader.members)
    return reader.members()


def stamp(now: datetime) -> str:
    """``2026-11-27 10:30:00 UTC``."""
    return f"{now.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


class _Reader:
    def __init__(self, context: RunContext, session: Session) -> None:
        self._context, self._session = context, session
        self._year = context.clock().astimezone(UTC).year
        self._members: dict[str, Any] = {}
        queries.begin(session)
        self._releases = queries.releases(session)
        self._calendar = Calendar.of(self._releases)
        self._versions = [release.version for release in self._releases]
        queries.aggregate_use(session, self._calendar)
        settings = context.settings
        weights = Weights(
            settings.boost_dashboard_activity_derivation_weight,
            settings.boost_dashboard_activity_trend_weight,
            settings.boost_dashboard_activity_momentum_weight,
        )
        self._libraries, names = read_libraries(session, self._versions, self._year, weights)
        graph = DependencyGraph(tuple(row) for row in queries.dependencies(session))
        self._background = Background(self._releases, self._calendar, graph, names, self._year)

    def libraries(self) -> Iterator[tuple[str, Any]]:
        """Name and page data of every library, read as they are taken."""
        with (
            closing(Grouped(queries.library_headers(self._session))) as headers,
            closing(Grouped(queries.consumers(self._session))) as consumers,
            closing(Grouped(queries.contributions(self._session, self._calendar))) as work,
        ):
            for library in self._libraries:
                rows = LibraryRows(headers.of(library.id), consumers.of(library.id), work.of(library.id))
                yield library.label, library_page(library, rows, self._background)

    def members(self) -> dict[str, Any]:
        """The other members of the data file; to be asked for after the libraries."""
        if not self._members:
            self._members = self._read_members()
        return self._members

    def _read_members(self) -> dict[str, Any]:
        session = self._session
        by_year = queries.by_year(session)
        distribution = statistics.version_distribution(session, self._releases)
        languages = statistics.languages(session, self._context)
        rate = statistics.boost_rate(languages, by_year)
        totals = statistics.repository_totals(session)
        totals["version_related_stats"] |= {
            "distribution_by_version": distribution,
            "distribution_by_year_version": statistics.by_year_and_version(session),
        }
        return {
            "repos_by_year": {str(year): count for year, count in by_year.items()},
            "repos_by_version": statistics.repositories_by_version(distribution),
            "repos_by_year_boost_rate": rate,
            "language_comparison_data": {
                name: {str(year): counts for year, counts in years.items()} for name, years in languages.items()
            },
            "metrics_by_library": [each.row() for each in sorted(self._libraries, key=lambda each: each.label)],
            "top_repositories": statistics.top_repositories(session),
            "all_versions_for_chart": self._versions,
            STATISTICS: totals | statistics.library_lists(self._libraries),
        }
