"""What a run's flags and settings ask for: which span of time, which channels, which steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import Field

from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import CommandError
from boost_collectors.core.options import Options
from boost_collectors.core.settings import Settings
from boost_collectors.core.utils.datetime_parsing import ensure_aware_utc, parse_iso_datetime
from boost_collectors.core.window import Window

_IGNORED = (
    "discord_user_token",
    "allow_internal_discord_tokens",
    "discord_chat_exporter_cli",
    "discord_chat_exporter_dotnet_dll",
    "discord_chat_exporter_dotnet",
    "discord_chat_exporter_parallel",
    "discord_chat_exporter_macos_clear_quarantine",
    "discord_chat_exporter_sequential_export",
)


class DiscordOptions(Options):
    """Bounds, channels, and what to leave out. Without bounds a run goes on where the last one ended."""

    skip_discord_sync: bool = Field(False, description="Ask Discord for nothing; import and store nothing.")
    skip_markdown_export: bool = Field(False, description="Write no Markdown.")
    skip_remote_push: bool = Field(False, description="Commit and push nothing.")
    skip_pinecone: bool = Field(False, description="Leave the vector store alone.")
    ignore_pinecone: bool = Field(False, description="Old name of --skip-pinecone.")
    since: str = Field("", description="Only messages written at or after this ISO date or date-time.")
    from_date: str = Field("", description="Another name of --since.")
    start_time: str = Field("", description="Another name of --since.")
    until: str = Field("", description="Only messages written before this ISO date or date-time.")
    to_date: str = Field("", description="Old name of --until.")
    end_time: str = Field("", description="Another name of --until.")
    channels: str = Field("", description="Comma-separated channel ids, instead of DISCORD_CHANNEL_IDS.")
    task: Literal["sync", "export", "all"] | None = Field(
        None, description="Old way to say what to do: sync writes no Markdown, export asks Discord for nothing."
    )

    @property
    def syncs(self) -> bool:
        """True if messages are to be read."""
        return not self.skip_discord_sync and self.task != "export"

    @property
    def exports(self) -> bool:
        """True if Markdown is to be written."""
        return not self.skip_markdown_export and self.task != "sync"

    @property
    def pushes(self) -> bool:
        """True if Markdown may be pushed."""
        return not self.skip_remote_push and self.task != "sync"

    @property
    def skips_vectors(self) -> bool:
        """True if the vector store is to be left alone."""
        return self.skip_pinecone or self.ignore_pinecone or self.task == "export"


@dataclass(frozen=True, slots=True)
class Bounds:
    """A span of time as the flags give it, [since, until), aware UTC; None is open."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """True if no message can lie in it."""
        return self.since is not None and self.since == self.until

    @property
    def window(self) -> Window | None:
        """The backfill of the span; None when the flags say nothing, or it is empty."""
        return Window.between(self.since, self.until) if not self.is_empty and (self.since or self.until) else None


def bounds_of(options: DiscordOptions) -> Bounds:
    """The span that the flags ask for. Raises CommandError for text that is no instant, and for a reversed range."""
    since = _bound(options.since or options.from_date or options.start_time, "--since")
    until = _bound(options.until or options.to_date or options.end_time, "--until")
    if since and until and since > until:
        raise CommandError(f"invalid date range: --since {since.isoformat()} is after --until {until.isoformat()}")
    return Bounds(since, until)


def _bound(text: str, name: str) -> datetime | None:
    try:
        return ensure_aware_utc(parse_iso_datetime(text))
    except ValueError as error:
        raise CommandError(f"{name}: {error}") from None


def allowed_channels(options: DiscordOptions, settings: Settings, context: RunContext) -> frozenset[int]:
    """The ids that the run is restricted to; empty means every channel of the server.

    Raises CommandError when --channels names nothing that could be an id: no typing error widens a run to all.
    """
    words = [word.strip() for word in options.channels.split(",") if word.strip()]
    ids = frozenset(int(word) for word in words if word.isascii() and word.isdigit())
    if words and not ids:
        raise CommandError(f"--channels {options.channels!r} holds no channel id")
    if len(ids) < len(set(words)):
        context.log.warning("--channels: what is not all digits is left out of %r", options.channels)
    return ids or frozenset(int(channel) for channel in settings.discord_channel_ids)


def check_credentials(settings: Settings) -> None:
    """Raise CommandError unless there are a bot token and a server to read."""
    if not settings.discord_token:
        raise CommandError("Discord credentials not configured: set DISCORD_TOKEN to the token of a bot")
    if settings.discord_server_id is None:
        raise CommandError("DISCORD_SERVER_ID is not set, or is not a number")


def ignored_settings(settings: Settings) -> Sequence[str]:
    """The variables that are set and have no effect any more."""
    return [name.upper() for name in _IGNORED if name in settings.model_fields_set]
