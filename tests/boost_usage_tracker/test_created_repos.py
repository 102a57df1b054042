"""Counting the repositories created in each year, by language."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from boost_collectors import registry
from boost_collectors.core.database import Database
from boost_collectors.core.errors import CommandError, RateLimited, TransientError
from boost_collectors.core.window import Window, WindowMode
from boost_collectors.github_activity_tracker import services as github
from include.sandbox import Sandbox
from include.sandbox.github.limits import LimitOptions
from tests.boost_usage_tracker.conftest import UsageBench

YEARS = ("--start-year", "2022", "--end-year", "2024")
THIS_YEAR = datetime.now(UTC).year


class CountingBench(UsageBench):
    spec = registry.find("run_update_created_repos_by_language")

    def stored(self) -> list[tuple[Any, ...]]:
        """Language, year and both counts."""
        return self.rows(
            "SELECT l.name, c.year, c.all_repos, c.significant_repos"
            " FROM github_activity_tracker_createdreposbylanguage c"
            " JOIN github_activity_tracker_language l ON l.id = c.language_id ORDER BY 1, 2"
        )

    def asked(self) -> list[str]:
        """The searches of the last run."""
        return [dict(request.query)["q"] for request in self.sandbox.requests if "/search/" in request.path]


@pytest.fixture
def counting(tmp_path: Path, database: Database, database_url: str, make_settings: Any) -> Iterator[CountingBench]:
    folder = tmp_path / "samples"
    (folder / "github").mkdir(parents=True)
    with database.session() as session:
        for name in ("C++", "Jupyter Notebook"):
            github.get_or_create_language(session, name)
    with Sandbox(samples=folder, limits=LimitOptions(search=1000)) as sandbox:
        bench = CountingBench(sandbox, database, database_url, make_settings, REPO_COUNT_LANGUAGES="C++")
        bench.folder = folder
        for number, (created, stars) in enumerate([("2022-01-01", 11), ("2022-12-31", 10), ("2024-05-05", 50)]):
            bench.repository(f"ada/r{number}", {"a": "b"}, created_at=f"{created}T23:00:00Z", stars=stars)
        yield bench


def test_all_and_significant_repositories_of_each_year(counting: CountingBench) -> None:
    counts = counting.collect(*YEARS)
    assert counting.stored() == [("C++", 2022, 2, 1), ("C++", 2023, 0, 0), ("C++", 2024, 1, 1)]
    assert counting.asked()[:2] == [
        "language:C++ created:2022-01-01..2022-12-31",
        "language:C++ stars:>10 created:2022-01-01..2022-12-31",
    ]
    assert (counts["rows_processed"], counts["created"], counts.get("updated", 0)) == (3, 3, 0)
    assert counts["languages_processed"] == 1


def test_years_that_are_over_are_not_counted_again_within_a_month(counting: CountingBench) -> None:
    years = ("--start-year", "2022")
    counting.collect(*years)
    counts = counting.collect(*years)
    assert len(counting.asked()) == 2
    assert all(f"created:{THIS_YEAR}-01-01" in query for query in counting.asked())
    assert (counts["rows_processed"], counts["updated"], counts["rows_kept"]) == (1, 1, THIS_YEAR - 2022)
    with counting.database.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE core_checkpoint SET cursor = jsonb_set(cursor, '{counted_on}', '\"2022-12-30\"')"
            " WHERE unit = 'C++:2022'"
        )
    counting.collect(*years)
    assert len(counting.asked()) == 4
    counting.collect(*YEARS, "--stars-min", "9")
    assert len(counting.asked()) == 6
    assert counting.stored()[0] == ("C++", 2022, 2, 2)
    counting.collect(*YEARS, window=Window(WindowMode.FULL))
    assert len(counting.asked()) == 6


def test_languages_are_named_by_flag_in_order_and_quoted(counting: CountingBench) -> None:
    flags = ("--languages", " Jupyter Notebook, C++ ,,C++", "--start-year", "2024", "--end-year", "2024")
    assert counting.collect(*flags)["languages_requested"] == 2
    assert counting.asked()[0] == 'language:"Jupyter Notebook" created:2024-01-01..2024-12-31'


def test_unknown_languages_are_skipped_or_fail(counting: CountingBench, caplog: pytest.LogCaptureFixture) -> None:
    flags = ("--languages", "C++,Befunge", *YEARS)
    with caplog.at_level(logging.WARNING):
        counts = counting.collect(*flags)
    assert "Skipping languages" in caplog.text
    assert (counts["languages_missing"], counts["rows_processed"]) == (1, 3)
    failure = counting.fail(*flags, "--fail-on-missing-language")
    assert isinstance(failure, CommandError)
    assert "not found" in str(failure)
    assert counting.asked() == []


def test_what_cannot_be_meant_is_refused_before_any_request(counting: CountingBench) -> None:
    reversed_years = counting.fail("--start-year", "2024", "--end-year", "2023")
    nothing = counting.fail(settings=counting.settings(REPO_COUNT_LANGUAGES=""))
    tokenless = counting.fail(settings=counting.settings(GITHUB_TOKENS_SCRAPING="", GITHUB_TOKEN=""))
    assert "Invalid year range" in str(reversed_years)
    assert [type(each) for each in (reversed_years, nothing, tokenless)] == [CommandError] * 3
    assert list(counting.sandbox.requests) == []
    assert counting.stored() == []


def test_a_year_that_fails_costs_no_other_and_is_named(counting: CountingBench) -> None:
    counting.collect("--start-year", "2020", "--end-year", "2020")
    counting.sandbox.faults.add("/github-api/search*", "status", status=422, times=1)
    failure = counting.fail(*YEARS)
    assert failure.result is not None
    assert [error.partition(": ")[0] for error in failure.result.errors] == ["C++:2022"]
    assert [row[1] for row in counting.stored()] == [2020, 2023, 2024]
    counting.collect(*YEARS)
    assert [row[1] for row in counting.stored()] == [2020, 2022, 2023, 2024]


@pytest.mark.parametrize(("status", "error"), [(429, RateLimited), (500, TransientError)])
def test_limits_and_broken_connections_fail_the_run(
    counting: CountingBench, status: int, error: type[Exception]
) -> None:
    counting.sandbox.faults.add("/github-api/search*", "status", status=status, retry_after=900, times=None)
    assert isinstance(counting.fail(*YEARS), error)
    assert counting.stored() == []
