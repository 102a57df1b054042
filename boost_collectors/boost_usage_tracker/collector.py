"""``run_boost_usage_tracker``: which public repositories outside Boost include which of its headers.

Searches say which repositories to look into; what they use is read by git from their files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from typing import Any

from boost_collectors.boost_usage_tracker import services
from boost_collectors.boost_usage_tracker.finding import SEARCH, Finder
from boost_collectors.boost_usage_tracker.options import CONTENT, STARS, BoostUsageOptions, Task, checked
from boost_collectors.boost_usage_tracker.scanning import process
from boost_collectors.boost_usage_tracker.services import Candidate, HeaderCatalogue
from boost_collectors.core.collectors import BaseCollectorCommand, Unit, UnitCollector
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import CommandError
from boost_collectors.core.github import GitHubClient, can_read
from boost_collectors.core.protocol_dto import GenericTrackerResult
from boost_collectors.core.protocols import TrackerResult
from boost_collectors.core.window import WindowMode

KILOBYTES_A_COST = 50_000


class BoostUsageCommand(BaseCollectorCommand):
    """Find the repositories that use Boost, and what they use of it."""

    options = BoostUsageOptions

    def get_collector(self, **options: Any) -> BoostUsageCollector:
        return BoostUsageCollector(self.context, BoostUsageOptions(**options))


class BoostUsageCollector(UnitCollector):
    """One unit per repository that waits to be scanned, by its ``owner/name``.

    A repository waits from when a search finds it until it was scanned, so that a run goes on where one was cut off.
    A search that failed is a unit of its own, which repeats it.
    """

    def __init__(self, context: RunContext, options: BoostUsageOptions | None = None) -> None:
        super().__init__(context)
        self._options = options or BoostUsageOptions()
        self._candidates: dict[str, Candidate] = {}
        self._catalogue: HeaderCatalogue | None = None
        self._client: GitHubClient | None = None

    def validate_config(self) -> None:
        checked(self._options, self.context.clock().astimezone(UTC).date())
        if not can_read(self.context.settings):
            raise CommandError("No GitHub read token is configured: set GITHUB_TOKENS_SCRAPING or GITHUB_TOKEN")

    def pre_collect(self) -> None:
        """Headers that no library had when they were met become usages of the library that has them now."""
        with self.context.database.session() as session:
            self._catalogue = HeaderCatalogue.load(session)
            if not self.context.dry_run:
                services.resolve_missing_headers(session, self._catalogue)

    def plan(self) -> Sequence[Unit]:
        with self._connected() as client:
            finder = Finder(self.context, client, self._options)
            if self.context.only:
                searches = [key for key in self.context.only if key.startswith(SEARCH)]
                self._candidates = self._named(finder, [key for key in self.context.only if key not in searches])
            else:
                searches, self._candidates = self._found(finder)
            self.counts += finder.counts
        units = [Unit(name, _cost(candidate)) for name, candidate in self._candidates.items()]
        return [*map(Unit, searches), *units]

    def collect(self) -> TrackerResult:
        with self._connected() as client:
            self._client = client
            try:
                result = super().collect()
            finally:
                self._client = None
        counts = {**result.counts, **client.counts(), "tasks": len(self._tasks), "dry_run": int(self.context.dry_run)}
        if result.success:
            return GenericTrackerResult.ok(**counts)
        return GenericTrackerResult.failed(*result.errors, **counts)

    def collect_unit(self, unit: Unit) -> Counts:
        if self.context.dry_run:
            return Counts()
        if unit.key.startswith(SEARCH):
            return self._search_again(unit.key)
        return self._process(self._candidates[unit.key])

    def _found(self, finder: Finder) -> tuple[list[str], dict[str, Candidate]]:
        """Run the tasks' searches. Returns those that failed, and the repositories that wait now."""
        for task in self._tasks:
            if task == CONTENT:
                finder.monitor_content()
            else:
                finder.monitor_stars()
        if self.context.dry_run:
            return list(finder.errors), {name: Candidate(result) for name, result in finder.found.items()}
        finder.ask_code_search()
        with self.context.database.session() as session:
            waiting = services.candidates(session)
        return list(finder.errors), {candidate.result.full_name: candidate for candidate in waiting}

    def _named(self, finder: Finder, names: Sequence[str]) -> dict[str, Candidate]:
        """The waiting repositories of these names, and those that do not wait but that GitHub has."""
        with self.context.database.session() as session:
            waiting = services.candidates(session, names)
        known = {candidate.result.full_name: candidate for candidate in waiting}
        for name in names:
            if name not in known and (result := finder.named(name)) is not None:
                known[name] = Candidate(result)
        return known

    def _search_again(self, key: str) -> Counts:
        assert self._client is not None
        finder = Finder(self.context, self._client, self._options)
        finder.repeat(key)
        for result in finder.found.values():
            finder.counts += self._process(Candidate(result))
        return finder.counts

    def _process(self, candidate: Candidate) -> Counts:
        assert self._catalogue is not None
        return process(self.context, candidate, self._catalogue)

    @property
    def _tasks(self) -> tuple[Task, ...]:
        """What to do, in order. The past is read by push days only: stars are known of today alone."""
        if self._options.task:
            return (self._options.task,)
        mode = self.context.window.mode
        return {WindowMode.BACKFILL: (CONTENT,), WindowMode.FULL: (STARS,)}.get(mode, (CONTENT, STARS))

    @contextmanager
    def _connected(self) -> Iterator[GitHubClient]:
        """The run's client, or one of its own for a plan alone."""
        if self._client is not None:
            yield self._client
            return
        with GitHubClient.from_context(self.context) as client:
            yield client


def _cost(candidate: Candidate) -> float:
    return 0.05 if candidate.hinted is False else 1.0 + candidate.result.size / KILOBYTES_A_COST
