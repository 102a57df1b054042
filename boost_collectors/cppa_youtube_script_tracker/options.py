"""The flags of ``run_cppa_youtube_script_tracker`` and what follows from them, checked before any call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import Field

from boost_collectors.core.errors import CommandError
from boost_collectors.core.options import Options, parse_instant
from boost_collectors.core.settings import Settings
from boost_collectors.core.utils.datetime_parsing import ensure_aware_utc
from boost_collectors.core.window import Window

EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)


class YoutubeOptions(Options):
    """Bounds, a channel, and what to leave out. Without bounds a run goes on where the last one ended."""

    start_time: str = Field("", description="Only videos published at or after this ISO date or date-time.")
    end_time: str = Field("", description="Only videos published before this ISO date or date-time.")
    channel_title: str = Field("", description="Only this channel; searches for the title when it is not known.")
    skip_transcript: bool = Field(False, description="Ask for no transcripts.")
    pinecone_app_id: str | None = Field(
        None, description="Hand the documents to the vector index in this run too, under this application type."
    )
    pinecone_namespace: str | None = Field(
        None, description="Likewise, into this namespace instead of YOUTUBE_PINECONE_NAMESPACE."
    )

    @property
    def names_vectors(self) -> bool:
        """True if this run is to hand over its documents itself; usually that is a task of its own."""
        return self.pinecone_app_id is not None or self.pinecone_namespace is not None


@dataclass(frozen=True, slots=True)
class Bounds:
    """A span of time as the flags give it, [since, until), aware UTC; None is open."""

    since: datetime | None
    until: datetime | None

    @property
    def is_empty(self) -> bool:
        """True if no video can lie in it."""
        return self.since is not None and self.since == self.until

    @property
    def window(self) -> Window | None:
        """The backfill of the span; None when the flags say nothing, or it is empty."""
        return Window.between(self.since, self.until) if not self.is_empty and (self.since or self.until) else None


def bounds_of(options: YoutubeOptions, now: datetime) -> Bounds:
    """The span that the flags ask for.

    Raises CommandError for text that is no instant, for a start after the end, and for a start after ``now`` when no
    end is given.
    """
    since = parse_instant(options.start_time, "--start-time") if options.start_time.strip() else None
    until = parse_instant(options.end_time, "--end-time") if options.end_time.strip() else None
    if since and until and since > until:
        raise CommandError(f"--start-time must be earlier than or equal to --end-time, not {since} and {until}")
    if since and until is None and since > now:
        raise CommandError(f"--start-time {since} is after the effective end, which without --end-time is now")
    return Bounds(since, until)


def first_start(settings: Settings) -> datetime:
    """Where a run begins that has no other bound: YOUTUBE_DEFAULT_PUBLISHED_AFTER, or 2015."""
    text = settings.youtube_default_published_after
    return ensure_aware_utc(datetime.fromisoformat(text)) if text else EARLIEST
