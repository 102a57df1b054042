"""Bringing documents into the vector index: a second sync of what is there, and how fast texts are split.

The index is the sandbox's, over HTTP through Pinecone's library; the ledger is on an embedded server. Splitting is
measured against LangChain's splitter, whose chunks ours must equal, on the same text in the same process.
"""

from __future__ import annotations

import gc
import logging
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.processes import own_peak_memory
from boost_collectors.core.database.embedded import EmbeddedPostgres
from boost_collectors.core.database.migrations import upgrade
from boost_collectors.cppa_pinecone_sync.chunking import split
from boost_collectors.cppa_pinecone_sync.sync_api import sync_to_pinecone
from include.sandbox import Sandbox

DOCUMENTS = int(os.environ.get("VECTOR_BENCHMARK_DOCUMENTS", "100000"))
WORDS = [
    *("the", "executor", "posts", "a", "handler", "to", "its", "io_context", "and", "keeps"),
    *("namespace::type", "alive", "until", "buffers", "are", "read"),
]
PARAGRAPHS = 5_000
SIZE, OVERLAP = 1000, 200
ROUNDS = 5


def run() -> list[Figure]:
    """Measure on a server and a sandbox of its own."""
    return [*_splitting(), *_syncing()]


def _splitting() -> list[Figure]:
    # Not at the top: the process that syncs, whose memory is measured, does not need it.
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    text = "\n\n".join(_paragraphs(PARAGRAPHS))
    reference = RecursiveCharacterTextSplitter(chunk_size=SIZE, chunk_overlap=OVERLAP, add_start_index=True)

    def by_reference() -> list[tuple[int, str]]:
        return [(chunk.metadata["start_index"], chunk.page_content) for chunk in reference.create_documents([text])]

    # In turn, and the best of each: LangChain's first call also imports what it needs, which is no splitting.
    rounds = [(_timed(by_reference), _timed(lambda: split(text, SIZE, OVERLAP))) for _ in range(ROUNDS)]
    theirs, ours = rounds[0][0][0], rounds[0][1][0]
    seconds_theirs, seconds = (min(each[side][1] for each in rounds) for side in (0, 1))
    return [
        Figure(
            "splitting", "speed of splitting", seconds_theirs / seconds, at_least=1, baseline="LangChain's splitter"
        ),
        Figure(
            "chunks_differ",
            "chunks that differ from LangChain's",
            sum(a != b for a, b in zip(ours, theirs, strict=True)),
            "",
            at_most=0,
        ),
    ]


def _syncing() -> list[Figure]:
    with tempfile.TemporaryDirectory() as name, Sandbox() as sandbox:
        Path(name).chmod(0o755)  # the server may run as another user
        server = EmbeddedPostgres(Path(name) / "postgres")
        server.start()
        try:
            server.ensure_database("vectors")
            url = server.url("vectors")
            upgrade(url)
            environment = {**sandbox.environment(), "DATABASE_URL": url, "WORKSPACE_DIR": name}
            first, memory = _synced(environment)
            asked = len(sandbox.requests)
            second, _ = _synced(environment)
            calls = len(sandbox.requests) - asked
        finally:
            server.remove()
    return [
        Figure("first", f"first sync of {DOCUMENTS:,} documents", DOCUMENTS / first, "documents/s"),
        Figure("memory", "peak memory of it, the documents included", memory / 1e6, "MB", better="less"),
        Figure("second", "second sync, nothing changed, per 100,000", second / DOCUMENTS * 100_000, "s", at_most=2),
        Figure("calls", "calls to Pinecone of the second sync", calls, "", at_most=0),
        Figure("speed_again", "speed of the second sync", first / second, baseline="the first sync", better="more"),
    ]


def _synced(environment: dict[str, str]) -> tuple[float, float]:
    """Seconds and peak memory, in bytes, of a process that syncs all documents."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.vector_sync"],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        env={**os.environ, **environment},
    )
    seconds, memory = done.stdout.split()
    return float(seconds), float(memory)


def documents() -> Iterator[dict[str, Any]]:
    """Messages of a mailing list, as its preprocessor gives them."""
    for number, text in enumerate(_paragraphs(DOCUMENTS)):
        metadata = {
            "doc_id": f"m{number}",
            "type": "mailing",
            "author": f"Author {number % 500}",
            "source_ids": str(number),
        }
        yield {"content": f"Subject: Number {number}\n\n{text}", "metadata": metadata}


def _paragraphs(count: int) -> Iterator[str]:
    words = random.Random(7)
    for _ in range(count):
        yield " ".join(words.choices(WORDS, k=words.randrange(20, 130)))


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    given = list(documents())
    gc.freeze()  # what the benchmark itself keeps in memory is none of the sync's
    summary, taken = _timed(lambda: sync_to_pinecone("mailing", "mailing", lambda _failed, _since: (given, False)))
    assert summary["total"] == DOCUMENTS
    assert not summary["failed_count"]
    print(taken, own_peak_memory())
