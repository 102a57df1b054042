"""Where a found document can be read: its own address, or one made of what its metadata names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from boost_collectors.core.settings import Settings


def link_of(fields: Mapping[str, Any], settings: Settings) -> str:
    """The address of a document, empty when its metadata makes none."""
    if fields.get("url"):
        return str(fields["url"])
    named = {name: quote(str(value), safe="@") for name, value in fields.items() if isinstance(value, str) and value}
    try:
        return _PATTERNS.get(named.get("type", ""), "").format(archive=_archive(settings), **named)
    except KeyError:
        return ""


_PATTERNS = {
    "mailing": "{archive}/list/{list_name}/message/{doc_id}/",
    "discord": "https://discord.com/channels/{server_id}/{channel_id}/{doc_id}",
    "slack": "https://slack.com/app_redirect?team={team_id}&channel={channel_id}",
}


def _archive(settings: Settings) -> str:
    return settings.mailing_list_api_url.rstrip("/").removesuffix("/api")
