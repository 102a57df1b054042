"""What is in the queue, what is to be tried anew, and what is old enough to go."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import delete, func, null, or_, select, update
from sqlalchemy.orm import Session

from boost_collectors.slack_event_handler.models import JobStatus, SlackEvent, SlackJob, SlackListener
from boost_collectors.slack_event_handler.services.listeners import listeners

_JOBS: Any = SlackJob.__table__


@dataclass(frozen=True, slots=True)
class Depth:
    """Jobs that wait, that were given up, and the age in seconds of the oldest that is due and not done."""

    waiting: int
    dead: int
    oldest_due_seconds: float


def depth(session: Session) -> Depth:
    """How full the queue is."""
    is_waiting = _JOBS.c.status == JobStatus.WAITING.value
    late = func.extract("epoch", func.now() - func.min(_JOBS.c.available_at).filter(is_waiting))
    counts = (func.count().filter(is_waiting), func.count().filter(_JOBS.c.status == JobStatus.DEAD.value), late)
    number, dead, seconds = session.execute(select(*counts)).one()
    return Depth(number, dead, max(0.0, float(seconds or 0)))


def summary(session: Session) -> dict[str, Any]:
    """How the queue and the connections stand, as JSON shows it."""
    queue = asdict(depth(session))
    queue["oldest_due_seconds"] = round(queue["oldest_due_seconds"], 1)
    return {"queue": queue, "workspaces": [_shown(each) for each in listeners(session)]}


def _shown(listener: SlackListener) -> dict[str, Any]:
    connected, heard = listener.connected_at, listener.last_event_at
    return {
        "team_id": listener.team_id,
        "state": listener.state,
        "connected_at": connected.isoformat() if connected else None,
        "last_event_at": heard.isoformat() if heard else None,
    }


def waiting(session: Session, team_id: str, kind: str) -> int:
    """How many jobs of a kind are still to be done for a workspace, those being done included."""
    query = select(func.count()).where(
        _JOBS.c.team_id == team_id, _JOBS.c.kind == kind, _JOBS.c.status == JobStatus.WAITING.value
    )
    return session.execute(query).scalar_one()


def revive_dead(session: Session) -> int:
    """Let all jobs that were given up be tried anew. Returns how many there are."""
    values = {"status": JobStatus.WAITING.value, "failures": 0, "available_at": func.now(), "finished_at": null()}
    revived = update(SlackJob).where(SlackJob.status == JobStatus.DEAD.value).values(values).returning(SlackJob.id)
    return len(session.execute(revived).all())


def forget_old(session: Session, days: int, window: float) -> int:
    """Delete events and ended jobs that are older; comments only once their ``window`` (seconds) is over too."""
    limit = func.now() - func.make_interval(0, 0, 0, days)
    counted = func.now() - func.make_interval(0, 0, 0, 0, 0, 0, window)
    over = or_(SlackJob.posted_at.is_(None), SlackJob.posted_at < counted)
    ended = delete(SlackJob).where(SlackJob.finished_at < limit, over).returning(SlackJob.id)
    old = delete(SlackEvent).where(SlackEvent.received_at < limit).returning(SlackEvent.id)
    return len(session.execute(ended).all()) + len(session.execute(old).all())
