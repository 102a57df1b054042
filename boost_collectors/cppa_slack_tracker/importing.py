"""``--messages-json``: messages saved elsewhere, among them Slack's own exports, stored as if Slack had just told them.

A stored message stays as it is unless the saved one was edited later, so that an old copy undoes nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any

from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import PermanentError, TransientError
from boost_collectors.core.json_stream import json_items
from boost_collectors.cppa_slack_tracker import services
from boost_collectors.cppa_slack_tracker.directory import public_channels, store_users
from boost_collectors.cppa_slack_tracker.intake import Batch, Intake, Located
from boost_collectors.cppa_slack_tracker.people import People
from boost_collectors.cppa_slack_tracker.saved_files import CHANNELS, USERS, SavedFiles

MESSAGES_AT_A_TIME = 10_000
WRITERS = 2
MOST_NAMED = 5


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for reference cycles less often: messages make none, and looking takes a third of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


class _Parts:
    """The messages in parts, for several threads to take from.

    While one thread has its part written by PostgreSQL, another one reads and checks the next. A message's payload is
    let go as soon as it is checked: to keep them all would cost the garbage collector more than reading them.
    """

    def __init__(self, located: Iterator[Located]) -> None:
        self._located, self._lock, self._stopped = located, Lock(), False

    def take(self, intake: Intake) -> Batch:
        """The next part, checked by ``intake``; one in which nothing was seen is the end."""
        with self._lock:
            return Batch() if self._stopped else intake.prepare(islice(self._located, MESSAGES_AT_A_TIME))

    def stop(self) -> None:
        """Give nothing more."""
        self._stopped = True


class SavedMessages:
    """Into one workspace. Without ``people`` (no access to Slack) unknown authors get profiles of their id alone."""

    def __init__(
        self, context: RunContext, team_id: str, people: People | None, counts: Counts, only_channel: str = ""
    ) -> None:
        self._context, self._team, self._counts, self._only = context, team_id, counts, only_channel
        self._people = people or People(context, team_id, None)
        self._channels: dict[str, int] = {}
        self._problems: list[str] = []

    def read(self, path: Path) -> None:
        """Store everything that can be stored. Then raises PermanentError for the files and items that cannot be."""
        with closing(SavedFiles(path)) as files:
            parts = _Parts(self._located(files, self._store_directory(files)))
            with _rare_collections(), ThreadPoolExecutor(WRITERS) as pool:
                done = [pool.submit(self._store_parts, parts) for _ in range(WRITERS)]
        intakes = [future.result() for future in done]
        for counts, _ in intakes:
            self._counts += counts
        for _, intake in intakes:
            intake.raise_failures()
        if self._problems:
            self._context.log.warning("%d saved items or files could not be imported", len(self._problems))
            raise PermanentError(
                f"{len(self._problems)} saved items or files failed: {'; '.join(self._problems[:MOST_NAMED])}"
            )

    def _store_parts(self, parts: _Parts) -> tuple[Counts, Intake]:
        counts = Counts()
        intake = Intake(self._context, self._people, f"{self._team}/import", counts)
        try:
            while (batch := parts.take(intake)).seen:
                if self._context.stop.is_set():
                    raise TransientError("asked to stop while importing saved messages")
                with self._context.database.session() as session:
                    intake.store(session, batch, only_newer=True)
        except BaseException:
            parts.stop()
            raise
        return counts, intake

    def _store_directory(self, files: SavedFiles) -> dict[str, int]:
        """Store an export's members and channels; the channels' primary keys by folder."""
        with self._context.database.session() as session:
            team = services.ensure_team(session, self._team)
        listed = public_channels(files.document(CHANNELS) if files.is_export else [], self._context)
        self._problems += listed.problems
        if files.is_export:
            self._problems += store_users(self._context, files.document(USERS), self._counts)
        creators = self._people.resolve({channel.creator for channel in listed.channels if channel.creator})
        with self._context.database.session() as session:
            self._counts.merged("channels", services.store_channels(session, team, listed.channels, creators))
            rows = services.channel_rows(session, self._team, self._only)
        self._channels = {channel_id: row.id for channel_id, row in rows.items()}
        named = {channel.name: self._channels[channel.id] for channel in listed.channels if channel.id in rows}
        return named | self._channels

    def _located(self, files: SavedFiles, folders: dict[str, int]) -> Iterator[Located]:
        skipped: set[str] = set()
        for name, folder in files.messages():
            if folder and folder not in folders:
                if folder not in skipped:
                    self._context.log.warning("Channel %s of the export is not among the selected ones", folder)
                skipped.add(folder)
                continue
            try:
                with files.open(name) as stream:
                    for item, spelled in json_items(stream):
                        channel = folders[folder] if folder else self._channel_of(name, item)
                        if channel is not None:
                            yield channel, item, spelled
            except (OSError, ValueError) as error:
                self._fail(f"{name}: {error}")

    def _channel_of(self, name: str, item: Any) -> int | None:
        channel = item.get("channel") if isinstance(item, dict) else None
        if isinstance(channel, str) and channel in self._channels:
            return self._channels[channel]
        told = f"channel {channel!r:.40}" if isinstance(item, dict) else type(item).__name__
        self._fail(f"{name}: an item of {told} is not of a selected channel")
        return None

    def _fail(self, problem: str) -> None:
        self._context.log.warning("Saved messages: %s", problem)
        self._problems.append(problem)
