"""Files that an exporter left in the staging folder: imported as the API's messages are, raw archive included."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from boost_collectors.core import pending
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import SourceError
from boost_collectors.core.quarantine import quarantine
from boost_collectors.discord_activity_tracker.export_file import Envelope, ExportFile, InvalidEnvelopeError
from boost_collectors.discord_activity_tracker.files import STAGING, export_files, staging_folder
from boost_collectors.discord_activity_tracker.importing import FileImporter
from boost_collectors.discord_activity_tracker.raw_archive import RawArchive


class StagedFiles:
    """Imports every staged file. ``allowed``: channels to import, empty for all; files of others are removed."""

    def __init__(self, context: RunContext, counts: Counts, allowed: Collection[int]) -> None:
        self._context, self._counts, self._allowed = context, counts, allowed
        self._importer = FileImporter(context, counts)
        self._archive = RawArchive(context.workspace)
        with context.database.session() as session:
            self._left = pending.keys(session, context.command, STAGING)
        self._problems: list[str] = []

    def run(self) -> None:
        """Import the files. One that fails never stops the others; SourceError names them at the end."""
        for path in export_files(staging_folder(self._context)):
            self._take(path, path.relative_to(staging_folder(self._context)).as_posix())
        if self._problems:
            raise SourceError("; ".join(self._problems))

    def _take(self, path: Path, name: str) -> None:
        if name in self._left:
            quarantine(self._context, path, "it was no export the last time either")
            self._forget(name)
            self._counts.add("files_quarantined")
            return
        try:
            self._import(path)
        except InvalidEnvelopeError as error:
            self._leave(name, error)
        except (SourceError, ValueError) as error:
            quarantine(self._context, path, str(error))
            self._problems.append(f"{name}: {error}")
            self._counts.add("files_quarantined")

    def _import(self, path: Path) -> None:
        envelope = ExportFile(path).envelope()
        if self._allowed and envelope.channel.channel_id not in self._allowed:
            self._context.log.info("%s is of a channel that is not to be collected: removed", path.name)
            self._counts.add("files_outside")
        else:
            self._importer.run(path, envelope, self._keep)
            self._counts.add("files")
        path.unlink()

    def _keep(self, envelope: Envelope, messages: list[Any]) -> None:
        self._archive.save(envelope.guild, envelope.raw_channel, messages, self._context.clock())

    def _leave(self, name: str, error: Exception) -> None:
        """Leave a file for people to look at until the next run."""
        self._problems.append(f"{name}: {error}")
        with self._context.database.session() as session:
            pending.add(session, self._context.command, STAGING, name, str(error))

    def _forget(self, name: str) -> None:
        with self._context.database.session() as session:
            pending.done(session, self._context.command, STAGING, name)
