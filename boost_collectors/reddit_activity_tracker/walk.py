"""One run over one subreddit: what of its listings, trees and stored things to read.

The cursor of a subreddit holds

``submissions``, ``comments``  the number of the youngest of each that was seen when all up to it was stored.
``since``    when the first submissions were written that the first run read; younger ones have whole trees.
``reread``   ``at``: when the last days were last read again, by our clock; while that goes on also ``kind``, ``after``
             (a row) and ``since``: where it stands.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from boost_collectors.core import checkpoints
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import SourceError
from boost_collectors.core.utils.datetime_parsing import format_utc_z
from boost_collectors.core.window import WindowMode
from boost_collectors.reddit_activity_tracker import services
from boost_collectors.reddit_activity_tracker.intake import Intake
from boost_collectors.reddit_activity_tracker.listing import Goal, Listed, ListingReader
from boost_collectors.reddit_activity_tracker.records import COMMENT, SUBMISSION, Record
from boost_collectors.reddit_activity_tracker.reread import Rereading
from boost_collectors.reddit_activity_tracker.source import RedditApi
from boost_collectors.reddit_activity_tracker.tree import TreeReader

COMMENTABLE = timedelta(days=180)
"""Reddit archives what is older: it gets no comments any more."""
_HEADS = {SUBMISSION: "submissions", COMMENT: "comments"}
_LOST = "Reddit does not list them any more; archives can be imported, see docs/sources/reddit.md"

Cursor = dict[str, Any]


class SubredditWalk:
    """Reads one subreddit as the run's window asks. Each page is a transaction, the last one with the cursor."""

    def __init__(self, context: RunContext, api: RedditApi, subreddit: str, counts: Counts) -> None:
        self._context, self._subreddit, self._counts = context, subreddit, counts
        self._intake = Intake(context, api, subreddit, counts)
        self._listings = ListingReader(context, api, self._intake, subreddit)
        self._trees = TreeReader(context, api, self._intake, counts)
        self._rereading = Rereading(context, api, self._intake, subreddit, counts)
        self._problems: list[str] = []
        self._now = context.clock()
        with context.database.session() as session:
            self._cursor: Cursor = checkpoints.load(session, context.command, subreddit) or {}

    def run(self) -> None:
        """Read, store, and count what was done. Raises SourceError at the end that names what could not be had."""
        match self._context.window.mode:
            case WindowMode.BACKFILL:
                self._read_window()
            case WindowMode.FULL:
                self._read_everything()
            case WindowMode.INCREMENTAL:
                self._read_news()
        self._intake.raise_failures()
        if self._problems:
            raise SourceError("; ".join(self._problems))

    def _read_news(self) -> None:
        lookback = timedelta(days=self._context.settings.reddit_default_lookback_days)
        self._cursor.setdefault("since", _seconds(self._now - lookback))
        self._cursor.setdefault("reread", {"at": self._now.isoformat()})
        due = self._rereading.is_due(self._cursor["reread"], self._now)
        self._catch_up(SUBMISSION, recent=self._rereading.recent(self._now) if due else None)
        self._catch_up(COMMENT)
        self._cursor["reread"] = self._rereading.run(self._cursor, self._now, due=due)
        self._read_trees(self._cursor["since"])

    def _catch_up(self, kind: str, recent: int | None = None) -> None:
        since, head = self._cursor["since"], self._cursor.get(_HEADS[kind])
        goal = Goal(head, recent) if head else Goal(since=since)
        listed = self._listings.read(kind, goal, keep=self._is_young, cursor=partial(self._moved, kind))
        self._note_gap(kind, head, listed)

    def _is_young(self, record: Record) -> bool:
        return bool(record.created_utc >= self._cursor["since"])

    def _moved(self, kind: str, listed: Listed) -> Cursor | None:
        """The cursor once all that was listed is stored; None when it stays as it is."""
        before, name = dict(self._cursor), _HEADS[kind]
        self._cursor = {**before, name: max(before.get(name, 0), listed.youngest)}
        return None if self._cursor == before else self._cursor

    def _note_gap(self, kind: str, head: int | None, listed: Listed) -> None:
        """See to what lies between the end of a listing and what is stored: comments are had by trees, if at all."""
        if not listed.is_cut or (head and listed.oldest <= head):
            return
        reached = datetime.fromtimestamp(listed.oldest_at, UTC)
        if kind == SUBMISSION:
            with self._context.database.session() as session:
                self._intake.refuse(session, f"submissions before {format_utc_z(reached)}", _LOST)
            self._counts.add("submission_gaps")
            return
        self._note_comment_gap(reached)
        since = _seconds(reached - COMMENTABLE)
        self._cursor["reread"] = {"at": self._now.isoformat(), "kind": SUBMISSION, "after": 0, "since": since}
        self._save()

    def _note_comment_gap(self, reached: datetime) -> None:
        self._counts.add("comment_gaps")
        self._context.log.warning(
            "r/%s lists its comments only back to %s: older ones are looked for in the trees of stored submissions",
            self._subreddit,
            format_utc_z(reached),
        )

    def _read_window(self) -> None:
        window = self._context.window
        since = _seconds(window.since) if window.since else None
        until = _seconds(window.until) if window.until else None

        def inside(record: Record) -> bool:
            return window.contains(datetime.fromtimestamp(record.created_utc, UTC))

        submissions, comments = (
            self._listings.read(kind, Goal(since=since), keep=inside) for kind in (SUBMISSION, COMMENT)
        )
        oldest = self._before_listed(comments, since, until)
        with self._context.database.session() as session:
            due = services.due_trees(session, self._subreddit, oldest, until)
        for tree in due:
            self._trees.read(tree, keep=inside, remember=False)
        if submissions.is_cut:
            reached = format_utc_z(datetime.fromtimestamp(submissions.oldest_at, UTC))
            self._problems.append(f"submissions of r/{self._subreddit} before {reached}: {_LOST}")

    def _before_listed(self, comments: Listed, since: int | None, until: int | None) -> int | None:
        """From when on trees are to be looked at: where not all comments are listed, from earlier than the window."""
        if not comments.is_cut:
            return since
        self._note_comment_gap(datetime.fromtimestamp(comments.oldest_at, UTC))
        oldest = None if since is None else since - int(COMMENTABLE.total_seconds())
        self._rereading.refresh(oldest or 0, until)
        return oldest

    def _read_everything(self) -> None:
        self._cursor.setdefault("since", 0)
        self._cursor.setdefault("reread", {"at": self._now.isoformat()})
        for kind in (SUBMISSION, COMMENT):
            head = self._cursor.get(_HEADS[kind])
            listed = self._listings.read(kind, Goal(), cursor=partial(self._moved, kind))
            if head:
                self._note_gap(kind, head, listed)
        self._cursor["reread"] = self._rereading.everything(self._cursor, self._now)
        self._read_trees(None)

    def _read_trees(self, since: int | None) -> None:
        with self._context.database.session() as session:
            due = services.due_trees(session, self._subreddit, since)
        for tree in due:
            if self._intake.keywords.match(tree.text):
                self._trees.read(tree)

    def _save(self) -> None:
        with self._context.database.session() as session:
            checkpoints.save(session, self._context.command, self._subreddit, self._cursor)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
