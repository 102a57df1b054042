"""From a message as Slack gives it to what is stored: pure functions, no I/O but warnings."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from boost_collectors.core.utils.storable import storable, storable_json
from boost_collectors.cppa_slack_tracker.payloads import MessagePayload, SlackPayloadError, checked

logger = logging.getLogger(__name__)

TOMBSTONE = "tombstone"
"""The subtype of what Slack leaves of a deleted message that has replies."""

JOINING = {"channel_join": True, "group_join": True, "channel_leave": False, "group_leave": False}
PLACEHOLDER = "A file was commented on"
# What Slack tells the token's owner about a message, not about the message.
_VIEWERS_OWN = frozenset({"last_read", "unread_count", "subscribed", "is_starred", "event_ts"})
# How NUL and halves of surrogate pairs, which PostgreSQL refuses, can be spelled; and what is no JSON but Python's.
_SUSPECT = ("\\u0000", "\\ud", "\\uD", "NaN", "Infinity")
_TS = re.compile(r"[0-9]{1,11}(?:\.[0-9]{1,20})?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji and how often it was put to a message; ``users`` is a JSON array of their ids."""

    name: str
    count: int
    users: str


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What Slack tells of a file."""

    file_id: str
    name: str
    title: str
    mimetype: str
    size: int | None
    permalink: str


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A message to be stored. ``user`` is Slack's id, empty for a bot's message; ``raw`` is the payload as JSON."""

    ts: str
    created: datetime
    updated: datetime
    user: str
    text: str
    thread_ts: str | None
    subtype: str
    bot_id: str
    reply_count: int
    latest_reply: str
    raw: str
    reactions: tuple[Reaction, ...] = ()
    files: tuple[FileRecord, ...] = ()

    @property
    def at(self) -> datetime:
        """When it was written."""
        return self.created


@dataclass(frozen=True, slots=True)
class MembershipChange:
    """Somebody joined or left the channel."""

    ts: str
    at: datetime
    user: str
    joined: bool


Normalised = MessageRecord | MembershipChange


def moment(ts: str | None) -> datetime | None:
    """The instant of a Slack ``ts``, aware UTC, to the microsecond; None for anything else."""
    if ts is None or not _TS.fullmatch(ts):
        return None
    seconds, _, fraction = ts.partition(".")
    return _EPOCH + timedelta(seconds=int(seconds), microseconds=int(fraction[:6].ljust(6, "0")))


def ts_of(instant: datetime) -> str:
    """The ``ts`` of an instant, with six digits; years before 1970 are 0."""
    microseconds = max((instant - _EPOCH) // timedelta(microseconds=1), 0)
    return f"{microseconds // 1_000_000}.{microseconds % 1_000_000:06d}"


def normalise(payload: Any, spelled: str = "") -> Normalised | None:
    """What a message means: a row, a change of membership, or None for what is not to be kept.

    ``spelled`` is the JSON that the payload was read from, where that is at hand: it saves spelling it anew. Raises
    SlackPayloadError for a payload that is malformed, or that lacks ``ts`` or an author.
    """
    message = checked("message", MessagePayload, payload)
    if message.subtype in JOINING:
        return _membership_change(message)
    user = _author(message)
    if not user and message.text.startswith(PLACEHOLDER):
        return None
    created = moment(message.ts)
    if message.ts is None or created is None:
        raise SlackPayloadError(f"Invalid Slack message: ts {message.ts!r:.40} is missing or not a timestamp")
    if not (user or message.bot_id or message.subtype):
        raise SlackPayloadError(f"Invalid Slack message {message.ts}: user is missing")
    edited = moment(message.edited.ts) if message.edited else None
    return MessageRecord(
        ts=message.ts,
        created=created,
        updated=edited or created,
        user=user,
        text=storable(_text(message, user)),
        thread_ts=message.thread_ts or None,
        subtype=message.subtype or "",
        bot_id=message.bot_id or "",
        reply_count=message.reply_count or 0,
        latest_reply=message.latest_reply or "",
        raw=_raw(payload, spelled),
        reactions=tuple(_reactions(payload)) if "reactions" in payload else (),
        files=tuple(_files(payload)) if "files" in payload or "file" in payload else (),
    )


def _membership_change(message: MessagePayload) -> MembershipChange | None:
    if not message.ts:
        logger.warning("Skipping %s without ts", message.subtype)
        return None
    at = moment(message.ts)
    if at is None:
        raise SlackPayloadError(f"Invalid Slack message: ts {message.ts!r:.40} is not a timestamp")
    if not message.user:
        return None
    return MembershipChange(message.ts, at, message.user, JOINING[message.subtype or ""])


def _author(message: MessagePayload) -> str:
    if message.user or message.comment is None:
        return message.user or ""
    author = message.comment.get("user")
    return author if isinstance(author, str) else ""


def _text(message: MessagePayload, user: str) -> str:
    if message.subtype == "me_message":
        return f"<@{user}> {message.text}"
    if message.subtype == "file_comment" and message.comment is not None:
        return f"{message.text}\nComment: {message.comment.get('comment') or ''}"
    return message.text


def _raw(payload: Mapping[str, Any], spelled: str) -> str:
    if not _VIEWERS_OWN.isdisjoint(payload):
        payload = {key: value for key, value in payload.items() if key not in _VIEWERS_OWN}
    elif spelled and not any(escape in spelled for escape in _SUSPECT):
        return spelled
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    if "\\u0000" in text or not _is_unicode(text):
        text = json.dumps(storable_json(payload), ensure_ascii=False, separators=(",", ":"))
    return text


def _is_unicode(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which only an escape can spell
        return False
    return True


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _reactions(payload: Mapping[str, Any]) -> Iterator[Reaction]:
    for item in _objects(payload.get("reactions")):
        name, users, count = item.get("name"), item.get("users"), item.get("count")
        if isinstance(name, str) and name:
            known = sorted(user for user in users if isinstance(user, str)) if isinstance(users, list) else []
            yield Reaction(storable(name), count if isinstance(count, int) else len(known), _compact(known))


def _compact(users: list[str]) -> str:
    return storable(json.dumps(users, ensure_ascii=False))


def _files(payload: Mapping[str, Any]) -> Iterator[FileRecord]:
    for item in _objects(payload.get("files") or [payload.get("file")]):
        file_id, size = item.get("id"), item.get("size")
        if isinstance(file_id, str) and file_id:
            told = [storable(str(item.get(key) or "")) for key in ("name", "title", "mimetype", "permalink")]
            name, title, mimetype, permalink = told
            whole = size if isinstance(size, int) and 0 <= size < 2**63 else None
            yield FileRecord(file_id, name, title, mimetype, whole, permalink)
