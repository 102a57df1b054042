"""What servers, channels and messages look like to us, and how they are read from an export's JSON.

There is one shape of a message, that of DiscordChatExporter's JSON files: what the API answers is put into it first
(``api_format``), so a message has the same row whichever way it arrives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from boost_collectors.core.utils.datetime_parsing import ensure_aware_utc
from boost_collectors.cppa_user_tracker.services import SeenDiscordProfile
from boost_collectors.discord_activity_tracker.kinds import message_kind
from boost_collectors.discord_activity_tracker.snowflakes import to_id
from boost_collectors.discord_activity_tracker.urls import plain_values, without_signature

MAX_NAME = 255
MAX_URL = 512
MAX_KIND = 50
MAX_COUNT = 2**31 - 1

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """A server (guild)."""

    server_id: int
    name: str
    icon_url: str = ""


@dataclass(frozen=True, slots=True)
class ChannelRecord:
    """A channel or thread. ``category_id`` of a thread is its channel. None: the source does not say."""

    channel_id: int
    name: str
    kind: str = ""
    topic: str = ""
    category_id: int | None = None
    category_name: str = ""
    position: int | None = None


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """One message of a channel. Instants are aware UTC; ``reactions`` are pairs of emoji and count."""

    message_id: int
    channel_id: int
    author: SeenDiscordProfile
    content: str
    kind: str
    created_at: datetime
    edited_at: datetime | None = None
    is_pinned: bool = False
    reply_to: int | None = None
    reactions: Sequence[tuple[str, int]] = ()
    attachments: Sequence[dict[str, Any]] = ()
    embeds: Sequence[Any] = ()
    stickers: Sequence[Any] = ()


def server_of(guild: Json) -> ServerRecord:
    """The server of an export's envelope. Raises ValueError when it has no id."""
    return ServerRecord(
        to_id(guild.get("id"), "guild id"),
        _text(guild.get("name"), MAX_NAME) or "unknown",
        _url(guild.get("iconUrl")),
    )


def channel_of(channel: Json) -> ChannelRecord:
    """The channel of an export's envelope. Raises ValueError when it has no id."""
    category = channel.get("categoryId")
    return ChannelRecord(
        channel_id=to_id(channel.get("id"), "channel id"),
        name=_text(channel.get("name"), MAX_NAME) or "unknown",
        kind=_text(channel.get("type"), MAX_KIND),
        topic=_text(channel.get("topic")),
        category_id=to_id(category, "category id") if category else None,
        category_name=_text(channel.get("category"), MAX_NAME),
    )


def message_of(raw: object, channel_id: int) -> MessageRecord:
    """The record of one message of an export. Raises ValueError saying what is wrong with it."""
    if not isinstance(raw, Mapping):
        raise ValueError(f"a message is {type(raw).__name__}, not an object")
    get = raw.get
    content = get("content", "")
    if not isinstance(content, str):
        raise ValueError("content is not text")
    reactions, attachments, embeds, stickers = get("reactions"), get("attachments"), get("embeds"), get("stickers")
    reference = get("reference")
    return MessageRecord(
        message_id=to_id(get("id"), "message id"),
        channel_id=channel_id,
        author=_author_of(get("author")),
        content=content,
        kind=message_kind(get("type"))[:MAX_KIND],
        created_at=_instant(get("timestamp"), "timestamp"),
        edited_at=_instant(edited, "timestampEdited") if (edited := get("timestampEdited")) else None,
        is_pinned=get("isPinned") is True,
        reply_to=_replied(reference) if reference else None,
        reactions=_reactions(reactions) if reactions else (),
        attachments=_attachments(attachments) if attachments else (),
        embeds=plain_values(embeds) if embeds else (),
        stickers=plain_values(stickers) if stickers else (),
    )


def _author_of(author: Any) -> SeenDiscordProfile:
    if not isinstance(author, Mapping):
        raise ValueError("it has no author")
    get = author.get
    try:
        return _author(get("id"), get("name"), get("nickname"), get("avatarUrl"), get("isBot"))
    except TypeError:  # something that cannot be hashed, so no text
        raise ValueError(f"author {get('id')!r:.60} is not as it should be") from None


@lru_cache(maxsize=50_000)
def _author(user_id: object, name: object, nickname: object, avatar: object, bot: object) -> SeenDiscordProfile:
    username = _text(name, MAX_NAME) or "unknown"
    return SeenDiscordProfile(
        discord_user_id=to_id(user_id, "author id"),
        username=username,
        display_name=_text(nickname, MAX_NAME) or username,
        avatar_url=_url(avatar),
        is_bot=bot is True,
    )


def _instant(value: object, what: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)  # type: ignore[arg-type]  # anything else is the TypeError below
        return moment if moment.tzinfo is UTC else ensure_aware_utc(moment)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{what} {value!r:.60} is not an instant") from None


def _replied(reference: object) -> int | None:
    given = (reference.get("messageId") or reference.get("message_id")) if isinstance(reference, Mapping) else None
    return to_id(given, "id of the message replied to") if given else None


def _reactions(reactions: object) -> Sequence[tuple[str, int]]:
    """Emoji and count; custom emoji of one name are one, because the name is all that a row holds of them."""
    counts: dict[str, int] = {}
    for reaction in reactions if isinstance(reactions, list) else ():
        if isinstance(reaction, Mapping) and (emoji := _emoji(reaction.get("emoji"))):
            counts[emoji] = min(counts.get(emoji, 0) + _count(reaction.get("count")), MAX_COUNT)
    return tuple(counts.items())


def _emoji(emoji: object) -> str:
    return _text(emoji.get("name") if isinstance(emoji, Mapping) else emoji, MAX_NAME)


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _attachments(attachments: object) -> list[dict[str, Any]]:
    given = attachments if isinstance(attachments, list) else []
    return [_attachment(item) for item in given if isinstance(item, Mapping) and isinstance(item.get("url"), str)]


def _attachment(item: Json) -> dict[str, Any]:
    kept = {
        "id": item.get("id"),
        "file_name": item.get("fileName"),
        "size": item.get("fileSizeBytes"),
        "content_type": item.get("contentType"),
        "url": without_signature(item["url"]),
    }
    return {name: plain_values(value) for name, value in kept.items() if value is not None}


def _text(value: object, limit: int | None = None) -> str:
    return value.replace("\0", "").strip()[:limit] if isinstance(value, str) else ""


def _url(value: object) -> str:
    """A URL that fits its column; cut ones lead nowhere, so a longer one is left out."""
    url = _text(value)
    return url if len(url) <= MAX_URL else ""
