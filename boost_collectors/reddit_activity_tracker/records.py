"""What submissions and comments look like to us, and how they are read from what Reddit calls things."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from boost_collectors.core.utils.datetime_parsing import ensure_aware_utc
from boost_collectors.cppa_user_tracker.services import SeenRedditUser

SITE = "https://www.reddit.com"
SUBMISSION, COMMENT, MORE, LISTING = "t3", "t1", "more", "Listing"
DELETED, REMOVED, MISSING = "deleted", "removed", "missing"
"""Why a row is gone: its author deleted it, moderators or Reddit removed it, or no answer holds it any more."""

_NOBODY = "[deleted]"
_REMOVED_TEXTS = frozenset({"[removed]", "[removed by reddit]", "[ removed by reddit ]"})
_BY_AUTHOR = frozenset({"deleted", "author"})
_FULLNAME = re.compile(r"[^_]*_[0-9a-z]+")

Json = Mapping[str, Any]
Thing = Json
"""An object as Reddit's API wraps it: ``{"kind": "t3", "data": {...}}``."""


@dataclass(frozen=True, slots=True)
class SubmissionRecord:
    """A submission. ``fullname`` is ``t3_…``; ``author`` is None for a deleted account."""

    fullname: str
    subreddit: str
    permalink: str
    created_utc: int = 0
    author: SeenRedditUser | None = None
    title: str = ""
    selftext: str = ""
    selftext_html: str = ""
    url: str = ""
    score: int = 0
    num_comments: int = 0
    edited_at: datetime | None = None
    gone_reason: str = ""

    @property
    def text(self) -> str:
        """Where keywords are looked for."""
        return f"{self.title}\n{self.selftext}"


@dataclass(frozen=True, slots=True)
class CommentRecord:
    """A comment. ``fullname`` is ``t1_…``, ``submission`` ``t3_…``, ``parent_id`` either."""

    fullname: str
    subreddit: str
    submission: str
    parent_id: str
    created_utc: int
    author: SeenRedditUser | None = None
    body: str = ""
    permalink: str = ""
    score: int = 0
    edited_at: datetime | None = None
    gone_reason: str = ""

    @property
    def text(self) -> str:
        """Where keywords are looked for."""
        return self.body


Record = SubmissionRecord | CommentRecord


def record_of(thing: object) -> Record:
    """The record of a submission or comment. Raises ValueError saying what is wrong with it."""
    if not isinstance(thing, Mapping) or not isinstance(data := thing.get("data"), Mapping):
        raise ValueError("it is no object with data")
    if thing.get("kind") == SUBMISSION:
        return _submission_of(data)
    if thing.get("kind") == COMMENT:
        return _comment_of(data)
    raise ValueError(f"its kind is {thing.get('kind')!r:.20}, neither t1 nor t3")


def stub_of(comment: CommentRecord, gone_reason: str = "") -> SubmissionRecord:
    """What stands for a submission of which nothing but a comment is known."""
    key = comment.submission.partition("_")[2]
    permalink = f"/r/{comment.subreddit}/comments/{key}/"
    return SubmissionRecord(comment.submission, comment.subreddit, permalink, gone_reason=gone_reason)


def number_of(fullname: str) -> int:
    """The place of a thing in the order in which Reddit numbers them. Raises ValueError for what has no number."""
    return int(_checked(fullname).partition("_")[2], 36)


def _checked(fullname: str) -> str:
    if _FULLNAME.fullmatch(fullname) is None:
        raise ValueError(f"{fullname!r:.40} is no full name of a thing")
    return fullname


def key_of(thing: object) -> str:
    """How to call a thing that could not be read: its full name, if it says one."""
    data = thing.get("data") if isinstance(thing, Mapping) else None
    told = data.get("name") or data.get("id") if isinstance(data, Mapping) else None
    return told[:40] if isinstance(told, str) and told else "without an id"


def children_of(listing: object) -> list[Thing]:
    """The things of a listing; none for an empty ``replies``, which is an empty text."""
    data = listing.get("data") if isinstance(listing, Mapping) else None
    children = data.get("children") if isinstance(data, Mapping) else None
    return [child for child in children if isinstance(child, Mapping)] if isinstance(children, list) else []


def _submission_of(data: Json) -> SubmissionRecord:
    permalink = _text(data, "permalink")
    return SubmissionRecord(
        fullname=_fullname(data, SUBMISSION),
        subreddit=_named(data, "subreddit"),
        permalink=permalink,
        created_utc=_seconds(data),
        author=_author(data),
        title=_named(data, "title"),
        selftext=_text(data, "selftext"),
        selftext_html=_text(data, "selftext_html"),
        url=_text(data, "url") or _absolute(permalink),
        score=_count(data, "score"),
        num_comments=_count(data, "num_comments"),
        edited_at=_edited(data),
        gone_reason=_submission_gone(data),
    )


def _comment_of(data: Json) -> CommentRecord:
    link = _text(data, "link_id")
    if not link.removeprefix(f"{SUBMISSION}_"):
        raise ValueError("its link_id is missing: it belongs to no submission")
    submission = _checked(f"{SUBMISSION}_{link.removeprefix(f'{SUBMISSION}_')}")
    return CommentRecord(
        fullname=_fullname(data, COMMENT),
        subreddit=_named(data, "subreddit"),
        submission=submission,
        parent_id=_text(data, "parent_id") or submission,
        created_utc=_seconds(data),
        author=_author(data),
        body=_text(data, "body"),
        permalink=_absolute(_text(data, "permalink")),
        score=_count(data, "score"),
        edited_at=_edited(data),
        gone_reason=_comment_gone(data),
    )


def _fullname(data: Json, kind: str) -> str:
    key = data.get("id")
    if not isinstance(key, str) or not key:
        raise ValueError("it has no id")
    name = data.get("name")
    fullname = name if isinstance(name, str) and name else f"{kind}_{key}"
    if not fullname.startswith(f"{kind}_"):
        raise ValueError(f"its name {fullname!r:.40} is not of the kind {kind}")
    return _checked(fullname)


def _text(data: Json, name: str) -> str:
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"its {name} is {type(value).__name__}, not text")
    return value


def _named(data: Json, name: str) -> str:
    value = _text(data, name)
    if not value:
        raise ValueError(f"its {name} is missing")
    return value


def _count(data: Json, name: str) -> int:
    value = data.get(name)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"its {name} is {value!r:.40}, not a whole number")
    return value


def _seconds(data: Json) -> int:
    value = data.get("created_utc")
    if isinstance(value, str) and value.isdigit():  # so in some archives
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"its created_utc is {value!r:.40}, not seconds since 1970")
    return int(value)


def _edited(data: Json) -> datetime | None:
    """When it was last edited: False or null if never; True, on the oldest things, if nobody knows when."""
    value = data.get("edited")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return ensure_aware_utc(datetime.fromtimestamp(value, UTC))


def _author(data: Json) -> SeenRedditUser | None:
    name = data.get("author")
    if not isinstance(name, str) or not name or name == _NOBODY:
        return None
    told = data.get("author_fullname")
    return SeenRedditUser(name, told if isinstance(told, str) else None)


def _submission_gone(data: Json) -> str:
    category = data.get("removed_by_category")
    if isinstance(category, str) and category:
        return DELETED if category in _BY_AUTHOR else REMOVED
    return _gone(data, "selftext")


def _comment_gone(data: Json) -> str:
    return _gone(data, "body")


def _gone(data: Json, name: str) -> str:
    """What a text that Reddit put in the place of another one says; an author may have written the same words."""
    text = data.get(name)
    if not isinstance(text, str) or data.get("author") not in (None, _NOBODY):
        return ""
    if text.lower() in _REMOVED_TEXTS:
        return REMOVED
    return DELETED if text == _NOBODY else ""


def _absolute(link: str) -> str:
    return f"{SITE}{link}" if link.startswith("/") else link
