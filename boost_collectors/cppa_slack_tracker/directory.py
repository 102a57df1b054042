"""The workspace itself, its members and its channels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.database.isolation import store_isolated
from boost_collectors.core.errors import NotFoundError, PermanentError
from boost_collectors.cppa_slack_tracker import services
from boost_collectors.cppa_slack_tracker.models import SlackTeam
from boost_collectors.cppa_slack_tracker.payloads import ChannelPayload, SlackPayloadError, checked
from boost_collectors.cppa_slack_tracker.people import People
from boost_collectors.cppa_slack_tracker.source import SlackSource
from boost_collectors.cppa_user_tracker.services import SlackUserPayload, ensure_slack_users

MOST_NAMED = 5


@dataclass(slots=True)
class ChannelList:
    """The public channels that Slack told, and what was wrong with the others. ``is_whole``: Slack told all it has."""

    channels: list[ChannelPayload] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    is_whole: bool = True


class Directory:
    """Of one workspace. What it stores, others refer to."""

    def __init__(self, context: RunContext, team_id: str, source: SlackSource, people: People) -> None:
        self._context, self._team, self._source, self._people = context, team_id, source, people

    def list_channels(self, only: str = "") -> ChannelList:
        """The public channels, in the order of their ids; only that one when an id is given.

        Raises NotFoundError when there is no such channel.
        """
        if only:
            found = public_channels([self._source.channel(only)], self._context)
            found.is_whole = False
            return found
        return public_channels((item for page in self._source.channels() for item in page), self._context)

    def store_team(self, name: str = "") -> SlackTeam:
        """The workspace's row, with its present name if that is given."""
        with self._context.database.session() as session:
            return services.ensure_team(session, self._team, name)

    def sync_users(self, counts: Counts) -> None:
        """Store all members, page by page. Raises PermanentError after the last page for those that are malformed."""
        problems: list[str] = []
        for page in self._source.users():
            problems += store_users(self._context, page, counts)
        counts.add("user_errors", len(problems))
        _raise_problems("users", problems)

    def sync_channels(self, found: ChannelList, counts: Counts) -> None:
        """Store the channels; mark those that the workspace no longer has when the list is whole."""
        counts.add("channel_errors", len(found.problems))
        team = self.store_team()
        self.store_channels(found.channels, counts)
        if found.is_whole and not found.problems:
            with self._context.database.session() as session:
                gone = services.mark_channels_gone(session, team, [channel.id for channel in found.channels])
            counts.add("channels_removed", gone)
        _raise_problems("channels", found.problems)

    def store_channels(self, channels: Sequence[ChannelPayload], counts: Counts) -> dict[str, services.ChannelRow]:
        """Store these channels with the workspace's row; the stored channels of the workspace by id."""
        creators = self._people.resolve({channel.creator for channel in channels if channel.creator})
        with self._context.database.session() as session:
            team = services.ensure_team(session, self._team)
            merged = services.store_channels(session, team, channels, creators)
            counts.merged("channels", merged)
            counts.add("channels", len(channels))
            return services.channel_rows(session, self._team)

    def channel_row(self, channel: ChannelPayload) -> services.ChannelRow:
        """The stored row of a channel, made if need be."""
        with self._context.database.session() as session:
            stored = services.channel_rows(session, self._team, channel.id)
        return stored.get(channel.id) or self.store_channels([channel], Counts())[channel.id]

    def sync_members(self, channel: services.ChannelRow, counts: Counts) -> None:
        """Make the channel's present members its members, and no others."""
        ids = {item for page in self._source.members(channel.channel_id) for item in page if isinstance(item, str)}
        known = self._people.resolve(ids)
        profiles = {known[user_id] for user_id in ids}
        with self._context.database.session() as session:
            counts.merged("memberships", services.sync_members(session, channel.id, profiles))
        counts.add("channel_memberships", len(profiles))


def public_channels(payloads: Iterable[Any], context: RunContext) -> ChannelList:
    """The public ones among channels as Slack or an export tells them, sorted by id."""
    found: dict[str, ChannelPayload] = {}
    problems: list[str] = []
    for payload in payloads:
        try:
            channel = checked("channel", ChannelPayload, payload)
        except SlackPayloadError as error:
            problems.append(str(error))
            continue
        if channel.kind == services.PUBLIC:
            found[channel.id] = channel
        else:
            context.log.warning("Channel %s is a %s and is skipped", channel.id, channel.kind)
    return ChannelList([found[key] for key in sorted(found)], problems)


def unknown_channel(channel_id: str, error: NotFoundError) -> str:
    """What to say of a channel that was asked for and does not exist."""
    return f"--channel-id {channel_id}: no such public channel in the chosen workspaces ({error})"


def store_users(context: RunContext, payloads: Iterable[Any], counts: Counts) -> list[str]:
    """Store members that are well formed in one transaction. Returns what is wrong with each of the others."""
    good: list[SlackUserPayload] = []
    problems: list[str] = []
    for payload in payloads:
        try:
            good.append(checked("user", SlackUserPayload, payload))
        except SlackPayloadError as error:
            problems.append(str(error))
    if good:
        with context.database.session() as session:
            stored, refused = store_isolated(session, good, lambda part: len(ensure_slack_users(session, part)))
        counts.add("users", sum(stored))
        problems += [f"Invalid Slack user {user.id[:64]}: {reason}" for user, reason in refused]
    return problems


def _raise_problems(what: str, problems: Sequence[str]) -> None:
    if problems:
        raise PermanentError(f"{len(problems)} {what} could not be stored: {'; '.join(problems[:MOST_NAMED])}")
