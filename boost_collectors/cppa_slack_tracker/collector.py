"""``run_cppa_slack_tracker``: workspaces, members, channels and messages of Slack; a unit per workspace and channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from boost_collectors.core.adapters.slack_tokens import UnknownTeamError
from boost_collectors.core.collectors import (
    BaseCollectorCommand,
    GenericIncrementalState,
    GenericTrackerResult,
    Unit,
    UnitCollector,
)
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import CollectorError, CommandError, NotFoundError
from boost_collectors.core.protocols import IncrementalState, TrackerResult
from boost_collectors.core.window import Window
from boost_collectors.cppa_slack_tracker import services
from boost_collectors.cppa_slack_tracker.directory import unknown_channel
from boost_collectors.cppa_slack_tracker.importing import SavedMessages
from boost_collectors.cppa_slack_tracker.intake import Intake
from boost_collectors.cppa_slack_tracker.leftovers import store_leftovers
from boost_collectors.cppa_slack_tracker.options import SlackOptions
from boost_collectors.cppa_slack_tracker.plan_text import planned
from boost_collectors.cppa_slack_tracker.raw_archive import RawArchive
from boost_collectors.cppa_slack_tracker.walk import ChannelWalk
from boost_collectors.cppa_slack_tracker.workspaces import Team, teams_with_tokens

IMPORT = "import"


class SlackTracker(UnitCollector):
    """The unit of a workspace stores its members and channels; each channel is a unit of its own.

    A workspace or channel that fails costs no other its data. A channel can be collected alone: its unit stores what
    its messages refer to.
    """

    def __init__(self, context: RunContext, options: SlackOptions) -> None:
        super().__init__(context)
        self._options = options
        self._saved = options.saved_messages
        self._teams: dict[str, Team | Exception] = {}

    def validate_config(self) -> None:
        self._teams = teams_with_tokens(self.context, self._options.teams(self.context.settings))
        if self._saved is None:
            for error in self._teams.values():
                if isinstance(error, UnknownTeamError) and len(self._teams) == 1:
                    raise error

    def load_incremental_state(self) -> IncrementalState:
        """Which workspaces, and from which day when one was given; where each channel stands is in its checkpoint."""
        token = f"slack:team:{','.join(self._teams)}"
        return GenericIncrementalState(token, self._options.start_date.strip() or None)

    def plan(self) -> Sequence[Unit]:
        units: list[Unit] = []
        unknown: list[str] = []
        for team_id in self._teams:
            if self._saved is not None:
                units.append(Unit(f"{team_id}/{IMPORT}", label=f"{team_id}: {self._saved.name}"))
            units += self._live_units(team_id, unknown)
        if unknown and len(unknown) == len(self._teams):
            raise CommandError("; ".join(unknown))
        return units

    def limit_scope(self, unit: Unit) -> str:
        """Slack limits each workspace for itself."""
        return unit.key.partition("/")[0]

    def _live_units(self, team_id: str, unknown: list[str]) -> list[Unit]:
        """The units of a workspace; of one that cannot be listed its own, which then says why."""
        team = self._teams[team_id]
        if isinstance(team, UnknownTeamError) and self._saved is not None:
            self.context.log.info("%s: only saved messages are imported (%s)", team_id, team)
            return []
        whole = Unit(team_id, label=f"{team_id}: members and channels")
        if isinstance(team, Exception):
            return [whole]
        try:
            team.look(self._options.channel_id.strip())
        except NotFoundError as error:
            unknown.append(unknown_channel(self._options.channel_id.strip(), error))
            return []
        except CollectorError as error:
            self._teams[team_id] = error
            return [whole]
        if not team.listed.channels:
            self.context.log.warning("No channels to sync in %s", team_id)
        if self._options.phases.isdisjoint({"messages", "memberships"}):
            return [whole]
        return [whole, *(Unit(f"{team_id}/{c.id}", label=f"{team_id}: {c.title}") for c in team.listed.channels)]

    def collect(self) -> TrackerResult:
        result = super().collect()
        sent = sum(team.api.requests for team in self._teams.values() if isinstance(team, Team))
        assert isinstance(result, GenericTrackerResult)
        return replace(result, counts={**result.counts, "requests": sent})

    def collect_unit(self, unit: Unit) -> Counts:
        team_id, _, part = unit.key.partition("/")
        team = self._teams[team_id]
        if self.context.dry_run:
            for line in planned(self._options, self.context.window, team_id) if not part else ():
                self.context.log.info("%s", line)
        elif part == IMPORT:
            self._import(team_id, team)
        elif isinstance(team, Exception):
            raise team
        elif not part:
            self._collect_directory(team)
        else:
            self._collect_channel(team, part, unit.key)
        return Counts()

    def _import(self, team_id: str, team: Team | Exception) -> None:
        assert self._saved is not None
        people = team.people if isinstance(team, Team) else None
        SavedMessages(self.context, team_id, people, self.counts, self._options.channel_id.strip()).read(self._saved)

    def _collect_directory(self, team: Team) -> None:
        team.directory.store_team(team.name)
        failed: CollectorError | None = None
        if "users" in self._options.phases:
            try:
                team.directory.sync_users(self.counts)
            except CollectorError as error:  # members that cannot be stored do not keep the channels from being so
                failed = error
        if "channels" in self._options.phases:
            team.directory.sync_channels(team.listed, self.counts)
        if failed is not None:
            raise failed

    def _collect_channel(self, team: Team, channel_id: str, unit: str) -> None:
        payload = team.channel(channel_id)
        stored = team.directory.store_team(team.name)
        row = team.directory.channel_row(payload)
        team.make_member(payload, self.counts)
        if "memberships" in self._options.phases:
            team.directory.sync_members(row, self.counts)
        if "messages" in self._options.phases:
            self._collect_messages(team, row, stored.folder, unit)

    def _collect_messages(self, team: Team, channel: services.ChannelRow, folder: str, unit: str) -> None:
        intake = Intake(self.context, team.people, unit, self.counts)
        archive = RawArchive(self.context.workspace, folder, channel.folder)
        if self.context.window == Window():
            store_leftovers(self.context, intake, folder, channel, self.counts)
        ChannelWalk(self.context, team.source, intake, archive, channel, unit, self.counts).run()
        intake.raise_failures()


class SlackTrackerCommand(BaseCollectorCommand):
    options = SlackOptions

    def get_collector(self, **options: Any) -> SlackTracker:
        chosen = SlackOptions(**options)
        window = chosen.window
        if window is None:
            return SlackTracker(self.context, chosen)
        if self.context.window != Window():
            self.context.log.warning("--start-date and --end-date give way to the window that the run was given")
            return SlackTracker(self.context, chosen)
        return SlackTracker(replace(self.context, window=window), chosen)
