"""``python -m tests.cppa_pinecone_sync.killed_sync N``: a sync that is killed just before its Nth commit."""

from __future__ import annotations

import itertools
import os
import signal
import sys

from sqlalchemy import Engine, event

from boost_collectors.cppa_pinecone_sync.sync_api import sync_to_pinecone
from tests.cppa_pinecone_sync.store import APP_TYPE, NAMESPACE, item, paragraphs

ITEMS = [
    item("a", paragraphs(0, 1, 3)),
    item("b", author="Y"),
    {"gone": True, "metadata": {"doc_id": "c", "source_ids": "row-c"}},
    item("d"),
]


def main(number: int) -> None:
    commits = itertools.count(1)

    @event.listens_for(Engine, "commit")
    def before_commit(_: object) -> None:
        if next(commits) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sync_to_pinecone(APP_TYPE, NAMESPACE, lambda _failed, _since: (ITEMS, False))


if __name__ == "__main__":
    main(int(sys.argv[1]))
