"""Workspaces and their channels."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from boost_collectors.core.database.bulk import MergeResult, bulk_merge
from boost_collectors.core.operations.file_ops import sanitize_filename
from boost_collectors.core.utils.storable import storable
from boost_collectors.cppa_slack_tracker.models import SlackChannel, SlackTeam
from boost_collectors.cppa_slack_tracker.payloads import ChannelPayload

PUBLIC = "public_channel"
_CHANNELS: Any = SlackChannel.__table__
_COLUMNS = (
    *("team_id", "channel_id", "channel_name", "channel_type", "description", "creator_user_id"),
    *("folder", "is_archived", "gone_at"),
)


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A stored channel, as far as collecting its messages needs it."""

    id: int
    channel_id: str
    name: str
    folder: str


def slug(name: str) -> str:
    """The folder name of a workspace or channel; ``unknown`` for a blank name."""
    return sanitize_filename(name).strip("_") if name.strip() else "unknown"


def ensure_team(session: Session, team_id: str, name: str = "") -> SlackTeam:
    """The row of a workspace, made or renamed where needed. A name that is blank or the id itself renames nothing.

    Raises ValueError for a blank id.
    """
    key, title = team_id.strip(), storable(name).strip()
    if not key:
        raise ValueError("the id of a Slack workspace must not be blank")
    team = session.scalars(select(SlackTeam).where(SlackTeam.team_id == key)).one_or_none()
    if team is None:
        team = SlackTeam(team_id=key, team_name=title or key, folder="", index_name="")
        session.add(team)
    if title and title != key:
        team.team_name = title
    if not team.folder:
        team.folder = slug(team.team_name)
    if not team.index_name and team.team_name != key:
        team.index_name = team.team_name
    session.flush()
    return team


def find_team(session: Session, team_id: str) -> SlackTeam | None:
    """The row of a workspace, or None."""
    return session.scalars(select(SlackTeam).where(SlackTeam.team_id == team_id)).one_or_none()


def store_channels(
    session: Session, team: SlackTeam, channels: Sequence[ChannelPayload], creators: Mapping[str, int]
) -> MergeResult:
    """Insert or update public channels. ``creators`` are profile ids by Slack's id; an unknown one changes nothing.

    Raises ValueError for a channel that is not public: nothing of those is kept.
    """
    private = [channel.id for channel in channels if channel.kind != PUBLIC]
    if private:
        raise ValueError(f"channels that are not public are not stored: {', '.join(private)}")
    stored = {row.channel_id: row for row in session.scalars(select(SlackChannel).filter_by(team_id=team.id))}
    folders = _folders(channels, stored)
    rows = [
        (
            team.id,
            channel.id,
            storable(channel.title)[:255],
            PUBLIC,
            storable(channel.description),
            _creator(channel, stored, creators),
            folders[channel.id],
            channel.is_archived,
            None,
        )
        for channel in channels
    ]
    return bulk_merge(
        session, SlackChannel, _COLUMNS, rows, key=("team_id", "channel_id"), touch={"updated_at": func.now()}
    )


def mark_channels_gone(session: Session, team: SlackTeam, present: Collection[str]) -> int:
    """Mark the workspace's public channels that its list no longer has. Returns how many."""
    vanished = (
        update(_CHANNELS)
        .where(_CHANNELS.c.team_id == team.id, _CHANNELS.c.channel_type == PUBLIC, _CHANNELS.c.gone_at.is_(None))
        .where(_CHANNELS.c.channel_id.not_in(present))
        .values(gone_at=func.now(), updated_at=func.now())
    )
    return len(session.execute(vanished.returning(_CHANNELS.c.id)).all())


def channel_rows(session: Session, team_id: str, channel_id: str = "") -> dict[str, ChannelRow]:
    """The stored channels of a workspace, by Slack's id, in the order of the ids; only that one when an id is given."""
    query = (
        select(SlackChannel)
        .join(SlackTeam, SlackTeam.id == SlackChannel.team_id)
        .where(SlackTeam.team_id == team_id)
        .order_by(SlackChannel.channel_id)
    )
    if channel_id:
        query = query.where(SlackChannel.channel_id == channel_id)
    return {
        row.channel_id: ChannelRow(row.id, row.channel_id, row.channel_name, row.folder or slug(row.channel_name))
        for row in session.scalars(query)
    }


def _creator(channel: ChannelPayload, stored: Mapping[str, SlackChannel], creators: Mapping[str, int]) -> int | None:
    known = stored.get(channel.id)
    return creators.get(channel.creator or "", known.creator_user_id if known else None)


def _folders(channels: Iterable[ChannelPayload], stored: Mapping[str, SlackChannel]) -> dict[str, str]:
    """The folder of each channel: the one it has, else its slug, with the id when another channel has that."""
    taken = {row.folder for row in stored.values() if row.folder}
    chosen: dict[str, str] = {}
    for channel in channels:
        known = stored.get(channel.id)
        folder = known.folder if known else ""
        if not folder:
            folder = slug(storable(channel.title))
            folder = f"{folder}-{channel.id}" if folder in taken else folder
        taken.add(folder)
        chosen[channel.id] = folder
    return chosen
