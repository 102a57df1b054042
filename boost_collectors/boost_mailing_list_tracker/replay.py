"""Messages that an earlier run of the old system left in its cache folder: store them, then remove the files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from boost_collectors.boost_mailing_list_tracker import services
from boost_collectors.boost_mailing_list_tracker.normalise import MessageRecord, iter_cached, normalise
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.workspace import safe_name

SLUG = "boost_mailing_list_tracker"


def replay_cached_messages(context: RunContext, list_name: str) -> Counts:
    """Store every message of ``<workspace>/boost_mailing_list_tracker/<list>/messages/**/*.json``.

    A file goes once all its messages are committed. One that holds no usable message moves to ``_quarantine``; one
    that is no JSON stays where it is, with an error in the log.
    """
    counts = Counts()
    for path in _cached_files(context, list_name):
        records = _records(context, path, list_name)
        if records is None:
            counts.add("cached_files_unreadable")
            continue
        with context.database.session() as session:
            stored = services.store_messages(session, records)
        counts.merged("messages", stored.messages)
        if stored.refused or not records:
            _quarantine(context, path)
            counts.add("cached_files_quarantined")
        else:
            path.unlink()
            counts.add("cached_files_replayed")
    return counts


def _cached_files(context: RunContext, list_name: str) -> Iterator[Path]:
    folder = context.workspace.root / SLUG / safe_name(list_name) / "messages"
    if folder.is_dir():
        yield from (path for path in sorted(folder.rglob("*.json")) if not path.name.startswith("."))


def _records(context: RunContext, path: Path, list_name: str) -> list[MessageRecord] | None:
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        context.log.error("Cached file %s is not readable JSON: %s", path, error)
        return None
    records = [normalise(item, thread_info=thread) for item, thread in iter_cached(document)]
    return [replace(record, list_name=record.list_name or list_name) for record in records]


def _quarantine(context: RunContext, path: Path) -> None:
    target = context.workspace.root / "_quarantine" / path.relative_to(context.workspace.root)
    target.parent.mkdir(parents=True, exist_ok=True)
    number = 1
    while target.exists():
        target, number = target.with_name(f"{path.stem}.{number}.json"), number + 1
    path.rename(target)
    context.log.warning("Cached file %s holds a message that cannot be stored; moved to %s", path.name, target)
