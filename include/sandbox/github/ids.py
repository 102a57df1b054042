"""Opaque texts that GitHub's clients hand back: node ids and cursors."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

PREFIXES = {
    "Issue": "I",
    "PullRequest": "PR",
    "IssueComment": "IC",
    "PullRequestReview": "PRR",
    "PullRequestReviewComment": "PRRC",
    "PullRequestReviewThread": "PRRT",
    "Repository": "R",
    "User": "U",
    "Organization": "O",
    "Bot": "BOT",
    "Mannequin": "M",
    "Label": "LA",
    "License": "L",
    "Language": "LAN",
    "Commit": "C",
    "Ref": "REF",
    "Tag": "TA",
    "Tree": "T",
    "Blob": "B",
    "RepositoryTopic": "RT",
    "Topic": "TO",
}
TYPES = {prefix: name for name, prefix in PREFIXES.items()}


def node_id(kind: str, *parts: int | str) -> str:
    """The node id of an object of this type; ``parts`` identify it."""
    return f"{PREFIXES[kind]}_{_encode(list(parts))}"


def parse_node_id(text: str) -> tuple[str, list[Any]] | None:
    """The type and the identifying parts, or None for what is no node id."""
    prefix, _, rest = text.partition("_")
    parts = _decode(rest)
    return (TYPES[prefix], parts) if prefix in TYPES and isinstance(parts, list) and parts else None


def cursor(key: tuple[Any, ...]) -> str:
    """A place in a list, by the key of the element that stands there."""
    return "Y" + _encode(list(key))


def parse_cursor(text: str) -> tuple[Any, ...] | None:
    """The key, or None for what is no cursor of ours."""
    parts = _decode(text[1:]) if text.startswith("Y") else None
    return tuple(parts) if isinstance(parts, list) else None


def _encode(value: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


def _decode(text: str) -> Any:
    try:
        return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        return None
