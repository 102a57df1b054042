"""``run_boost_github_activity_tracker``: everything GitHub has of the Boost repositories.

Commits come from clones and need no token; repositories, issues, pull requests and accounts come from the API.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pydantic import Field

from boost_collectors.core import checkpoints
from boost_collectors.core.collectors import BaseCollectorCommand, Unit, UnitCollector
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import CommandError, RateLimited, TransientError
from boost_collectors.core.git_hosting import Hosting, submodule_key
from boost_collectors.core.github import GitHubClient, can_read
from boost_collectors.core.protocols import TrackerResult
from boost_collectors.core.window import WindowMode
from boost_collectors.core.workspace import strict_segment
from boost_collectors.github_activity_tracker import catalogue, export, planning, services
from boost_collectors.github_activity_tracker.activity import collect_activity
from boost_collectors.github_activity_tracker.catalogue import Catalogue
from boost_collectors.github_activity_tracker.history import RepositoryHistory
from boost_collectors.github_activity_tracker.options import ActivityOptions
from boost_collectors.github_activity_tracker.records import RepositoryState
from boost_collectors.github_activity_tracker.repository_run import RepositoryRun
from boost_collectors.github_activity_tracker.repository_state import store_state
from boost_collectors.github_activity_tracker.source import (
    SUPERPROJECT,
    Clone,
    read_whole,
)
from boost_collectors.github_activity_tracker.staged import StagedIntake, import_staged

EXPORT_FOLDER = ("boost_library_tracker", "md_export")
"""Where Markdown is written in the workspace when it is not pushed."""


class BoostGithubActivityOptions(ActivityOptions):
    """The command's own flags."""

    from_repo: str = Field("", description="Start at this repository of the list, by name.")
    from_library: str = Field("", description="Old name of --from-repo.")


class BoostGithubActivityCommand(BaseCollectorCommand):
    """Collect commits, issues, pull requests and accounts of the Boost repositories."""

    options = BoostGithubActivityOptions

    def get_collector(self, **options: Any) -> BoostGithubActivityCollector:
        return BoostGithubActivityCollector(self.context, BoostGithubActivityOptions(**options))


class BoostGithubActivityCollector(UnitCollector):
    """One unit per repository: those of the organisation and the submodules of the superproject.

    Without a token only commits are read. The repository that was read longest ago comes first, so that a quota that
    is not enough for all of them is spent on it; those that are left keep their place for the next run.
    """

    def __init__(self, context: RunContext, options: BoostGithubActivityOptions | None = None) -> None:
        super().__init__(context)
        self._options = options or BoostGithubActivityOptions()
        self._markdown = export.ExportPhase(context, self._options, export.boost_target, EXPORT_FOLDER)
        self._refreshed: dict[str, int] = {}
        self._catalogue = Catalogue([])
        self._client: GitHubClient | None = None
        self._spent: RateLimited | None = None

    def validate_config(self) -> None:
        strict_segment(self._owner, "BOOST_GITHUB_OWNER")
        settings = self.context.settings
        self._markdown.require_token(
            settings.boost_library_tracker_repo_owner, settings.boost_library_tracker_repo_name
        )

    def plan(self) -> Sequence[Unit]:
        with self.context.database.session() as session:
            stored = services.commit_counts(session)
            cursors = checkpoints.load_all(session, self.context.command)
        if self._options.skip_github_sync:
            return [Unit(key) for key in stored]
        with self._connected() as client:
            self._catalogue = self._listed(client, list(stored))
            points = self._planned(client, cursors)
        units = [Unit(key, cost=1.0 + stored.get(key, 0) + 100 * points.get(key, 0)) for key in self._catalogue.keys]
        places = {key: place for place, key in enumerate(points)}
        return sorted(units, key=lambda unit: places.get(unit.key, len(places)))

    def collect(self) -> TrackerResult:
        self._spent = None
        with self._connected() as client:
            self._client = client
            try:
                result = super().collect()
            finally:
                self._client = None
            result = export.with_counts(result, client.counts() if client else {})
        return self._markdown.after(result)

    def collect_unit(self, unit: Unit) -> Counts:
        if self._options.skip_github_sync:
            return Counts()
        if unit.key in self._catalogue.missing:
            return self._gone(unit.key)
        if unit.key in self._catalogue.unread:
            raise TransientError(f"GitHub could not show {unit.key}: {self._catalogue.unread[unit.key]}")
        state = self._catalogue.states.get(unit.key)
        clone = self._clone(state.key if state else unit.key)
        return self._look(clone) if self.context.dry_run else self._collect(unit, clone, state)

    def _collect(self, unit: Unit, clone: Clone, state: RepositoryState | None) -> Counts:
        counts = Counts()
        repo_id = self._store_state(state, counts) if state else None
        owner, _, name = clone.key.partition("/")
        counts += import_staged(StagedIntake(self.context, owner, name))
        self._collect_history(clone, counts)
        if self._client is None or state is None or repo_id is None:
            counts.add("api_skipped")
        else:
            self._collect_activity(unit, RepositoryRun(self.context, self._client, state, repo_id, counts))
        return counts

    def _store_state(self, state: RepositoryState, counts: Counts) -> int:
        return store_state(
            self.context, state, counts, lambda former, key: self._clone(key).take_over(self._clone(former))
        )

    def _collect_history(self, clone: Clone, counts: Counts) -> None:
        fetched = self._refreshed.pop(clone.key, None)
        read_whole(clone, counts, lambda: RepositoryHistory(self.context, clone, counts).collect(), fetched=fetched)

    def _collect_activity(self, unit: Unit, run: RepositoryRun) -> None:
        """A spent quota ends the API part of this repository and of those after it; git needs none and goes on."""
        try:
            if self._spent is None:
                collect_activity(run)
                return
        except RateLimited as exc:
            self.context.log.warning("The quota is spent; %s and what follows wait until %s", run.key, exc.retry_at)
            self._spent = exc
        assert self._spent is not None
        run.counts.add("units_left")
        self.failures[unit.key] = self._spent

    def _gone(self, key: str) -> Counts:
        counts = Counts()
        counts.add("repositories_gone")
        self.context.log.info("%s does not exist at GitHub (any more)", key)
        if not self.context.dry_run:
            owner, _, name = key.partition("/")
            with self.context.database.session() as session:
                services.mark_repository_gone(session, owner, name, self.context.clock())
        return counts

    def _listed(self, client: GitHubClient | None, stored: list[str]) -> Catalogue:
        only = self.context.only
        named = self._submodules()
        if client is None:
            self.context.log.warning("No GitHub token is set: commits are read, issues and pull requests are not")
            return self._started(Catalogue(named))
        if only and set(only) <= {*named, *stored}:
            return catalogue.some(client, only)
        return self._started(catalogue.whole(client, self._owner, named))

    def _started(self, found: Catalogue) -> Catalogue:
        """The catalogue from ``--from-repo`` on. Raises CommandError for a name that is not in it."""
        start = self._options.from_repo or self._options.from_library
        if start:
            places = [place for place, key in enumerate(found.keys) if start in (key, key.partition("/")[2])]
            if not places:
                raise CommandError(f"--from-repo: there is no repository {start!r} among {len(found.keys)}")
            found.keys = found.keys[places[0] :]
        return found

    def _planned(self, client: GitHubClient | None, cursors: planning.Cursors) -> dict[str, int]:
        """The points each repository will take, the one to be read first coming first."""
        if client is None:
            return {}
        full = self.context.window.mode is WindowMode.FULL
        states = self._catalogue.states
        estimates = [
            planning.estimate(key, states[key], cursors, full=full) for key in self._catalogue.keys if key in states
        ]
        order = planning.stalest_first(estimates)
        quota = client.quota("graphql")
        needed, fit = sum(one.points for one in order), planning.fitting(order, quota.remaining)
        self.counts.add("points_planned", needed)
        self.context.log.info(
            "%d repositories need about %d points, %d are left: enough for %d of them",
            *(len(order), needed, quota.remaining, fit),
        )
        return {one.key: one.points for one in order}

    def _submodules(self) -> list[str]:
        clone = self._clone(f"{self._owner}/{SUPERPROJECT}")
        # A run of some units was planned by one that looked at the remote: many of them start at the same moment.
        if not (self.context.only and clone.exists):
            self._refreshed[clone.key] = clone.refresh()
        keys = {clone.key: None}
        for url in clone.submodules():
            key = submodule_key(url, clone.key, self._hosting)
            if key is None:
                self.context.log.warning("Submodule %s of %s is hosted elsewhere: not collected", url, clone.key)
            else:
                keys[key] = None
        return list(keys)

    def _look(self, clone: Clone) -> Counts:
        """What a run would read, without reading it."""
        counts = Counts()
        owner, _, name = clone.key.partition("/")
        with self.context.database.session() as session:
            known = services.live_refs(session, owner, name)
        tips = clone.remote_refs().tips
        counts.add("refs_to_read", sum(known.get(ref) != tip for ref, tip in tips.items()))
        return counts

    @contextmanager
    def _connected(self) -> Iterator[GitHubClient | None]:
        """The API's client: the run's, one of its own for a plan alone, None without a token."""
        if self._client is not None or self._options.skip_github_sync or not can_read(self.context.settings):
            yield self._client
            return
        with GitHubClient.from_context(self.context) as client:
            yield client

    @property
    def _owner(self) -> str:
        return self.context.settings.boost_github_owner

    @property
    def _hosting(self) -> Hosting:
        return Hosting.of(self.context.settings)

    def _clone(self, key: str) -> Clone:
        return Clone(self.context.workspace, key, self._hosting, self.context.stop)
