"""The whole tree of comments of a submission, whatever Reddit leaves out of one answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import AuthenticationError, NotFoundError, TransientError
from boost_collectors.reddit_activity_tracker import services
from boost_collectors.reddit_activity_tracker.credentials import UNKNOWN_TOKEN
from boost_collectors.reddit_activity_tracker.intake import Intake, Keep
from boost_collectors.reddit_activity_tracker.records import COMMENT, MORE, SUBMISSION, Thing, children_of
from boost_collectors.reddit_activity_tracker.source import PAGE_SIZE, RedditApi

_ROOT = ""


@dataclass(slots=True)
class _Frontier:
    """What has come of a tree so far, and what was left out: comments to be asked for by id, and below which others."""

    seen: set[str] = field(default_factory=set)
    ids: deque[str] = field(default_factory=deque)
    parents: deque[str] = field(default_factory=lambda: deque([_ROOT]))
    asked: set[str] = field(default_factory=set)

    def take(self, answer: Iterable[Thing]) -> list[Thing]:
        """The comments and submissions of an answer, flat; what it leaves out is to be asked for.

        What was asked for and did not come is asked for again only if the answer brought something new, so that none
        can go round in circles.
        """
        left_out: list[Any] = []
        things = list(_flat(answer, left_out.append))
        names = set(map(_name, things))
        barred = self.seen | names if names - self.seen else self.seen | self.asked
        self.seen |= names
        for more in left_out:
            self._note(more, barred)
        return things

    def _note(self, more: Any, barred: set[str]) -> None:
        told = more if isinstance(more, Mapping) else {}
        children = told.get("children")
        names = [f"{COMMENT}_{key}" for key in children if isinstance(key, str)] if isinstance(children, list) else []
        self.ids.extend(name for name in names if name not in barred)
        parent = told.get("parent_id")
        if not names and isinstance(parent, str) and f"below {parent}" not in self.asked:
            self.asked.add(f"below {parent}")  # "continue this thread": too deep to be asked for by id
            self.parents.append(parent)

    def next_ids(self) -> list[str]:
        """The next comments to ask for, at most a page's worth, by id without kind."""
        chosen: dict[str, None] = {}
        while self.ids and len(chosen) < PAGE_SIZE:
            name = self.ids.popleft()
            if name not in self.seen:
                chosen[name] = None
        self.asked.update(chosen)
        return [name.partition("_")[2] for name in chosen]


class TreeReader:
    """Reads trees into an intake: each answer is one transaction, and the last one says that the tree is whole."""

    def __init__(self, context: RunContext, api: RedditApi, intake: Intake, counts: Counts) -> None:
        self._context, self._api, self._intake, self._counts = context, api, intake, counts

    def read(self, due: services.DueTree, *, keep: Keep | None = None, remember: bool = True) -> None:
        """Store the tree of one submission. With ``remember`` it is not read again before it has grown.

        Comments that are stored and that the whole tree does not show are asked for once more, which tells what became
        of them. A submission that Reddit does not show any more counts as read.
        """
        wanted = self._intake.keywords.match(due.text)
        frontier = _Frontier()
        try:
            for things in self._answers(due.fullname, frontier):
                self._intake.take(things, keep=keep, known=wanted)
        except (NotFoundError, AuthenticationError) as error:
            if error.status == UNKNOWN_TOKEN:
                raise
            self._context.log.warning("The tree of %s is not shown any more: %s", due.fullname, error)
        else:
            self._ask_for_unseen(due.fullname, frontier.seen)
        self._counts.add("trees_read")
        if remember:
            with self._context.database.session() as session:
                services.note_tree(session, due.fullname)

    def _answers(self, fullname: str, frontier: _Frontier) -> Iterator[list[Thing]]:
        """The things of each answer, the comments among them flat."""
        key = fullname.removeprefix(f"{SUBMISSION}_")
        while frontier.parents or frontier.ids:
            if self._context.stop.is_set():
                raise TransientError(f"asked to stop while reading the tree of {fullname}")
            if frontier.parents:
                yield frontier.take(self._api.tree(key, frontier.parents.popleft().partition("_")[2]))
            elif ids := frontier.next_ids():
                yield frontier.take(self._api.more_children(fullname, ids))

    def _ask_for_unseen(self, fullname: str, seen: set[str]) -> None:
        with self._context.database.session() as session:
            unseen = services.unseen_comments(session, fullname, seen)
        for start in range(0, len(unseen), PAGE_SIZE):
            read_again(self._context, self._api, self._intake, unseen[start : start + PAGE_SIZE], self._counts)


def read_again(
    context: RunContext,
    api: RedditApi,
    intake: Intake,
    fullnames: Sequence[str],
    counts: Counts,
    cursor: Mapping[str, Any] | None = None,
) -> None:
    """Ask for up to 100 stored things, store what they are now, and mark those that Reddit does not have any more."""
    things = api.info(fullnames)
    missing = set(fullnames) - {_name(thing) for thing in things}
    if missing:
        with context.database.session() as session:
            counts.add("things_missing", services.mark_missing(session, sorted(missing)))
    intake.take(things, known=True, cursor=cursor)
    counts.add("things_read_again", len(fullnames))


def _flat(things: Iterable[Thing], note: Callable[[Any], None]) -> Iterator[Thing]:
    """Comments and submissions, whatever they are nested in; ``note`` is told of what is left out."""
    stack = list(things)[::-1]
    while stack:
        thing = stack.pop()
        if thing.get("kind") == MORE:
            note(thing.get("data"))
            continue
        yield thing
        data = thing.get("data")
        replies = data.get("replies") if isinstance(data, dict) else None
        stack.extend(children_of(replies)[::-1])


def _name(thing: Thing) -> str:
    data = thing.get("data")
    return str(data.get("name", "")) if isinstance(data, Mapping) else ""
