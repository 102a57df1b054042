"""Messages that an earlier run of the old system left in its cache folder: store them, then remove the files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from boost_collectors.boost_mailing_list_tracker import services
from boost_collectors.boost_mailing_list_tracker.normalise import MessageRecord, iter_cached, normalise
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.quarantine import quarantine
from boost_collectors.core.workspace import read_json, safe_name

SLUG = "boost_mailing_list_tracker"


def replay_cached_messages(context: RunContext, list_name: str) -> Counts:
    """Store every message of ``<workspace>/boost_mailing_list_tracker/<list>/messages/**/*.json``.

    A message that is stored already stays as it is: the archive may have a younger edit of it. A file goes once all
    its messages are committed. One with a message that cannot be stored, or with none at all, moves to
    ``_quarantine``; one that is no JSON stays where it is, with an error in the log.
    """
    counts = Counts()
    for path in _cached_files(context, list_name):
        records = _records(context, path, list_name)
        if records is None:
            counts.add("cached_files_unreadable")
            continue
        with context.database.session() as session:
            lists = context.settings.boost_mailing_lists
            stored = services.store_messages(session, records, lists=lists, overwrite=False)
        counts.merged("messages", stored.messages)
        if stored.refused or not records:
            quarantine(context, path, "; ".join(reason for _, reason in stored.refused) or "no message in it")
            counts.add("cached_files_quarantined")
        else:
            path.unlink()
            counts.add("cached_files_replayed")
    return counts


def _cached_files(context: RunContext, list_name: str) -> Iterator[Path]:
    folder = context.workspace.root / SLUG / safe_name(list_name) / "messages"
    if folder.is_dir():
        yield from (path for path in sorted(folder.rglob("*.json")) if path.is_file() and path.name[0] != ".")


def _records(context: RunContext, path: Path, list_name: str) -> list[MessageRecord] | None:
    try:
        document = read_json(path)
    except (OSError, ValueError) as error:
        context.log.error("Cached file %s is kept but cannot be read: %s", path, error)
        return None
    records = [normalise(item, thread_info=thread) for item, thread in iter_cached(document)]
    return [replace(record, list_name=record.list_name or list_name) for record in records]
