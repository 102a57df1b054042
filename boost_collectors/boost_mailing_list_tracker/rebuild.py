"""Messages out of the archive of raw answers: rows made anew without asking the service."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from boost_collectors.boost_mailing_list_tracker import services
from boost_collectors.boost_mailing_list_tracker.normalise import MessageRecord, normalise
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import SourceError, TransientError
from boost_collectors.core.workspace import read_json, safe_name

BATCH = 1000
_VERSION = re.compile(r"(?P<name>.+)\.(?P<number>\d+)\.json")


def rebuild(context: RunContext) -> Counts:
    """Store the newest answer that is kept of every message of the configured lists; what is stored stays as it is.

    Raises SourceError naming files that cannot be read, after all others were stored.
    """
    counts, unreadable = Counts(), list[str]()
    for list_name in context.settings.boost_mailing_lists:
        records = _records(context, list_name, unreadable)
        while batch := list(islice(records, BATCH)):
            if context.stop.is_set():
                raise TransientError(f"asked to stop while replaying {list_name}")
            with context.database.session() as session:
                lists = context.settings.boost_mailing_lists
                stored = services.store_messages(session, batch, lists=lists, overwrite=False)
            counts.merged("messages", stored.messages)
            counts.add("messages_refused", len(stored.refused))
    if unreadable:
        raise SourceError(f"{len(unreadable)} raw files cannot be read: {'; '.join(unreadable[:5])}")
    return counts


def _records(context: RunContext, list_name: str, unreadable: list[str]) -> Iterator[MessageRecord]:
    for path in _newest(context.workspace.raw_root / "boost_mailing_list_tracker" / safe_name(list_name)):
        try:
            yield normalise(read_json(path), list_name=list_name)
        except (OSError, ValueError, TypeError, AttributeError) as error:
            unreadable.append(f"{path}: {error}")


def _newest(folder: Path) -> list[Path]:
    """Of each message's answers the last one, ``<name>.<n>.json`` beside ``<name>.json``, in the order of the names."""
    newest: dict[str, tuple[int, Path]] = {}
    names = {path.name for path in folder.glob("*.json")}
    for file in names:
        match = _VERSION.fullmatch(file)
        versioned = match is not None and f"{match['name']}.json" in names
        name = match["name"] if match and versioned else file.removesuffix(".json")
        number = int(match["number"]) if match and versioned else 1
        newest[name] = max(newest.get(name, (0, folder)), (number, folder / file))
    return [newest[name][1] for name in sorted(newest)]
