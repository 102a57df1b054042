"""From what a preprocessor returns to documents that can be compared, split and stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TRACKED = ("source_ids", "ids")
"""Where an item names the rows that it was made of: in its metadata, else in the item itself."""
RESERVED = ("id", "_id", "chunk_text")
"""What only the record itself may be called."""
_LEFT_OUT = frozenset((*RESERVED, "source_ids"))
_PLAIN = frozenset((str, bool, int, float))


class RejectedItem(ValueError):
    """An item that cannot be stored, with the source ids by which it is retried."""

    def __init__(self, message: str, source_ids: str) -> None:
        super().__init__(message)
        self.source_ids = source_ids


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its metadata. ``base`` is what vector ids are made of: its ``doc_id``, else its ``url``.

    ``source_ids`` names the rows it was made of, separated by commas. ``gone``: its vectors are to be removed.
    """

    base: str
    content: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    source_ids: str = ""
    gone: bool = False

    @property
    def title(self) -> str:
        title = self.metadata.get("title")
        return str(title).strip() if title else ""


def document_of(item: Mapping[str, Any]) -> Document | None:
    """The document of a preprocessor's item; None for one without ``doc_id`` and ``url``: nobody could find it again.

    Null metadata is left out, nested metadata becomes JSON text, lists become lists of text. ``gone: True`` in the item
    stands for one whose source is gone. Raises RejectedItem for content that is not text.
    """
    base = base_of(item)
    if not base:
        return None
    given = dict(item["metadata"])
    source_ids = tracked_ids(item)
    content = "" if item.get("gone") else item.get("content", "")
    if not isinstance(content, str):
        kind = type(content).__name__
        raise RejectedItem(f"the content of document {base!r} is {kind}, not text", source_ids)
    return Document(base, content, _cleaned(given, source_ids), source_ids, bool(item.get("gone")))


def split_ids(source_ids: str) -> list[str]:
    """The single ids of a comma-separated text, without blanks and repetitions, in order."""
    if "," not in source_ids:
        return [single] if (single := source_ids.strip()) else []
    return list(dict.fromkeys(part for part in map(str.strip, source_ids.split(",")) if part))


def tracked_ids(item: Mapping[str, Any]) -> str:
    """The source ids of a preprocessor's item, separated by commas; empty when it names none."""
    for place in (item.get("metadata") or {}, item):
        for key in TRACKED:
            if value := place.get(key):
                return ",".join(map(str, value)) if isinstance(value, (list, tuple, set)) else str(value)
    return ""


def base_of(item: Mapping[str, Any]) -> str:
    """What the vector ids of an item are made of; empty when it has neither ``doc_id`` nor ``url``."""
    metadata = item.get("metadata") or {}
    base = metadata.get("doc_id", metadata.get("url"))
    return "" if base is None or not str(base).strip() else str(base)


def _cleaned(metadata: Mapping[str, Any], source_ids: str) -> dict[str, Any]:
    kept = {
        str(key): value if type(value) in _PLAIN else _value(value)
        for key, value in metadata.items()
        if value is not None and key not in _LEFT_OUT
    }
    kept["table_ids"] = source_ids
    return kept


def _value(value: Any) -> Any:
    if isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, (list, tuple, set)):
        return [element if isinstance(element, str) else str(element) for element in value]
    if isinstance(value, Mapping):
        return json.dumps(value, sort_keys=True, default=str)
    return str(value)
