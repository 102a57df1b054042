"""From any shape a message comes in (archive answer, cached file of the earlier system) to one typed record.

There is one way only, so the same message has the same sender whichever way it arrives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from boost_collectors.core.utils.datetime_parsing import parse_iso_datetime_lenient

UNKNOWN_SENDER = "Unknown Sender"
MAX_SUBJECT = 1024
MAX_TEXT = 255

# Blanks around a marker belong to it, as archives write them: "user (a) example.org", "user [at]example.org".
_MARKERS = re.compile(r" \(a\) | \[at\] | \[at\]|\[at\] | at |\[at\]|\(at\)")
_LIST_IN_PATH = re.compile(r"/list/([^/?#]+)/")
_LIST_ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@lists\.boost\.org")


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
    return MessageRecord(
        msg_id=_first(payload, "msg_id", "message_id_hash", url="url") or _text(payload.get("message_id")).strip(),
        parent_id=_first(payload, "parent_id", url="parent"),
        thread_id=_first(payload, "thread_id", url="thread")
        or last_segment(_text(payload.get("thread_url")))
        or _text(thread_info.get("thread_id")).strip(),
        list_name=list_name or _list_name(payload, thread_info),
        subject=_text(payload.get("subject")).strip()[:MAX_SUBJECT],
        content=_text(payload.get("content")),
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
    return urlsplit(url.strip()).path.rstrip("/").rpartition("/")[2]


def deobfuscate(address: str) -> str:
    """An address as archives print it, as an address: lower case, the last ``(a)``, ``[at]`` or `` at `` is the @."""
    text = address.strip().lower()
    if "@" not in text:
        markers = list(_MARKERS.finditer(text))
        if markers:
            text = f"{text[: markers[-1].start()]}@{text[markers[-1].end() :]}"
    return text.strip(" .,;()[]")


def _text(value: Any) -> str:
    # PostgreSQL cannot store NUL, and archives do contain it.
    return "" if value is None else str(value).replace("\x00", "")


def _first(payload: Mapping[str, Any], *keys: str, url: str) -> str:
    for key in keys:
        if value := _text(payload.get(key)).strip():
            return value
    return last_segment(_text(payload.get(url)))


def _list_name(payload: Mapping[str, Any], thread_info: Mapping[str, Any]) -> str:
    if name := _text(payload.get("list_name")).strip():
        return name
    texts = [
        _text(payload.get("url")),
        _text(payload.get("thread_url")),
        _text(thread_info.get("url")),
        _text(thread_info.get("emails_url")),
        _text(payload.get("to")),
    ]
    for pattern in (_LIST_IN_PATH, _LIST_ADDRESS):
        for text in texts:
            if match := pattern.search(text):
                return match.group(match.lastindex or 0)
    return ""


def _sender(payload: Mapping[str, Any]) -> tuple[str, str]:
    """(address, name), each from the first place that has it."""
    address, name = _text(payload.get("sender_address")), _text(payload.get("sender_name"))
    sender = payload.get("sender")
    if isinstance(sender, Mapping):
        address = address or _text(sender.get("address") or sender.get("email"))
        name = name or _text(sender.get("name") or sender.get("sender_name") or sender.get("display_name"))
    if not address.strip() or not name.strip():
        from_address, from_name = _parse_from(_text(payload.get("from")))
        address, name = address.strip() or from_address, name.strip() or from_name
    return deobfuscate(address), name.strip()


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
    text = _text(payload.get("sent_at")).strip() or _text(payload.get("date")).strip()
    moment = parse_iso_datetime_lenient(text) or _parse_mail_date(text)
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _parse_mail_date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
