"""GitHub's quota in PostgreSQL: every worker takes points in blocks before it asks, so that together they never ask
for more than there is.

What holds between two transactions: ``free`` + the points of live leases + what was spent in this window = the limit.
A block costs one transaction; the row locks on the quota make workers wait for each other for that long only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from boost_collectors.core.database import Database
from boost_collectors.core.errors import RateLimited
from boost_collectors.core.github.models import GitHubLease, GitHubQuota, GitHubToken
from boost_collectors.core.github.quota import WINDOWS, Bucket, Limit, Quota

LARGEST_BLOCK = 40
"""Points of one lease at most: the database is asked once for so many requests."""

LEASE_TIME = timedelta(minutes=5)
"""After this the points of a worker that gave no sign are taken back."""

LONGEST_BLOCK_TIME = timedelta(minutes=30)
_STRIKES_REMEMBERED = timedelta(minutes=30)
_SAME_WINDOW = timedelta(seconds=5)
_RESERVE_SHARE = 10
_LEARNING = "boost_collectors.github_tokens"


@dataclass(frozen=True, slots=True)
class Lease:
    """Points of one owner's bucket that the holder may spend before ``ends_at``."""

    number: int
    owner: str
    bucket: Bucket
    points: int
    window: int
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a lease ended: ``left`` points were not spent (negative: more was), ``seen`` is the server's lowest word."""

    lease: Lease
    left: int
    seen: Limit | None


@dataclass(frozen=True, slots=True)
class KnownToken:
    """What the ledger knows of a token."""

    owner: str
    checked_at: datetime
    rejected_at: datetime | None


class Ledger:
    """The quota of all owners. ``reserve`` points of each bucket, a tenth of it at most, are left untouched."""

    def __init__(self, database: Database, *, reserve: int, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._reserve = reserve
        self._clock = clock

    def known(self, fingerprints: Collection[str]) -> dict[str, KnownToken]:
        """What is stored of these tokens, by fingerprint."""
        statement = select(GitHubToken).where(GitHubToken.fingerprint.in_(fingerprints))
        with self._database.session() as session:
            rows = session.scalars(statement).all()
        return {row.fingerprint: KnownToken(row.owner, row.checked_at, row.rejected_at) for row in rows}

    @contextmanager
    def learning(self) -> Iterator[None]:
        """Only one worker at a time asks GitHub about tokens: the others find what it learnt."""
        with self._database.session() as session:
            session.execute(select(func.pg_advisory_xact_lock(func.hashtext(_LEARNING))))
            yield

    def learn(self, fingerprint: str, owner: str, limits: Mapping[Bucket, Limit], cost: int) -> None:
        """Store whose quota a token spends, and how that quota stands after ``cost`` points were spent on asking."""
        with self._database.session() as session:
            for row in _lock(session, {owner}, Bucket.CORE):
                row.free -= cost
            _store_token(session, fingerprint, owner, self._clock(), rejected=False)
            rows = [
                {"owner": owner, "bucket": bucket, "points": limit.limit, "free": limit.remaining,
                 "reset_at": limit.reset_at}
                for bucket, limit in sorted(limits.items())
            ]  # fmt: skip
            session.execute(insert(GitHubQuota).values(rows).on_conflict_do_nothing())

    def reject(self, fingerprint: str, owner: str) -> None:
        """Store that GitHub refuses a token."""
        with self._database.session() as session:
            _store_token(session, fingerprint, owner, self._clock(), rejected=True)

    def lease(
        self, bucket: Bucket, owners: Collection[str], cost: int, settlements: Sequence[Settlement] = ()
    ) -> Lease:
        """A block of points, ``cost`` at least, of the owner with most points left; settles first what is given.

        Raises RateLimited with the earliest time at which one of the owners has points again.
        """
        with self._database.session() as session:
            now = self._clock()
            rows = self._locked(session, bucket, {*owners, *(done.lease.owner for done in settlements)})
            for done in settlements:
                _settle(session, rows[done.lease.owner], done, now)
            open_rows = [rows[owner] for owner in sorted(owners) if owner in rows]
            leased = _lease(session, open_rows, bucket, cost, self._reserve, now)
        if leased is None:
            raise _spent(bucket, open_rows, cost, self._reserve, now)
        return leased

    def settle(self, done: Settlement) -> None:
        """Give back what a lease did not spend, and take over what the server said."""
        with self._database.session() as session:
            now = self._clock()
            rows = self._locked(session, done.lease.bucket, {done.lease.owner})
            for row in rows.values():
                _settle(session, row, done, now)

    def block(self, owner: str, bucket: Bucket | None, until: datetime, *, named: bool) -> None:
        """No request of the owner's before ``until``: ``bucket`` is spent, or all wait because of a secondary limit.

        When GitHub named no time, each further block in a row is twice as long.
        """
        with self._database.session() as session:
            now = self._clock()
            for row in _lock(session, {owner}, bucket):
                if bucket is not None:
                    row.free = min(row.free, 0)
                    row.reset_at = max(row.reset_at, until) if row.reset_at <= now else row.reset_at
                if row.blocked_until is None or row.blocked_until <= now:
                    _strike(row, until, now, doubled=not named)

    def quota(self, bucket: Bucket, owners: Collection[str], held: int = 0) -> Quota:
        """The bucket summed over these owners; ``held`` points are the caller's own and still to be spent."""
        statement = select(GitHubQuota).where(GitHubQuota.owner.in_(owners), GitHubQuota.bucket == bucket)
        with self._database.session() as session:
            rows = session.scalars(statement).all()
            session.expunge_all()
        return _summed(rows, self._reserve, held, self._clock())

    def _locked(self, session: Session, bucket: Bucket, owners: Collection[str]) -> dict[str, GitHubQuota]:
        now = self._clock()
        rows = {row.owner: row for row in _lock(session, owners, bucket)}
        for row in rows.values():
            _open_window(row, now)
        _take_back(session, rows, bucket, now)
        return rows


def all_quotas(session: Session) -> Sequence[GitHubQuota]:
    """Every bucket that was ever used, by owner."""
    return session.scalars(select(GitHubQuota).order_by(GitHubQuota.owner, GitHubQuota.bucket)).all()


def _store_token(session: Session, fingerprint: str, owner: str, now: datetime, *, rejected: bool) -> None:
    values = {"owner": owner, "checked_at": now, "rejected_at": now if rejected else None}
    statement = insert(GitHubToken).values(fingerprint=fingerprint, **values)
    session.execute(statement.on_conflict_do_update(index_elements=[GitHubToken.fingerprint], set_=values))


def _lock(session: Session, owners: Collection[str], bucket: Bucket | None) -> Sequence[GitHubQuota]:
    # Always in the same order, so that no two workers wait for each other.
    statement = select(GitHubQuota).where(GitHubQuota.owner.in_(owners)).with_for_update()
    if bucket is not None:
        statement = statement.where(GitHubQuota.bucket == bucket)
    return session.scalars(statement.order_by(GitHubQuota.bucket, GitHubQuota.owner)).all()


def _open_window(row: GitHubQuota, now: datetime) -> None:
    """Begin the next window when the last one is over; answers will say when it really ends."""
    if row.reset_at <= now:
        row.free = row.points
        row.window += 1
        row.reset_at = now + WINDOWS[Bucket(row.bucket)]


def _take_back(session: Session, rows: Mapping[str, GitHubQuota], bucket: Bucket, now: datetime) -> None:
    """Return to ``free`` what leases hold whose time is over, and forget those of earlier windows."""
    stale = [
        (GitHubLease.owner == owner) & or_(GitHubLease.window < row.window, GitHubLease.expires_at <= now)
        for owner, row in rows.items()
    ]
    if not stale:
        return
    statement = delete(GitHubLease).where(GitHubLease.bucket == bucket, or_(*stale))
    ended = session.execute(statement.returning(GitHubLease.owner, GitHubLease.points, GitHubLease.window))
    for owner, points, window in ended:
        if window == rows[owner].window:
            rows[owner].free += points


def _settle(session: Session, row: GitHubQuota, done: Settlement, now: datetime) -> None:
    lease = done.lease
    ended = session.execute(delete(GitHubLease).where(GitHubLease.id == lease.number).returning(GitHubLease.id))
    held = ended.first() is not None
    if lease.window == row.window:
        # A lease that ran out was given back as if nothing of it had been spent.
        row.free += done.left if held else done.left - lease.points
    if done.seen is not None and done.seen.reset_at > now:
        _believe(session, row, done.seen)


def _believe(session: Session, row: GitHubQuota, seen: Limit) -> None:
    """Take over what the server said: somebody outside the ledger may spend from the same quota."""
    row.points = seen.limit
    if seen.reset_at > row.reset_at + _SAME_WINDOW:
        leased = select(func.coalesce(func.sum(GitHubLease.points), 0)).where(
            GitHubLease.owner == row.owner, GitHubLease.bucket == row.bucket, GitHubLease.window == row.window
        )
        row.free = seen.remaining - (session.scalar(leased) or 0)
    else:
        row.free = min(row.free, seen.remaining)
    row.reset_at = seen.reset_at


def _lease(
    session: Session, rows: Iterable[GitHubQuota], bucket: Bucket, cost: int, reserve: int, now: datetime
) -> Lease | None:
    usable = [row for row in rows if not _blocked(row, now) and _available(row, reserve) >= cost]
    if not usable:
        return None
    row = max(usable, key=lambda row: (_available(row, reserve), row.owner))
    points = max(cost, min(LARGEST_BLOCK, _available(row, reserve) // 10))
    row.free -= points
    expires_at = now + LEASE_TIME
    lease = GitHubLease(owner=row.owner, bucket=bucket, points=points, window=row.window, expires_at=expires_at)
    session.add(lease)
    session.flush()
    return Lease(lease.id, row.owner, bucket, points, row.window, min(expires_at, row.reset_at))


def _available(row: GitHubQuota, reserve: int) -> int:
    return row.free - min(reserve, row.points // _RESERVE_SHARE)


def _blocked(row: GitHubQuota, now: datetime) -> bool:
    return row.blocked_until is not None and row.blocked_until > now


def _strike(row: GitHubQuota, until: datetime, now: datetime, *, doubled: bool) -> None:
    recent = row.blocked_until is not None and row.blocked_until > now - _STRIKES_REMEMBERED
    row.strikes = (row.strikes + 1 if recent else 1) if doubled else 0
    wait = (until - now) * 2 ** max(row.strikes - 1, 0)
    row.blocked_until = now + (min(wait, LONGEST_BLOCK_TIME) if doubled else wait)


def _spent(bucket: Bucket, rows: Collection[GitHubQuota], cost: int, reserve: int, now: datetime) -> RateLimited:
    times = []
    for row in rows:
        reset = [] if _available(row, reserve) >= cost else [row.reset_at]
        times.append(max([*reset, *([row.blocked_until] if row.blocked_until and _blocked(row, now) else [])]))
    retry_at = min(times, default=now + WINDOWS[bucket])
    return RateLimited(
        f"GitHub: no quota left in the {bucket} bucket of {len(rows)} owner(s) until {retry_at:%Y-%m-%d %H:%M:%S} UTC",
        retry_at=retry_at,
    )


def _summed(rows: Sequence[GitHubQuota], reserve: int, held: int, now: datetime) -> Quota:
    limit = free = remaining = tokens = 0
    for row in rows:
        _open_window(row, now)
        limit += row.points
        free += max(row.free, 0)
        if not _blocked(row, now):
            tokens += _available(row, reserve) > 0
            remaining += max(_available(row, reserve), 0)
    reset_at = min((row.reset_at for row in rows), default=None)
    return Quota(limit, limit - free - held, remaining + held, reset_at, tokens)
