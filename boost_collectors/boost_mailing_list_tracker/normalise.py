"""From any shape a message comes in (archive answer, cached file of the earlier system) to one typed record.

There is one way only, so the same message has the same sender whichever way it arrives.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from boost_collectors.core.utils.datetime_parsing import ensure_aware_utc, parse_iso_datetime_lenient

logger = logging.getLogger(__name__)

UNKNOWN_SENDER = "Unknown Sender"
MAX_SUBJECT = 1024
MAX_TEXT = 255

# Blanks around a marker belong to it, as archives write them: "user (a) example.org", "user [at]example.org".
_MARKERS = re.compile(r" \(a\) | \[at\] | \[at\]|\[at\] | at |\[at\]|\(at\)")
_LIST_IN_PATH = re.compile(r"/list/([^/?#]+)/")
_LIST_ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@lists\.boost\.org(?![A-Za-z0-9-]|\.[A-Za-z0-9])")


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """One message of one list. ``sent_at`` is aware UTC, None when the archive's date cannot be read."""

    msg_id: str
    list_name: str
    parent_id: str = ""
    thread_id: str = ""
    subject: str = ""
    content: str = ""
    sent_at: datetime | None = None
    sender_name: str = UNKNOWN_SENDER
    sender_address: str = ""

    @property
    def incomplete(self) -> str:
        """Why the message is stored but not whole: a missing address takes precedence; empty when it is whole."""
        if not self.sender_address:
            return "missing sender_address"
        return "" if self.sent_at else "invalid sent_at"

    @property
    def unstorable(self) -> str:
        """Why the message cannot be a row; empty when it can."""
        for field in ("msg_id", "parent_id", "thread_id", "sender_name", "sender_address"):
            if len(getattr(self, field)) > MAX_TEXT:
                return f"{field} is longer than {MAX_TEXT} characters"
        return "" if self.msg_id else "no message id"


def normalise(
    payload: Mapping[str, Any], *, list_name: str = "", thread_info: Mapping[str, Any] | None = None
) -> MessageRecord:
    """The record of one message. ``list_name`` is the list it was fetched from, which wins over the payload's own."""
    thread_info = thread_info or {}
    address, name = _sender(payload)
    msg_id = _first(payload, "msg_id", "message_id_hash", url="url") or storable(payload.get("message_id")).strip()
    return MessageRecord(
        msg_id=msg_id,
        parent_id=_first(payload, "parent_id", url="parent"),
        thread_id=_first(payload, "thread_id", url="thread")
        or last_segment(storable(payload.get("thread_url")))
        or storable(thread_info.get("thread_id")).strip(),
        list_name=list_name or _list_name(payload, thread_info),
        subject=_subject(payload, msg_id),
        content=storable(payload.get("content")),
        sent_at=_sent_at(payload),
        sender_address=address,
        sender_name=_display_name(name, address),
    )


def iter_cached(document: Any) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """The (message, thread info) pairs of a cached file: a list, a bundle with ``messages``, or a single record."""
    thread_info: Mapping[str, Any] = {}
    items: Iterable[Any]
    if isinstance(document, Mapping) and isinstance(document.get("messages"), list):
        items = document["messages"]
        if isinstance(document.get("thread_info"), Mapping):
            thread_info = document["thread_info"]
    elif isinstance(document, list):
        items = document
    else:
        items = [document]
    for item in items:
        if isinstance(item, Mapping):
            yield item, thread_info


def last_segment(url: str) -> str:
    """The last path segment of a URL, ignoring a trailing slash and the query; a plain id is returned as it is."""
    try:
        path = urlsplit(url.strip()).path
    except ValueError:  # such as the host "[x"
        return ""
    return path.rstrip("/").rpartition("/")[2]


def deobfuscate(address: str) -> str:
    """An address as archives print it, as an address: lower case, the last ``(a)``, ``[at]`` or `` at `` is the @."""
    text = address.strip().lower()
    if "@" not in text:
        markers = list(_MARKERS.finditer(text))
        if markers:
            text = f"{text[: markers[-1].start()]}@{text[markers[-1].end() :]}"
    return text.strip(" .,;()[]")


def storable(value: Any) -> str:
    """Any JSON value as text that PostgreSQL can store: no NUL, ``?`` for half a surrogate pair, None as empty."""
    return "" if value is None else str(value).replace("\x00", "").encode("utf-8", "replace").decode()


def parse_moment(text: str) -> datetime | None:
    """An ISO or mail-style date as an aware UTC instant; no zone means UTC, None what is no date of the calendar."""
    try:
        return ensure_aware_utc(parse_iso_datetime_lenient(text) or _parse_mail_date(text))
    except OverflowError:
        return None


def _first(payload: Mapping[str, Any], *keys: str, url: str) -> str:
    for key in keys:
        if value := storable(payload.get(key)).strip():
            return value
    return last_segment(storable(payload.get(url)))


def _subject(payload: Mapping[str, Any], msg_id: str) -> str:
    subject = storable(payload.get("subject")).strip()
    if len(subject) > MAX_SUBJECT:
        logger.warning("The subject of message %s has %d characters: cut to %d", msg_id, len(subject), MAX_SUBJECT)
    return subject[:MAX_SUBJECT]


def _list_name(payload: Mapping[str, Any], thread_info: Mapping[str, Any]) -> str:
    if name := storable(payload.get("list_name")).strip():
        return name
    sources = (payload, "url"), (payload, "thread_url"), (thread_info, "url"), (thread_info, "emails_url")
    for mapping, key in (*sources, (payload, "to")):
        text = storable(mapping.get(key))
        if match := _LIST_IN_PATH.search(text) or _LIST_ADDRESS.search(text):
            return match.group(match.lastindex or 0)
    return ""


def _sender(payload: Mapping[str, Any]) -> tuple[str, str]:
    """(address, name), each from the first place that has it."""
    sender = payload.get("sender")
    sender = sender if isinstance(sender, Mapping) else {}
    address = _first_text(payload.get("sender_address"), sender.get("address"), sender.get("email"))
    name = _first_text(
        payload.get("sender_name"), sender.get("name"), sender.get("sender_name"), sender.get("display_name")
    )
    if not address or not name:
        from_address, from_name = _parse_from(storable(payload.get("from")))
        address, name = address or from_address, name or from_name
    return deobfuscate(address), name


def _first_text(*values: Any) -> str:
    return next((text for value in values if (text := storable(value).strip())), "")


def _parse_from(text: str) -> tuple[str, str]:
    name, bracket, rest = text.partition("<")
    if not bracket:
        return "", text.strip()
    return rest.partition(">")[0], name.strip().strip('"').strip()


def _display_name(name: str, address: str) -> str:
    name = name or UNKNOWN_SENDER
    if name == UNKNOWN_SENDER and "@" in address:
        return address.partition("@")[0] or UNKNOWN_SENDER
    return name


def _sent_at(payload: Mapping[str, Any]) -> datetime | None:
    return parse_moment(_first_text(payload.get("sent_at"), payload.get("date")))


def _parse_mail_date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
