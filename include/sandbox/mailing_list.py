"""Mailing-list archives as HyperKitty's REST API gives them, under ``<url>/archives/api``.

Samples are one mbox file per list, named after its address. From a folder of real data it serves HyperKitty answers
recorded in ``mailing-list/hyperkitty-rest/`` and the mbox of a list that was not recorded. Newest archived first, as
the real service has it; an mbox is taken to be in the order of archiving.
"""

from __future__ import annotations

import base64
import hashlib
import json
import mailbox
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request, url_for

from include.sandbox.faults import page_start
from include.sandbox.shelf import Shelf

RECORDED = "mailing-list/hyperkitty-rest"
REAL_MBOX = {"r-package-devel@r-project.org": "mailing-list/mbox/r-package-devel_2026q3.mbox"}
DEFAULT_LIMIT = 25

Json = dict[str, Any]


def blueprint(shelf: Shelf) -> Blueprint:
    """The index and the messages of every list of the shelf; unknown lists and messages are 404."""
    pages = Blueprint("mailing_list", __name__, url_prefix="/archives/api")

    @pages.get("/list/<address>/emails/")
    def emails(address: str) -> Response:
        messages = _messages(shelf, address)
        limit = request.args.get("limit", DEFAULT_LIMIT, int)
        offset = request.args.get("offset", 0, int)
        start = page_start(offset, limit)
        end = offset + limit
        following = None
        if end < len(messages):
            following = url_for(".emails", address=address, limit=limit, offset=end, _external=True)
        rows = [_linked(_index_row(message), address) for message in messages[start : start + limit]]
        return jsonify(count=len(messages), next=following, previous=None, results=rows)

    @pages.get("/list/<address>/email/<msg_id>/")
    def email(address: str, msg_id: str) -> Response:
        found = [message for message in _messages(shelf, address) if message["message_id_hash"] == msg_id]
        if not found:
            abort(404)
        return jsonify(_linked(found[0], address))

    return pages


def environment(base_url: str) -> dict[str, str]:
    """The setting that makes the collector read its lists from here."""
    return {"MAILING_LIST_API_URL": f"{base_url}/archives/api"}


def _messages(shelf: Shelf, address: str) -> list[Json]:
    """The list's messages, newest archived first, with bare ids where the service has links."""
    sample = shelf.samples / f"{address}.mbox"
    if sample.is_file():
        return _from_mbox(sample, sample.stat().st_mtime_ns)
    recorded = _recorded_lists(shelf.real) if shelf.real else {}
    if address in recorded:
        return _recorded(recorded[address])
    if shelf.real is None or address not in REAL_MBOX:
        abort(404)
    mbox = shelf.real / REAL_MBOX[address]
    return _from_mbox(mbox, mbox.stat().st_mtime_ns)


def _recorded_lists(real: Path) -> dict[str, Path]:
    folders = sorted((real / RECORDED).glob("*/"))
    return {json.loads((folder / "list.json").read_text(encoding="utf-8"))["name"]: folder for folder in folders}


@lru_cache(maxsize=4)
def _recorded(folder: Path) -> list[Json]:
    return list(_read_recorded(folder))


def _read_recorded(folder: Path) -> Iterator[Json]:
    for page in sorted((folder / "emails").glob("page-*.json")):
        for row in json.loads(page.read_text(encoding="utf-8"))["results"]:
            message = json.loads((folder / "email" / f"{row['message_id_hash']}.json").read_text(encoding="utf-8"))
            yield message | {key: _last_segment(message[key]) for key in ("thread", "parent")}


def _last_segment(url: str | None) -> str | None:
    return url.partition("?")[0].rstrip("/").rpartition("/")[2] if url else None


@lru_cache(maxsize=16)
def _from_mbox(path: Path, _changed: int) -> list[Json]:
    box = mailbox.mbox(path, create=False)
    messages = [_from_mail(mail) for mail in box]
    box.close()
    roots: dict[str, str] = {}
    for message in messages:
        own: str = message["message_id_hash"]
        message["thread"] = roots[own] = roots.get(message["parent"] or "", own)
    return messages[::-1]


def _from_mail(mail: Message) -> Json:
    name, address = parseaddr(_header(mail, "From"))
    message_id = str(mail["Message-ID"]).strip("<> ")
    parent = str(mail["In-Reply-To"] or "").strip("<> ")
    return {
        "message_id": message_id,
        "message_id_hash": message_hash(message_id),
        "sender": {"address": address.replace("@", " (a) "), "mailman_id": None, "emails": None},
        "sender_name": name or address,
        "subject": _header(mail, "Subject"),
        "date": parsedate_to_datetime(str(mail["Date"])).isoformat(),
        "parent": message_hash(parent) if parent else None,
        "children": [],
        "votes": {"likes": 0, "dislikes": 0, "status": "neutral"},
        "content": _text(mail),
        "attachments": [],
    }


def _header(mail: Message, name: str) -> str:
    return str(make_header(decode_header(str(mail[name] or ""))))


def message_hash(message_id: str) -> str:
    """HyperKitty's id of a message: base 32 of the SHA-1 of its Message-ID."""
    return base64.b32encode(hashlib.sha1(message_id.encode(), usedforsecurity=False).digest()).decode()


def _text(mail: Message) -> str:
    for part in mail.walk():
        if part.get_content_type() == "text/plain":
            body = part.get_payload(decode=True)
            assert isinstance(body, bytes)
            return body.decode(part.get_content_charset("utf-8"), "replace").strip()
    return ""


def _index_row(message: Json) -> Json:
    return {key: value for key, value in message.items() if key not in ("votes", "content", "attachments")}


def _linked(message: Json, address: str) -> Json:
    base = f"{request.url_root.rstrip('/')}/archives/api/list/{address}"
    linked = message | {"url": f"{base}/email/{message['message_id_hash']}/", "mailinglist": f"{base}/"}
    linked["thread"] = f"{base}/thread/{message['thread']}/"
    linked["parent"] = f"{base}/email/{message['parent']}/" if message["parent"] else None
    return linked
