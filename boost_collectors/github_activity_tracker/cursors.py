"""Where reading a repository's issues, pull requests and comments stands: what the checkpoints hold.

A list's *watermark* is the latest update of its items that is not in the future: everything updated before it is
stored. It is never a clock's value, and an item dated 2037 does not move it. A *walk* is a reading under way.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from boost_collectors.core import checkpoints
from boost_collectors.github_activity_tracker.api.items import Kind
from boost_collectors.github_activity_tracker.records import RepositoryState, Stamp

OVERLAP = timedelta(minutes=5)
"""How far behind the watermark the next reading starts: GitHub's lists lag behind its items by seconds."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A reading under way: what it reads, the cursor behind the last stored page, the latest update met."""

    since: datetime | None = None
    after: str | None = None
    newest: datetime | None = None

    def met(self, moments: Iterable[datetime | None], now: datetime) -> Walk:
        """The walk after items with these update times; those in the future do not count."""
        known = [moment for moment in (*moments, self.newest) if moment is not None and moment <= now]
        return replace(self, newest=max(known, default=None))


@dataclass(frozen=True, slots=True)
class ListCursor:
    """One list of one repository. ``seen`` tells what the list looked like before it was read to the end last."""

    watermark: datetime | None = None
    walk: Walk | None = None
    seen: str = ""
    page_size: int | None = None

    @property
    def since(self) -> datetime | None:
        """Where a reading of what is new starts."""
        return self.watermark - OVERLAP if self.watermark else None

    @classmethod
    def load(cls, session: Session, command: str, unit: str) -> ListCursor:
        """The stored cursor; a new one for a list that was never read."""
        stored = checkpoints.load(session, command, unit) or {}
        walk = stored.get("walk")
        return cls(
            watermark=_moment(stored.get("watermark")),
            walk=Walk(_moment(walk["since"]), walk["after"], _moment(walk["newest"])) if walk else None,
            seen=stored.get("seen", ""),
            page_size=stored.get("page_size"),
        )

    def save(self, session: Session, command: str, unit: str) -> None:
        """Store the cursor in the caller's transaction."""
        checkpoints.save(session, command, unit, _plain(asdict(self)))


@dataclass(frozen=True, slots=True)
class CommentsCursor:
    """One list of comments: the latest edit dealt with, and the validator of the list's first page."""

    watermark: datetime | None = None
    etag: str | None = None

    @classmethod
    def load(cls, session: Session, command: str, unit: str) -> CommentsCursor:
        """The stored cursor; a new one for a list that was never read."""
        stored = checkpoints.load(session, command, unit) or {}
        return cls(_moment(stored.get("watermark")), stored.get("etag"))

    def save(self, session: Session, command: str, unit: str) -> None:
        """Store the cursor in the caller's transaction."""
        checkpoints.save(session, command, unit, _plain(asdict(self)))


@dataclass(frozen=True, slots=True)
class SweepCursor:
    """When a repository's items were last compared with GitHub's, and the counts that stayed different then."""

    at: datetime | None = None
    counts: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def load(cls, session: Session, command: str, unit: str) -> SweepCursor:
        """The stored cursor; a new one for a repository that was never swept."""
        stored = checkpoints.load(session, command, unit) or {}
        return cls(_moment(stored.get("at")), stored.get("counts", {}))

    def save(self, session: Session, command: str, unit: str) -> None:
        """Store the cursor in the caller's transaction."""
        checkpoints.save(session, command, unit, _plain(asdict(self)))


def unit_of(key: str, what: str) -> str:
    """The checkpoint of one list of a repository; the repository's own name is that of its commits."""
    return f"{key}#{what}"


def first_sweep(key: str, now: datetime, every: timedelta) -> datetime:
    """When a new repository counts as swept: spread, so that repositories met together are not swept together."""
    return now - every * (zlib.crc32(key.encode()) % 1000 / 1000)


def looks(state: RepositoryState, kind: Kind) -> str:
    """A short text that differs as soon as an item of the list is added, updated or removed."""
    count, stamps = _newest(state, kind)
    shown = ",".join(f"{stamp.number}@{stamp.updated_at:%Y%m%dT%H%M%S}" for stamp in stamps if stamp.updated_at)
    return f"{state.id}:{count}:{shown}"


def may_hide_changes(state: RepositoryState, kind: Kind, now: datetime) -> bool:
    """Whether every item that ``looks`` names is dated in the future, so that updates of others do not show."""
    _, stamps = _newest(state, kind)
    return bool(stamps) and all(stamp.updated_at is None or stamp.updated_at > now for stamp in stamps)


def _newest(state: RepositoryState, kind: Kind) -> tuple[int, tuple[Stamp, ...]]:
    if kind == "issues":
        return state.issue_count, state.newest_issues
    return state.pull_count, state.newest_pulls


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _plain(value: Any) -> Any:
    """The same with times as texts."""
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    return value.isoformat() if isinstance(value, datetime) else value
