"""The last part of a run that publishes: Markdown of what changed, pushed or written into the workspace."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import CollectorError, ConfigurationError
from boost_collectors.core.protocol_dto import GenericTrackerResult
from boost_collectors.core.protocols import TrackerResult
from boost_collectors.github_activity_tracker.export.publisher import ExportTarget, publish, write_files
from boost_collectors.github_activity_tracker.options import ActivityOptions


@dataclass(frozen=True, slots=True)
class ExportPhase:
    """What a command publishes. ``folder`` is where in the workspace Markdown is written when it is not pushed."""

    context: RunContext
    options: ActivityOptions
    target: Callable[[RunContext], ExportTarget]
    folder: tuple[str, ...]

    def require_token(self, owner: str, name: str) -> None:
        """Raise ConfigurationError when the run is to push to a configured repository and has no token for it."""
        pushes = self.options.pushes and not self.context.dry_run
        if pushes and owner and name and not self.context.settings.github_token_write:
            raise ConfigurationError("GITHUB_TOKEN_WRITE is needed to publish Markdown (or --skip-remote-push)")

    def after(self, result: TrackerResult) -> TrackerResult:
        """Publish what changed, this time or before. A failure never hides what the units did."""
        try:
            return with_counts(result, self._export().as_dict())
        except CollectorError as exc:
            exc.result = exc.result or result
            if result.success:
                raise
            self.context.log.error("Markdown is not published: %s", exc)
            return result

    def _export(self) -> Counts:
        if self.options.skip_markdown_export:
            return Counts()
        export = self.target(self.context)
        folder = self.context.workspace.path(*self.folder)
        if not (self.options.pushes or self.context.dry_run):
            return write_files(self.context, export, folder)
        counts = publish(self.context, export)
        if export.target is not None and not self.context.dry_run:
            self._remove_written(folder)
        return counts

    def _remove_written(self, folder: Path) -> None:
        """Take away what a run without a push wrote: everything that waited is published now."""
        if folder.is_dir():
            try:
                shutil.rmtree(folder)
            except OSError as error:
                self.context.log.warning("Published files stay in %s: %s", folder, error)


def with_counts(result: TrackerResult, more: Mapping[str, int]) -> TrackerResult:
    """The result with further counts."""
    counts = {**result.counts, **more}
    return (
        GenericTrackerResult.ok(**counts) if result.success else GenericTrackerResult.failed(*result.errors, **counts)
    )
