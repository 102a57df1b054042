"""The only writers of the YouTube tables, and the reads that others may use. The session is never committed here."""

from boost_collectors.cppa_youtube_script_tracker.services.documents import IndexedVideo, videos_for_index
from boost_collectors.cppa_youtube_script_tracker.services.quota import book, close_day, usage
from boost_collectors.cppa_youtube_script_tracker.services.speakers import set_speakers
from boost_collectors.cppa_youtube_script_tracker.services.tags import store_tags
from boost_collectors.cppa_youtube_script_tracker.services.transcripts import (
    Untranscribed,
    store_transcript,
    untranscribed,
    without_transcript,
)
from boost_collectors.cppa_youtube_script_tracker.services.videos import (
    StoredVideos,
    mark_channel_gone,
    mark_gone,
    mark_read,
    read_before,
    store_channels,
    store_videos,
    unstored,
)

__all__ = [
    "IndexedVideo",
    "StoredVideos",
    "Untranscribed",
    "book",
    "close_day",
    "mark_channel_gone",
    "mark_gone",
    "mark_read",
    "read_before",
    "set_speakers",
    "store_channels",
    "store_tags",
    "store_transcript",
    "store_videos",
    "unstored",
    "untranscribed",
    "usage",
    "videos_for_index",
    "without_transcript",
]
