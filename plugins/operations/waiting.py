"""What waits: for another try, or for a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from boost_collectors.core.models import PendingItem, PendingStatus
from boost_collectors.cppa_user_tracker.services import count_waiting_proposals


@dataclass(frozen=True, slots=True)
class Waiting:
    """``count`` things of a kind, the oldest since ``since``, and the command that sees to them."""

    what: str
    count: int
    since: datetime | None
    repair: str


def read(session: Session) -> Sequence[Waiting]:
    """Everything of which there is some."""
    return [*_items(session), *_identities(session)]


def _identities(session: Session) -> Iterator[Waiting]:
    if count := count_waiting_proposals(session):
        yield Waiting("People who may be one", count, None, "python -m boost_collectors list_identity_proposals")


def _items(session: Session) -> Iterator[Waiting]:
    query = (
        select(
            PendingItem.command,
            PendingItem.status,
            func.count().label("items"),
            func.min(PendingItem.first_failed_at).label("since"),
        )
        .group_by(PendingItem.command, PendingItem.status)
        .order_by(PendingItem.command, PendingItem.status)
    )
    for row in session.execute(query):
        quarantined = row.status == PendingStatus.QUARANTINED
        what = "items set aside until somebody looks" if quarantined else "items to be tried again"
        yield Waiting(f"{row.command}: {what}", row.items, row.since, f"python -m boost_collectors {row.command}")
