"""The messages as they came, one file per channel and UTC day, kept for ever."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from boost_collectors.core.utils.datetime_parsing import (
    ensure_aware_utc,
    format_utc_z,
    parse_iso_datetime_lenient,
)
from boost_collectors.core.workspace import Workspace, read_json, write_atomic, write_json
from boost_collectors.discord_activity_tracker.files import SLUG

Json = Mapping[str, Any]


class RawArchive:
    """``<raw root>/discord_activity_tracker/<server>/<channel>/YYYY-MM-DD.json``, in DiscordChatExporter's format.

    A day is merged with what is kept of it: a message that comes again replaces the older one, and one that vanished
    at the source stays. A file is only written when its messages differ.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def save(self, guild: Json, channel: Json, messages: Iterable[Any], now: datetime) -> int:
        """Merge messages of one channel into the files of their days; returns how many files were written.

        Messages without an id or a readable ``timestamp`` belong to no day and are left out.
        """
        folder = self._workspace.raw_path(SLUG, str(guild["id"]), str(channel["id"]))
        days: dict[str, list[Json]] = defaultdict(list)
        for message in messages:
            moment = _moment(message)
            if moment is not None:
                days[f"{moment:%Y-%m-%d}"].append(message)
        return sum(_merge(folder / f"{day}.json", guild, channel, given, now) for day, given in days.items())


def _merge(path: Path, guild: Json, channel: Json, given: Iterable[Json], now: datetime) -> bool:
    kept = _kept(path)
    merged = {str(message["id"]): message for message in [*kept, *given]}
    messages = sorted(merged.values(), key=_order)
    if messages == kept:
        return False
    moments = [moment for message in messages if (moment := _moment(message))]
    document = {
        "guild": dict(guild),
        "channel": dict(channel),
        "dateRange": {"after": format_utc_z(min(moments)), "before": format_utc_z(max(moments))},
        "exportedAt": format_utc_z(now),
        "messages": messages,
        "messageCount": len(messages),
    }
    _write(path, document)
    return True


def _write(path: Path, document: Json) -> None:
    try:
        write_json(path, document)
    except UnicodeEncodeError:  # half a surrogate pair, which only an escape can spell
        write_atomic(path, json.dumps(document, indent=2) + "\n")


def _kept(path: Path) -> list[Json]:
    document = read_json(path) if path.exists() else {}
    messages = document.get("messages") if isinstance(document, Mapping) else None
    return [message for message in messages or [] if _moment(message)]


def _order(message: Json) -> tuple[datetime, int, str]:
    key = str(message["id"])
    return _moment(message) or datetime.min.replace(tzinfo=UTC), len(key), key


def _moment(message: object) -> datetime | None:
    """When a message was written, aware UTC; None for one that has no id or no readable time."""
    if not isinstance(message, Mapping) or not message.get("id"):
        return None
    stamp = message.get("timestamp")
    return ensure_aware_utc(parse_iso_datetime_lenient(stamp)) if isinstance(stamp, str) else None
