"""What the Markdown pages of issues and pull requests are put together from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

JsonObject = Mapping[str, Any]

_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)Z")


def text(item: JsonObject, key: str) -> str:
    """A value as text; empty when missing or null."""
    value = item.get(key)
    return "" if value is None else str(value)


def items(item: JsonObject, key: str) -> list[JsonObject]:
    """The objects of a list that may be missing or null."""
    return [entry for entry in item.get(key) or () if isinstance(entry, Mapping)]


def username(item: JsonObject, unknown: str = "Unknown") -> str:
    """The login of who wrote it; ``unknown`` for a deleted account."""
    return text(item.get("user") or {}, "login") or unknown


def instant(item: JsonObject, key: str) -> str:
    """A time to sort by: GitHub's times sort as text, and what has none comes first."""
    return text(item, key)


def shown_instant(value: str) -> str:
    """``2020-01-20T09:05:53Z`` as ``2020-01-20 09:05:53 UTC``; other text with the same replacements."""
    return value.replace("T", " ").replace("Z", " UTC")


def instant_or_na(item: JsonObject, key: str) -> str:
    """A time of a pull request: ``N/A`` when missing, and unchanged unless written exactly as GitHub writes it."""
    value = text(item, key)
    found = _INSTANT.fullmatch(value)
    return f"{found[1]} {found[2]} UTC" if found else value or "N/A"


def with_breaks(body: str) -> str:
    """A text whose line breaks stay breaks in Markdown: each ends in two spaces."""
    return body.replace("\r\n", "\n").replace("\r", "").replace("\n", "  \n").strip()


def quoted(*facts: tuple[str, str | None]) -> str:
    """``> Key: value`` lines, each ending in two spaces; a fact that is None is left out."""
    return "\n".join(f"> {key}: {value}  " for key, value in facts if value is not None)


def comment_facts(comment: JsonObject) -> str:
    """Who commented on a pull request, and when."""
    created, updated = text(comment, "created_at"), text(comment, "updated_at")
    return quoted(
        ("Username", username(comment)),
        ("Created_at", instant_or_na(comment, "created_at")),
        ("Updated_at", instant_or_na(comment, "updated_at") if updated and updated != created else None),
        ("Url", text(comment, "html_url") or text(comment, "url")),
    )


def page(parts: Iterable[str]) -> str:
    """Parts with a blank line between them, without empty ones, and one newline at the end."""
    return "\n\n".join(part for part in parts if part).rstrip("\n") + "\n"
