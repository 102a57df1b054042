"""Every metric, counted by hand in a small world (``small_world.py``)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.boost_library_usage_dashboard.conftest import World


@pytest.fixture
def data(small_world: World) -> dict[str, Any]:
    return small_world.collect()


def _library(data: dict[str, Any], name: str) -> dict[str, Any]:
    return next(row for row in data["metrics_by_library"] if row["name"] == name)


def test_the_metrics_of_libraries(data: dict[str, Any]) -> None:
    assert _library(data, "asio") == {
        "name": "asio",
        "created_version": "1.34.0",
        "last_updated_version": "1.100.0",
        "removed_version": "",
        # Created in 2024: three of one and one of three; in 2025: one of two. Nobody knows when four was created.
        "total_usage": 5,
        "recent_usage": 5,
        "past_usage": 0,
        "all_time_usage": 6,
        # log10(6) * (0.4 * -0.6 + 0.3 * -0.6 / 1.5 + 0.3 * -0.6 / 1.8)
        "activity_score": pytest.approx(-0.3579495752),
        "repo_count": 4,
        "earliest_commit": "2024-04-01 00:00:00",
        "latest_commit": "2026-02-02 00:00:00",
        "average_stars": 287,  # (100 + 20 + 1000 + 30) / 4; over usages it would be 225
    }
    gone = _library(data, "old")
    assert (gone["created_version"], gone["removed_version"]) == ("1.34.0", "1.99.0")
    assert (gone["total_usage"], gone["all_time_usage"], gone["repo_count"]) == (0, 1, 1)
    assert gone["activity_score"] == -10.0
    unused = _library(data, "twin (others)")
    assert (unused["created_version"], unused["repo_count"], unused["average_stars"]) == ("1.99.0", 0, 0)
    assert (unused["earliest_commit"], unused["latest_commit"], unused["activity_score"]) == ("", "", -10.0)


def test_libraries_with_one_name_stay_apart(data: dict[str, Any]) -> None:
    names = ["asio", "beast", "old", "twin (others)", "twin (twins)"]
    assert [row["name"] for row in data["metrics_by_library"]] == names
    assert sorted(data["libraries_page_data"]) == names


def test_the_overview_of_a_library(data: dict[str, Any]) -> None:
    assert data["libraries_page_data"]["asio"]["over_view"] == {
        "created_version": "1.34.0",
        "last_updated_version": "1.100.0",
        "removed_version": "",
        "description": "Networking",
        "used_headers": {"include/boost/asio.hpp": 4, "include/boost/asio/ip.hpp": 2},
        "last_contributors": 1,
        "overall_contributors": 3,
        "internal_consumers": 3,
        "used_repo_count": 4,
        "all_time_usage": 6,
        "active_score": pytest.approx(-0.3579495752),
        "average_star": 287,
        "average_used_repo_count": 1.0,  # 2 in 2024, 1 in 2025, 0 in 2026
        "most_used_year": {"year": 2024, "count": 2},
        "last_year_used_repo_count": {"year": 2025, "count": 1},
    }


def test_who_needs_a_library_inside_boost(data: dict[str, Any]) -> None:
    assert data["libraries_page_data"]["asio"]["internal_dependents_data"] == {
        "table_data": [
            {"name": "beast", "depth": 1},
            {"name": "old", "depth": 1},  # by its name, though it is not in the newest release
            {"name": "twin (twins)", "depth": 2},
        ],
        "chart_data": {
            "1.34.0": {"first_level": 1, "all_deeper": 1},
            "1.99.0": {"first_level": 0, "all_deeper": 0},
            "1.100.0": {"first_level": 1, "all_deeper": 2},
        },
    }
    beast = data["libraries_page_data"]["beast"]["internal_dependents_data"]
    assert beast["table_data"] == [{"name": "twin (twins)", "depth": 1}]


def test_who_uses_a_library_outside_boost(data: dict[str, Any]) -> None:
    asio = data["libraries_page_data"]["asio"]["external_consumers"]
    assert [tuple(row.values()) for row in asio["table_data"]] == [
        ("bo/three", 1000, 1, "2024-07-01", "2026-04-04"),
        ("ada/one", 100, 3, "2024-03-01", "2026-01-02"),
        ("four", 30, 1, "", ""),  # its owner has no name
        ("ada/two", 20, 1, "2025-02-01", "2025-03-03"),
    ]
    assert asio["chart_data"] == {
        "2024": {"by_created": 4, "by_last_commit": 1, "repos": 2},
        "2025": {"by_created": 1, "by_last_commit": 3, "repos": 1},
        "2026": {"by_created": 0, "by_last_commit": 1, "repos": 0},
    }


def test_who_writes_a_library(data: dict[str, Any]) -> None:
    asio = data["libraries_page_data"]["asio"]["contribute_data"]
    assert [tuple(row.values()) for row in asio["table_data"]] == [
        ("unreleased", "<!-- Eve | </script>", 1),
        ("1.100.0", "Ada Sample", 1),  # by her identity; made on the day of 1.99.0, so it is in the next one
        ("1.99.0", "Ada Sample", 1),
        ("1.99.0", "bo", 1),  # the display name is an address
    ]
    assert asio["chart_data"] == {"1.34.0": 0, "1.99.0": 2, "1.100.0": 1, "unreleased": 1}


def test_the_totals(data: dict[str, Any]) -> None:
    statistics = data["dashboard_statistics"]
    assert statistics["total_repositories"] == 5  # unflagged has an audience, but does not use Boost any more
    assert statistics["affected_repositories"] == 4
    assert statistics["total_usage_records"] == 8  # one's placeholder included
    assert statistics["total_libraries"] == 4
    versions = statistics["version_related_stats"]
    assert (versions["repos_with_version"], versions["repos_without_version"]) == (3, 1)
    assert versions["version_coverage_percent"] == 75.0


def test_repositories_by_version(data: dict[str, Any]) -> None:
    versions = data["dashboard_statistics"]["version_related_stats"]
    assert [tuple(row.values()) for row in versions["distribution_by_version"]] == [
        ("1.34.0", "2008-01-01", 0, 0),
        ("1.99.0", "2024-05-01", 1, 1),  # 1.99.1 counts for it; three was created after it
        ("1.100.0", "2025-06-01", 1, 0),
    ]
    assert versions["distribution_by_year_version"] == {"1.99.0": {"2024": 2}, "1.100.0": {"2025": 1}}
    assert data["repos_by_version"] == [["1.34.0", 0], ["1.99.0", 2], ["1.100.0", 1]]
    assert data["all_versions_for_chart"] == ["1.34.0", "1.99.0", "1.100.0"]


def test_repositories_by_year_and_language(data: dict[str, Any]) -> None:
    assert data["repos_by_year"] == {"2024": 2, "2025": 1}
    assert [tuple(row.values()) for row in data["repos_by_year_boost_rate"]] == [
        (2025, 200, 3, 1, "33.33%"),
        (2024, 100, 8, 2, "25.00%"),
        (2023, 0, 0, 0, "0.00%"),
    ]
    assert data["language_comparison_data"] == {
        "C++": {
            "2023": {"all": 0, "stars_10_plus": 0},
            "2024": {"all": 100, "stars_10_plus": 8},
            "2025": {"all": 200, "stars_10_plus": 3},
        },
        "Rust": {"2025": {"all": 50, "stars_10_plus": 5}},
    }


def test_the_lists_of_libraries(data: dict[str, Any]) -> None:
    statistics = data["dashboard_statistics"]
    assert [tuple(row.values()) for row in statistics["top_libraries"][:2]] == [
        ("asio", 4, 5, "2024-04-01 00:00:00", "2026-02-02 00:00:00"),
        ("old", 1, 0, "2023-02-02 00:00:00", "2023-02-02 00:00:00"),
    ]
    assert [tuple(row.values()) for row in statistics["never_used_libraries"]] == [
        ("twin (others)", "1.99.0", ""),
        ("beast", "1.100.0", ""),
        ("twin (twins)", "1.100.0", ""),
    ]
    assert [row["name"] for row in statistics["top_active_libraries"]] == ["asio"]  # the others have no score
    assert [row["name"] for row in statistics["bottom_active_libraries"]] == ["asio"]


def test_the_lists_of_repositories(data: dict[str, Any]) -> None:
    names = {kind: [row["repo_name"] for row in rows] for kind, rows in data["top_repositories"].items()}
    assert names == {
        "top20_by_stars": ["bo/three", "ada/one", "four", "ada/two"],
        "top20_by_usage": ["ada/one", "four", "bo/three", "ada/two"],
        "top20_by_created": ["ada/two", "bo/three", "ada/one", "four"],
    }
    assert data["top_repositories"]["top20_by_stars"][0] == {
        "id": 13,
        "repo_name": "bo/three",
        "affect_from_boost": True,
        "stars": 1000,
        "created_at": "2024-07-01T00:00:00+00:00",
        "pushed_at": "2026-04-04T00:00:00+00:00",
        "boost_version": "",
        "candidate_version": "1.99.0",
        "usage_count": 1,
    }


def test_an_empty_database_makes_a_data_file_with_nothing_in_it(make_world: Any) -> None:
    data = make_world().collect()
    assert data["metrics_by_library"] == data["repos_by_version"] == data["all_versions_for_chart"] == []
    assert data["libraries_page_data"] == data["repos_by_year"] == data["language_comparison_data"] == {}


def test_without_the_table_of_languages_only_they_are_missing(small_world: World) -> None:
    small_world.write("ALTER TABLE github_activity_tracker_createdreposbylanguage RENAME TO elsewhere")
    data = small_world.collect()
    assert data["language_comparison_data"] == {}
    assert data["repos_by_year_boost_rate"] == []
    assert data["repos_by_year"] == {"2024": 2, "2025": 1}
