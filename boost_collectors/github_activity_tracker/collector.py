"""``run_boost_github_activity_tracker``: the history of the Boost repositories, from their clones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from boost_collectors.core.collectors import BaseCollectorCommand, Unit, UnitCollector
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.git import GitError
from boost_collectors.core.workspace import strict_segment
from boost_collectors.github_activity_tracker import services
from boost_collectors.github_activity_tracker.history import RepositoryHistory
from boost_collectors.github_activity_tracker.source import SUPERPROJECT, Clone, Hosting, submodule_key


class BoostGithubActivityCommand(BaseCollectorCommand):
    """Collect commits, files and authors of the Boost repositories."""

    def get_collector(self, **_options: Any) -> BoostGithubActivityCollector:
        return BoostGithubActivityCollector(self.context)


class BoostGithubActivityCollector(UnitCollector):
    """One unit per repository: the superproject, then the submodules that its default branch names."""

    def __init__(self, context: RunContext) -> None:
        super().__init__(context)
        self._refreshed: dict[str, int] = {}

    def validate_config(self) -> None:
        strict_segment(self.context.settings.boost_github_owner, "BOOST_GITHUB_OWNER")

    def plan(self) -> Sequence[Unit]:
        with self.context.database.session() as session:
            stored = services.commit_counts(session)
        return [Unit(key, cost=1.0 + stored.get(key, 0)) for key in self._keys()]

    def collect_unit(self, unit: Unit) -> Counts:
        clone = self._clone(unit.key)
        if self.context.dry_run:
            return self._look(clone)
        counts = Counts()
        fetches = self._refreshed.pop(unit.key, None)
        counts.add("git_fetches", clone.refresh() if fetches is None else fetches)
        try:
            RepositoryHistory(self.context, clone, counts).collect()
        except GitError as exc:
            self.context.log.warning("The clone of %s cannot be read and is made anew: %s", unit.key, exc)
            counts.add("git_fetches", clone.renew())
            RepositoryHistory(self.context, clone, counts).collect()
        return counts

    def _keys(self) -> list[str]:
        clone = self._clone(f"{self.context.settings.boost_github_owner}/{SUPERPROJECT}")
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

    @property
    def _hosting(self) -> Hosting:
        settings = self.context.settings
        token = settings.github_tokens_scraping[0] if settings.github_tokens_scraping else ""
        return Hosting.at(settings.github_git_url, token)

    def _clone(self, key: str) -> Clone:
        return Clone(self.context.workspace, key, self._hosting, self.context.stop)
