"""Finding review comments that were deleted from a thread that still exists: no time and no other count tells of it.

GitHub tells how many review comments a repository has for one request. Only where that is another number than is
stored are their ids asked for, a hundred a request.
"""

from __future__ import annotations

from boost_collectors.core import checkpoints
from boost_collectors.github_activity_tracker import services
from boost_collectors.github_activity_tracker.api import comments as api
from boost_collectors.github_activity_tracker.models import CountedKind
from boost_collectors.github_activity_tracker.repository_run import RepositoryRun
from boost_collectors.github_activity_tracker.services import standing
from boost_collectors.github_activity_tracker.upkeep import Wanted, refetch

MOST_LISTED = 100_000
"""Up to how many review comments a repository may have for their ids to be compared: a thousand requests."""

KIND = CountedKind.REVIEW_COMMENTS


class ReviewCommentCheck:
    """Comparing a repository's review comments with the stored ones, by number and, if need be, by id."""

    def __init__(self, run: RepositoryRun) -> None:
        self._run = run
        self._unit = run.unit("review-comments")
        self._owner, self._name = run.state.owner.login, run.state.name
        self.told: dict[CountedKind, int] = {}
        """How many GitHub has, once asked."""

    def compare(self) -> None:
        """Ask for the number; where it differs, read again the pull requests whose comments do.

        What stayed different the last time, by the same numbers, is left alone.
        """
        if not self._run.state.pull_count:
            self.told = {KIND: 0}
            return
        source = api.review_comment_count(self._run.client, self._owner, self._name)
        if source is None:
            return
        self.told = {KIND: source}
        with self._run.context.database.session() as session:
            known = (checkpoints.load(session, *self._unit) or {}).get("counts")
        if self._counts(source) not in ([source, source], known):
            self._mend(source)

    def _mend(self, source: int) -> None:
        if source > MOST_LISTED:
            self._run.context.log.warning(
                "%s has %d review comments, %d are stored; --mode full reads them again",
                self._run.key,
                *self._counts(source),
            )
        else:
            refetch(self._run, Wanted(pulls=self._differing()))
        left = self._counts(source)
        with self._run.context.database.session() as session:
            checkpoints.save(session, *self._unit, {"counts": left})

    def _differing(self) -> set[int]:
        """The numbers of the pull requests that have other review comments than are stored of them."""
        found = {
            place.id: place.number for place in api.review_comment_places(self._run.client, self._owner, self._name)
        }
        with self._run.context.database.session() as session:
            stored = standing.review_comment_places(session, self._run.repo_id)
        return {(found.get(id) or stored[id]) for id in found.keys() ^ stored.keys()}

    def _counts(self, source: int) -> list[int]:
        with self._run.context.database.session() as session:
            return [source, services.stored_counts(session, self._run.repo_id, [KIND])[KIND]]
