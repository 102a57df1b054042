"""What was read, kept for ever: the facts of each video as JSON, and its transcript as it came."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from boost_collectors.core.workspace import Workspace, read_json, safe_name, write_atomic, write_json
from boost_collectors.cppa_youtube_script_tracker.records import Video

SLUG = "cppa_youtube_script_tracker"
METADATA = "metadata"
TRANSCRIPTS = "transcripts"


class RawArchive:
    """``<raw root>/cppa_youtube_script_tracker/metadata/<id>.json`` and ``…/transcripts/<id>.en.vtt``."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def save(self, videos: Iterable[Video]) -> None:
        """Keep what videos are now; a file is only written when more than the time of reading differs."""
        for video in videos:
            path = self.metadata_file(video.video_id)
            item = video.as_item()
            if _known(path) != _facts(item):
                write_json(path, item, durable=False)

    def metadata_file(self, name: str) -> Path:
        """Where the facts of a video, or a queue file of that name, are kept."""
        return self._workspace.raw_path(SLUG, METADATA) / f"{safe_name(name)}.json"

    def save_transcript(self, video_id: str, content: str) -> str:
        """Keep a transcript (WebVTT). Returns its path below the folder of raw files, with slashes."""
        path = self._workspace.raw_path(SLUG, TRANSCRIPTS) / f"{safe_name(video_id)}.en.vtt"
        write_atomic(path, content)
        return path.relative_to(self._workspace.raw_root).as_posix()


def _known(path: Path) -> object:
    try:
        known = read_json(path)
    except (OSError, ValueError):  # not there, or damaged: it is written anew
        return None
    return _facts(known) if isinstance(known, dict) else None


def _facts(item: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in item.items() if name != "scraped_at"}
