"""The flags of ``run_cppa_slack_tracker`` and what follows from them, checked before any call."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from pydantic import Field

from boost_collectors.core.errors import CollectionSkipped, CommandError
from boost_collectors.core.options import Options, parse_instant
from boost_collectors.core.settings import Settings
from boost_collectors.core.window import Window


class SlackOptions(Options):
    """Which workspace and channel, which days, and which phases."""

    team_id: str = Field("", description="Only this workspace; all of SLACK_TEAM_IDS without it.")
    channel_id: str = Field("", description="Only this channel: its row, members and messages.")
    start_date: str = Field("", description="Only messages from this day on, YYYY-MM-DD or ISO date-time (UTC).")
    end_date: str = Field("", description="Only messages up to the end of this day, YYYY-MM-DD or ISO date-time (UTC).")
    messages_json: str = Field("", description="File, folder or zip of saved messages or an export, imported first.")
    sync_users: bool = Field(False, description="Only the phases named: members of the workspace.")
    sync_channels: bool = Field(False, description="Only the phases named: channels.")
    sync_channel_users: bool = Field(False, description="Only the phases named: who is in which channel.")
    sync_messages: bool = Field(False, description="Only the phases named: messages.")
    dry_run: bool = Field(False, description="Say what would be done; write nothing.")
    ignore_pinecone: bool = Field(False, description="Leave the vector index alone.")

    @property
    def phases(self) -> frozenset[str]:
        """The phases to run: ``users``, ``channels``, ``memberships``, ``messages``; all but the third by default."""
        asked = {
            "users": self.sync_users,
            "channels": self.sync_channels,
            "memberships": self.sync_channel_users,
            "messages": self.sync_messages,
        }
        named = frozenset(name for name, is_on in asked.items() if is_on)
        return named or frozenset({"users", "channels", "messages"})

    @property
    def window(self) -> Window | None:
        """The whole days that the two dates name, as a backfill; None without them.

        Raises CommandError for anything but dates, and for a start after the end.
        """
        since = _day(self.start_date, "--start-date")
        until = _day(self.end_date, "--end-date")
        if since and until and since > until:
            raise CommandError(f"--start-date {self.start_date.strip()} is after --end-date {self.end_date.strip()}")
        if since is None and until is None:
            return None
        return Window.between(since, _next_day(until) if until else None)

    @property
    def saved_messages(self) -> Path | None:
        """The path of ``--messages-json``. Raises CommandError when there is nothing."""
        if not self.messages_json.strip():
            return None
        path = Path(self.messages_json.strip())
        if not path.exists():
            raise CommandError(f"--messages-json: {path} does not exist")
        return path

    def teams(self, settings: Settings) -> tuple[str, ...]:
        """The workspaces to collect.

        Raises CollectionSkipped when nothing at all is said about Slack, CommandError when something is, but no
        workspace is named.
        """
        teams = (self.team_id.strip(),) if self.team_id.strip() else settings.slack_team_ids
        if teams:
            return teams
        told = "Team ID is required: give --team-id or set SLACK_TEAM_ID (or SLACK_TEAM_IDS)"
        if self.channel_id.strip() or self.messages_json.strip():
            raise CommandError(told)
        if unlisted := sorted({*settings.slack_bot_tokens, *settings.slack_app_tokens}):
            raise CommandError(f"{told}; there are tokens for {', '.join(unlisted)}")
        raise CollectionSkipped(f"{told}; Slack is not configured")


def _day(value: str, name: str) -> datetime | None:
    if not value.strip():
        return None
    try:
        moment = parse_instant(value, name)
    except CommandError:
        raise CommandError(f"{name}: {value.strip()!r} is not YYYY-MM-DD or an ISO date-time") from None
    return datetime.combine(moment.date(), time(), UTC)


def _next_day(day: datetime) -> datetime:
    try:
        return day + timedelta(days=1)
    except OverflowError:  # the last day of the calendar, as people write "without end"
        return datetime.max.replace(tzinfo=UTC)
