"""The metrics of each library: what the database has counted, under the names that people read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from boost_collectors.boost_library_usage_dashboard import queries
from boost_collectors.boost_library_usage_dashboard.releases import moved, plain
from boost_collectors.boost_library_usage_dashboard.scoring import Activity, Weights, activity


@dataclass(frozen=True, slots=True)
class Year:
    """A year in the use of a library: usages by the year that the repository was created in, and by that of the last
    commit to the file; repositories created."""

    created: int = 0
    committed: int = 0
    repositories: int = 0


@dataclass(slots=True)
class Library:
    """A library of the newest release, or one that is used all the same.

    ``label`` is its name, with the repository's behind it where another library has the same name.
    """

    id: int
    label: str
    is_current: bool
    created_version: str
    removed_version: str
    description: str
    last_updated_version: str = ""
    repositories: int = 0
    usages: int = 0
    average_stars: int = 0
    first_commit: datetime | None = None
    last_commit: datetime | None = None
    years: dict[int, Year] = field(default_factory=dict)
    activity: Activity = field(default_factory=Activity)

    def row(self) -> dict[str, Any]:
        """The library's entry of ``metrics_by_library``."""
        return {
            "name": self.label,
            "created_version": self.created_version,
            "last_updated_version": self.last_updated_version,
            "removed_version": self.removed_version,
            "total_usage": self.activity.total,
            "recent_usage": self.activity.recent,
            "past_usage": self.activity.past,
            "all_time_usage": self.usages,
            "activity_score": self.activity.score,
            "repo_count": self.repositories,
            "earliest_commit": _instant(self.first_commit),
            "latest_commit": _instant(self.last_commit),
            "average_stars": self.average_stars,
        }


def read_libraries(
    session: Session, versions: Sequence[str], current_year: int, weights: Weights
) -> tuple[list[Library], dict[int, str]]:
    """The libraries of the newest release and those that are used, by id; and what every library is called."""
    rows = queries.libraries(session)
    use = {row.library_id: row for row in queries.library_use(session)}
    years = _years(session)
    known = Counter(row.name for row in rows)
    labels = {row.id: row.name if known[row.name] == 1 else f"{row.name} ({row.repo_name})" for row in rows}
    newest = versions[-1] if versions else None
    found = []
    for row in rows:
        last = plain(row.last_version)
        is_current = newest is not None and last == newest
        if not is_current and row.id not in use:
            continue
        library = Library(
            id=row.id,
            label=labels[row.id],
            is_current=is_current,
            created_version=plain(row.first_version),
            removed_version=moved(last, 1, versions) or "" if last in versions else "",
            description=row.description,
        )
        if (counted := use.get(row.id)) is not None:
            library.repositories, library.usages = counted.repositories, counted.usages
            library.average_stars = counted.stars
            library.first_commit, library.last_commit = counted.first_commit, counted.last_commit
            library.years = years.get(row.id, {})
            created = [(year, each.created) for year, each in library.years.items() if each.created]
            library.activity = activity(created, current_year, weights)
        found.append(library)
    return sorted(found, key=lambda library: library.id), labels


def _years(session: Session) -> dict[int, dict[int, Year]]:
    created = {(row.library_id, row.year): row for row in queries.library_created(session)}
    committed = {(row.library_id, row.year): row.usages for row in queries.library_committed(session)}
    years: dict[int, dict[int, Year]] = defaultdict(dict)
    for key in sorted({*created, *committed}):
        row = created.get(key)
        years[key[0]][key[1]] = Year(
            created=row.usages if row else 0,
            committed=committed.get(key, 0),
            repositories=row.repositories if row else 0,
        )
    return years


def _instant(value: datetime | None) -> str:
    return value.strftime("%Y-%m-%d %H:%M:%S") if value else ""
