"""Doing jobs: taking one with a lease, and giving it back done, put off or given up.

Times are the database's own, so that all machines agree. What puts a job off says False to who lost its lease, what
ends it to who comes second; then nothing changes, and what was to follow is not queued.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, null, or_, select, update
from sqlalchemy.orm import Session

from boost_collectors.core.utils.storable import storable
from boost_collectors.slack_event_handler.models import JobStatus, SlackJob
from boost_collectors.slack_event_handler.services.inbox import NewJob, queue
from boost_collectors.slack_event_handler.slots import CommentLimit

_JOBS: Any = SlackJob.__table__
_COMMENTS = 0x51ACC0
"""First half of the advisory locks under which comments are counted and claimed."""


@dataclass(frozen=True, slots=True)
class Job:
    """A leased job. ``claims``: how often somebody began it, this time included."""

    id: int
    key: str
    kind: str
    team_id: str
    lane: str
    payload: Mapping[str, Any]
    claims: int
    failures: int
    created_at: datetime
    lease: str


def claim(session: Session, teams: Collection[str], kinds: Collection[str], lease: float) -> Job | None:
    """Take the job that waited longest, for ``lease`` seconds; None when there is none to do now.

    Jobs that others hold are passed over without waiting.
    """
    return _claim(session, and_(_JOBS.c.team_id.in_(teams), _JOBS.c.kind.in_(kinds)), lease)


def claim_comment(session: Session, team: str, kind: str, lease: float, limit: CommentLimit) -> Job | None:
    """As ``claim``, as long as the workspace's limit leaves room for what is being written now and one more."""
    session.execute(select(func.pg_advisory_xact_lock(_COMMENTS, func.hashtext(team))))
    times, now = comment_times(session, team, limit.window)
    running = select(func.count()).where(_of(team, kind), _JOBS.c.leased_until > func.now())
    if limit.delay([*times, *[now] * session.execute(running).scalar_one()], now) > 0:
        return None
    return _claim(session, _of(team, kind), lease)


def comment_times(session: Session, team: str, window: float) -> tuple[list[float], float]:
    """When the comments of the last ``window`` seconds were written, and the present, in seconds since 1970."""
    start = func.now() - _seconds(window)
    query = select(func.extract("epoch", _JOBS.c.posted_at)).where(
        _JOBS.c.team_id == team, _JOBS.c.posted_at.is_not(None), _JOBS.c.posted_at > start
    )
    now = session.execute(select(func.extract("epoch", func.now()))).scalar_one()
    return [float(moment) for moment in session.scalars(query)], float(now)


def extend(session: Session, job: Job, lease: float) -> bool:
    """Keep the job for another ``lease`` seconds. False when it is another's by now."""
    return _change(session, _held(job), leased_until=func.now() + _seconds(lease))


def finish(
    session: Session,
    job: Job,
    result: Mapping[str, Any],
    *,
    is_comment: bool = False,
    then: Sequence[NewJob] = (),
) -> bool:
    """The job is done; what follows from it is queued in the same transaction. A comment counts for the limit."""
    values = {"result": dict(result), "posted_at": func.now() if is_comment else null(), "error": ""}
    return _end(session, job, JobStatus.DONE, values, then)


def bury(session: Session, job: Job, error: str, *, then: Sequence[NewJob] = ()) -> bool:
    """The job is given up; it stays, to be looked at and perhaps revived."""
    return _end(session, job, JobStatus.DEAD, {"error": storable(error), "failures": job.failures + 1}, then)


def postpone(session: Session, job: Job, error: str, seconds: float) -> bool:
    """The job failed and is tried again after so many seconds."""
    return _put_off(session, job, seconds, error=storable(error), failures=job.failures + 1)


def hand_back(session: Session, job: Job, seconds: float = 0.0) -> bool:
    """Somebody shall do the job after so many seconds; nothing is wrong with it."""
    return _put_off(session, job, seconds)


def _claim(session: Session, chosen: ColumnElement[bool], lease: float) -> Job | None:
    token = uuid.uuid4().hex
    statement = (
        update(SlackJob)
        .where(SlackJob.id == _next(chosen))
        .values(lease=token, leased_until=func.now() + _seconds(lease), claims=SlackJob.claims + 1)
        .returning(SlackJob)
        .execution_options(populate_existing=True)
    )
    row = session.scalars(statement).one_or_none()
    if row is None:
        return None
    facts = (row.id, row.key, row.kind, row.team_id, row.lane, row.payload, row.claims, row.failures, row.created_at)
    return Job(*facts, token)


def _next(chosen: ColumnElement[bool]) -> Any:
    earlier = _JOBS.alias("earlier")
    waiting = JobStatus.WAITING.value
    blocked = exists().where(earlier.c.lane == _JOBS.c.lane, earlier.c.id < _JOBS.c.id, earlier.c.status == waiting)
    free = or_(_JOBS.c.leased_until.is_(None), _JOBS.c.leased_until <= func.now())
    return (
        select(_JOBS.c.id)
        .where(_JOBS.c.status == waiting, _JOBS.c.available_at <= func.now(), free, ~blocked, chosen)
        .order_by(_JOBS.c.available_at, _JOBS.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )


def _of(team: str, kind: str) -> ColumnElement[bool]:
    return and_(_JOBS.c.team_id == team, _JOBS.c.kind == kind, _JOBS.c.status == JobStatus.WAITING.value)


def _end(session: Session, job: Job, status: JobStatus, values: Mapping[str, Any], then: Sequence[NewJob]) -> bool:
    # Not bound to the lease: a job that took longer was done all the same.
    waiting = and_(SlackJob.id == job.id, SlackJob.status == JobStatus.WAITING.value)
    nobody = {"lease": null(), "leased_until": null()}
    ended = _change(session, waiting, status=status.value, finished_at=func.now(), **nobody, **values)
    if ended:
        queue(session, then)
    return ended


def _put_off(session: Session, job: Job, seconds: float, **values: Any) -> bool:
    available = func.now() + _seconds(seconds)
    return _change(session, _held(job), available_at=available, lease=null(), leased_until=null(), **values)


def _held(job: Job) -> ColumnElement[bool]:
    return and_(SlackJob.id == job.id, SlackJob.lease == job.lease)


def _change(session: Session, which: ColumnElement[bool], **values: Any) -> bool:
    changed = update(SlackJob).where(which).values(**values).returning(SlackJob.id)
    return session.execute(changed).first() is not None


def _seconds(seconds: float) -> Any:
    return func.make_interval(0, 0, 0, 0, 0, 0, seconds)
