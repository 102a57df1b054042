"""The workspaces of a run, each with its own token, and which of their channels the bot may read."""

from __future__ import annotations

from typing import Any

from boost_collectors.core.adapters import SlackWebApiAdapter
from boost_collectors.core.adapters.slack_tokens import UnknownTeamError, bot_token
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import CollectionSkipped
from boost_collectors.core.settings import Settings
from boost_collectors.cppa_slack_tracker.directory import ChannelList, Directory
from boost_collectors.cppa_slack_tracker.payloads import ChannelPayload
from boost_collectors.cppa_slack_tracker.people import People
from boost_collectors.cppa_slack_tracker.source import SlackSource


def may_join(settings: Settings, channel: ChannelPayload) -> bool:
    """Whether the bot may become a member: by CHANNEL_BLOCKLIST, which wins, and CHANNEL_ALLOWLIST, by name or id."""
    names = {channel.title.lower(), channel.id.lower()}
    if not names.isdisjoint(settings.channel_blocklist):
        return False
    return not settings.channel_allowlist or not names.isdisjoint(settings.channel_allowlist)


class Team:
    """One workspace during a run: how to read it, and its channels as they are listed now."""

    def __init__(self, context: RunContext, team_id: str) -> None:
        self.id = team_id
        self._context = context
        self.api = SlackWebApiAdapter.from_settings(
            context.settings, bot_token(context.settings, team_id), stop=context.stop, clock=context.clock
        )
        self.source = SlackSource(self.api, team_id, context.settings.slack_history_page_size)
        self.people = People(context, team_id, self.source)
        self.directory = Directory(context, team_id, self.source, self.people)
        self.name = ""
        self.listed = ChannelList()

    def look(self, only: str = "") -> None:
        """Ask for the workspace's name, which proves the token, and for its channels."""
        self.name = self.source.team_name()
        self.listed = self.directory.list_channels(only)

    def channel(self, channel_id: str) -> ChannelPayload:
        """A listed channel."""
        return next(channel for channel in self.listed.channels if channel.id == channel_id)

    def make_member(self, channel: ChannelPayload, counts: Counts) -> None:
        """Make sure that the bot can read a channel. Raises CollectionSkipped when it may not become a member."""
        if channel.is_member:
            return
        if channel.is_archived:
            raise CollectionSkipped(f"{channel.title} is archived and the bot is no member")
        if not may_join(self._context.settings, channel):
            counts.add("channels_skipped_by_policy")
            raise CollectionSkipped(f"CHANNEL_ALLOWLIST or CHANNEL_BLOCKLIST keeps the bot out of {channel.title}")
        self.source.join(channel.id)
        counts.add("channels_joined")


def teams_with_tokens(context: RunContext, team_ids: tuple[str, ...]) -> dict[str, Team | Exception]:
    """Each workspace, or why it cannot be read: one without a token does not cost the others their run."""

    def team(team_id: str) -> Any:
        try:
            return Team(context, team_id)
        except UnknownTeamError as error:
            return error

    return {team_id: team(team_id) for team_id in team_ids}
