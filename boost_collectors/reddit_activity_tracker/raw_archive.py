"""Things as Reddit told them, a file per subreddit and day, kept for ever."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from boost_collectors.core.workspace import Workspace, read_json, safe_name, write_atomic
from boost_collectors.reddit_activity_tracker.files import SLUG
from boost_collectors.reddit_activity_tracker.records import Thing, number_of, record_of

logger = logging.getLogger(__name__)


class RawArchive:
    """``<raw root>/reddit_activity_tracker/<subreddit>/YYYY-MM-DD.json``: a list of things in the order of their ids.

    The day is that on which a thing was written. A thing that comes again replaces the older one, unless it says by
    now only that it was deleted or removed. Files that stay the same are not written. Each can itself be imported.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def save(self, things: Iterable[Thing]) -> None:
        """Keep things, each of which can be read as a record."""
        days: dict[tuple[str, str], dict[str, Thing]] = defaultdict(dict)
        for thing in things:
            record = record_of(thing)
            day = datetime.fromtimestamp(record.created_utc, UTC).date().isoformat()
            days[record.subreddit, day][record.fullname] = _kept(thing, record.fullname)
        for (subreddit, day), given in days.items():
            _merge(self._workspace.raw_path(SLUG, safe_name(subreddit)) / f"{day}.json", given)


def _merge(path: Path, given: Mapping[str, Thing]) -> None:
    kept = _read(path)
    merged = dict(kept)
    for name, thing in given.items():
        if name not in kept or not record_of(thing).gone_reason:
            merged[name] = thing
    if merged != kept:
        ordered = [merged[name] for name in sorted(merged, key=lambda name: (number_of(name), name))]
        write_atomic(path, json.dumps(ordered, indent=1) + "\n", durable=False)


def _read(path: Path) -> dict[str, Thing]:
    if not path.exists():
        return {}
    try:
        kept = read_json(path)
        return {thing["data"]["name"]: thing for thing in kept}
    except (OSError, ValueError, TypeError, KeyError) as error:
        logger.warning("Raw file %s cannot be read and is written anew: %s", path, error)
        return {}


def _kept(thing: Thing, fullname: str) -> Thing:
    """The thing under its full name, without those below it, which have their own places."""
    data = {"name": fullname, **thing["data"]}
    return {**thing, "data": {**data, "replies": ""} if data.get("replies") else data}
