"""What the sandbox's Reddit holds: hand-made subreddits, and recorded answers of the real one.

A hand-made subreddit is a file ``subreddits/<name>.json`` with ``submissions`` and ``comments`` (and ``state``:
``private``, ``banned``, ``quarantined``), each an object with the fields of Reddit's own that matter; the rest is
filled in. ``created`` is an ISO instant, ``on`` the id of a comment's submission, ``parent`` the id of the comment
that it answers, ``gone`` says that it was ``deleted`` by its author or ``removed``. Beside them ``users.json`` holds
profiles by name (``title``, ``suspended``, ``hidden``) and ``options.json`` the fields of :class:`Options`.

From a folder of real data it serves the things of the recorded exchanges in ``reddit/``, in their own subreddits.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from include.sandbox.shelf import Shelf

RECORDINGS = "reddit"
SUBMISSION, COMMENT = "t3", "t1"
_NEEDED = frozenset({"id", "name", "subreddit", "created_utc"})
_GONE = {"deleted": ("[deleted]", "deleted"), "removed": ("[removed]", "moderator")}

Json = dict[str, Any]


@dataclass(frozen=True)
class Options:
    """How this Reddit behaves. ``limit`` requests in ``period`` seconds; ``token_uses``: after so many a token dies."""

    limit: int = 100_000
    period: float = 600.0
    token_life: int = 3600
    token_uses: int | None = None
    bearer_revoked: bool = False
    listing_cap: int = 1000
    tree_limit: int = 500
    tree_depth: int = 10
    more_limit: int = 100


@dataclass(frozen=True)
class Subreddit:
    """Submissions and comments as things, by full name."""

    name: str
    state: str = "public"
    submissions: Mapping[str, Json] = field(default_factory=dict)
    comments: Mapping[str, Json] = field(default_factory=dict)

    @property
    def things(self) -> Iterator[Json]:
        """Every submission and comment, also those that no listing shows."""
        yield from self.submissions.values()
        yield from self.comments.values()

    @cached_property
    def new(self) -> list[Json]:
        """Submissions, youngest first, without those that are gone."""
        return _shown(self.submissions.values())

    @cached_property
    def recent_comments(self) -> list[Json]:
        """Comments, youngest first, without those that are gone."""
        return _shown(self.comments.values())

    @cached_property
    def replies(self) -> Mapping[str, list[str]]:
        """Full names of the comments below a thing, oldest first."""
        below: dict[str, list[str]] = {}
        for name, thing in sorted(self.comments.items(), key=lambda item: _order(item[1])):
            below.setdefault(thing["data"]["parent_id"], []).append(name)
        return below

    def has(self, fullname: str) -> bool:
        """True for a submission of this subreddit."""
        return fullname in self.submissions

    def submission(self, fullname: str) -> Json:
        """A submission as a thing."""
        return self.submissions[fullname]


@dataclass(frozen=True)
class World:
    """All of it: subreddits by name in lower case, profiles by user name."""

    options: Options
    subreddits: Mapping[str, Subreddit]
    users: Mapping[str, Json]

    def profile(self, name: str) -> Json | None:
        """What a user's page says; None for a user who has none, or whom nothing was heard of."""
        given = self.users.get(name, {})
        if given.get("hidden"):
            return None
        if given.get("suspended"):
            return {"name": name, "is_suspended": True}
        if name not in self._authors and not given:
            return None
        return {"id": user_id(name), "name": name, "subreddit": {"title": given.get("title", ""), "name": f"u_{name}"}}

    @cached_property
    def _authors(self) -> frozenset[str]:
        return frozenset(str(t["data"].get("author")) for s in self.subreddits.values() for t in s.things)


def world(shelf: Shelf) -> World:
    """The world of a shelf, as its files are now."""
    files = [*sorted(shelf.samples.glob("subreddits/*.json")), shelf.samples / "users.json"]
    files.append(shelf.samples / "options.json")
    stamps = tuple((path, path.stat().st_mtime_ns) for path in files if path.is_file())
    return _world(stamps, shelf.real / RECORDINGS if shelf.real else None)


def user_id(name: str) -> str:
    """The id (without kind) of a user, which follows from the name."""
    return f"u{sum(ord(letter) * 131**place for place, letter in enumerate(name[:9])):x}"


@lru_cache(maxsize=8)
def _world(stamps: tuple[tuple[Path, int], ...], recordings: Path | None) -> World:
    given = {path: json.loads(path.read_text(encoding="utf-8")) for path, _ in stamps}
    named = {path.stem: content for path, content in given.items() if path.parent.name != "subreddits"}
    places = [_hand_made(path.stem, content) for path, content in given.items() if path.parent.name == "subreddits"]
    recorded = _recorded(recordings) if recordings and recordings.is_dir() else {}
    found = {**recorded, **{place.name.lower(): place for place in places}}
    return World(Options(**named.get("options", {})), found, named.get("users", {}))


def _hand_made(name: str, content: Json) -> Subreddit:
    on = Counter(comment["on"] for comment in content.get("comments", []))
    submissions = [_submission(name, item, on[item["id"]]) for item in content.get("submissions", [])]
    comments = [_comment(name, item) for item in content.get("comments", [])]
    return Subreddit(name, content.get("state", "public"), _named(submissions), _named(comments))


def _submission(subreddit: str, item: Json, comments: int) -> Json:
    link = f"/r/{subreddit}/comments/{item['id']}/{item['title'].lower().replace(' ', '_')[:40]}/"
    data = {
        "subreddit": subreddit,
        "name": f"{SUBMISSION}_{item['id']}",
        "selftext": "",
        "selftext_html": None,
        "permalink": link,
        "url": f"https://www.reddit.com{link}",
        "is_self": True,
        "num_comments": comments,
        "removed_by_category": None,
        **_shared(item),
    }
    if gone := item.get("gone"):
        data |= {"selftext": _GONE[gone][0], "removed_by_category": _GONE[gone][1]}
    return {"kind": SUBMISSION, "data": data}


def _comment(subreddit: str, item: Json) -> Json:
    data = {
        "subreddit": subreddit,
        "name": f"{COMMENT}_{item['id']}",
        "link_id": f"{SUBMISSION}_{item['on']}",
        "parent_id": f"{COMMENT}_{item['parent']}" if item.get("parent") else f"{SUBMISSION}_{item['on']}",
        "permalink": f"/r/{subreddit}/comments/{item['on']}/_/{item['id']}/",
        "replies": "",
        **_shared(item),
    }
    if gone := item.get("gone"):
        data |= {"body": _GONE[gone][0]}
    return {"kind": COMMENT, "data": data}


def _shared(item: Json) -> Json:
    """What submissions and comments have in common, with the fields of the item itself."""
    author = item.get("author", "[deleted]")
    if item.get("gone"):
        author = "[deleted]"
    own = {name: value for name, value in item.items() if name not in ("created", "on", "parent", "gone", "author")}
    identity = {} if author == "[deleted]" else {"author_fullname": f"t2_{user_id(author)}"}
    created = item.get("created")
    moment = datetime.fromisoformat(created).timestamp() if created else float(item["created_utc"])
    return {"score": 1, "edited": False, **own, "author": author, **identity, "created_utc": moment}


def _named(things: Iterable[Json]) -> dict[str, Json]:
    return {thing["data"]["name"]: thing for thing in things}


def _shown(things: Iterable[Json]) -> list[Json]:
    return sorted((thing for thing in things if not is_gone(thing)), key=_order, reverse=True)


def is_gone(thing: Json) -> bool:
    """True for what only says that it was deleted or removed."""
    data = thing["data"]
    text = data.get("body", data.get("selftext", ""))
    return data.get("author") in (None, "[deleted]") and text in ("[deleted]", "[removed]")


def _order(thing: Json) -> tuple[float, int]:
    return float(thing["data"]["created_utc"]), int(thing["data"]["id"], 36)


def _recorded(folder: Path) -> dict[str, Subreddit]:
    """The subreddits of all things in recorded exchanges; of a thing recorded twice, the one that came last."""
    found: dict[str, Json] = {}
    for path in sorted(folder.glob("*.json*")):
        text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for exchange in json.loads(text)["interactions"]:
            found |= _named(_things(_answer(exchange)))
    names = {thing["data"]["subreddit"].lower(): thing["data"]["subreddit"] for thing in found.values()}
    return {key: Subreddit(name, "public", *_of(name, found)) for key, name in names.items()}


def _of(name: str, found: Mapping[str, Json]) -> tuple[dict[str, Json], dict[str, Json]]:
    inside = {key: thing for key, thing in found.items() if thing["data"]["subreddit"] == name}
    submissions = {key: thing for key, thing in inside.items() if thing["kind"] == SUBMISSION}
    return submissions, {key: thing for key, thing in inside.items() if thing["kind"] == COMMENT}


def _answer(exchange: Json) -> Any:
    try:
        return json.loads(exchange["response"]["body"]["string"])
    except (KeyError, ValueError):
        return None


def _things(value: Any) -> Iterator[Json]:
    """Submissions and comments anywhere in an answer, each without those below it."""
    if isinstance(value, list):
        for item in value:
            yield from _things(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _things(item)
        data = value.get("data")
        if value.get("kind") in (SUBMISSION, COMMENT) and isinstance(data, dict) and data.keys() >= _NEEDED:
            yield {"kind": value["kind"], "data": {**data, "replies": ""} if "replies" in data else data}
