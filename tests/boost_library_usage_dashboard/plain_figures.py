"""Every figure of the dashboard once more, from its definition: rows one by one in plain Python.

Nothing here comes from the product: statements that select whole rows, and loops over them. Slow, and easy to believe.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

Rows = Callable[[str], list[Any]]
"""A statement to its rows, whose columns are attributes."""
Number = tuple[int, ...]

UNRELEASED = "unreleased"


class PlainFigures:
    """What the data file must hold for a database, in the year ``year``."""

    def __init__(self, rows: Rows, year: int) -> None:
        self._rows, self._year = rows, year
        self._owners = {
            row.baseprofile_ptr_id: row.username for row in rows("SELECT * FROM cppa_user_tracker_githubaccount")
        }
        audience = [
            row
            for row in rows(
                "SELECT r.*, e.boost_version, e.is_boost_used FROM github_activity_tracker_githubrepository r"
                " JOIN boost_usage_tracker_boostexternalrepository e ON e.githubrepository_ptr_id = r.id"
            )
            if row.stars > 10
        ]
        self._audience = len(audience)
        self._used = {row.id: row for row in audience if row.is_boost_used}
        self._usages = [
            row
            for row in rows("SELECT * FROM boost_usage_tracker_boostusage WHERE excepted_at IS NULL")
            if row.repo_id in self._used
        ]
        self._of_repository = Counter(row.repo_id for row in self._usages)
        self._library_of = {
            row.github_file_id: row.library_id for row in rows("SELECT * FROM boost_library_tracker_boostfile")
        }
        self._of_library: dict[int, list[Any]] = defaultdict(list)
        for row in self._usages:
            if row.boost_header_id in self._library_of:
                self._of_library[self._library_of[row.boost_header_id]].append(row)

    def check(self, data: Mapping[str, Any]) -> None:
        """Compare a data file, member by member."""
        libraries = {self._labels[id]: self._library(id) for id in self._shown}
        expected = {
            "repos_by_year": self._by_year,
            "repos_by_version": self._by_version(),
            "repos_by_year_boost_rate": self._boost_rate(),
            "language_comparison_data": self._languages,
            "all_versions_for_chart": [version for version, _ in self._releases],
            "top_repositories": self._top(),
            "metrics_by_library": [libraries[label]["row"] for label in sorted(libraries)],
            "libraries_page_data": {label: library["page"] for label, library in libraries.items()},
            "dashboard_statistics": self._statistics([libraries[label]["row"] for label in sorted(libraries)]),
        }
        for member, value in expected.items():
            assert _comparable(data[member]) == _comparable(value), member
        assert data.keys() - expected.keys() <= {"generated_at"}

    @cached_property
    def _releases(self) -> list[tuple[str, datetime | None]]:
        found = [
            (row.version.removeprefix("boost-"), row.version_created_at)
            for row in self._rows("SELECT * FROM boost_library_tracker_boostversion")
            if re.fullmatch(r"boost-\d+\.\d+\.0", row.version)
        ]
        return sorted(found, key=lambda pair: _number(pair[0]))

    @cached_property
    def _dated(self) -> list[tuple[datetime, str]]:
        dated = [(day, version) for version, day in self._releases if day]
        return sorted(dated, key=lambda pair: (pair[0], _number(pair[1])))

    @cached_property
    def _labels(self) -> dict[int, str]:
        found = self._rows(
            "SELECT l.id, l.name, r.repo_name FROM boost_library_tracker_boostlibrary l"
            " JOIN github_activity_tracker_githubrepository r ON r.id = l.repo_id"
        )
        names = Counter(row.name for row in found)
        return {row.id: row.name if names[row.name] == 1 else f"{row.name} ({row.repo_name})" for row in found}

    @cached_property
    def _lives(self) -> dict[int, list[Any]]:
        lives: dict[int, list[Any]] = defaultdict(list)
        for row in self._rows(
            "SELECT o.library_id, o.description, v.version FROM boost_library_tracker_boostlibraryversion o"
            " JOIN boost_library_tracker_boostversion v ON v.id = o.version_id"
        ):
            lives[row.library_id].append(row)
        for rows in lives.values():
            rows.sort(key=lambda row: (_number(row.version), row.version))
        return lives

    @cached_property
    def _current(self) -> set[int]:
        if not self._releases:
            return set()
        newest = f"boost-{self._releases[-1][0]}"
        return {id for id, rows in self._lives.items() if newest in {row.version for row in rows}}

    @property
    def _shown(self) -> set[int]:
        return self._current | set(self._of_library)

    @property
    def _by_year(self) -> dict[str, int]:
        return dict(Counter(str(row.repo_created_at.year) for row in self._used.values() if row.repo_created_at))

    def _confirmed(self, row: Any) -> str:
        found = re.fullmatch(r"(?:boost[-_])?(\d+)[-_.](\d+)(?:[-_.]\d+)*", row.boost_version.strip(), re.IGNORECASE)
        return f"{int(found[1])}.{int(found[2])}.0" if found and int(found[1]) else ""

    def _guessed(self, row: Any) -> str:
        if row.boost_version or not row.repo_created_at:
            return ""
        before = [version for day, version in self._dated if day <= row.repo_created_at]
        return before[-1] if before else ""

    def _distribution(self) -> list[dict[str, Any]]:
        confirmed = Counter(map(self._confirmed, self._used.values()))
        guessed = Counter(map(self._guessed, self._used.values()))
        return [
            {
                "version": version,
                "created_at": f"{day:%Y-%m-%d}" if day else "",
                "confirmed": confirmed[version],
                "guessed": guessed[version],
            }
            for version, day in self._releases
        ]

    def _by_version(self) -> list[list[Any]]:
        rows = [row for row in self._distribution() if _number(row["version"]) >= (1, 34, 0)]
        rows.sort(key=lambda row: (row["created_at"] == "", row["created_at"], _number(row["version"])))
        return [[row["version"], row["confirmed"] + row["guessed"]] for row in rows]

    def _by_year_and_version(self) -> dict[str, dict[str, int]]:
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for row in self._used.values():
            version = self._confirmed(row) or self._guessed(row)
            if version and row.repo_created_at:
                counts[version][str(row.repo_created_at.year)] += 1
        return {version: dict(years) for version, years in counts.items()}

    @cached_property
    def _languages(self) -> dict[str, dict[str, dict[str, int]]]:
        found: dict[str, dict[str, dict[str, int]]] = defaultdict(dict)
        for row in self._rows(
            "SELECT l.name, c.* FROM github_activity_tracker_createdreposbylanguage c"
            " JOIN github_activity_tracker_language l ON l.id = c.language_id"
        ):
            found[row.name][str(row.year)] = {"all": row.all_repos, "stars_10_plus": row.significant_repos}
        return dict(found)

    def _boost_rate(self) -> list[dict[str, Any]]:
        rows = []
        for year, counts in sorted(self._languages.get("C++", {}).items(), reverse=True):
            using, starred = self._by_year.get(year, 0), counts["stars_10_plus"]
            percentage = f"{100 * using / starred:.2f}%" if starred else "0.00%"
            rows.append(
                {
                    "year": int(year),
                    "cpp_repo_count": counts["all"],
                    "over_10": starred,
                    "boost_over_10": using,
                    "boost_over_10_percentage": percentage,
                }
            )
        return rows

    def _name(self, row: Any) -> str:
        owner = self._owners[row.owner_account_id]
        return f"{owner}/{row.repo_name}" if owner else row.repo_name

    def _top(self) -> dict[str, list[dict[str, Any]]]:
        uses = self._of_repository
        orders: dict[str, Callable[[Any], Any]] = {
            "top20_by_stars": lambda row: (-row.stars, -uses[row.id], row.id),
            "top20_by_usage": lambda row: (-uses[row.id], -row.stars, row.id),
            "top20_by_created": lambda row: (
                -row.repo_created_at.timestamp() if row.repo_created_at else math.inf,
                -row.stars,
                row.id,
            ),
        }
        return {
            kind: [self._repository(row) for row in sorted(self._used.values(), key=order)[:20]]
            for kind, order in orders.items()
        }

    def _repository(self, row: Any) -> dict[str, Any]:
        return {
            "id": row.id,
            "repo_name": self._name(row),
            "affect_from_boost": True,
            "stars": row.stars,
            "created_at": row.repo_created_at.isoformat() if row.repo_created_at else "",
            "pushed_at": row.repo_pushed_at.isoformat() if row.repo_pushed_at else "",
            "boost_version": row.boost_version,
            "candidate_version": self._guessed(row),
            "usage_count": self._of_repository[row.id],
        }

    def _statistics(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        named = sum(row.boost_version != "" for row in self._used.values())
        current = {self._labels[id] for id in self._current}
        never = [row for row in rows if row["name"] in current and not row["repo_count"]]
        active = [row for row in rows if row["activity_score"] > -10]
        activity = ("name", "total_usage", "recent_usage", "past_usage", "activity_score")
        return {
            "total_repositories": self._audience,
            "affected_repositories": len(self._used),
            "total_usage_records": len(self._usages),
            "total_libraries": len(current),
            "version_related_stats": {
                "repos_with_version": named,
                "repos_without_version": len(self._used) - named,
                "version_coverage_percent": 100 * named / len(self._used) if self._used else 0,
                "distribution_by_version": self._distribution(),
                "distribution_by_year_version": self._by_year_and_version(),
            },
            "top_libraries": _chosen(
                sorted(rows, key=lambda row: -row["repo_count"])[:20],
                ("name", "repo_count", "total_usage", "earliest_commit", "latest_commit"),
            ),
            "never_used_libraries": _chosen(
                sorted(never, key=lambda row: _number(row["created_version"])),
                ("name", "created_version", "last_updated_version"),
            ),
            "top_active_libraries": _chosen(sorted(active, key=lambda row: -row["activity_score"])[:20], activity),
            "bottom_active_libraries": _chosen(sorted(active, key=lambda row: row["activity_score"])[:20], activity),
        }

    def _library(self, id: int) -> dict[str, Any]:
        usages = self._of_library.get(id, [])
        uses = Counter(row.repo_id for row in usages)
        created = Counter(at.year for row in usages if (at := self._used[row.repo_id].repo_created_at))
        committed = Counter(row.last_commit_date.year for row in usages if row.last_commit_date)
        repositories = Counter(at.year for repo in uses if (at := self._used[repo].repo_created_at))
        over = {year: count for year, count in created.items() if year < self._year} or dict(created)
        recent = sum(count for year, count in over.items() if year >= self._year - 5)
        commits = sorted(row.last_commit_date for row in usages if row.last_commit_date)
        life = self._lives.get(id, [])
        described = [row.description for row in life if row.description]
        stars = [self._used[repo].stars for repo in uses]
        contributed = self._contributed(id, life)
        internal = self._internal(id)
        row = {
            "name": self._labels[id],
            "created_version": life[0].version.removeprefix("boost-") if life else "",
            "last_updated_version": contributed["last_version"],
            "removed_version": self._removed(life),
            "total_usage": sum(over.values()),
            "recent_usage": recent,
            "past_usage": sum(over.values()) - recent,
            "all_time_usage": len(usages),
            "activity_score": _score(over, self._year),
            "repo_count": len(uses),
            "earliest_commit": f"{commits[0]:%Y-%m-%d %H:%M:%S}" if commits else "",
            "latest_commit": f"{commits[-1]:%Y-%m-%d %H:%M:%S}" if commits else "",
            "average_stars": sum(stars) // len(stars) if stars else 0,
        }
        years = sorted({*created, *committed})
        most = max(years, key=lambda year: (repositories[year], -year), default=0)
        page = {
            "internal_dependents_data": internal,
            "external_consumers": {
                "table_data": [
                    {
                        "name": self._name(repo),
                        "stars": repo.stars,
                        "usage_count": uses[repo.id],
                        "created_at": f"{repo.repo_created_at:%Y-%m-%d}" if repo.repo_created_at else "",
                        "updated_at": f"{repo.repo_pushed_at:%Y-%m-%d}" if repo.repo_pushed_at else "",
                    }
                    for repo in sorted(
                        (self._used[repo] for repo in uses),
                        key=lambda repo: (-repo.stars, -uses[repo.id], self._name(repo)),
                    )
                ],
                "chart_data": {
                    str(year): {
                        "by_created": created[year],
                        "by_last_commit": committed[year],
                        "repos": repositories[year],
                    }
                    for year in years
                },
            },
            "contribute_data": {"table_data": contributed["table"], "chart_data": contributed["chart"]},
            "over_view": {
                "created_version": row["created_version"],
                "last_updated_version": row["last_updated_version"],
                "removed_version": row["removed_version"],
                "description": described[-1] if described else "",
                "used_headers": dict(Counter(self._files[usage.boost_header_id] for usage in usages)),
                "last_contributors": contributed["last"],
                "overall_contributors": contributed["overall"],
                "internal_consumers": len(internal["table_data"]),
                "used_repo_count": row["repo_count"],
                "all_time_usage": row["all_time_usage"],
                "active_score": row["activity_score"],
                "average_star": row["average_stars"],
                "average_used_repo_count": sum(repositories.values()) / len(years) if years else 0,
                "most_used_year": (
                    {"year": most, "count": repositories[most]} if repositories[most] else {"year": "", "count": 0}
                ),
                "last_year_used_repo_count": {"year": self._year - 1, "count": repositories[self._year - 1]},
            },
        }
        return {"row": row, "page": page}

    @cached_property
    def _files(self) -> dict[int, str]:
        return {row.id: row.filename for row in self._rows("SELECT * FROM github_activity_tracker_githubfile")}

    def _removed(self, life: list[Any]) -> str:
        versions = [version for version, _ in self._releases]
        known = [version for row in life if (version := row.version.removeprefix("boost-")) in versions]
        return "".join(versions[versions.index(known[-1]) + 1 :][:1]) if known else ""

    @cached_property
    def _needed_by(self) -> dict[str, dict[int, set[int]]]:
        found: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        for row in self._rows(
            "SELECT d.*, v.version FROM boost_library_tracker_boostdependency d"
            " JOIN boost_library_tracker_boostversion v ON v.id = d.version_id"
        ):
            found[row.version.removeprefix("boost-")][row.dep_library_id].add(row.client_library_id)
        return found

    def _internal(self, id: int) -> dict[str, Any]:
        nearest: dict[int, int] = {}
        chart = {}
        for version, _ in self._releases:
            depths = {id: 0}
            waiting = [id]
            for library in waiting:  # grows while it is read: a queue
                for client in self._needed_by.get(version, {}).get(library, ()):
                    if client not in depths:
                        depths[client] = depths[library] + 1
                        waiting.append(client)
            del depths[id]
            for client, depth in depths.items():
                nearest[client] = min(depth, nearest.get(client, depth))
            direct = sum(depth == 1 for depth in depths.values())
            chart[version] = {"first_level": direct, "all_deeper": len(depths)}
        table = sorted((depth, self._labels[client]) for client, depth in nearest.items())
        return {"table_data": [{"name": name, "depth": depth} for depth, name in table], "chart_data": chart}

    @cached_property
    def _work(self) -> dict[int, dict[int, Any]]:
        """Library, id of a commit that touched it, the commit."""
        touched: dict[int, dict[int, Any]] = defaultdict(dict)
        for row in self._rows(
            "SELECT x.github_file_id, x.commit_id, c.account_id, c.commit_at, c.gone_at, r.owner_account_id"
            " FROM github_activity_tracker_gitcommitfilechange x"
            " JOIN github_activity_tracker_gitcommit c ON c.id = x.commit_id"
            " JOIN github_activity_tracker_githubrepository r ON r.id = c.repo_id"
        ):
            if row.github_file_id in self._library_of and row.gone_at is None and self._owners[row.owner_account_id]:
                touched[self._library_of[row.github_file_id]][row.commit_id] = row
        return touched

    @cached_property
    def _people(self) -> dict[int, str]:
        found = {}
        for row in self._rows(
            "SELECT a.*, i.display_name AS identity_name FROM cppa_user_tracker_githubaccount a"
            " JOIN cppa_user_tracker_baseprofile p ON p.id = a.baseprofile_ptr_id"
            " LEFT JOIN cppa_user_tracker_identity i ON i.id = p.identity_id"
        ):
            names = [name.strip() for name in (row.identity_name or "", row.display_name, row.username)]
            # An address is no name.
            fit = [name for name in names if name and not re.search(r"\S@\S", name)]
            found[row.baseprofile_ptr_id] = fit[0] if fit else "unknown"
        return found

    def _contributed(self, id: int, life: list[Any]) -> dict[str, Any]:
        commits: Counter[tuple[str, int]] = Counter()
        for commit in self._work.get(id, {}).values():
            after = [version for day, version in self._dated if day > commit.commit_at]
            commits[after[0] if after else UNRELEASED, commit.account_id] += 1
        counts: Counter[str] = Counter()
        for (version, _), count in commits.items():
            counts[version] += count
        released = [version for version in counts if version != UNRELEASED]
        last = max(released, key=_number, default="")
        first = _number(life[0].version) if life else ()
        chart = {version: counts[version] for version, _ in self._releases if _number(version) >= first}
        table = [
            {"version": version, "person": self._people[account], "commit_count": count}
            for (version, account), count in commits.items()
        ]
        return {
            "table": table,
            "chart": chart | ({UNRELEASED: counts[UNRELEASED]} if counts[UNRELEASED] else {}),
            "last_version": last,
            "last": sum(version == last for version, _ in commits),
            "overall": len({account for _, account in commits}),
        }


def _score(counts: Mapping[int, int], current_year: int) -> float:
    """Section 14.5 of the specification, as it stands there."""
    total = sum(counts.values())
    if not total:
        return -10.0
    years = sorted(counts)
    n = len(years)
    r = [counts[year] / total for year in years]
    x = [year - (current_year - 5) for year in years]
    g = math.log10(total + 1)
    derivation = g * sum(i * (r[i] - r[i - 1]) / (x[i] - x[i - 1]) for i in range(1, n))
    trend = momentum = 0.0
    if n >= 2:
        mean_x, mean_r = sum(x) / n, sum(r) / n
        slope = sum((x[i] - mean_x) * (r[i] - mean_r) for i in range(n)) / sum((x[i] - mean_x) ** 2 for i in range(n))
        trend = g * slope / (mean_r + 1)
        w = {i: math.exp(0.3 * (i - n)) for i in range(1, n)}
        momentum = g * sum(w[i] * (r[i] - r[i - 1]) / (r[i - 1] + 1) for i in w) / sum(w.values())
    return 0.4 * derivation + 0.3 * trend + 0.3 * momentum


def _number(version: str) -> Number:
    """``1.90.0`` and ``boost-1.90.0`` as (1, 90, 0)."""
    return tuple(map(int, re.findall(r"\d+", version)))


def _chosen(rows: Iterable[Mapping[str, Any]], names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in names} for row in rows]


def _comparable(value: Any) -> Any:
    """Decimals rounded; rows of contributions in one order, as people with as many commits have none."""
    if isinstance(value, Mapping):
        return {name: _comparable(each) for name, each in value.items()}
    if isinstance(value, list):
        found = [_comparable(each) for each in value]
        if found and isinstance(found[0], dict) and "person" in found[0]:
            found.sort(key=lambda row: (row["version"], -row["commit_count"], row["person"]))
        return found
    return round(value, 9) if isinstance(value, float) else value
