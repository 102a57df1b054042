"""``collect_boost_libraries``: the libraries of every Boost release, from git at its tag."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from boost_collectors.boost_library_tracker.choice import NEW, chosen_tags, named
from boost_collectors.boost_library_tracker.progress import ALL_STEPS, Progress, Step, note_broken
from boost_collectors.boost_library_tracker.release_check import TagRef
from boost_collectors.boost_library_tracker.release_run import ReleaseRun
from boost_collectors.boost_library_tracker.source import BrokenRelease, ReleaseSource
from boost_collectors.core.collectors import BaseCollectorCommand, Unit, UnitCollector
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import SourceError
from boost_collectors.core.git_hosting import Hosting
from boost_collectors.core.options import Options
from boost_collectors.core.protocols import TrackerResult
from boost_collectors.core.window import WindowMode

SLUG = "boost_library_tracker"


class BoostLibrariesOptions(Options):
    """The command's own flags."""

    boost_version: str = Field(
        "", description="'new' (default), 'all', or a list such as boost-1.90.0,91: releases to collect."
    )
    limit: int = Field(0, ge=0, description="At most so many releases, the oldest first; 0 means all.")


class BoostLibrariesCommand(BaseCollectorCommand):
    """Collect libraries, headers, dependencies, authors and maintainers of Boost releases."""

    options = BoostLibrariesOptions

    def get_collector(self, **options: Any) -> BoostLibrariesCollector:
        return BoostLibrariesCollector(self.context, BoostLibrariesOptions(**options))


class BoostLibrariesCollector(UnitCollector):
    """One unit per release. A release is new as long as one of its steps is not done.

    A tag that holds no whole release fails the run that meets it first; later runs only warn, until it moves or is
    asked for by name.
    """

    def __init__(
        self,
        context: RunContext,
        options: BoostLibrariesOptions | None = None,
        *,
        steps: tuple[Step, ...] = ALL_STEPS,
        folder: Path | None = None,
    ) -> None:
        super().__init__(context)
        self._options = options or BoostLibrariesOptions()
        self._steps = steps
        self._folder = folder
        self._source = self._new_source()
        self._refs: dict[str, TagRef] = {}
        self._done = Progress({})

    def validate_config(self) -> None:
        chosen_tags(self._options.boost_version)

    def plan(self) -> Sequence[Unit]:
        refs = self._chosen(self._source.releases())
        refs = refs[: self._options.limit or None]
        if not refs and not self.context.only:
            self.context.log.warning("No releases to collect")
        self._refs = {ref.tag: ref for ref in refs}
        return [Unit(ref.tag) for ref in refs]

    def collect(self) -> TrackerResult:
        self._source = self._new_source()
        return super().collect()

    def collect_unit(self, unit: Unit) -> Counts:
        ref, steps = self._refs[unit.key], self._wanted_steps(self._refs[unit.key])
        counts = Counts()
        if self.context.dry_run:
            counts.add("releases_to_collect", int(bool(steps)))
        elif steps:
            self._collect(ref, steps)
        return counts

    def _collect(self, ref: TagRef, steps: Sequence[Step]) -> None:
        before = self._source.fetches
        try:
            ReleaseRun(self.context, self._source, ref, self.counts, marks=self._marks).collect(steps)
        except BrokenRelease as broken:
            if self._marks:
                with self.context.database.session() as session:
                    note_broken(session, ref, str(broken))
            raise
        finally:
            self.counts.add("git_fetches", self._source.fetches - before)

    def _chosen(self, refs: list[TagRef]) -> list[TagRef]:
        """The releases to look at. Those of a mapped task were chosen by its plan, some may be done by now."""
        with self.context.database.session() as session:
            self._done = Progress.load(session)
        asked = chosen_tags(self._options.boost_version)
        if self.context.window.mode is WindowMode.BACKFILL:
            refs = self._in_window(refs)
        if isinstance(asked, list):
            return self._expected(named(refs, asked))
        if asked == NEW and not (self._everything or self.context.only):
            refs = [ref for ref in refs if self._done.pending(ref, self._steps) and not self._is_broken(ref)]
        return self._expected(refs)

    def _expected(self, refs: list[TagRef]) -> list[TagRef]:
        only = set(self.context.only)
        wanted = [ref for ref in refs if self._wanted_steps(ref) and (not only or ref.tag in only)]
        if not self.context.dry_run:
            self._source.expect(wanted)
            self.counts.add("git_fetches", self._source.fetches)
        return refs

    def _in_window(self, refs: list[TagRef]) -> list[TagRef]:
        self._source.expect(refs)
        return [ref for ref in refs if self._lies_in_window(ref)]

    def _lies_in_window(self, ref: TagRef) -> bool:
        try:
            return self.context.window.contains(self._source.date(ref))
        except SourceError as error:
            self.context.log.warning("%s is left out, it has no date: %s", ref.tag, error)
            return False

    def _is_broken(self, ref: TagRef) -> bool:
        reason = self._done.broken(ref)
        if reason:
            self.counts.add("releases_broken")
            self.context.log.warning("%s is left out, it could not be read: %s", ref.tag, reason)
        return bool(reason)

    def _wanted_steps(self, ref: TagRef) -> tuple[Step, ...]:
        asked = chosen_tags(self._options.boost_version)
        return self._steps if self._everything or asked != NEW else self._done.pending(ref, self._steps)

    @property
    def _everything(self) -> bool:
        return self.context.window.mode is not WindowMode.INCREMENTAL

    @property
    def _marks(self) -> bool:
        return self.context.window.moves_checkpoint

    def _new_source(self) -> ReleaseSource:
        hosting = Hosting.of(self.context.settings)
        sources = Step.DEPENDENCIES in self._steps
        return ReleaseSource(hosting, self._owner_folder, self.context.stop, sources=sources)

    def _owner_folder(self, owner: str) -> Path:
        if self._folder is None:
            return self.context.workspace.path(SLUG, "clones", owner)
        path = self._folder / owner
        path.mkdir(parents=True, exist_ok=True)
        return path
