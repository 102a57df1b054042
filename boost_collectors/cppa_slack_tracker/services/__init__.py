"""The only writers of the Slack tables, and the reads that others may use. Nothing here commits."""

from boost_collectors.cppa_slack_tracker.services.documents import (
    LONGEST_RUN,
    IndexedChannel,
    IndexedMessage,
    IndexedTeam,
    Moved,
    channels_for_index,
    stretch_messages,
    stretches_for_index,
    teams_for_index,
    thread_messages,
    threads_for_index,
)
from boost_collectors.cppa_slack_tracker.services.members import Change, store_changes, sync_members
from boost_collectors.cppa_slack_tracker.services.messages import (
    Posting,
    Stored,
    mark_vanished,
    mark_vanished_replies,
    store_messages,
)
from boost_collectors.cppa_slack_tracker.services.teams import (
    PUBLIC,
    ChannelRow,
    channel_rows,
    ensure_team,
    find_team,
    mark_channels_gone,
    slug,
    store_channels,
)
from boost_collectors.cppa_slack_tracker.services.threads import ThreadState, remember_threads, threads_to_read

__all__ = [
    "LONGEST_RUN",
    "PUBLIC",
    "Change",
    "ChannelRow",
    "IndexedChannel",
    "IndexedMessage",
    "IndexedTeam",
    "Moved",
    "Posting",
    "Stored",
    "ThreadState",
    "channel_rows",
    "channels_for_index",
    "ensure_team",
    "find_team",
    "mark_channels_gone",
    "mark_vanished",
    "mark_vanished_replies",
    "remember_threads",
    "slug",
    "store_changes",
    "store_channels",
    "store_messages",
    "stretch_messages",
    "stretches_for_index",
    "sync_members",
    "teams_for_index",
    "thread_messages",
    "threads_for_index",
    "threads_to_read",
]
