"""Taking in: events once each, and the jobs they give, by unique keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, null
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from boost_collectors.slack_event_handler.models import JobStatus, SlackEvent, SlackJob

_JOBS: Any = SlackJob.__table__


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to be queued; ``delay`` in seconds. See ``SlackJob`` for ``key`` and ``lane``."""

    key: str
    kind: str
    team_id: str
    lane: str
    payload: Mapping[str, Any]
    delay: float = 0.0


def store_event(session: Session, team_id: str, event_id: str, payload: Mapping[str, Any]) -> bool:
    """Keep an event, whose texts must be storable. False for one that was there before."""
    statement = insert(SlackEvent).values(team_id=team_id, event_id=event_id, payload=dict(payload))
    return session.execute(statement.on_conflict_do_nothing().returning(SlackEvent.id)).first() is not None


def queue(session: Session, jobs: Sequence[NewJob]) -> int:
    """Queue jobs; how many are new. A key that is there stays as it is, but one that was given up is tried anew."""
    return sum(_queue(session, job) for job in jobs)


def _queue(session: Session, job: NewJob) -> int:
    available = func.now() + func.make_interval(0, 0, 0, 0, 0, 0, job.delay)
    statement = insert(SlackJob).values(
        key=job.key,
        kind=job.kind,
        team_id=job.team_id,
        lane=job.lane,
        payload=dict(job.payload),
        available_at=available,
    )
    again = statement.on_conflict_do_update(
        index_elements=[SlackJob.key],
        set_={"status": JobStatus.WAITING.value, "available_at": available, "failures": 0, "finished_at": null()},
        where=_JOBS.c.status == JobStatus.DEAD.value,
    )
    return len(session.execute(again.returning(SlackJob.id)).all())
