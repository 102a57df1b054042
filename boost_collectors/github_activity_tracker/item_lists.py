"""Reading a repository's issues and pull requests in order of update.

Issues are read oldest update first: one that is touched meanwhile moves to the end and is met again. Pull requests
cannot be limited by time; they are read that way the first time only, later newest first until what is stored already.
One that is touched while it waits at the end of that reading moves to its front; so a reading of more than one page
is followed by another one, and what even that misses lies behind the watermark of the next run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from boost_collectors.core.errors import SourceError
from boost_collectors.github_activity_tracker.api import items as api
from boost_collectors.github_activity_tracker.api import queries
from boost_collectors.github_activity_tracker.api.pages import Page, PageSize
from boost_collectors.github_activity_tracker.cursors import ListCursor, Walk, looks, may_hide_changes
from boost_collectors.github_activity_tracker.repository_run import RepositoryRun

MOST_READINGS = 5
"""How often a list that keeps changing is read in one run."""

PAGE_SIZES: dict[api.Kind, int] = {"issues": queries.ISSUES_PAGE, "pulls": queries.PULLS_PAGE}


class ItemList:
    """One of a repository's two lists. ``source_count`` is how many items GitHub said it has, once a page was read."""

    def __init__(self, run: RepositoryRun, kind: api.Kind) -> None:
        self._run = run
        self._kind = kind
        self.source_count = run.state.issue_count if kind == "issues" else run.state.pull_count

    def advance(self) -> None:
        """Store what is new since the checkpoint, moving it page by page. A list that looks as before costs nothing."""
        cursor = self._load()
        if self._run.full:
            cursor = replace(cursor, watermark=None, walk=None)
        elif cursor.walk is None and self._looks_read(cursor):
            self._run.counts.add("lists_unchanged")
            return
        for _ in range(MOST_READINGS):
            cursor, again = self._read_on(cursor)
            if not again:
                return

    def reread_window(self) -> int:
        """Store the items updated in the run's window; how many there are. No checkpoint is read or moved."""
        window = self._run.context.window
        walk = Walk(since=window.since)
        met: set[int | None] = set()
        for page in self._pages(walk, self._size(ListCursor())):
            self._run.go_on()
            items = [item for item in page.items if item.updated_at is None or window.contains(item.updated_at)]
            self._run.store(items, page.unread)
            met.update(item.number for item in (*items, *page.unread))
            last = page.items[-1].updated_at if page.items else None
            if window.until and last and last >= window.until and not self._newest_first(walk):
                break
        return len(met)

    def lag(self) -> timedelta:
        """How much later GitHub's newest update is than what is stored without a gap; nought where neither is known."""
        cursor, now = self._load(), self._run.context.clock()
        first = cursor.walk is not None and cursor.walk.since is None
        stored = cursor.walk.newest if cursor.walk is not None and first else cursor.watermark
        stamps = self._run.state.newest_issues if self._kind == "issues" else self._run.state.newest_pulls
        known = [stamp.updated_at for stamp in stamps if stamp.updated_at and stamp.updated_at <= now]
        return max(timedelta(), max(known) - stored) if known and stored else timedelta()

    def _load(self) -> ListCursor:
        with self._run.context.database.session() as session:
            return ListCursor.load(session, *self._run.unit(self._kind))

    def _looks_read(self, cursor: ListCursor) -> bool:
        state, now = self._run.state, self._run.context.clock()
        return cursor.seen == looks(state, self._kind) and not may_hide_changes(state, self._kind, now)

    def _newest_first(self, walk: Walk) -> bool:
        return self._kind == "pulls" and walk.since is not None

    def _read_on(self, cursor: ListCursor) -> tuple[ListCursor, bool]:
        """One reading to the end. Returns the cursor then, and whether another reading should follow."""
        try:
            return self._walk(cursor)
        except SourceError as exc:
            if cursor.walk is None:
                raise
            self._run.context.log.warning("%s: the list is read from its start: %s", self._run.key, exc)
            return self._walk(replace(cursor, walk=None))

    def _walk(self, cursor: ListCursor) -> tuple[ListCursor, bool]:
        walk = cursor.walk or Walk(since=cursor.since, newest=cursor.watermark)
        pages = int(cursor.walk is not None)
        size = self._size(cursor)
        with self._run.context.progress.task(f"{self._run.key} {self._kind}", total=None) as task:
            for page in self._pages(walk, size):
                self._run.go_on()
                pages += 1
                walk = self._behind(page, walk)
                cursor = replace(cursor, walk=walk, page_size=size.size)
                if not page.has_next:
                    seen = looks(self._run.state, self._kind)
                    cursor = replace(cursor, watermark=walk.newest, walk=None, seen=seen)
                self._store(page, cursor, whole=walk.since is None)
                task.advance(len(page.items))
        return cursor, self._newest_first(walk) and pages > 1

    def _behind(self, page: Page[Any], walk: Walk) -> Walk:
        now: datetime = self._run.context.clock()
        met = walk.met((item.updated_at for item in page.items), now)
        return replace(met, after=page.cursor or walk.after)

    def _store(self, page: Page[Any], cursor: ListCursor, *, whole: bool) -> None:
        unit = self._run.unit(self._kind)
        # The total of a list of issues since some time counts those only.
        if whole or self._kind == "pulls":
            self.source_count = page.total_count
        self._run.counts.add(f"{self._kind}_pages")
        self._run.store(page.items, page.unread, lambda session: cursor.save(session, *unit))

    def _size(self, cursor: ListCursor) -> PageSize:
        return PageSize.remembered(cursor.page_size, PAGE_SIZES[self._kind])

    def _pages(self, walk: Walk, size: PageSize) -> Iterator[Page[Any]]:
        client, owner, name = self._run.client, self._run.state.owner.login, self._run.state.name
        read: Any = api.issues if self._kind == "issues" else api.pull_requests
        pages: Iterator[Page[Any]] = read(client, owner, name, since=walk.since, after=walk.after, size=size)
        return pages
