"""Discord's addresses. Those of files carry a signature that differs in every answer; rows must not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

CDN_URL = "https://cdn.discordapp.com"

_CDN_HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
_SIGNATURE = frozenset({"ex", "is", "hm"})


def message_url(server_id: int, channel_id: int, message_id: int | None = None) -> str:
    """Where people read a message, or a channel."""
    base = f"https://discord.com/channels/{server_id}/{channel_id}"
    return base if message_id is None else f"{base}/{message_id}"


def without_signature(url: str) -> str:
    """A file's address without what signs it (``ex``, ``is``, ``hm``); any other address as it is."""
    if "hm=" not in url and "ex=" not in url:
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if parts.hostname not in _CDN_HOSTS:
        return url
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in _SIGNATURE]
    return parts._replace(query=urlencode(kept)).geturl()


def plain_values(value: Any) -> Any:
    """A JSON value as it is stored: no signatures in addresses, no NUL characters, which PostgreSQL cannot hold."""
    if isinstance(value, str):
        return without_signature(value.replace("\0", ""))
    if isinstance(value, list):
        return [plain_values(item) for item in value]
    if isinstance(value, dict):
        return {name.replace("\0", ""): plain_values(item) for name, item in value.items()}
    return value


def avatar_url(user: Mapping[str, Any]) -> str:
    """The picture of a user as the API tells it: the user's own, or the one Discord gives to those without."""
    user_id, own = str(user.get("id", "")), user.get("avatar")
    if own:
        kind = "gif" if str(own).startswith("a_") else "png"
        return f"{CDN_URL}/avatars/{user_id}/{own}.{kind}?size=512"
    tag = str(user.get("discriminator") or "0")
    number = int(tag) % 5 if tag.isdigit() and int(tag) else (int(user_id) >> 22) % 6 if user_id.isdigit() else 0
    return f"{CDN_URL}/embed/avatars/{number}.png"


def icon_url(guild: Mapping[str, Any]) -> str:
    """The icon of a server as the API tells it; empty when it has none."""
    icon = guild.get("icon")
    kind = "gif" if str(icon).startswith("a_") else "png"
    return f"{CDN_URL}/icons/{guild.get('id')}/{icon}.{kind}?size=512" if icon else ""
