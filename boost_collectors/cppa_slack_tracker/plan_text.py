"""What a dry run says."""

from __future__ import annotations

from collections.abc import Iterator

from boost_collectors.core.window import Window
from boost_collectors.cppa_slack_tracker.options import SlackOptions


def planned(options: SlackOptions, window: Window, team_id: str) -> Iterator[str]:
    """A line for each thing that a run with these options would do in a workspace."""
    yield f"Dry run of {team_id}: nothing is written"
    where = options.channel_id.strip() or "all channels"
    if not (options.sync_users or options.sync_channels or options.sync_channel_users or options.sync_messages):
        yield "Would run: sync users, channels, and messages (memberships only with --sync-channel-users)"
    if "users" in options.phases:
        yield "Would run: sync users"
    if "channels" in options.phases:
        yield f"Would run: sync channels ({where})"
    if "memberships" in options.phases:
        yield f"Would run: sync memberships ({where})"
    if "messages" in options.phases:
        start = window.since.isoformat() if window.since else "from DB or today"
        end = window.until.isoformat() if window.until else "today"
        yield f"Would run: sync messages ({where}), start={start}, end={end}"
    if options.messages_json.strip():
        yield f"Would load legacy messages from {options.messages_json.strip()}"
