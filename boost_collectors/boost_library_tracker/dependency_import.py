"""``import_boost_dependencies``: which library needs which, of chosen releases."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from boost_collectors.boost_library_tracker import services
from boost_collectors.boost_library_tracker.choice import ALL, NEW, chosen_tags
from boost_collectors.boost_library_tracker.collector import BoostLibrariesCollector, BoostLibrariesOptions
from boost_collectors.boost_library_tracker.progress import Step
from boost_collectors.core.collectors import failed_result_error
from boost_collectors.core.commands import BaseCommand
from boost_collectors.core.options import Options
from boost_collectors.core.utils.boost_version_operations import loose_version_tuple

FIRST_MINOR = 15

STEPS = (Step.LIBRARIES, Step.DEPENDENCIES)
"""A dependency names libraries, so those of the release are stored first, unless they are."""


class DependencyOptions(Options):
    boost_version: str = Field(
        "", description="A release, or 'all' that are stored; default: those whose dependencies are not."
    )
    clone_dir: str = Field("", description="Where the clones are kept; default: in the workspace.")
    dry_run: bool = Field(False, description="Say how many releases would be read; write nothing.")


class ImportBoostDependenciesCommand(BaseCommand):
    """The dependency step of ``collect_boost_libraries`` alone; the two share their marks."""

    options = DependencyOptions

    def execute(self, options: Options) -> None:
        """Import release by release, a broken one stopping no other. Raises what says which failed, and why."""
        assert isinstance(options, DependencyOptions)
        folder = Path(options.clone_dir) if options.clone_dir.strip() else None
        wanted = BoostLibrariesOptions(boost_version=self._wanted(options.boost_version))
        collector = BoostLibrariesCollector(self.context, wanted, steps=STEPS, folder=folder)
        if options.dry_run:
            self._announce(len(collector.plan()))
            return
        result = collector.run()
        self._announce(result.counts["units"])
        self.context.log.info("Dependencies: %s", dict(result.counts), extra={"counts": dict(result.counts)})
        if not result.success:
            raise failed_result_error(collector, result)

    def _wanted(self, asked: str) -> str:
        choice = chosen_tags(asked)
        if choice != ALL:
            return NEW if choice == NEW else ",".join(choice)
        with self.context.database.session() as session:
            stored = [release.version for release in services.stored_releases(session)]
        return ",".join(tag for tag in reversed(stored) if loose_version_tuple(tag)[1] >= FIRST_MINOR) or NEW

    def _announce(self, releases: int) -> None:
        if releases:
            self.context.log.info("Tags to process: %d", releases)
        else:
            self.context.log.error("No tags to process")
