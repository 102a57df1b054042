"""Who speaks in which video. The speakers themselves belong to the identity hub."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, String, delete, exists, select
from sqlalchemy.orm import Session

from boost_collectors.core.database.arrays import among
from boost_collectors.core.database.bulk import MergeResult, merge, stage
from boost_collectors.cppa_user_tracker.models import YoutubeSpeaker
from boost_collectors.cppa_user_tracker.services import ensure_youtube_speakers
from boost_collectors.cppa_youtube_script_tracker.models import YoutubeVideoSpeaker
from boost_collectors.cppa_youtube_script_tracker.speakers import UNKNOWN, external_id

_LINKS: Any = YoutubeVideoSpeaker.__table__


def set_speakers(session: Session, names: Mapping[str, Sequence[str]]) -> MergeResult:
    """Give each video the speakers of these names. Counts the links.

    One for whom no name is known keeps those it has, as its transcript may have told them, or gets ``unknown``.
    """
    nameless = [video_id for video_id, given in names.items() if not given]
    wanted = {**names, **dict.fromkeys(_without_speakers(session, nameless), (UNKNOWN,))}
    profiles = _profiles(session, {name for given in wanted.values() for name in given})
    pairs = [(video_id, profiles[external_id(name)]) for video_id, given in wanted.items() for name in given]
    key = ["video_id", "speaker_id"]
    with stage(session, "video_speaker", {"video_id": String, "speaker_id": BigInteger}, key) as staging:
        staging.copy(pairs)
        done = merge(session, YoutubeVideoSpeaker, staging, key=key, update=[])
        given = staging.table
        kept = exists().where(given.c.video_id == _LINKS.c.video_id, given.c.speaker_id == _LINKS.c.speaker_id)
        named = [video_id for video_id, given_names in names.items() if given_names]
        session.execute(delete(_LINKS).where(among(_LINKS.c.video_id, named), ~kept))
    return done


def _profiles(session: Session, names: Collection[str]) -> dict[str, int]:
    """The hub's profiles by external id. One that exists keeps its spelling: videos spell a name differently."""
    spelled = {external_id(name): name for name in sorted(names)}
    known = select(YoutubeSpeaker.external_id).where(YoutubeSpeaker.external_id.in_(spelled))
    stored = set(session.scalars(known))
    return ensure_youtube_speakers(session, [(key, "" if key in stored else name) for key, name in spelled.items()])


def _without_speakers(session: Session, ids: Collection[str]) -> list[str]:
    linked = set(session.scalars(select(_LINKS.c.video_id).where(among(_LINKS.c.video_id, ids))))
    return [video_id for video_id in ids if video_id not in linked]
