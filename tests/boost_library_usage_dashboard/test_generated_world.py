"""The metrics over generated rows, against what plain Python makes of the same rows, and what they cost."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event

from boost_collectors.boost_library_usage_dashboard import fingerprint
from tests.boost_library_usage_dashboard.conftest import NOW, World

MOST_STATEMENTS = 40


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """Every statement that reaches a database meanwhile."""
    seen: list[str] = []

    def see(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", see)
    yield seen
    event.remove(Engine, "before_cursor_execute", see)


def test_the_metrics_are_those_of_the_rows_one_by_one(generated_world: World, statements: list[str]) -> None:
    data = generated_world.collect()
    with generated_world.database.session() as session:
        fingerprint.content(session)
    assert len(statements) <= MOST_STATEMENTS
    assert not [statement for statement in statements if "patch" in statement]
    expected = _Plain(generated_world)
    expected.check_repositories(data)
    expected.check_libraries(data)
    expected.check_contributions(data)
    assert len(data["metrics_by_library"]) > 50


class _Plain:
    """The definitions, row by row."""

    def __init__(self, world: World) -> None:
        self._world = world
        owners = dict(
            map(tuple, world.rows("SELECT baseprofile_ptr_id, username FROM cppa_user_tracker_githubaccount"))
        )
        self._owners = owners
        self._repositories = {
            row.id: row
            for row in world.rows(
                "SELECT r.*, e.boost_version, e.is_boost_used FROM github_activity_tracker_githubrepository r"
                " JOIN boost_usage_tracker_boostexternalrepository e ON e.githubrepository_ptr_id = r.id"
            )
            if row.stars > 10
        }
        self._used = {id: row for id, row in self._repositories.items() if row.is_boost_used}
        self._names = {
            id: f"{owners[row.owner_account_id]}/{row.repo_name}" if owners[row.owner_account_id] else row.repo_name
            for id, row in self._used.items()
        }
        self._library_of = dict(
            map(tuple, world.rows("SELECT github_file_id, library_id FROM boost_library_tracker_boostfile"))
        )
        labels = world.rows(
            "SELECT l.id, l.name, r.repo_name FROM boost_library_tracker_boostlibrary l"
            " JOIN github_activity_tracker_githubrepository r ON r.id = l.repo_id"
        )
        self._labels = {row.id: row.name if row.name != "twin" else f"twin ({row.repo_name})" for row in labels}
        self._usages = [
            row
            for row in world.rows("SELECT * FROM boost_usage_tracker_boostusage WHERE excepted_at IS NULL")
            if row.repo_id in self._used
        ]

    def check_repositories(self, data: dict[str, Any]) -> None:
        statistics = data["dashboard_statistics"]
        assert statistics["total_repositories"] == len(self._repositories)
        assert statistics["affected_repositories"] == len(self._used)
        assert statistics["total_usage_records"] == len(self._usages)
        years = Counter(str(row.repo_created_at.year) for row in self._used.values() if row.repo_created_at)
        assert data["repos_by_year"] == years
        usages = Counter(row.repo_id for row in self._usages)
        best = sorted(self._used.values(), key=lambda row: (-usages[row.id], -row.stars, row.id))[:20]
        found = [(row["id"], row["usage_count"]) for row in data["top_repositories"]["top20_by_usage"]]
        assert found == [(row.id, usages[row.id]) for row in best]
        self._check_versions(data)

    def _check_versions(self, data: dict[str, Any]) -> None:
        releases = [
            (row.version_created_at, row.version.removeprefix("boost-"))
            for row in self._world.rows("SELECT * FROM boost_library_tracker_boostversion")
            if row.version.endswith(".0")
        ]
        dated = sorted((day, version) for day, version in releases if day)
        confirmed: Counter[str] = Counter()
        guessed: Counter[str] = Counter()
        for row in self._used.values():
            if row.boost_version == "":
                before = [version for day, version in dated if row.repo_created_at and day <= row.repo_created_at]
                guessed.update(before[-1:])
            elif row.boost_version != "develop":
                major, minor, _ = row.boost_version.removeprefix("boost-").replace("_", ".").split(".")
                confirmed[f"{major}.{minor}.0"] += 1
        found = data["dashboard_statistics"]["version_related_stats"]["distribution_by_version"]
        assert {(row["version"], row["confirmed"], row["guessed"]) for row in found} == {
            (version, confirmed[version], guessed[version]) for _, version in releases
        }
        assert sum(row["confirmed"] for row in found) > 50

    def check_libraries(self, data: dict[str, Any]) -> None:
        by_library: dict[int, list[Any]] = defaultdict(list)
        for row in self._usages:
            if row.boost_header_id is not None:
                by_library[self._library_of[row.boost_header_id]].append(row)
        metrics = {row["name"]: row for row in data["metrics_by_library"]}
        for library, usages in by_library.items():
            label = self._labels[library]
            repositories = Counter(row.repo_id for row in usages)
            years = Counter(
                self._used[row.repo_id].repo_created_at.year
                for row in usages
                if self._used[row.repo_id].repo_created_at
            )
            past = {year: count for year, count in years.items() if year < NOW.year}
            commits = [row.last_commit_date for row in usages if row.last_commit_date]
            row = metrics[label]
            assert row["repo_count"] == len(repositories)
            assert row["all_time_usage"] == len(usages)
            assert row["total_usage"] == sum(past.values())
            assert row["recent_usage"] == sum(count for year, count in past.items() if year >= NOW.year - 5)
            assert row["average_stars"] == sum(self._used[id].stars for id in repositories) // len(repositories)
            assert row["earliest_commit"] == f"{min(commits):%Y-%m-%d %H:%M:%S}"
            page = data["libraries_page_data"][label]
            table = page["external_consumers"]["table_data"]
            assert {(each["name"], each["usage_count"]) for each in table} == {
                (self._names[id], count) for id, count in repositories.items()
            }
            assert [each["stars"] for each in table] == sorted((each["stars"] for each in table), reverse=True)
            chart = page["external_consumers"]["chart_data"]
            assert {int(year): each["by_created"] for year, each in chart.items() if each["by_created"]} == years
            by_commit = Counter(day.year for day in commits)
            assert {int(year): each["by_last_commit"] for year, each in chart.items() if each["by_last_commit"]} == (
                by_commit
            )
            assert sum(page["over_view"]["used_headers"].values()) == len(usages)

    def check_contributions(self, data: dict[str, Any]) -> None:
        releases = sorted(
            (row.version_created_at, row.version.removeprefix("boost-"))
            for row in self._world.rows("SELECT * FROM boost_library_tracker_boostversion")
            if row.version.endswith(".0") and row.version_created_at
        )
        touched = {
            (self._library_of[row.github_file_id], row.commit_id, row.account_id): row.commit_at
            for row in self._world.rows(
                "SELECT x.github_file_id, x.commit_id, c.account_id, c.commit_at"
                " FROM github_activity_tracker_gitcommitfilechange x"
                " JOIN github_activity_tracker_gitcommit c ON c.id = x.commit_id"
            )
        }
        expected: dict[str, Counter[str]] = defaultdict(Counter)
        for (library, _, _), at in touched.items():
            after = [version for day, version in releases if day > at]
            expected[self._labels[library]][after[0] if after else "unreleased"] += 1
        for label, page in data["libraries_page_data"].items():
            counts: Counter[str] = Counter()
            for row in page["contribute_data"]["table_data"]:
                counts[row["version"]] += row["commit_count"]
                assert "@" not in row["person"]
            assert counts == expected[label]
