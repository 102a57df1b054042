"""Files of videos in the queue folder: stored, then moved to the raw archive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import SourceError
from boost_collectors.core.workspace import Workspace, read_json
from boost_collectors.cppa_youtube_script_tracker import services
from boost_collectors.cppa_youtube_script_tracker.raw_archive import METADATA, SLUG, RawArchive
from boost_collectors.cppa_youtube_script_tracker.records import Video, video_of_item


def queue_files(workspace: Workspace) -> Iterator[Path]:
    """``<workspace>/cppa_youtube_script_tracker/metadata/*.json`` by name, hidden ones left out. Makes no folder."""
    folder = workspace.root / SLUG / METADATA
    return iter(sorted(path for path in folder.glob("*.json") if not path.name.startswith(".")))


class QueueFiles:
    """Stores the videos of every queue file. A file says how things were: a stored video stays as it is."""

    def __init__(self, context: RunContext, counts: Counts) -> None:
        self._context, self._counts = context, counts
        self._archive = RawArchive(context.workspace)
        self._problems: list[str] = []

    def run(self) -> None:
        """Take every file. One that fails stays where it is and stops no other; SourceError names them at the end."""
        for path in queue_files(self._context.workspace):
            try:
                self._take(path)
            except (OSError, ValueError, SourceError) as error:
                self._problems.append(f"{path.name}: {error}")
                self._counts.add("queue_failed")
        if self._problems:
            raise SourceError("; ".join(self._problems))

    def _take(self, path: Path) -> None:
        videos = list(self._videos(_items(path)))
        with self._context.database.session() as session:
            new = set(services.unstored(session, [video.video_id for video in videos]))
            stored = services.store_videos(session, [video for video in videos if video.video_id in new])
        for kind in ("channels", "videos", "tags", "speakers"):
            self._counts.merged(kind, getattr(stored, kind))
        self._counts.add("videos", stored.videos.inserted)
        self._counts.add("queue_files")
        self._move(path, videos[-1].video_id if videos else path.stem)

    def _videos(self, items: list[Any]) -> Iterator[Video]:
        for item in items:
            if isinstance(item, Mapping) and item.get("video_id"):
                yield video_of_item(item)
            else:
                self._counts.add("queue_skipped")

    def _move(self, path: Path, name: str) -> None:
        try:
            path.replace(self._archive.metadata_file(name))
        except OSError as error:
            self._context.log.warning("%s was stored but cannot be moved to the raw archive: %s", path, error)


def _items(path: Path) -> list[Any]:
    found = read_json(path)
    if not isinstance(found, list | dict):
        raise ValueError("holds neither a video nor a list of videos")
    return found if isinstance(found, list) else [found]
