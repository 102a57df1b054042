"""Which library needs which in a release, and on which day that changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple

from sqlalchemy import BigInteger, Text, and_, delete, select, tuple_
from sqlalchemy.orm import Session, aliased

from boost_collectors.boost_library_tracker.models import (
    BoostDependency,
    BoostLibrary,
    BoostVersion,
    DependencyChangeLog,
)
from boost_collectors.core.counts import Counts
from boost_collectors.core.database.bulk import MergeResult, bulk_merge, merge, stage
from boost_collectors.core.utils.boost_version_operations import loose_version_tuple

_PAIR = {"client_repo": BigInteger, "client": Text, "dep_repo": BigInteger, "dep": Text}
_CHANGE = ("client_library_id", "dep_library_id", "created_at", "is_add")

Pair = tuple[int, int]


class DependencyRow(NamedTuple):
    """The client library needs the other one; each by its repository and its name."""

    client_repo: int
    client: str
    dep_repo: int
    dep: str


class _Step(NamedTuple):
    """From one release to the next: what changes between them changed on ``day``."""

    before: int
    after: int
    day: date


def store_dependencies(session: Session, version_id: int, rows: Iterable[DependencyRow]) -> Counts:
    """Add a release's dependencies, and bring the change log up to what all stored releases say.

    Both libraries of a row must be stored. Dependencies that are stored stay.
    """
    counts = Counts()
    counts.merged("dependencies", _store(session, version_id, rows))
    counts += _update_change_log(session, version_id)
    return counts


def _store(session: Session, version_id: int, rows: Iterable[DependencyRow]) -> MergeResult:
    client, dep = aliased(BoostLibrary), aliased(BoostLibrary)
    with stage(session, "dependency", _PAIR, ("client", "dep")) as staged:
        staged.copy(rows)
        given = staged.table.c
        source = (
            select(
                client.id.label("client_library_id"),
                BoostVersion.id.label("version_id"),
                dep.id.label("dep_library_id"),
            )
            .select_from(staged.table)
            .join(client, and_(client.repo_id == given.client_repo, client.name == given.client))
            .join(dep, and_(dep.repo_id == given.dep_repo, dep.name == given.dep))
            .join(BoostVersion, BoostVersion.id == version_id)
        )
        return merge(session, BoostDependency, source, key=("client_library_id", "version_id", "dep_library_id"))


def _update_change_log(session: Session, version_id: int) -> Counts:
    """The log of the days on which this release and the next one appeared; the others do not depend on it.

    Nothing is said of the first release of which dependencies are known: what it changed is not.
    """
    steps = _steps(session)
    days = {step.day for step in steps if version_id in (step.before, step.after)}
    changes: dict[tuple[Pair, date], bool] = {}
    for step in steps:
        if step.day in days:
            changes |= {(pair, step.day): is_add for pair, is_add in _difference(session, step)}
    counts = Counts()
    rows = [(*pair, day, is_add) for (pair, day), is_add in changes.items()]
    counts.merged("dependency_changes", bulk_merge(session, DependencyChangeLog, _CHANGE, rows, key=_CHANGE[:3]))
    counts.add("dependency_changes_removed", _forget_others(session, days, [row[:3] for row in rows]))
    return counts


def _steps(session: Session) -> list[_Step]:
    """From release to release, in the order of their versions, of those with dependencies and a date."""
    known = select(BoostDependency.version_id).distinct()
    query = select(BoostVersion.id, BoostVersion.version, BoostVersion.version_created_at).where(
        BoostVersion.id.in_(known)
    )
    releases = sorted(session.execute(query), key=lambda row: loose_version_tuple(row.version))
    return [
        _Step(before.id, after.id, after.version_created_at.date())
        for before, after in pairwise(releases)
        if isinstance(after.version_created_at, datetime)
    ]


def _difference(session: Session, step: _Step) -> list[tuple[Pair, bool]]:
    before, after = _pairs(session, step.before), _pairs(session, step.after)
    return [(pair, True) for pair in sorted(after - before)] + [(pair, False) for pair in sorted(before - after)]


def _pairs(session: Session, version_id: int) -> set[Pair]:
    query = select(BoostDependency.client_library_id, BoostDependency.dep_library_id)
    return {(client, dep) for client, dep in session.execute(query.where(BoostDependency.version_id == version_id))}


def _forget_others(session: Session, days: set[date], kept: Sequence[tuple[int, int, date]]) -> int:
    """A release that came between two others takes over changes that were logged for the later one."""
    log = DependencyChangeLog
    stored = session.execute(
        select(log.client_library_id, log.dep_library_id, log.created_at).where(log.created_at.in_(days))
    )
    stale = {tuple(row) for row in stored} - set(kept)
    if stale:
        key = tuple_(log.client_library_id, log.dep_library_id, log.created_at)
        session.execute(delete(log).where(key.in_(stale)))
    return len(stale)
