"""Trees of comments as Reddit cuts them: so many comments, so deep, and ``more`` where something was left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from include.sandbox.reddit.world import COMMENT, Json, Subreddit, is_gone


class Tree:
    """The comments of one submission, oldest first. A comment that is gone is shown for the sake of its replies."""

    def __init__(self, place: Subreddit, link: str, depth: int) -> None:
        self._place, self._link, self._depth = place, link, depth
        self._left = 0

    def top(self, limit: int, comment: str = "") -> list[Json]:
        """The first ``limit`` comments as a tree, from the submission down or from a comment on."""
        self._left = limit
        names = [f"{COMMENT}_{comment}"] if comment else self._below(self._link)
        return self._shown(names, self._link, 0)

    def more(self, keys: Sequence[str], limit: int) -> list[Json]:
        """Comments that were left out with those below them, flat, at most ``limit``; and what is left out now."""
        self._left = limit
        sent: dict[str, Json] = {}
        rest: list[str] = []
        for name in (f"{COMMENT}_{key}" for key in keys):
            if name in self._place.comments:
                self._send(name, sent, rest)
        things = list(sent.values())
        return [*things, self._more(rest, self._link)] if rest else things

    def _send(self, name: str, sent: dict[str, Json], rest: list[str]) -> None:
        """Add a comment and those below it, or leave it out with all of them."""
        if name in sent:
            return
        if self._left <= 0:
            rest.append(name)
            return
        self._left -= 1
        sent[name] = self._place.comments[name]
        for reply in self._below(name):
            self._send(reply, sent, rest)

    def _shown(self, names: Sequence[str], parent: str, level: int) -> list[Json]:
        things: list[Json] = []
        for position, name in enumerate(names):
            if self._left <= 0:
                return [*things, self._more(names[position:], parent)]
            self._left -= 1
            things.append(self._with_replies(name, level))
        return things

    def _with_replies(self, name: str, level: int) -> Json:
        thing, below = self._place.comments[name], self._below(name)
        if not below:
            return thing
        if level + 1 >= self._depth:
            children = [{"kind": "more", "data": _more_data(0, "_", name, [])}]
        else:
            children = self._shown(below, name, level + 1)
        return {**thing, "data": {**thing["data"], "replies": {"kind": "Listing", "data": {"children": children}}}}

    def _more(self, names: Sequence[str], parent: str) -> Json:
        keys = [name.removeprefix(f"{COMMENT}_") for name in names]
        count = sum(1 for _ in self._deep(names))
        return {"kind": "more", "data": _more_data(count, keys[0], parent, keys)}

    def _below(self, name: str) -> list[str]:
        return [reply for reply in self._place.replies.get(name, []) if self._is_shown(reply)]

    def _is_shown(self, name: str) -> bool:
        return not is_gone(self._place.comments[name]) or bool(self._below(name))

    def _deep(self, names: Iterator[str] | Sequence[str]) -> Iterator[str]:
        for name in names:
            yield name
            yield from self._deep(self._below(name))


def _more_data(count: int, key: str, parent: str, children: list[str]) -> Json:
    return {"count": count, "id": key, "name": f"{COMMENT}_{key}", "parent_id": parent, "children": children}
