"""Reading stored things again, 100 a request, for what became of their scores, texts and comments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from boost_collectors.core import checkpoints
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import TransientError
from boost_collectors.reddit_activity_tracker import services
from boost_collectors.reddit_activity_tracker.intake import Intake
from boost_collectors.reddit_activity_tracker.records import COMMENT, SUBMISSION
from boost_collectors.reddit_activity_tracker.source import PAGE_SIZE, RedditApi
from boost_collectors.reddit_activity_tracker.tree import read_again

_KINDS = (SUBMISSION, COMMENT)
_NO_LIMIT = 10**9

State = Mapping[str, Any]


class Rereading:
    """Of one subreddit. A round goes through its submissions, then its comments; each request is one transaction with
    the cursor, and a round that a run cannot finish is gone on with by the next."""

    def __init__(self, context: RunContext, api: RedditApi, intake: Intake, subreddit: str, counts: Counts) -> None:
        self._context, self._api, self._intake = context, api, intake
        self._subreddit, self._counts = subreddit, counts
        self._settings = context.settings

    def is_due(self, state: State, now: datetime) -> bool:
        """True if the last days were not read again lately."""
        hours = timedelta(hours=self._settings.reddit_reread_hours)
        return now - datetime.fromisoformat(state["at"]) >= hours

    def recent(self, now: datetime) -> int:
        """The first second of the days that are read again."""
        return int((now - timedelta(days=self._settings.reddit_reread_days)).timestamp())

    def run(self, cursor: dict[str, Any], now: datetime, *, due: bool) -> State:
        """Go on with the round that is under way, or begin one that is due; returns where it stands then.

        Submissions of which nothing is known yet are asked for in any case.
        """
        self._fill_stubs()
        state: State = cursor["reread"]
        if "kind" not in state:
            if not due:
                return state
            state = {"at": now.isoformat(), "kind": SUBMISSION, "after": 0, "since": self.recent(now)}
        return self._round(cursor, state, self._settings.reddit_reread_requests)

    def everything(self, cursor: dict[str, Any], now: datetime) -> State:
        """Read all that is stored again, going on where an earlier run was cut short."""
        state = cursor.get("reread", {})
        if "kind" not in state or state.get("since") != 0:
            state = {"at": now.isoformat(), "kind": SUBMISSION, "after": 0, "since": 0}
        return self._round(cursor, state, _NO_LIMIT)

    def refresh(self, since: int, until: int | None) -> None:
        """Read the submissions again that were written in [since, until), without a cursor."""
        after = 0
        while batch := self._batch(SUBMISSION, since, after, until):
            after = batch[-1].row
            wanted = [item.fullname for item in batch]
            read_again(self._context, self._api, self._intake, wanted, self._counts)
            self._refuse_to_go_on()

    def _fill_stubs(self) -> None:
        with self._context.database.session() as session:
            names = services.stubs(session, self._subreddit, PAGE_SIZE)
        if names:
            read_again(self._context, self._api, self._intake, names, self._counts)

    def _round(self, cursor: dict[str, Any], state: State, requests: int) -> State:
        while requests:
            batch = self._batch(state["kind"], state["since"], state["after"])
            if not batch:
                following = _next_kind(state)
                if following is None:
                    return self._finished(cursor, state)
                state = following
                continue
            requests -= 1
            state = {**state, "after": batch[-1].row}
            wanted = [item.fullname for item in batch]
            read_again(self._context, self._api, self._intake, wanted, self._counts, {**cursor, "reread": state})
            self._refuse_to_go_on()
        return state

    def _finished(self, cursor: dict[str, Any], state: State) -> State:
        done = {"at": state["at"]}
        with self._context.database.session() as session:
            checkpoints.save(session, self._context.command, self._subreddit, {**cursor, "reread": done})
        return done

    def _batch(self, kind: str, since: int, after: int, until: int | None = None) -> Sequence[services.Reread]:
        with self._context.database.session() as session:
            return services.things_to_reread(
                session, self._subreddit, kind, since=since, until=until, after=after, limit=PAGE_SIZE
            )

    def _refuse_to_go_on(self) -> None:
        if self._context.stop.is_set():
            raise TransientError(f"asked to stop while reading r/{self._subreddit} again")


def _next_kind(state: State) -> State | None:
    position = _KINDS.index(state["kind"]) + 1
    return {**state, "kind": _KINDS[position], "after": 0} if position < len(_KINDS) else None
