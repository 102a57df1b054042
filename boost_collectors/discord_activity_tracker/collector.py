"""``run_discord_activity_tracker``: the messages of a Discord server, one unit per channel with its threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from boost_collectors.core import checkpoints
from boost_collectors.core.collectors import BaseCollectorCommand, Unit, UnitCollector
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import NotFoundError
from boost_collectors.core.protocol_dto import GenericTrackerResult
from boost_collectors.core.protocols import TrackerResult
from boost_collectors.core.window import Window
from boost_collectors.discord_activity_tracker import services
from boost_collectors.discord_activity_tracker.files import STAGING, export_files, staging_folder
from boost_collectors.discord_activity_tracker.guild import Channel, Guild, read_guild
from boost_collectors.discord_activity_tracker.publication import publish_markdown
from boost_collectors.discord_activity_tracker.reading import Reading
from boost_collectors.discord_activity_tracker.selection import (
    DiscordOptions,
    allowed_channels,
    bounds_of,
    check_credentials,
    ignored_settings,
)
from boost_collectors.discord_activity_tracker.source import DiscordApi
from boost_collectors.discord_activity_tracker.staging import StagedFiles
from boost_collectors.discord_activity_tracker.unit import ChannelUnit


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where the server and its channels are stored."""

    server: int
    channels: dict[int, int]


class DiscordActivityTracker(UnitCollector):
    """Each channel and thread has its own checkpoint, so that a forbidden one costs no other its messages."""

    def __init__(self, context: RunContext, options: DiscordOptions) -> None:
        super().__init__(context)
        self._options = options
        self._bounds = bounds_of(options)
        self._allowed = allowed_channels(options, context.settings, context)
        self._syncs = options.syncs and not self._bounds.is_empty

    def validate_config(self) -> None:
        check_credentials(self.context.settings)
        if ignored := ignored_settings(self.context.settings):
            self.context.log.warning("Without effect since Discord's own API is read: %s", ", ".join(ignored))

    def plan(self) -> Sequence[Unit]:
        """The staged files, when there are any, and the channels to read. Asks Discord for its lists."""
        if not self._syncs:
            self.context.log.info("Discord: nothing to sync")
            return []
        staged = any(True for _ in export_files(staging_folder(self.context)))
        units = [Unit(STAGING, label="staged export files")] if staged else []
        return units + [Unit(str(key), label=self._label(key)) for key in self._planned]

    def collect_unit(self, unit: Unit) -> Counts:
        if self.context.dry_run:
            self._tell_plan()
            return Counts()
        if unit.key == STAGING:
            StagedFiles(self.context, self.counts, self._allowed).run()
            return Counts()
        channel = self._chosen.get(int(unit.key))
        if channel is None:
            raise NotFoundError(f"the server has no channel {unit.key} with text, or hides it from the bot")
        rows = self._rows
        ChannelUnit(self._reading, self._guild, rows.server, channel, rows.channels[channel.id]).run()
        return Counts()

    def collect(self) -> TrackerResult:
        """The channels, then the Markdown of what was stored, whether or not every channel could be read."""
        result = super().collect()
        if self.context.dry_run or not self._options.exports:
            return result
        self.counts += publish_markdown(self.context, self._allowed, push=self._options.pushes)
        counts = self.counts.as_dict()
        return (
            GenericTrackerResult.ok(**counts)
            if result.success
            else GenericTrackerResult.failed(*result.errors, **counts)
        )

    def sync_pinecone(self) -> None:
        if self._options.skips_vectors:
            self.context.log.info("Discord: skipping Pinecone (--skip-pinecone)")

    @cached_property
    def _api(self) -> DiscordApi:
        return DiscordApi(self.context)

    @cached_property
    def _guild(self) -> Guild:
        return read_guild(self._api, int(self.context.settings.discord_server_id or 0))

    @cached_property
    def _chosen(self) -> dict[int, Channel]:
        voice = self.context.settings.discord_chat_exporter_include_vc
        return {channel.id: channel for channel in self._guild.chosen(self._allowed, voice=voice)}

    @property
    def _planned(self) -> list[int]:
        # Channels that were asked for and are not there stay in the plan: leaving them out would hide it.
        return [*self._chosen, *sorted(self._allowed - self._chosen.keys())]

    def _label(self, channel_id: int) -> str:
        return self._chosen[channel_id].label if channel_id in self._chosen else str(channel_id)

    @cached_property
    def _reading(self) -> Reading:
        with self.context.database.session() as session:
            cursors = checkpoints.load_all(session, self.context.command)
        return Reading(self.context, self._api, cursors, self.counts, self.context.clock())

    @cached_property
    def _rows(self) -> _Rows:
        """The server and the chosen channels, stored once a run; channels that vanished are marked."""
        with self.context.database.session() as session:
            server = services.store_server(session, self._guild.server)
            merged, rows = services.store_channels(session, server, [c.record for c in self._chosen.values()])
            gone = services.mark_missing_channels(session, server, [channel.id for channel in self._guild.channels])
        self.counts.merged("channels", merged)
        self.counts.add("channels_gone", gone)
        self.counts.add("channels", len(self._allowed))
        return _Rows(server, rows)

    def _tell_plan(self) -> None:
        """Once a dry run: what would be read."""
        if self.counts["dry_run"]:
            return
        self.counts.add("dry_run")
        window = self.context.window
        wanted = ", ".join(map(str, sorted(self._allowed))) or "all channels"
        lower = window.since.isoformat() if window.since else "per channel, where the last run ended"
        upper = window.until.isoformat() if window.until else "none, through today"
        self.context.log.info(
            "DRY RUN: server %s, %s. Lower bound: %s. Upper bound: %s", self._guild.server.name, wanted, lower, upper
        )


class DiscordActivityCommand(BaseCollectorCommand):
    options = DiscordOptions

    def get_collector(self, **options: Any) -> DiscordActivityTracker:
        chosen = DiscordOptions(**options)
        window = bounds_of(chosen).window
        if window is None:
            return DiscordActivityTracker(self.context, chosen)
        if self.context.window != Window():
            self.context.log.warning("--since and --until give way to the window that the run was given")
            return DiscordActivityTracker(self.context, chosen)
        return DiscordActivityTracker(replace(self.context, window=window), chosen)
