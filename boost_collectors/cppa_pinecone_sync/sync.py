"""From a preprocessor to the vector index: what changed since the last run, and nothing else."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from boost_collectors.core import locks
from boost_collectors.core.database import Database
from boost_collectors.core.settings import Settings
from boost_collectors.cppa_pinecone_sync import services
from boost_collectors.cppa_pinecone_sync.documents import Document, RejectedItem, document_of, group_chunked
from boost_collectors.cppa_pinecone_sync.index_pair import IndexPair
from boost_collectors.cppa_pinecone_sync.page import Group, PageSync
from boost_collectors.cppa_pinecone_sync.place import Place
from boost_collectors.cppa_pinecone_sync.prose import Minimum
from boost_collectors.cppa_pinecone_sync.records import Splitter
from boost_collectors.cppa_pinecone_sync.summary import Summary

LOCK = "vector sync"
PAGE_SIZE = 1000
"""Documents compared with the ledger at a time; also how many are in memory."""

Items = Iterable[Mapping[str, Any]]
PreprocessFn = Callable[[list[str], datetime | None], tuple[Any, ...]]
"""(failed source ids, time of the last sync) -> (items, whether they are chunks[, items with other metadata]).

Items are mappings with ``content`` and ``metadata``; metadata has ``doc_id`` or ``url``. Any iterable will do; one that
reads as it goes keeps memory flat. ``gone: True`` in an item stands for one whose source has gone: its vectors go too.
"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class VectorSync:
    """Syncs one place. ``dry_run`` compares and counts, and neither sends nor writes."""

    database: Database
    settings: Settings
    indexes: IndexPair
    place: Place
    dry_run: bool = False

    def run(self, preprocess: PreprocessFn) -> Summary:
        """Hand over what the preprocessor returns.

        Raises AlreadyRunning when another run of the place is active, ValueError for a preprocessor that returns
        neither a pair nor a triple, whatever the preprocessor raises, AuthenticationError, RateLimited and
        TransientError of the index. What was done until then is in the ledger; the time of the last sync stays.
        """
        with locks.hold(self.database, LOCK, [str(self.place)]):
            # Read before anything else: rows that are written during the run belong to the next one.
            started, offered, since = self._standing()
            items, chunked = _unpacked(preprocess(list(offered), since))
            summary = Summary()
            pages = self._pages(chunked)
            for page in _batches(self._groups(items, chunked, summary), PAGE_SIZE):
                pages.sync(page, summary)
            if not self.dry_run:
                self._settle(summary, offered, started)
        return summary

    def _standing(self) -> tuple[datetime, list[str], datetime | None]:
        with self.database.session() as session:
            started = services.oldest_writer(session)
            failed = services.get_failed_ids(session, self.place)
            return started, failed, services.get_final_sync_at(session, self.place)

    def _pages(self, chunked: bool) -> PageSync:
        settings = self.settings
        minimum = Minimum(settings.pinecone_min_text_length, settings.pinecone_min_words)
        splitter = Splitter(settings.pinecone_chunk_size, settings.pinecone_chunk_overlap, minimum)
        return PageSync(self.database, self.indexes, self.place, splitter, chunked, self.dry_run)

    def _groups(self, items: Items, chunked: bool, summary: Summary) -> Iterator[Group]:
        documents = _documents(items, summary)
        return group_chunked(documents) if chunked else ([document] for document in documents)

    def _settle(self, summary: Summary, offered: list[str], started: datetime) -> None:
        with self.database.session() as session:
            if summary.seen:
                succeeded, failed = summary.succeeded, summary.failures
                services.settle_failures(session, self.place, offered=offered, succeeded=succeeded, failed=failed)
                if not summary.lost:
                    services.update_sync_status(session, self.place, started)
            services.note_checked(session, self.place, started)
        if summary.lost:
            logger.warning(
                "%s: %s documents failed and name no source ids to try again by; the time of the last sync stays",
                self.place,
                summary.lost,
            )


def _unpacked(returned: tuple[Any, ...]) -> tuple[Items, bool]:
    if not isinstance(returned, tuple) or len(returned) not in (2, 3):
        raise ValueError(
            "a preprocessor must return (documents, is_chunked) or (documents, is_chunked, metadata_updates), "
            f"not {type(returned).__name__}{f' of {len(returned)}' if isinstance(returned, tuple) else ''}"
        )
    # An item of which only metadata changed is told apart by the ledger, so both kinds go one way.
    return itertools.chain(returned[0], *returned[2:]), bool(returned[1])


def _documents(items: Items, summary: Summary) -> Iterator[Document]:
    for item in items:
        try:
            document = document_of(item)
        except RejectedItem as error:
            summary.attempt(error.source_ids)
            summary.fail(error.source_ids, str(error))
            summary.errors.append(str(error))
            continue
        if document is None:
            logger.warning("A document without doc_id and url is left out: %.200r", item.get("metadata"))
            continue
        summary.attempt(document.source_ids)
        yield document


def _batches(groups: Iterator[Group], size: int) -> Iterator[list[Group]]:
    while page := list(itertools.islice(groups, size)):
        yield page
