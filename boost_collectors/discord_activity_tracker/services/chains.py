"""Messages with all that answers them, as the vector index needs them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, false, func, or_, select, text, true
from sqlalchemy.orm import Session, aliased

from boost_collectors.core.database.arrays import among
from boost_collectors.cppa_user_tracker.models import DiscordProfile
from boost_collectors.discord_activity_tracker.models import DiscordChannel, DiscordMessage, DiscordServer

_MESSAGES: Any = DiscordMessage.__table__
_AUTHORS: Any = DiscordProfile.__table__
# Every OFFSET 0 below keeps the planner to a look into an index for each message: it takes the few of a step for
# thousands, and would read the whole table for them.
_Parent = aliased(DiscordMessage)


@dataclass(frozen=True, slots=True)
class ChainMessage:
    """A message of a chain. ``row``: of its own; ``wanted``: it is why the chain was read. Ids are Discord's."""

    root_id: int
    message_id: int
    row: int
    reply_to: int | None
    written_at: datetime
    stored_at: datetime
    content: str
    is_deleted: bool
    user: str
    channel_id: int
    channel_name: str
    category_name: str
    server_id: int
    server_name: str
    wanted: bool


Chain = Sequence[ChainMessage]
"""A message that answers none that is stored, and after it all that answer it or one of its answers, oldest first."""


def find_chains(
    session: Session, *, since: datetime | None, named: Collection[int], after: int, limit: int, met: set[int]
) -> tuple[list[Chain], int | None]:
    """Whole chains of messages that changed after ``since`` (None: all) or are ``named``, deleted ones included.

    A page of them: the chains of the next ``limit`` such messages after the row ``after``. Returns the row after which
    the next page begins too; None when there is none. ``met``, empty for the first page, carries from page to page
    which messages still to come belong to chains that were read, so that each chain is read once. Three statements a
    page, however deep the answers go.
    """
    # The planner takes chains for so large that it would compile every page's query, which takes longer than to run it.
    session.execute(text("SET LOCAL jit = off"))
    seeds = session.execute(_seeds(since, named).where(_MESSAGES.c.id > after).limit(limit)).all()
    new = [seed.message_id for seed in seeds if seed.message_id not in met]
    met.difference_update([seed.message_id for seed in seeds])
    chains: defaultdict[int, list[ChainMessage]] = defaultdict(list)
    for row in session.execute(_chains_of(new, _wanted(since, named))) if new else ():
        chains[row.root_id].append(ChainMessage(*row))
    if since is not None:  # else only roots are met
        last = seeds[-1].id if seeds else after
        met.update(each.message_id for chain in chains.values() for each in chain if each.wanted and each.row > last)
    return list(chains.values()), seeds[-1].id if len(seeds) == limit else None


def _seeds(since: datetime | None, named: Collection[int]) -> Any:
    """Where to look for chains. When all are wanted their roots will do."""
    parent = select(_Parent.id).where(_answers(_MESSAGES.c, _Parent)).exists()
    wanted = or_(_MESSAGES.c.reply_to_message_id.is_(None), ~parent) if since is None else _wanted(since, named)
    return select(_MESSAGES.c.id, _MESSAGES.c.message_id).where(wanted).order_by(_MESSAGES.c.id)


def _wanted(since: datetime | None, named: Collection[int]) -> ColumnElement[bool]:
    if since is None:
        return true()
    changed: ColumnElement[bool] = _MESSAGES.c.updated_at > since
    return or_(changed, among(_MESSAGES.c.message_id, named) if named else false())


def _answers(reply: Any, parent: Any) -> ColumnElement[bool]:
    """Whether one answers the other. An answer is the younger of both: a circle of answers is no chain."""
    return and_(parent.message_id == reply.reply_to_message_id, parent.message_id < reply.message_id)


def _chains_of(message_ids: Collection[int], wanted: ColumnElement[bool]) -> Any:
    members = _members(_roots(message_ids))
    told = _told(members, wanted).offset(0).lateral("told")
    return (
        select(members.c.root_id, *told.c)
        .select_from(members.join(told, true()))
        .order_by(members.c.root_id, members.c.message_id)
    )


def _told(members: CTE, wanted: ColumnElement[bool]) -> Select[Any]:
    """What is told of one member, in the order of a ``ChainMessage``."""
    return (
        select(
            *(_MESSAGES.c[name] for name in ("message_id", "id", "reply_to_message_id", "message_created_at")),
            *(_MESSAGES.c[name] for name in ("created_at", "content", "is_deleted")),
            func.coalesce(func.nullif(_AUTHORS.c.username, ""), _AUTHORS.c.display_name, "unknown").label("user"),
            *(DiscordChannel.channel_id, DiscordChannel.channel_name, DiscordChannel.category_name),
            *(DiscordServer.server_id, DiscordServer.server_name),
            wanted.label("wanted"),
        )
        .select_from(_MESSAGES)
        .join(DiscordChannel, DiscordChannel.id == _MESSAGES.c.channel_id)
        .join(DiscordServer, DiscordServer.id == DiscordChannel.server_id)
        .outerjoin(_AUTHORS, _AUTHORS.c.baseprofile_ptr_id == _MESSAGES.c.author_id)
        .where(_MESSAGES.c.message_id == members.c.message_id)
    )


def _roots(message_ids: Collection[int]) -> CTE:
    """From messages up to those that answer none that is stored. Each message on the way is met once."""
    up = (
        select(_MESSAGES.c.message_id, _MESSAGES.c.reply_to_message_id)
        .where(among(_MESSAGES.c.message_id, message_ids))
        .cte("up", recursive=True)
    )
    parent = (
        select(_Parent.message_id, _Parent.reply_to_message_id).where(_answers(up.c, _Parent)).offset(0).lateral("told")
    )
    up = up.union(select(parent).select_from(up.join(parent, true())))
    answered = select(_Parent.id).where(_answers(up.c, _Parent)).exists()
    return select(up.c.message_id).where(or_(up.c.reply_to_message_id.is_(None), ~answered)).cte("roots")


def _members(roots: CTE) -> CTE:
    """From roots down to all that answer them, whatever the depth."""
    down = select(roots.c.message_id.label("root_id"), roots.c.message_id).cte("down", recursive=True)
    reply = aliased(DiscordMessage)
    answer = and_(reply.reply_to_message_id == down.c.message_id, reply.message_id > down.c.message_id)
    found = select(reply.message_id).where(answer).offset(0).lateral("answer")
    return down.union_all(select(down.c.root_id, found.c.message_id).select_from(down.join(found, true())))
