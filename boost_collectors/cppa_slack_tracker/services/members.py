"""Who is in a channel, and when they came and went."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from boost_collectors.core.database.bulk import MergeResult, bulk_merge, merge
from boost_collectors.cppa_slack_tracker.models import SlackChannelMembership, SlackChannelMembershipChangeLog

_MEMBERS: Any = SlackChannelMembership.__table__
_LOG: Any = SlackChannelMembershipChangeLog.__table__
_KEY = ("channel_id", "slack_user_id")


@dataclass(frozen=True, slots=True)
class Change:
    """A profile joined or left a channel (both by primary key) at an instant."""

    channel: int
    profile: int
    at: datetime
    joined: bool


def sync_members(session: Session, channel: int, profiles: Collection[int]) -> MergeResult:
    """Make these profiles, and no others, the members of the channel. Who is missing is marked, not removed."""
    rows = [(channel, profile, False) for profile in sorted(profiles)]
    merged = bulk_merge(session, _MEMBERS, (*_KEY, "is_deleted"), rows, key=_KEY, touch={"updated_at": func.now()})
    left = (
        update(_MEMBERS)
        .where(_MEMBERS.c.channel_id == channel, ~_MEMBERS.c.is_deleted, _MEMBERS.c.slack_user_id.not_in(profiles))
        .values(is_deleted=True, updated_at=func.now())
    )
    gone = len(session.execute(left.returning(_MEMBERS.c.id)).all())
    return merged + MergeResult(updated=gone)


def store_changes(session: Session, changes: Iterable[Change]) -> MergeResult:
    """Log the changes; of each member that had news, the newest logged change says whether they are in the channel."""
    latest = {(change.channel, change.profile, change.at): change for change in changes}
    rows = [(key[0], key[1], key[2], change.joined) for key, change in latest.items()]
    if not rows:
        return MergeResult()
    logged = bulk_merge(
        session, _LOG, (*_KEY, "created_at", "is_joined"), rows, key=(*_KEY, "created_at"), update=["is_joined"]
    )
    if logged.inserted or logged.updated:
        _follow_log(session, rows)
    return logged


def _follow_log(session: Session, rows: Sequence[tuple[int, int, datetime, bool]]) -> None:
    concerned = _LOG.c.channel_id.in_({row[0] for row in rows}) & _LOG.c.slack_user_id.in_({row[1] for row in rows})
    newest = (
        select(*(_LOG.c[name] for name in _KEY), (~_LOG.c.is_joined).label("is_deleted"))
        .where(concerned)
        .ext(distinct_on(_LOG.c.channel_id, _LOG.c.slack_user_id))
        .order_by(_LOG.c.channel_id, _LOG.c.slack_user_id, _LOG.c.created_at.desc())
        .subquery("newest")
    )
    merge(session, _MEMBERS, select(newest), key=_KEY, touch={"updated_at": func.now()})
