"""What is below a generated item: comments, reviews and review threads, made from the item's id and times."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from include.sandbox.github.clock import Stamp, seconds, stamp
from include.sandbox.github.model import Account, Comment, Content, Item, Review, ReviewComment, Thread

SLOTS = 20
VERDICTS = ("APPROVED", "CHANGES_REQUESTED", "COMMENTED", "COMMENTED", "DISMISSED")
MASK = (1 << 64) - 1


class ContentMaker:
    """Called with an item it gives its content. The ids of parts follow the item's own: see ``WIDTH``."""

    WIDTH: ClassVar[int] = 2 + 4 * SLOTS

    def __init__(self, comments: int, reviews: int, threads: int, author: Callable[[int], Account | None]) -> None:
        self._comments, self._reviews, self._threads, self._author = comments, reviews, threads, author

    def __call__(self, item: Item) -> Content:
        content = Content(comments=[self._comment(item, place) for place in range(self._comments)])
        if item.pull:
            content.reviews = [self._review(item, place) for place in range(self._reviews)]
            content.threads = [self._thread(item, place) for place in range(self._threads)]
            content.review_comments = [
                self._review_comment(item, content, place, reply) for reply in (0, 1) for place in range(self._threads)
            ]
        return content

    def _comment(self, item: Item, place: int) -> Comment:
        identity = item.id + 1 + place
        at = _moment(item, place + 1, self._comments + 2)
        edited = item.updated_at if mixed(identity) % 10 == 0 else at
        return Comment(identity, item, self._author(mixed(identity, 3)), _text(identity), at, edited)

    def _review(self, item: Item, place: int) -> Review:
        identity = item.id + 1 + SLOTS + place
        at = _moment(item, place + 1, self._reviews + 2)
        review = Review(identity, item, self._author(mixed(identity, 3)), _text(identity), at, at)
        review.state = VERDICTS[mixed(identity) % len(VERDICTS)]
        review.commit = item.pull.head if item.pull else ""
        return review

    def _thread(self, item: Item, place: int) -> Thread:
        identity = item.id + 1 + 2 * SLOTS + place
        resolved = mixed(identity) % 2 == 0
        thread = Thread(identity, item, f"include/part{place}.hpp", 10 + place, resolved, mixed(identity) % 7 == 0)
        thread.resolved_by = self._author(mixed(identity, 4)) if resolved else None
        return thread

    def _review_comment(self, item: Item, content: Content, place: int, reply: int) -> ReviewComment:
        thread = content.threads[place]
        identity = thread.id + reply * SLOTS
        at = _moment(item, place + 1 + reply * self._threads, 2 * self._threads + 2)
        return ReviewComment(
            identity,
            item,
            self._author(mixed(identity, 3)),
            _text(identity),
            at,
            at,
            file=thread.file,
            line=thread.line,
            original_line=thread.line,
            diff_hunk=f"@@ -{thread.line},3 +{thread.line},3 @@\n-old\n+new",
            commit=item.pull.head if item.pull else "",
            review_id=content.reviews[place % self._reviews].id if self._reviews else None,
            thread_id=thread.id,
            reply_to=thread.id if reply else None,
        )


def mixed(*numbers: int) -> int:
    """One 64-bit number from several: the finaliser of splitmix64."""
    state = 0
    for number in numbers:
        state = (state + number + 0x9E3779B97F4A7C15) & MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & MASK
        state ^= state >> 31
    return state


def _moment(item: Item, part: int, parts: int) -> Stamp:
    first, last = seconds(item.created_at), seconds(item.updated_at)
    return stamp(first + (last - first) * part // parts)


def _text(identity: int) -> str:
    return f"Remark {identity}. " + "It depends on the platform. " * (mixed(identity, 9) % 8)
