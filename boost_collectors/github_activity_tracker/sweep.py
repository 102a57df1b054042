"""Finding what was deleted or missed: the numbers, times and counts of all items are compared with the stored ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from boost_collectors.github_activity_tracker.api import items as api
from boost_collectors.github_activity_tracker.cursors import SweepCursor, first_sweep
from boost_collectors.github_activity_tracker.models import CountedKind
from boost_collectors.github_activity_tracker.records import Stamp
from boost_collectors.github_activity_tracker.repository_run import RepositoryRun
from boost_collectors.github_activity_tracker.services import standing
from boost_collectors.github_activity_tracker.upkeep import Wanted, refetch


class Sweep:
    """Comparing the numbers, ids, times and counts of all items with the stored ones.

    ``told`` is how many comments and reviews GitHub said all items have together, for the kinds that were swept.
    """

    def __init__(self, run: RepositoryRun, every: timedelta, source_counts: Mapping[api.Kind, int]) -> None:
        self._run = run
        self._every = every
        self._source_counts = source_counts
        self._unit = run.unit("sweep")
        self.told: dict[CountedKind, int] = {}

    def run_if_due(self) -> bool:
        """Sweep when it is time, or when GitHub has another number of items than is stored. Returns if it was time."""
        now = self._run.context.clock()
        counts = self.counts()
        with self._run.context.database.session() as session:
            cursor = SweepCursor.load(session, *self._unit)
            if cursor.at is None:
                cursor = SweepCursor(first_sweep(self._run.key, now, self._every))
                cursor.save(session, *self._unit)
        odd = {kind: pair for kind, pair in counts.items() if pair[0] != pair[1] and cursor.counts.get(kind) != pair}
        due = self._run.full or cursor.at is None or now - cursor.at >= self._every
        if due:
            self.sweep(list(counts))
        elif odd:
            self.sweep(list(odd), at=cursor.at)
        return due

    def sweep(self, kinds: Iterable[str], at: datetime | None = None) -> None:
        """Compare everything, and note it as done at ``at`` (now when None) with the counts that stay different."""
        started = at or self._run.context.clock()
        wanted = Wanted()
        for kind in api.KINDS:
            if kind in kinds:
                numbers = wanted.issues if kind == "issues" else wanted.pulls
                numbers |= self._differing(kind)
        self._run.counts.add("sweeps")
        refetch(self._run, wanted)
        left = {kind: pair for kind, pair in self.counts().items() if pair[0] != pair[1]}
        with self._run.context.database.session() as session:
            SweepCursor(started, left).save(session, *self._unit)

    def _differing(self, kind: api.Kind) -> set[int]:
        source = {stamp.number: stamp for stamp in self._stamps(kind)}
        with self._run.context.database.session() as session:
            stored = standing.stored_stamps(session, self._run.repo_id, kind)
        self._source_counts = {**self._source_counts, kind: len(source)}
        self.told |= _children(kind, source.values())
        return {number for number in source.keys() | stored.keys() if source.get(number) != stored.get(number)}

    def _stamps(self, kind: api.Kind) -> Iterable[Stamp]:
        for page in api.sweep(self._run.client, self._run.state.owner.login, self._run.state.name, kind):
            self._run.go_on()
            yield from page.items

    def counts(self) -> dict[str, list[int]]:
        """How many items GitHub has and how many are stored, by kind."""
        with self._run.context.database.session() as session:
            return {
                kind: [count, standing.stored_count(session, self._run.repo_id, kind)]
                for kind, count in self._source_counts.items()
            }


def _children(kind: api.Kind, stamps: Collection[Stamp]) -> dict[CountedKind, int]:
    comments = sum(stamp.comments for stamp in stamps)
    if kind == "issues":
        return {CountedKind.ISSUE_COMMENTS: comments}
    return {CountedKind.PR_COMMENTS: comments, CountedKind.REVIEWS: sum(stamp.reviews for stamp in stamps)}
