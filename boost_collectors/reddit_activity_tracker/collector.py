"""``run_reddit_activity_tracker``: submissions and whole trees of comments, one unit per subreddit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from boost_collectors.core.collectors import BaseCollectorCommand, Unit, UnitCollector
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import ConfigurationError
from boost_collectors.core.options import Options
from boost_collectors.core.window import WindowMode
from boost_collectors.reddit_activity_tracker.credentials import Credentials
from boost_collectors.reddit_activity_tracker.importing import UNIT as IMPORT
from boost_collectors.reddit_activity_tracker.importing import ArchiveImport, archive_files
from boost_collectors.reddit_activity_tracker.source import RedditApi
from boost_collectors.reddit_activity_tracker.walk import SubredditWalk


class RedditActivityTracker(UnitCollector):
    """A subreddit that is private, banned or broken costs no other its data."""

    def validate_config(self) -> None:
        if not self.context.settings.reddit_subreddits:
            raise ConfigurationError("REDDIT_SUBREDDITS names no subreddit")
        Credentials(self.context).check()

    def plan(self) -> Sequence[Unit]:
        """A unit for the archives to import, if there are any, and one for each subreddit."""
        names = dict.fromkeys(name.lower() for name in self.context.settings.reddit_subreddits)
        units = [Unit(name, label=f"r/{name}") for name in names]
        if self.context.window.mode is not WindowMode.BACKFILL and archive_files(self.context):
            units.insert(0, Unit(IMPORT, label="archives"))
        return units

    def collect_unit(self, unit: Unit) -> Counts:
        if self.context.dry_run:
            window = self.context.window
            self.context.log.info("DRY RUN: would read %s, %s %s", unit.label, window.mode, window.since or "")
        elif unit.key == IMPORT:
            ArchiveImport(self.context, self.counts).run()
        else:
            SubredditWalk(self.context, self._api, unit.key, self.counts).run()
        return Counts()

    @cached_property
    def _api(self) -> RedditApi:
        return RedditApi(self.context)


class RedditActivityCommand(BaseCollectorCommand):
    options = Options

    def get_collector(self, **_: Any) -> RedditActivityTracker:
        return RedditActivityTracker(self.context)
