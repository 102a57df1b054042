"""Reading one channel with its threads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from boost_collectors.core import checkpoints
from boost_collectors.core.errors import (
    AuthenticationError,
    CollectorError,
    NotFoundError,
    PermanentError,
    SourceError,
)
from boost_collectors.core.window import WindowMode
from boost_collectors.discord_activity_tracker import services
from boost_collectors.discord_activity_tracker.guild import Channel, Guild
from boost_collectors.discord_activity_tracker.intake import Intake, Place
from boost_collectors.discord_activity_tracker.reading import ChannelReader, Reading
from boost_collectors.discord_activity_tracker.threads import FoundThreads, archived_at, cursor_key, find_threads


class ChannelUnit:
    """A channel, then its threads. A thread that cannot be read never stops the others."""

    def __init__(self, reading: Reading, guild: Guild, server_row: int, channel: Channel, channel_row: int) -> None:
        self._reading, self._guild, self._server_row = reading, guild, server_row
        self._channel, self._channel_row = channel, channel_row
        self._intake = Intake(reading.context, str(channel.id), reading.counts)
        self._reader = ChannelReader(reading, self._intake)
        self._problems: list[CollectorError] = []

    def run(self) -> None:
        """Read and store. What was read before a failure is stored too.

        Raises at the end what could not be read: the one error, or a PermanentError that tells them all.
        """
        try:
            if not self._channel.is_forum:
                self._attempt(self._channel, self._channel_row)
            self._read_threads()
        finally:
            self._intake.flush()
        self._problems += [SourceError(reason) for reason in self._intake.newly_refused]
        if len(self._problems) == 1:
            raise self._problems[0]
        if self._problems:
            raise PermanentError("; ".join(map(str, self._problems)))

    def _attempt(self, channel: Channel, row: int) -> None:
        place = Place(channel.id, row, channel.label, self._guild.exported, channel.exported)
        try:
            self._reader.read(place, channel.last_message_id, archived=archived_at(channel.raw) is not None)
        except NotFoundError:
            self._mark_gone([channel.id])
        except (AuthenticationError, SourceError) as error:
            self._problems.append(type(error)(f"{channel.label}: {error}"))

    def _read_threads(self) -> None:
        active = self._guild.threads.get(self._channel.id, [])
        try:
            found = find_threads(
                self._reading,
                self._channel.id,
                active,
                self._reader.threads_seen,
                is_forum=self._channel.is_forum,
                has_private=self._channel.has_private_threads,
            )
        except NotFoundError:
            self._mark_gone([self._channel.id])
            return
        except (AuthenticationError, SourceError) as error:
            self._problems.append(type(error)(f"threads of {self._channel.label}: {error}"))
            return
        before = len(self._problems)
        self._mark_gone(found.gone)
        self._read_each(found.threads)
        self._intake.flush()
        if len(self._problems) == before:
            self._save_cursor(found)

    def _read_each(self, raws: Iterable[Mapping[str, Any]]) -> None:
        threads = [self._guild.thread(raw) for raw in raws]
        with self._reading.context.database.session() as session:
            merged, rows = services.store_channels(session, self._server_row, [thread.record for thread in threads])
        self._reading.counts.merged("channels", merged)
        for thread in threads:
            self._attempt(thread, rows[thread.id])

    def _save_cursor(self, found: FoundThreads) -> None:
        context = self._reading.context
        if found.cursor is None or context.window.mode is WindowMode.BACKFILL:
            return
        with context.database.session() as session:
            checkpoints.save(session, context.command, cursor_key(self._channel.id), found.cursor)

    def _mark_gone(self, channel_ids: Iterable[int]) -> None:
        with self._reading.context.database.session() as session:
            gone = sum(services.mark_channel_gone(session, channel_id) for channel_id in channel_ids)
        self._reading.counts.add("channels_gone", gone)
