"""From a preprocessor to the vector index: what changed since the last run, and nothing else."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from boost_collectors.core import locks
from boost_collectors.core.database import Database
from boost_collectors.core.settings import Settings
from boost_collectors.cppa_pinecone_sync import services
from boost_collectors.cppa_pinecone_sync.index_pair import IndexPair
from boost_collectors.cppa_pinecone_sync.offers import Item, Offers
from boost_collectors.cppa_pinecone_sync.page import PageSync
from boost_collectors.cppa_pinecone_sync.place import Place
from boost_collectors.cppa_pinecone_sync.prose import Minimum
from boost_collectors.cppa_pinecone_sync.records import Splitter
from boost_collectors.cppa_pinecone_sync.summary import Summary

LOCK = "vector sync"
PAGE_SIZE = 1000
"""Changed documents that are planned and sent together; also how many are in memory."""

Items = Iterable[Item]
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
            started, offered, since, known = self._standing()
            items, chunked = _unpacked(preprocess(list(offered), since))
            summary = Summary()
            splitter = self._splitter()
            pages = PageSync(self.database, self.indexes, self.place, splitter, chunked, known, self.dry_run)
            offers = Offers(known, splitter.version, summary)
            for page in offers.changed(items, chunked=chunked, size=PAGE_SIZE):
                pages.sync(page, summary)
            if not self.dry_run:
                self._settle(summary, offered, started)
        return summary

    def _standing(self) -> tuple[datetime, list[str], datetime | None, set[bytes]]:
        with self.database.session() as session:
            started = services.oldest_writer(session)
            failed = services.get_failed_ids(session, self.place)
            since = services.get_final_sync_at(session, self.place)
            return started, failed, since, services.settled_digests(session, self.place)

    def _splitter(self) -> Splitter:
        settings = self.settings
        minimum = Minimum(settings.pinecone_min_text_length, settings.pinecone_min_words)
        return Splitter(settings.pinecone_chunk_size, settings.pinecone_chunk_overlap, minimum)

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
