"""``run_boost_library_docs_tracker``: the documentation of the Boost libraries, one unit per library and release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from pydantic import Field

from boost_collectors.boost_library_docs_tracker.intake import LibraryIntake
from boost_collectors.boost_library_docs_tracker.release import LocalRelease
from boost_collectors.boost_library_docs_tracker.source import Crawl, PageSource
from boost_collectors.boost_library_docs_tracker.targets import (
    LIBRARIES_FIRST,
    Target,
    planned_targets,
    release_order,
    requested_tags,
)
from boost_collectors.boost_library_tracker.release_check import all_boost_versions_from_api
from boost_collectors.boost_library_tracker.services import stored_releases
from boost_collectors.core.collectors import BaseCollectorCommand, Unit, UnitCollector
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import CommandError, PermanentError, TransientError
from boost_collectors.core.options import Options
from boost_collectors.core.protocols import TrackerResult

LOCAL_BATCH = 50
"""Pages a transaction where reading one takes milliseconds; over HTTP each has a transaction of its own."""


class DocsOptions(Options):
    """Which releases and libraries, and where their pages come from."""

    versions: tuple[str, ...] = Field((), description="Releases, such as 1.86.0; without it the newest one stored.")
    library: str = Field("", description="Only the library of this key, such as asio or numeric/ublas.")
    dry_run: bool = Field(False, description="Fetch and convert only; write nothing.")
    skip_pinecone: bool = Field(False, description="Leave the vector index alone.")
    max_pages: int | None = Field(None, description="Read at most so many pages of each library: a sample.")
    use_local: bool = Field(False, description="Read the pages from the release's archive instead of boost.org.")
    cleanup_extract: bool = Field(
        False, description="With --use-local: delete archive and pages of a release after it."
    )


class BoostLibraryDocsTracker(UnitCollector):
    """A page is stored as soon as it was read, so that a run that ends early is continued by the next one."""

    def __init__(self, context: RunContext, options: DocsOptions) -> None:
        super().__init__(context)
        self._options = options
        self._releases: dict[str, LocalRelease] = {}
        self._left: Counter[str] = Counter()
        self._spoiled: set[str] = set()

    def validate_config(self) -> None:
        most, versions = self._options.max_pages, self._options.versions
        if most is not None and most < 1:
            raise CommandError(f"--max-pages must be at least 1, not {most}")
        if versions and not requested_tags(versions):
            raise CommandError("--versions names no release", returncode=2)

    @cached_property
    def _targets(self) -> dict[str, Target]:
        options = self._options
        with self.context.database.session() as session:
            found = planned_targets(session, self.context.command, options.versions, options.library.strip())
        return {target.unit: target for target in found}

    def plan(self) -> Sequence[Unit]:
        units = [Unit(unit) for unit in self._targets]
        if not (self._options.versions or self.context.only or self.context.dry_run):
            self._refuse_to_miss_a_release()
        return units

    def _refuse_to_miss_a_release(self) -> None:
        """A run that reads the newest release must not pass for one that has read a release made since.

        Raises TransientError when Boost's repository has a newer release than the database, or cannot be asked now.
        """
        try:
            made = all_boost_versions_from_api(self.context.settings, stop=self.context.stop)
        except PermanentError as error:
            self.context.log.warning("Whether there is a newer release cannot be told: %s", error)
            return
        with self.context.database.session() as session:
            stored = max(map(release_order, (release.version for release in stored_releases(session))))
        newer = [release.tag for release in made if release_order(release.tag) > stored]
        if newer:
            raise TransientError(f"{newer[-1]} is not in the database yet", repair=LIBRARIES_FIRST)

    def collect(self) -> TrackerResult:
        """As every collector; each release is closed after its last library."""
        self._left = Counter(self._targets[unit.key].folder for unit in self.selected_units())
        try:
            return super().collect()
        finally:
            for release in self._releases.values():
                release.close(clean_up=False)

    def collect_unit(self, unit: Unit) -> Counts:
        target = self._targets[unit.key]
        self._count_release(target.folder)
        batch = LOCAL_BATCH if self._options.use_local else 1
        intake = LibraryIntake(self.context, target, self.counts, batch=batch, most=self._options.max_pages)
        try:
            intake.run(lambda: self._source(target.folder))
        except Exception:
            self._spoiled.add(target.folder)
            raise
        finally:
            self._left[target.folder] -= 1
            self._close_after_last(target.folder)
        return Counts()

    def _count_release(self, folder: str) -> None:
        if folder not in self._releases:
            self._releases[folder] = LocalRelease(self.context, folder)
            self.counts.add("versions")
            self.counts.add("dry_run", int(self.context.dry_run and self.counts["dry_run"] == 0))
            self.counts.add("pages", 0)

    def _source(self, folder: str) -> PageSource:
        context = self.context
        if self._options.use_local:
            return self._releases[folder].tree()
        delay = context.settings.boost_docs_crawl_delay_seconds
        return Crawl(context.http, context.settings.boost_docs_url, folder, delay=delay, stop=context.stop)

    def _close_after_last(self, folder: str) -> None:
        # What is still to be read of a release needs its archive again.
        if not self._left[folder]:
            clean_up = self._options.cleanup_extract and folder not in self._spoiled
            self._releases[folder].close(clean_up=clean_up)


class BoostLibraryDocsCommand(BaseCollectorCommand):
    options = DocsOptions

    def get_collector(self, **options: Any) -> BoostLibraryDocsTracker:
        return BoostLibraryDocsTracker(self.context, DocsOptions(**options))
