"""Units of the Data API, by project and day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import and_, func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from boost_collectors.cppa_youtube_script_tracker.models import YoutubeQuota


def book(session: Session, project: str, day: date, units: int, *, limit: int) -> bool:
    """Book units unless that would make more than ``limit`` on the day; returns whether they were booked.

    Of concurrent runs none books what another has.
    """
    if units > limit:
        return False
    statement = insert(YoutubeQuota).values(project=project, day=day, units=units)
    booked = statement.on_conflict_do_update(
        index_elements=[YoutubeQuota.project, YoutubeQuota.day],
        set_={"units": YoutubeQuota.units + statement.excluded.units, "updated_at": func.now()},
        where=and_(~YoutubeQuota.spent_out, YoutubeQuota.units + statement.excluded.units <= limit),
    )
    return session.scalar(booked.returning(YoutubeQuota.units)) is not None


def close_day(session: Session, project: str, day: date) -> None:
    """Let nothing more be booked on the day."""
    statement = insert(YoutubeQuota).values(project=project, day=day, spent_out=True)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[YoutubeQuota.project, YoutubeQuota.day], set_={"spent_out": True, "updated_at": func.now()}
        )
    )


def usage(session: Session, project: str, day: date) -> tuple[int, bool]:
    """The units booked on the day, and whether YouTube said that nothing is left."""
    row = session.get(YoutubeQuota, (project, day))
    return (0, False) if row is None else (row.units, row.spent_out)


def latest_quotas(session: Session) -> Sequence[YoutubeQuota]:
    """The newest day of every key."""
    query = select(YoutubeQuota).ext(distinct_on(YoutubeQuota.project))
    return session.scalars(query.order_by(YoutubeQuota.project, YoutubeQuota.day.desc())).all()
