"""Reading a subreddit's listings, newest first, down to where they are wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import NetworkError, TransientError
from boost_collectors.reddit_activity_tracker.intake import Intake, Keep
from boost_collectors.reddit_activity_tracker.records import COMMENT, SUBMISSION, Thing, number_of
from boost_collectors.reddit_activity_tracker.source import PAGE_SIZE, RedditApi

LISTED_WHOLE = 500
"""A listing that ends after fewer items holds all there is; Reddit cuts others at about 1000, those removed counted."""
_PLACES = {SUBMISSION: "new", COMMENT: "comments"}


@dataclass(frozen=True, slots=True)
class Goal:
    """Down to where a listing is to be read.

    Things up to number ``head`` are stored; those written before ``since``, in seconds since 1970, are too old. With
    both, until both are reached; with neither, to the end.
    """

    head: int | None = None
    since: int | None = None

    def is_reached(self, number: int, created: int) -> bool:
        """True if nothing older than such a thing is wanted."""
        bounds = []
        if self.head is not None:
            bounds.append(number <= self.head)
        if self.since is not None:
            bounds.append(created < self.since)
        return bool(bounds) and all(bounds)


@dataclass(frozen=True, slots=True)
class Listed:
    """How far a listing was read: to its goal or not, how many things, the numbers of the oldest and the youngest."""

    reached: bool = False
    count: int = 0
    oldest: int = 0
    oldest_at: int = 0
    youngest: int = 0

    @property
    def is_cut(self) -> bool:
        """True if Reddit ended the listing before its goal."""
        return not self.reached and self.count >= LISTED_WHOLE

    def further(self, things: Sequence[Thing], goal: Goal) -> Listed:
        """The same with one more page."""
        counted = replace(self, count=self.count + len(things))
        places = [place for thing in things if (place := _place(thing))]
        if not places:
            return counted
        oldest, oldest_at = min(places)
        youngest = max(self.youngest, max(places)[0])
        reached = goal.is_reached(oldest, oldest_at)
        return replace(counted, reached=reached, oldest=oldest, oldest_at=oldest_at, youngest=youngest)


CursorAt = Callable[[Listed], Mapping[str, Any] | None]


class ListingReader:
    """Of one subreddit. Each page is stored in a transaction of its own."""

    def __init__(self, context: RunContext, api: RedditApi, intake: Intake, subreddit: str) -> None:
        self._context, self._api, self._intake, self._subreddit = context, api, intake, subreddit

    def read(self, kind: str, goal: Goal, *, keep: Keep | None = None, cursor: CursorAt | None = None) -> Listed:
        """Read a listing of things of a kind. ``cursor``: what to save with the last page.

        Raises NetworkError when a listing of several pages ends before it comes to what is known to be there: that is
        what happens when the thing that a page goes on after vanishes in between.
        """
        listed = Listed()
        for page in self._api.listing(self._subreddit, _PLACES[kind], kind):
            if self._context.stop.is_set():
                raise TransientError(f"asked to stop while reading r/{self._subreddit}")
            listed = listed.further(page.things, goal)
            done = page.is_last or listed.reached
            if done and goal.head and listed.oldest > goal.head and PAGE_SIZE < listed.count < LISTED_WHOLE:
                raise NetworkError(f"r/{self._subreddit}/{_PLACES[kind]} ends after {listed.count} things")
            self._intake.take(page.things, keep=keep, cursor=cursor(listed) if cursor and done else None)
            if done:
                break
        return listed


def _place(thing: Thing) -> tuple[int, int] | None:
    """The number of a thing and when it was written; None for what cannot be read."""
    data = thing.get("data")
    if not isinstance(data, Mapping):
        return None
    try:
        return number_of(str(data["name"])), int(data["created_utc"])
    except (TypeError, KeyError, ValueError):
        return None
