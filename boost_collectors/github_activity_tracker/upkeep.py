"""Finding what the order of update does not show: edited comments, and items that could not be read before.

Whatever differs is asked for again by number and stored whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from boost_collectors.core import pending
from boost_collectors.github_activity_tracker import services
from boost_collectors.github_activity_tracker.api import items as api
from boost_collectors.github_activity_tracker.api import queries
from boost_collectors.github_activity_tracker.api.answers import chunks
from boost_collectors.github_activity_tracker.api.comments import EditedComment, EditedComments, edited_comments
from boost_collectors.github_activity_tracker.cursors import OVERLAP, CommentsCursor
from boost_collectors.github_activity_tracker.models import GoneReason
from boost_collectors.github_activity_tracker.repository_run import Also, RepositoryRun, nothing_else
from boost_collectors.github_activity_tracker.services import standing

PENDING_A_RUN = 100
"""How many items that failed before are tried again."""


@dataclass(slots=True)
class Wanted:
    """Numbers of items to be asked for again, by kind where it is known."""

    issues: set[int] = field(default_factory=set)
    pulls: set[int] = field(default_factory=set)
    unknown: set[int] = field(default_factory=set)


def refetch(run: RepositoryRun, wanted: Wanted, conclude: Also = nothing_else) -> None:
    """Ask for items again and store them; those that GitHub does not have are marked as gone.

    ``conclude`` is written in a transaction of its own, once all of them are stored.
    """
    asked: Mapping[str, tuple[set[int], int]] = {
        "issues": (wanted.issues, queries.ISSUES_AT_ONCE),
        "pulls": (wanted.pulls, queries.PULLS_PAGE),
        "unknown": (wanted.unknown, queries.PULLS_PAGE),
    }
    for kind, (numbers, size) in asked.items():
        for chunk in chunks(sorted(numbers), size):
            run.go_on()
            _refetch_some(run, kind, chunk)
    with run.context.database.session() as session:
        conclude(session)


def _refetch_some(run: RepositoryRun, kind: str, numbers: Iterable[int]) -> None:
    found = api.lookup(run.client, run.state.owner.login, run.state.name, **{kind: numbers})
    now = run.context.clock()

    def also(session: Session) -> None:
        gone = services.mark_items_gone(session, run.repo_id, _reasons(found.missing), now)
        run.counts.add("items_gone", gone)
        for number in (*found.missing, *(item.number for item in found.items)):
            pending.done(session, run.context.command, run.key, str(number))

    run.counts.add("items_refetched", len(found.items))
    run.store(found.items, found.unread, also)


def _reasons(missing: Mapping[int, str]) -> dict[int, GoneReason]:
    return {
        number: GoneReason.TRANSFERRED if reason.startswith("transferred") else GoneReason.DELETED
        for number, reason in missing.items()
    }


def retry_pending(run: RepositoryRun) -> None:
    """Try again what could not be read in earlier runs."""
    with run.context.database.session() as session:
        due = pending.due(session, run.context.command, run.key, PENDING_A_RUN)
        numbers = {int(item.key) for item in due}
    fresh = run.stored["issues"] | run.stored["pulls"]
    with run.context.database.session() as session:
        for number in numbers & fresh:
            pending.done(session, run.context.command, run.key, str(number))
    if numbers - fresh:
        refetch(run, Wanted(unknown=numbers - fresh))


class CommentEdits:
    """Comments that were edited since the last run, of one list: ``issues`` for conversations, ``pulls`` for reviews.

    ``look`` comes before the items are read, ``mend`` after: what was edited in between is found by the next run.
    """

    def __init__(self, run: RepositoryRun, kind: api.Kind) -> None:
        self._run = run
        self._kind = kind
        self._unit = run.unit(f"{kind}-comments")
        self._found = EditedComments((), None, not_modified=True)
        self._cursor = CommentsCursor()

    def look(self) -> None:
        """Ask for the list's newest comments. Free while nothing was written or edited."""
        with self._run.context.database.session() as session:
            self._cursor = CommentsCursor.load(session, *self._unit)
        since = self._cursor.watermark - OVERLAP if self._cursor.watermark else None
        owner, name = self._run.state.owner.login, self._run.state.name
        self._found = edited_comments(self._run.client, owner, name, self._kind, since, self._cursor.etag)

    @property
    def changed(self) -> bool:
        """Whether the list was another one than at the last look: a comment was written, edited or deleted."""
        return not self._found.not_modified

    def mend(self) -> None:
        """Ask again for the items whose comments differ from the stored ones."""
        if self._found.not_modified:
            return
        differing = [comment for comment in self._differing() if comment.number not in self._fresh(comment)]
        wanted = Wanted(
            issues={comment.number for comment in differing if not comment.of_pull},
            pulls={comment.number for comment in differing if comment.of_pull},
        )
        cursor = replace(self._cursor, etag=self._found.etag, watermark=self._watermark())
        refetch(self._run, wanted, lambda session: cursor.save(session, *self._unit))

    def _fresh(self, comment: EditedComment) -> set[int]:
        return self._run.stored["pulls" if comment.of_pull else "issues"]

    def _differing(self) -> list[EditedComment]:
        ids = [comment.id for comment in self._found.comments]
        times = standing.comment_times if self._kind == "issues" else standing.review_comment_times
        with self._run.context.database.session() as session:
            stored = times(session, ids)
        return [comment for comment in self._found.comments if stored.get(comment.id) != comment.updated_at]

    def _watermark(self) -> datetime | None:
        now = self._run.context.clock()
        moments = [comment.updated_at for comment in self._found.comments if comment.updated_at <= now]
        return max(moments, default=self._cursor.watermark)
