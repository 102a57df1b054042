"""Finding repositories to scan: what is searched, what of it waits, and what GitHub's code search knows of them.

Every span of days is committed as it was read, with the checkpoint behind it: a run that is cut off goes on there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from boost_collectors.boost_usage_tracker import services, source
from boost_collectors.boost_usage_tracker.options import CONTENT, STARS, BoostUsageOptions, chosen_days
from boost_collectors.boost_usage_tracker.records import SearchResult
from boost_collectors.boost_usage_tracker.search import DAY, FIRST_DAY, find_by_spans
from boost_collectors.boost_usage_tracker.services import Tracked
from boost_collectors.boost_usage_tracker.source import Days, Found, RepositoryQuery
from boost_collectors.core import checkpoints
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import NotFoundError, PermanentError, RateLimited, TransientError
from boost_collectors.core.window import WindowMode
from boost_collectors.github_activity_tracker import services as github
from boost_collectors.github_activity_tracker.sync_api import repository_states

if TYPE_CHECKING:
    from boost_collectors.core.github import GitHubClient, RestAnswer

OWN_OWNER = "boostorg/"
"""Boost's own repositories: they use it, but not from outside."""

SHOWN = 20
"""How many repositories a dry run names."""

LOOK_BACK = timedelta(days=1)
"""Days searched again each time: GitHub's index is late now and then."""

DRY_STARS = timedelta(days=30)


SEARCH = "search:"
"""What the key of a search begins with; no repository's name does."""


def _key(field: str, days: Days) -> str:
    return f"{SEARCH}{field}:{days[0]}..{days[1]}"


class PatientClient:
    """GitHub's client that waits for a search quota that comes back within a minute or so, instead of giving up."""

    def __init__(self, client: GitHubClient, context: RunContext) -> None:
        self._client, self._context = client, context

    def rest(self, path: str, *, params: Mapping[str, Any] | None = None) -> RestAnswer:
        """GET; raises RateLimited only where the wait is longer than HTTP_MAX_WAIT_SECONDS."""
        while True:
            try:
                return self._client.rest(path, params=params)
            except RateLimited as limit:
                wait = (limit.retry_at - self._context.clock()).total_seconds()
                if wait > self._context.settings.http_max_wait_seconds:
                    raise
                self._context.log.info("Waiting %.0f s for GitHub's search", wait)
                if self._context.stop.wait(max(wait, 0)):
                    raise TransientError("stopped while waiting for GitHub's search") from limit


class Finder:
    """One run's search. ``found`` is what waits because of it; ``errors`` are the searches that GitHub did not answer,
    by the keys that ``repeat`` takes."""

    def __init__(self, context: RunContext, client: GitHubClient, options: BoostUsageOptions) -> None:
        self._context, self._client, self._options = context, client, options
        self._patient = PatientClient(client, context)
        self._today = context.clock().astimezone(UTC).date()
        self.counts = Counts()
        self.errors: dict[str, PermanentError] = {}
        self.found: dict[str, SearchResult] = {}

    def monitor_content(self) -> None:
        """Let the repositories wait that were pushed on the days in question."""
        days = self._push_days()
        moves = self._context.window.moves_checkpoint and chosen_days(self._options, self._today) is None
        standing = True
        for span, found in self._search(RepositoryQuery("pushed", days, self._options.min_stars)):
            results = [one for one in found.repositories.values() if self._in_window(one)]
            standing = standing and found.complete
            self._queue(results, {"until": span[1].isoformat()} if moves and standing else None)
        self._tell(CONTENT, list(self.found.values()))

    def monitor_stars(self) -> None:
        """Bring the stars of tracked repositories up to date, and let those wait that are not tracked yet."""
        tracked = self._tracked()
        by_id = {one.github_id: one for one in tracked if one.github_id is not None}
        by_name = {one.full_name.lower(): one for one in tracked}
        seen: set[int] = set()
        changed: dict[int, int] = {}
        query = RepositoryQuery("created", self._creation_days(), self._options.min_stars)
        for _, found in self._search(query):
            fresh = []
            for result in found.repositories.values():
                known = by_id.get(result.github_id) or by_name.get(result.full_name.lower())
                if known is None or self._context.window.mode is WindowMode.FULL:
                    fresh.append(result)
                if known is not None:
                    seen.add(known.id)
                    changed |= {known.id: result.stars} if known.stars != result.stars else {}
            self._queue(fresh, None)
        self._store_stars(changed)
        self._refresh([one for one in tracked if one.id not in seen])
        self._tell(STARS, list(self.found.values()))

    def repeat(self, key: str) -> None:
        """Search again what failed. Raises what GitHub answers if it fails again."""
        field, _, days = key.removeprefix(SEARCH).partition(":")
        first, _, last = days.partition("..")
        span = date.fromisoformat(first), date.fromisoformat(last)
        self.errors = {}
        for _, found in self._search(RepositoryQuery(field, span, self._options.min_stars)):
            self._queue([one for one in found.repositories.values() if self._in_window(one)], None)
        for error in self.errors.values():
            raise error

    def ask_code_search(self) -> None:
        """Ask GitHub's index which of the waiting repositories include Boost, as long as its quota lasts.

        Of the others, and of those that are known to use Boost, git will tell.
        """
        with self._context.database.session() as session:
            used = {one.full_name for one in services.tracked_repositories(session) if one.is_boost_used}
            names = iter([name for name in services.unhinted(session) if name not in used])
        while chunk := list(islice(names, source.REPOSITORIES_PER_QUERY)):
            try:
                hints = source.hinted(self._client, chunk)
            except RateLimited as limit:
                self._context.log.info("Code search is spent until %s: git looks into the others", limit.retry_at)
                return
            with self._context.database.session() as session:
                services.store_hints(session, hints)
            self.counts.add("hints", len(hints))

    def named(self, name: str) -> SearchResult | None:
        """A repository that somebody asked for by name; None if GitHub has no such one."""
        try:
            return source.search_result(self._client.rest(f"/repos/{name}").data)
        except NotFoundError:
            return None

    def _push_days(self) -> Days:
        window = self._context.window
        if window.mode is WindowMode.BACKFILL:
            first = window.since.astimezone(UTC).date() if window.since else FIRST_DAY
            last = window.until.astimezone(UTC).date() if window.until else self._today
            return max(first, FIRST_DAY), min(last, self._today + DAY)
        chosen = chosen_days(self._options, self._today)
        if chosen:
            return chosen
        with self._context.database.session() as session:
            stored = checkpoints.load(session, self._context.command, CONTENT)
        stands = date.fromisoformat(stored["until"]) if stored else self._today
        return min(stands, self._today) - LOOK_BACK, self._today

    def _creation_days(self) -> Days:
        is_look = self._context.dry_run and self._options.task == STARS
        return (self._today - DRY_STARS if is_look else FIRST_DAY), self._today

    def _in_window(self, result: SearchResult) -> bool:
        window = self._context.window
        pushed = result.pushed_at or datetime.combine(FIRST_DAY, time(), UTC)
        return not ((window.since and pushed < window.since) or (window.until and pushed >= window.until))

    def _search(self, query: RepositoryQuery) -> Iterator[tuple[Days, Found]]:
        """The spans of the query's days with what was found there."""
        for days, found in find_by_spans(self._patient, query, self._today):
            self.counts.add("repositories_found", len(found.repositories))
            if not found.complete:
                self.counts.add("searches_incomplete")
                self._context.log.warning("GitHub did not show all of %s %s..%s", query.field, *days)
            for error in found.errors:
                self.errors[_key(query.field, days)] = error
            yield days, found

    def _queue(self, results: Sequence[SearchResult], cursor: Mapping[str, Any] | None) -> None:
        outside = [one for one in results if not one.full_name.lower().startswith(OWN_OWNER)]
        self.found |= {one.full_name: one for one in outside}
        if self._context.dry_run:
            return
        with self._context.database.session() as session:
            self.counts.add("candidates_queued", services.queue_candidates(session, outside))
            if cursor is not None:
                checkpoints.save(session, self._context.command, CONTENT, cursor)

    def _tracked(self) -> list[Tracked]:
        with self._context.database.session() as session:
            return services.tracked_repositories(session)

    def _store_stars(self, changed: Mapping[int, int]) -> None:
        self.counts.add("stars_changed", len(changed))
        if changed and not self._context.dry_run:
            with self._context.database.session() as session:
                github.bulk_update_repository_stars(session, changed)

    def _refresh(self, unseen: Sequence[Tracked]) -> None:
        """Ask for tracked repositories that no search shows: few stars, another name, or gone."""
        if not unseen or self._context.dry_run:
            return
        states = repository_states(self._client, [one.full_name for one in unseen])
        now = self._context.clock()
        with self._context.database.session() as session:
            for one in unseen:
                if one.full_name in states.missing:
                    owner, _, name = one.full_name.partition("/")
                    self.counts.add("repositories_gone", github.mark_repository_gone(session, owner, name, now))
                    self.counts.add("usages_excepted", services.except_repository(session, one.id, now.date()))
                elif one.full_name in states.states:
                    self.counts += github.store_repository(session, states.states[one.full_name], now)[1]

    def _tell(self, task: str, results: Sequence[SearchResult]) -> None:
        """What a dry run says instead of writing."""
        if not self._context.dry_run:
            return
        log = self._context.log
        for one in results[:SHOWN]:
            log.info("%s would scan %s (%d)", task, one.full_name, one.stars)
        if len(results) > SHOWN:
            log.info("%s: and %d more", task, len(results) - SHOWN)
