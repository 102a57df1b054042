"""Tags, and which video has which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import String, delete, exists, select
from sqlalchemy.orm import Session

from boost_collectors.core.database.arrays import among
from boost_collectors.core.database.bulk import MergeResult, merge, stage
from boost_collectors.cppa_youtube_script_tracker.models import CppaTag, YoutubeVideoTag

_TAGS: Any = CppaTag.__table__
_LINKS: Any = YoutubeVideoTag.__table__


def store_tags(session: Session, tags: Mapping[str, Sequence[str]]) -> MergeResult:
    """Give each video exactly these tags, already in the form of ``records.tag_name``. Counts the links."""
    pairs = [(video_id, tag) for video_id, names in tags.items() for tag in names]
    with stage(session, "video_tag", {"video_id": String, "tag_name": String}, ["video_id", "tag_name"]) as staging:
        staging.copy(pairs)
        given = staging.table
        merge(session, CppaTag, select(given.c.tag_name), key=["tag_name"], update=[])
        linked = given.join(_TAGS, _TAGS.c.tag_name == given.c.tag_name)
        rows = select(given.c.video_id.label("youtube_video_id"), _TAGS.c.id.label("cppa_tag_id")).select_from(linked)
        done = merge(session, YoutubeVideoTag, rows, key=["youtube_video_id", "cppa_tag_id"], update=[])
        kept = exists().where(
            given.c.video_id == _LINKS.c.youtube_video_id,
            given.c.tag_name == _TAGS.c.tag_name,
            _TAGS.c.id == _LINKS.c.cppa_tag_id,
        )
        session.execute(delete(_LINKS).where(among(_LINKS.c.youtube_video_id, tags), ~kept))
    return done
