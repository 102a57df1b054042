"""The repositories that wait to be scanned. A run that was cut off goes on with those that are left."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from boost_collectors.boost_usage_tracker.models import ScanCandidate
from boost_collectors.boost_usage_tracker.records import SearchResult
from boost_collectors.core.database.bulk import bulk_merge

_TIMES = ("created_at", "updated_at", "pushed_at")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A waiting repository. ``hinted``: whether code search knows an include of Boost in it; None if unasked."""

    result: SearchResult
    hinted: bool | None = None


def queue_candidates(session: Session, results: Iterable[SearchResult]) -> int:
    """Let repositories wait, as the search shows them now. Returns how many did not wait before."""
    columns = ("github_id", "full_name", "state")
    rows = ((result.github_id, result.full_name, _state(result)) for result in results)
    return bulk_merge(session, ScanCandidate, columns, rows, key=("github_id",), strip_nul=True).inserted


def candidates(session: Session, names: Collection[str] | None = None) -> list[Candidate]:
    """Those that wait (of these names), in the order of their names."""
    query = select(ScanCandidate.state, ScanCandidate.hinted).order_by(ScanCandidate.full_name)
    if names is not None:
        query = query.where(ScanCandidate.full_name.in_(names))
    return [Candidate(_result(state), hinted) for state, hinted in session.execute(query)]


def unhinted(session: Session) -> list[str]:
    """The names of those about which code search was not asked."""
    query = select(ScanCandidate.full_name).where(ScanCandidate.hinted.is_(None))
    return list(session.scalars(query.order_by(ScanCandidate.full_name)))


def store_hints(session: Session, hints: Mapping[str, bool]) -> None:
    """Keep what code search said, by name."""
    for value in (True, False):
        names = [name for name, hinted in hints.items() if hinted is value]
        if names:
            session.execute(update(ScanCandidate).where(ScanCandidate.full_name.in_(names)).values(hinted=value))


def drop_candidate(session: Session, github_id: int) -> None:
    """A repository waits no longer."""
    session.execute(delete(ScanCandidate).where(ScanCandidate.github_id == github_id))


def _state(result: SearchResult) -> dict[str, Any]:
    state = asdict(result)
    return state | {name: state[name].isoformat() for name in _TIMES if state[name]}


def _result(state: Mapping[str, Any]) -> SearchResult:
    times = {name: datetime.fromisoformat(state[name]) for name in _TIMES if state[name]}
    return SearchResult(**{**state, **times})
