"""Which failures are open and what people were told of them, for all processes together. Nothing here commits.

A problem is a subject (``task:github/run_x``) with a fingerprint of what went wrong. It is told of when it is new and
again after a while; in between its failures are counted. It is over when the subject succeeds.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from boost_collectors.core.models import Problem

KEPT = timedelta(days=90)
_CHANGING = re.compile(r"0x[0-9a-f]+|\b[0-9a-f]{7,40}\b|\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to tell of a problem: how many failures of it were not told of before, how many there were in all."""

    subject: str
    fingerprint: str
    untold: int
    failures: int
    first_at: datetime


@dataclass(frozen=True, slots=True)
class Recovery:
    """A subject that works again."""

    subject: str
    failures: int
    first_at: datetime


def fingerprint(kind: str, message: str) -> str:
    """What stays the same when the same thing goes wrong again: numbers, hashes and addresses do not count."""
    return hashlib.sha256(f"{kind}\n{_CHANGING.sub('#', message)}".encode("utf-8", "replace")).hexdigest()[:32]


def note_failure(session: Session, subject: str, mark: str, now: datetime, repeat: timedelta) -> Claim | None:
    """Count a failure. A claim if it is to be told of; there is one for each problem until ``repeat`` is over."""
    session.execute(delete(Problem).where(Problem.last_at < now - KEPT))
    row = insert(Problem).values(subject=subject, fingerprint=mark, first_at=now, last_at=now, failures=1, untold=1)
    counted = row.on_conflict_do_update(
        index_elements=[Problem.subject, Problem.fingerprint],
        set_={"last_at": now, "failures": Problem.failures + 1, "untold": Problem.untold + 1},
    )
    session.execute(counted)
    due = or_(Problem.told_at.is_(None), Problem.told_at <= now - repeat)
    before = select(Problem.untold, Problem.failures, Problem.first_at).where(_is(subject, mark), due)
    # The row is locked by the update above.
    found = session.execute(before).one_or_none()
    if found is None:
        return None
    session.execute(update(Problem).where(_is(subject, mark)).values(told_at=now, untold=0))
    return Claim(subject, mark, found.untold - 1, found.failures, found.first_at)


def give_back(session: Session, claim: Claim) -> None:
    """Nobody could be told: the next failure claims it again, and tells of these too."""
    untold = Problem.untold + claim.untold + 1
    session.execute(update(Problem).where(_is(claim.subject, claim.fingerprint)).values(told_at=None, untold=untold))


def end(session: Session, subjects: Collection[str]) -> list[Recovery]:
    """Close the problems of subjects that succeeded; those that people had been told of, in alphabetical order."""
    if not subjects:
        return []
    gone = (
        delete(Problem)
        .where(Problem.subject.in_(subjects))
        .returning(Problem.subject, Problem.failures, Problem.first_at, Problem.told_at)
        .cte("gone")
    )
    told = func.max(gone.c.told_at).is_not(None)
    query = select(gone.c.subject, func.sum(gone.c.failures), func.min(gone.c.first_at)).group_by(gone.c.subject)
    return [Recovery(*row) for row in session.execute(query.having(told).order_by(gone.c.subject))]


def _is(subject: str, mark: str) -> ColumnElement[bool]:
    return and_(Problem.subject == subject, Problem.fingerprint == mark)
