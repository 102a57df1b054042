"""The messages as Slack gave them, a file per channel and day."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from boost_collectors.core.workspace import Workspace, read_json, safe_name, write_atomic
from boost_collectors.cppa_slack_tracker.normalise import moment

logger = logging.getLogger(__name__)

SLUG = "cppa_slack_tracker"
_NO_TIME = datetime.min.replace(tzinfo=UTC)


class RawArchive:
    """``<raw root>/cppa_slack_tracker/<workspace>/<channel>/YYYY-MM-DD.json``: a list sorted by ``ts``.

    A message stands in the file of the day it was written and, once edited on another day, in that day's too.
    """

    def __init__(self, workspace: Workspace, team_folder: str, channel_folder: str) -> None:
        self._workspace = workspace
        self._segments = safe_name(team_folder), safe_name(channel_folder)

    def save(self, payloads: Iterable[Any]) -> None:
        """Keep the messages; a later version takes the place of an earlier one.

        Files that stay the same are not written. What is no object, or has no valid ``ts``, is left out.
        """
        days: dict[str, dict[str, Any]] = defaultdict(dict)
        for payload in payloads:
            for day in _days(payload):
                days[day][payload["ts"]] = payload
        folder = self._workspace.raw_path(SLUG, *self._segments)
        for day, messages in days.items():
            _merge(folder / f"{day}.json", messages)


def _merge(path: Path, messages: dict[str, Any]) -> None:
    kept = _read(path)
    merged = kept | messages
    if merged != kept:
        ordered = [merged[ts] for ts in sorted(merged, key=lambda ts: (moment(ts) or _NO_TIME, ts))]
        write_atomic(path, json.dumps(ordered, indent=2) + "\n")


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        kept = read_json(path)
    except (OSError, ValueError) as error:
        logger.warning("Raw file %s cannot be read and is written anew: %s", path, error)
        return {}
    messages = kept if isinstance(kept, list) else []
    return {item["ts"]: item for item in messages if isinstance(item, dict) and moment(_text(item.get("ts")))}


def _days(payload: Any) -> set[str]:
    if not isinstance(payload, dict):
        return set()
    edited = payload.get("edited")
    written = moment(_text(payload.get("ts")))
    changed = moment(_text(edited.get("ts"))) if isinstance(edited, dict) else None
    if written is None:
        return set()
    return {instant.date().isoformat() for instant in (written, changed) if instant is not None}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
