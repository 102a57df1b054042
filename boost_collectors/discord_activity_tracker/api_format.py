"""From what Discord's API answers to the format of DiscordChatExporter, which everything else here reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from boost_collectors.discord_activity_tracker.kinds import channel_kind, message_kind
from boost_collectors.discord_activity_tracker.urls import avatar_url, icon_url, plain_values

Json = Mapping[str, Any]


def export_guild(guild: Json) -> dict[str, Any]:
    """A guild object as an export's ``guild``."""
    return {"id": guild.get("id"), "name": guild.get("name"), "iconUrl": icon_url(guild)}


def export_channel(channel: Json, parent_name: str | None) -> dict[str, Any]:
    """A channel object as an export's ``channel``; ``parent_name`` is that of its category, or a thread's channel."""
    return {
        "id": channel.get("id"),
        "type": channel_kind(channel.get("type")),
        "categoryId": channel.get("parent_id"),
        "category": parent_name,
        "name": channel.get("name"),
        "topic": channel.get("topic"),
    }


def export_message(message: Json) -> dict[str, Any]:
    """A message object as an element of an export's ``messages``. What the API does not tell stays None."""
    reference = message.get("message_reference")
    exported: dict[str, Any] = {
        "id": message.get("id"),
        "type": message_kind(message.get("type")),
        "timestamp": message.get("timestamp"),
        "timestampEdited": message.get("edited_timestamp"),
        "isPinned": message.get("pinned"),
        "content": message.get("content", ""),
        "author": _author(message.get("author")),
        "attachments": [_attachment(item) for item in _objects(message.get("attachments"))],
        "embeds": plain_values(message.get("embeds") or []),
        "stickers": [_sticker(item) for item in _objects(message.get("sticker_items"))],
        "reactions": [_reaction(item) for item in _objects(message.get("reactions"))],
        "mentions": [_author(item) for item in _objects(message.get("mentions"))],
    }
    if isinstance(reference, Mapping):
        exported["reference"] = {
            "messageId": reference.get("message_id"),
            "channelId": reference.get("channel_id"),
            "guildId": reference.get("guild_id"),
        }
    if message.get("poll"):
        exported["poll"] = message["poll"]
    return exported


def _objects(values: object) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _author(user: object) -> dict[str, Any] | None:
    if not isinstance(user, dict):
        return None
    return {
        "id": user.get("id"),
        "name": user.get("username"),
        "discriminator": user.get("discriminator"),
        "nickname": user.get("global_name") or user.get("username"),
        "isBot": bool(user.get("bot")),
        "avatarUrl": avatar_url(user),
    }


def _attachment(item: Json) -> dict[str, Any]:
    return {
        "id": item.get("id"),
        "url": plain_values(item.get("url")),
        "fileName": item.get("filename"),
        "fileSizeBytes": item.get("size"),
        "contentType": item.get("content_type"),
    }


def _sticker(item: Json) -> dict[str, Any]:
    return {"id": item.get("id"), "name": item.get("name"), "format": item.get("format_type")}


def _reaction(item: Json) -> dict[str, Any]:
    emoji = item.get("emoji") if isinstance(item.get("emoji"), dict) else {}
    assert isinstance(emoji, dict)
    kept = {"id": emoji.get("id"), "name": emoji.get("name"), "isAnimated": bool(emoji.get("animated"))}
    return {"emoji": kept, "count": item.get("count")}
