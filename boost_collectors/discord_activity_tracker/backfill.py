"""``backfill_discord_activity_tracker``: export files that people put into the drop folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from boost_collectors.core import locks
from boost_collectors.core.collectors import AbstractCollector, BaseCollectorCommand
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import SourceError
from boost_collectors.core.options import Options
from boost_collectors.core.protocol_dto import GenericTrackerResult
from boost_collectors.discord_activity_tracker.export_file import ExportFile
from boost_collectors.discord_activity_tracker.files import drop_folder, export_files, shown
from boost_collectors.discord_activity_tracker.importing import FileImporter


class BackfillOptions(Options):
    dry_run: bool = Field(False, description="Name the files; read and write nothing.")
    skip_pinecone: bool = Field(False, description="Leave the vector store alone.")
    ignore_pinecone: bool = Field(False, description="Old name of --skip-pinecone.")


class DiscordBackfill(AbstractCollector):
    """A file goes when all its messages are stored; one that fails stays, is named, and never stops the others."""

    def __init__(self, context: RunContext, options: BackfillOptions) -> None:
        super().__init__()
        self._context, self._options = context, options
        self._folder = drop_folder(context)

    @property
    def name(self) -> str:
        return self._context.command

    def validate_config(self) -> None:
        """Nothing is needed but the folder, which may be missing."""

    def collect(self) -> GenericTrackerResult:
        files = list(export_files(self._folder))
        if self._options.dry_run:
            for path in files:
                self._context.log.info("DRY RUN: would import %s", shown(path, self._folder))
            return GenericTrackerResult.ok(files=len(files), dry_run=1)
        with locks.hold(self._context.database, self.name):
            return self._import(files)

    def sync_pinecone(self) -> None:
        if self._options.skip_pinecone or self._options.ignore_pinecone:
            self._context.log.info("Discord: skipping Pinecone (--skip-pinecone)")

    def _import(self, files: list[Path]) -> GenericTrackerResult:
        counts, errors = Counts(), []
        importer = FileImporter(self._context, counts)
        for path in files:
            try:
                importer.run(path, ExportFile(path).envelope())
                path.unlink()
            except (SourceError, ValueError, OSError) as error:
                errors.append(f"{shown(path, self._folder)}: {error}")
                self._context.log.error("Failed %s", errors[-1])
        failed = f" ({len(errors)} failed)" if errors else ""
        told = "Import complete: %d messages from %d file(s)%s"
        self._context.log.info(told, counts["messages"], len(files), failed)
        totals = {"messages": 0, **counts.as_dict(), "files": len(files), "failed_files": len(errors)}
        return GenericTrackerResult.failed(*errors, **totals) if errors else GenericTrackerResult.ok(**totals)


class DiscordBackfillCommand(BaseCollectorCommand):
    options = BackfillOptions

    def get_collector(self, **options: Any) -> DiscordBackfill:
        return DiscordBackfill(self.context, BackfillOptions(**options))
