"""``python -m tests.cppa_pinecone_sync.killed_sync``: syncs that are killed just before their Nth commit or request.

Reads one JSON object a line from standard input, ``number`` (N), ``what`` (commit or request) and ``environment``, and
answers each with a line: -9 when the sync was killed, 0 when it made fewer of them and ended well. A request is one
that writes to an index. Each sync is a process of its own, forked from this one so that it need not import everything
again.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable

import httpx
from sqlalchemy import Engine, event

from boost_collectors.cppa_pinecone_sync import local_store
from boost_collectors.cppa_pinecone_sync.sync_api import sync_to_pinecone
from tests.cppa_pinecone_sync.store import APP_TYPE, NAMESPACE, item, paragraphs

ITEMS = [
    item("a", paragraphs(0, 1, 3)),
    item("b", author="Y"),
    {"gone": True, "metadata": {"doc_id": "c", "source_ids": "row-c"}},
    item("d"),
]


def main() -> None:
    local_store.shipped_embedder()
    for line in sys.stdin:
        asked = json.loads(line)
        process = os.fork()
        if not process:
            os._exit(_run(asked["number"], asked["what"], asked["environment"]))
        _, status = os.waitpid(process, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _run(number: int, what: str, environment: dict[str, str]) -> int:
    os.environ.update(environment)
    done = itertools.count(1)

    def count(*_: object) -> None:
        if next(done) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def count_writing(request: httpx.Request) -> None:
        if request.url.path.endswith(("/upsert", "/update", "/delete")):
            count()

    if what == "commit":
        event.listen(Engine, "commit", count)
    else:
        _watch_requests(count_writing)
    try:
        sync_to_pinecone(APP_TYPE, NAMESPACE, lambda _failed, _since: (ITEMS, False))
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _watch_requests(watch: Callable[[httpx.Request], None]) -> None:
    handle = httpx.HTTPTransport.handle_request

    def watched(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        watch(request)
        return handle(self, request)

    httpx.HTTPTransport.handle_request = watched  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
