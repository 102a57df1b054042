"""``run_update_created_repos_by_language``: how many repositories of a language were created in each year.

A year that is over changes little: it is counted again when its count is a month old, the present year by every run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import Field

from boost_collectors.boost_usage_tracker.finding import PatientClient
from boost_collectors.boost_usage_tracker.source import RepositoryQuery, count_repositories
from boost_collectors.core import checkpoints
from boost_collectors.core.collectors import BaseCollectorCommand, Unit, UnitCollector
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import CommandError
from boost_collectors.core.github import GitHubClient, can_read
from boost_collectors.core.options import Options
from boost_collectors.core.protocols import TrackerResult
from boost_collectors.core.window import WindowMode
from boost_collectors.github_activity_tracker import services as github

KEPT_FOR = timedelta(days=30)
"""How long the count of a year that is over is good."""


class CreatedReposOptions(Options):
    """The command's own flags."""

    languages: str = Field("", description="Comma-separated names of languages instead of REPO_COUNT_LANGUAGES.")
    start_year: int = Field(2010, description="First year.")
    end_year: int | None = Field(None, description="Last year; the present one if not given.")
    stars_min: int = Field(10, description="A repository with more stars than this is significant.")
    sleep_seconds: float = Field(0.0, description="Pause after each year.")
    fail_on_missing_language: bool = Field(
        False, description="Fail, and count nothing, when a language is not in the language table."
    )


class CreatedReposCommand(BaseCollectorCommand):
    """Count the repositories created in each year, by language."""

    options = CreatedReposOptions

    def get_collector(self, **options: Any) -> CreatedReposCollector:
        return CreatedReposCollector(self.context, CreatedReposOptions(**options))


class CreatedReposCollector(UnitCollector):
    """One unit per language and year, ``C++:2024``."""

    def __init__(self, context: RunContext, options: CreatedReposOptions | None = None) -> None:
        super().__init__(context)
        self._options = options or CreatedReposOptions()
        self._client: GitHubClient | None = None
        self._counted: Mapping[str, Mapping[str, Any]] = {}

    def validate_config(self) -> None:
        first, last = self._years
        if first > last:
            raise CommandError(f"Invalid year range: {first} is later than {last}")
        if not self._languages:
            raise CommandError("No language is named: set REPO_COUNT_LANGUAGES or give --languages")
        if not can_read(self.context.settings):
            raise CommandError("No GitHub read token is configured: set GITHUB_TOKENS_SCRAPING or GITHUB_TOKEN")

    def plan(self) -> Sequence[Unit]:
        with self.context.database.session() as session:
            known = github.known_languages(session, self._languages)
            self._counted = checkpoints.load_all(session, self.context.command)
        missing = [name for name in self._languages if name not in known]
        if missing and self._options.fail_on_missing_language:
            raise CommandError(f"Languages not found in the language table: {', '.join(missing)}")
        if missing:
            self.context.log.warning("Skipping languages that the language table does not have: %s", ", ".join(missing))
        self.counts.add("languages_requested", len(self._languages))
        self.counts.add("languages_processed", len(self._languages) - len(missing))
        self.counts.add("languages_missing", len(missing))
        first, last = self._years
        return [Unit(f"{name}:{year}") for name in self._languages if name in known for year in range(first, last + 1)]

    def collect(self) -> TrackerResult:
        with self._connected():
            result = super().collect()
        first, last = self._years
        summary = dict(result.counts)
        self.context.log.info(
            "languages_requested=%d processed=%d missing=%d years=%d-%d stars_min=%d "
            "rows_processed=%d created=%d updated=%d",
            *(summary.get(f"languages_{kind}", 0) for kind in ("requested", "processed", "missing")),
            *(first, last, self._options.stars_min),
            *(summary.get(name, 0) for name in ("rows_processed", "created", "updated")),
        )
        return result

    def collect_unit(self, unit: Unit) -> Counts:
        name, _, year = unit.key.rpartition(":")
        counts = Counts()
        if self._is_good(unit.key, int(year)):
            counts.add("rows_kept")
        elif not self.context.dry_run:
            self._count(unit.key, name, int(year), counts)
            self.context.stop.wait(self._options.sleep_seconds)
        return counts

    def _count(self, key: str, name: str, year: int, counts: Counts) -> None:
        assert self._client is not None
        client = PatientClient(self._client, self.context)
        days = date(year, 1, 1), date(year, 12, 31)
        everything = RepositoryQuery("created", days, min_stars=None, language=name)
        significant = RepositoryQuery("created", days, min_stars=self._options.stars_min, language=name)
        numbers = count_repositories(client, everything), count_repositories(client, significant)
        with self.context.database.session() as session:
            language, _ = github.get_or_create_language(session, name)
            _, created = github.create_or_update_created_repos_by_language(session, language, year, *numbers)
            checkpoints.save(session, self.context.command, key, self._cursor)
        counts.add("rows_processed")
        counts.add("created" if created else "updated")

    def _is_good(self, key: str, year: int) -> bool:
        """Whether the count of a year that is over is young, and of the same stars."""
        cursor = self._counted.get(key)
        if cursor is None or year >= self._today.year or self.context.window.mode is WindowMode.FULL:
            return False
        counted_on = date.fromisoformat(cursor["counted_on"])
        # What was counted before the year was over lacks its last days.
        is_whole = counted_on.year > year
        return is_whole and cursor["stars_min"] == self._options.stars_min and self._today - counted_on < KEPT_FOR

    @property
    def _cursor(self) -> dict[str, Any]:
        return {"counted_on": self._today.isoformat(), "stars_min": self._options.stars_min}

    @property
    def _today(self) -> date:
        now: datetime = self.context.clock()
        return now.astimezone(UTC).date()

    @property
    def _years(self) -> tuple[int, int]:
        last = self._options.end_year
        return self._options.start_year, self._today.year if last is None else last

    @property
    def _languages(self) -> list[str]:
        given = (
            self._options.languages.split(",")
            if self._options.languages
            else self.context.settings.repo_count_languages
        )
        return list(dict.fromkeys(name.strip() for name in given if name.strip()))

    @contextmanager
    def _connected(self) -> Iterator[None]:
        with GitHubClient.from_context(self.context) as client:
            self._client = client
            try:
                yield
            finally:
                self._client = None
