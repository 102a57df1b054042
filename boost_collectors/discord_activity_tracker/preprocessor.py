"""Chains of messages as documents for the vector index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from boost_collectors.core.context import RunContext
from boost_collectors.core.document_pages import Item, Page, read_document_pages
from boost_collectors.core.settings import Settings
from boost_collectors.core.utils.text_processing import clean_text, validate_content_length, without_discord_markup
from boost_collectors.discord_activity_tracker.services import Chain, ChainMessage, find_chains
from boost_collectors.discord_activity_tracker.snowflakes import to_id

PAGE_SIZE = 500
"""Messages whose chains are in memory at a time."""
MOST_SOURCE_IDS = 1000
"""Of a chain's messages so many are named as its source: metadata is limited, and each of them stands for the chain."""


def preprocess_discord_for_pinecone(
    failed_ids: Sequence[str], final_sync_at: datetime | None, *, context: RunContext | None = None
) -> tuple[Iterator[Item], bool]:
    """Messages with all answers to them and to their answers, a document each, where any of these is new, changed or
    deleted since the last sync, or failed then.

    ``failed_ids``: Discord's ids of messages; what is no such number is ignored. Read page by page as the documents are
    taken. ``context``: a run's database and settings; without one, those of the environment.
    """
    met: set[int] = set()
    named = {number for failed in failed_ids if (number := _number(str(failed).strip()))}

    def read(session: Session, settings: Settings, after: int) -> Page[int]:
        chains, last = find_chains(session, since=final_sync_at, named=named, after=after, limit=PAGE_SIZE, met=met)
        minimum = settings.pinecone_min_text_length
        return [item for chain in chains for item in _items(chain, final_sync_at, named, minimum)], last

    return read_document_pages(context, 0, read), False


def _number(failed: str) -> int | None:
    try:
        return to_id(failed, "failed id")
    except ValueError:
        return None


def _items(chain: Chain, since: datetime | None, named: set[int], minimum: int) -> Iterator[Item]:
    yield item_of(chain, minimum)
    stored_at = {message.message_id: message.stored_at for message in chain}
    for message in chain[1:]:
        answered_at = stored_at[message.reply_to or 0]
        # What came before the message it answers began a document of its own until now.
        came_first = since is not None and message.stored_at <= since < answered_at
        if came_first or message.message_id in named:
            yield {"gone": True, "metadata": _metadata([message], [message])}


def item_of(chain: Chain, minimum: int) -> Item:
    """The document of a chain; one that is gone when what is not deleted of it has less than ``minimum`` characters."""
    lines = [(message, line) for message in chain if not message.is_deleted and (line := _line(message))]
    content = "\n".join(line for _, line in lines)
    if not validate_content_length(content, minimum):
        return {"gone": True, "metadata": _metadata(chain, chain)}
    return {"content": content, "metadata": _metadata(chain, [message for message, _ in lines])}


def _line(message: ChainMessage) -> str:
    text = clean_text(without_discord_markup(message.content), remove_extra_spaces=False)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'{message.user}: "{escaped}"' if text else ""


def _metadata(chain: Chain, sources: Chain) -> Item:
    left = [message for message in chain if not message.is_deleted] or chain
    first = left[0]
    # Ids are text: the index keeps numbers as floating point, which is too coarse for Discord's.
    return {
        "doc_id": str(chain[0].message_id),
        "type": "discord",
        "channel_id": str(first.channel_id),
        "channel_name": " - ".join(name for name in (first.category_name, first.channel_name) if name) or "?",
        "server_id": str(first.server_id),
        "server_name": first.server_name,
        "author": first.user,
        "timestamp": int(first.written_at.timestamp()),
        "is_reply_chain": len(left) > 1,
        "source_ids": ",".join(str(message.message_id) for message in sources[:MOST_SOURCE_IDS]),
    }
