"""Videos and their transcripts as documents for the vector index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from boost_collectors.core.context import RunContext
from boost_collectors.core.document_pages import Item, Page, read_document_pages
from boost_collectors.core.settings import Settings
from boost_collectors.core.utils.datetime_parsing import format_utc_z
from boost_collectors.cppa_youtube_script_tracker.captions import read_captions
from boost_collectors.cppa_youtube_script_tracker.services import IndexedVideo, videos_for_index
from boost_collectors.cppa_youtube_script_tracker.speakers import UNKNOWN

PAGE_SIZE = 200
"""Videos read at a time: with their transcripts they are large."""


def preprocess_youtube_for_pinecone(
    failed_ids: Sequence[str], final_sync_at: datetime | None, *, context: RunContext | None = None
) -> tuple[Iterator[Item], bool]:
    """Videos that are new, changed or gone since the last sync, and those that failed then, as whole documents.

    ``failed_ids``: YouTube's ids. Read page by page as the documents are taken. ``context``: a run's database and
    settings; without one, those of the environment.
    """
    named = list(dict.fromkeys(name for name in (str(failed).strip() for failed in failed_ids) if name))

    def read(session: Session, settings: Settings, after: str) -> Page[str]:
        page = videos_for_index(session, since=final_sync_at, named=named, after=after, limit=PAGE_SIZE)
        last = page[-1].video_id if len(page) == PAGE_SIZE else None
        return [item for video in page if (item := item_of(video, settings.raw_dir))], last

    return read_document_pages(context, "", read), False


def item_of(video: IndexedVideo, raw_root: Path) -> Item | None:
    """The document of a video; None when it says nothing. ``raw_root``: where the paths of transcripts begin."""
    speakers = ", ".join(name for name in video.speakers if name and name != UNKNOWN)
    metadata = {
        "doc_id": f"youtube-{video.video_id}",
        "ids": video.video_id,
        "type": "youtube",
        "url": f"https://www.youtube.com/watch?v={video.video_id}",
        "title": video.title,
        "author": speakers,
        "channel": video.channel_title,
        "timestamp": int(video.published_at.timestamp()) if video.published_at else 0,
        "has_transcript": video.has_transcript,
    }
    if video.gone_at:
        return {"gone": True, "metadata": metadata}
    content = _text(video, speakers, raw_root)
    return {"content": content, "metadata": metadata} if content else None


def _text(video: IndexedVideo, speakers: str, raw_root: Path) -> str:
    # The earlier system stored absolute paths, which stay what they are here.
    transcript = read_captions(raw_root / video.transcript_path) if video.transcript_path else ""
    facts = {
        "Title": video.title,
        "Speakers": speakers,
        "Channel": video.channel_title,
        "Published": format_utc_z(video.published_at) if video.published_at else "",
    }
    lines = [f"{name}: {value}" for name, value in facts.items() if value]
    texts = {"Description": video.description, "Transcript": transcript}
    return "\n".join([*lines, *(f"\n{name}:\n{value}" for name, value in texts.items() if value)]).strip()
