"""The only writers of the Discord tables, and the reads that others may use.

The session comes first and is never committed here. Ids are Discord's own unless a name says ``_row``.
"""

from boost_collectors.discord_activity_tracker.services.chains import Chain, ChainMessage, find_chains
from boost_collectors.discord_activity_tracker.services.channels import (
    active_channels,
    mark_channel_gone,
    mark_missing_channels,
    newest_message_at,
    store_channels,
    store_server,
)
from boost_collectors.discord_activity_tracker.services.deletions import Span, mark_deleted, mark_message_deleted
from boost_collectors.discord_activity_tracker.services.export import (
    Answered,
    ExportedMessage,
    changed_days,
    channel_names,
    database_now,
    exportable_channels,
    may_be_renamed,
    messages_of_day,
)
from boost_collectors.discord_activity_tracker.services.messages import (
    AuthorIds,
    StoredMessages,
    create_or_update_message,
    store_messages,
)
from boost_collectors.discord_activity_tracker.services.reactions import add_or_update_reaction

__all__ = [
    "Answered",
    "AuthorIds",
    "Chain",
    "ChainMessage",
    "ExportedMessage",
    "Span",
    "StoredMessages",
    "active_channels",
    "add_or_update_reaction",
    "changed_days",
    "channel_names",
    "create_or_update_message",
    "database_now",
    "exportable_channels",
    "find_chains",
    "mark_channel_gone",
    "mark_deleted",
    "mark_message_deleted",
    "mark_missing_channels",
    "may_be_renamed",
    "messages_of_day",
    "newest_message_at",
    "store_channels",
    "store_messages",
    "store_server",
]
