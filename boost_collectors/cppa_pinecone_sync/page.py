"""One page of changed documents: compared with the ledger by chunks, sent as far as anything differs, and noted."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from boost_collectors.core.adapters.pinecone_protocol import PineconeIndexProtocol
from boost_collectors.core.database import Database
from boost_collectors.cppa_pinecone_sync import services
from boost_collectors.cppa_pinecone_sync.documents import Document, RejectedItem
from boost_collectors.cppa_pinecone_sync.index_pair import IndexPair
from boost_collectors.cppa_pinecone_sync.offers import Offer
from boost_collectors.cppa_pinecone_sync.place import Place
from boost_collectors.cppa_pinecone_sync.plan import Vector, plan_document
from boost_collectors.cppa_pinecone_sync.records import Piece, Splitter, record_of
from boost_collectors.cppa_pinecone_sync.services import StoredChunk, StoredDocument
from boost_collectors.cppa_pinecone_sync.summary import Summary

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Work:
    """What is to be done for one document, and what the ledger said of it before."""

    offer: Offer
    before: StoredDocument
    vectors: list[Vector]
    stale: list[str]
    error: str = ""

    @property
    def group(self) -> Sequence[Document]:
        return self.offer.group

    @property
    def base(self) -> str:
        return self.group[0].base

    @property
    def source_ids(self) -> str:
        return ",".join(document.source_ids for document in self.group if document.source_ids)

    @property
    def metadata_keys(self) -> list[str]:
        return sorted({key for vector in self.vectors for key in vector.piece.metadata})

    def intended(self) -> StoredDocument:
        """What the ledger must know before anything is sent: every vector that may be in the index afterwards."""
        keys = sorted({*self.before.metadata_keys, *self.metadata_keys})
        chunks = [vector.as_stored() for vector in self.vectors if vector.dense or vector.sparse]
        return StoredDocument(self.base, None, keys, self.source_ids, chunks)

    def outcome(self) -> StoredDocument:
        """What the ledger is to say after sending."""
        known = {chunk.vector_id: chunk for chunk in self.before.chunks}
        settled = not self.error and not self.stale and all(vector.settled for vector in self.vectors)
        keys = self.metadata_keys if settled else self.intended().metadata_keys
        chunks: list[StoredChunk] = [vector.as_stored(before=known.get(vector.identifier)) for vector in self.vectors]
        return StoredDocument(self.base, self.offer.digest if settled else None, keys, self.source_ids, chunks)


@dataclass(frozen=True, slots=True)
class PageSync:
    """Brings pages of documents into the index. ``chunked``: documents are final chunks. ``known``: digests of what is
    wholly in the index, out of which it takes what it replaces."""

    database: Database
    indexes: IndexPair
    place: Place
    splitter: Splitter
    chunked: bool
    known: set[bytes]
    dry_run: bool = False

    def sync(self, offers: Mapping[str, Offer], summary: Summary) -> None:
        """One page, by base. A kill at any point leaves a ledger from which the next run finishes.

        Raises what the indexes raise when the whole run has to stop; the ledger then has the page as not sent.
        """
        works = self._planned(offers, summary)
        if not works:
            return
        if not self.dry_run:
            with self.database.session() as session:
                services.record_documents(session, self.place, [work.intended() for work in works])
            self._send(works, summary)
            self._note(works)
        self._count(works, summary)

    def _planned(self, offers: Mapping[str, Offer], summary: Summary) -> list[Work]:
        with self.database.session() as session:
            stored = services.find_documents(session, self.place, offers)
        works = []
        for base, offer in offers.items():
            if offer.group[0].gone and base not in stored:
                continue  # nothing of it was ever sent
            before = stored.get(base, StoredDocument(base, None))
            if work := self._work(offer, before, summary):
                works.append(work)
        return works

    def _work(self, offer: Offer, before: StoredDocument, summary: Summary) -> Work | None:
        group = offer.group
        try:
            pieces, dropped = self._pieces(group)
        except RejectedItem as error:
            summary.errors.append(str(error))
            summary.fail(error.source_ids, str(error))
            return None
        if dropped:
            summary.dropped_chunks += dropped
            logger.debug("%s chunks of %s hold too little text to be stored", dropped, before.base)
        if not pieces and not group[0].gone:
            summary.drop(",".join(document.source_ids for document in group))
        keys = {key for piece in pieces for key in piece.metadata}
        removed = bool(set(before.metadata_keys) - keys)
        plan = plan_document(before.base, pieces, before.chunks, keys_removed=removed)
        return Work(offer, before, plan.vectors, plan.stale)

    def _pieces(self, group: Sequence[Document]) -> tuple[list[Piece], int]:
        if group[0].gone:
            return [], 0
        return self.splitter.ready(group) if self.chunked else self.splitter.pieces(group[0])

    def _send(self, works: Sequence[Work], summary: Summary) -> None:
        for half in ("dense", "sparse"):
            wanted = [(work, vector) for work in works for vector in work.vectors if getattr(vector, half)]
            if wanted:
                self._upsert(half, wanted, summary)
        self._refresh(works, summary)
        self._delete(works, summary)

    def _upsert(self, half: str, wanted: Sequence[tuple[Work, Vector]], summary: Summary) -> None:
        index: PineconeIndexProtocol = getattr(self.indexes, half)
        records = [record_of(vector.piece, vector.identifier) for _, vector in wanted]
        failures, errors = self.indexes.upsert(index, records, self.place.namespace)
        summary.errors += errors
        for work, vector in wanted:
            if reason := failures.get(vector.identifier):
                work.error = reason
            else:
                setattr(vector, half, False)
                summary.upserted += vector.settled

    def _refresh(self, works: Sequence[Work], summary: Summary) -> None:
        wanted = [(work, vector) for work in works for vector in work.vectors if vector.refresh]
        if not wanted:
            return
        metadata = {vector.identifier: vector.piece.metadata for _, vector in wanted}
        failures = self.indexes.update(metadata, self.place.namespace)
        for work, vector in wanted:
            if reason := failures.get(vector.identifier):
                work.error = reason
                summary.update_errors.append(f"record {vector.identifier}: {reason}")
            else:
                vector.refresh = False
                summary.updated += 1

    def _delete(self, works: Sequence[Work], summary: Summary) -> None:
        wanted = [identifier for work in works for identifier in work.stale]
        if not wanted:
            return
        failures = self.indexes.delete(wanted, self.place.namespace)
        summary.deleted += len(wanted) - len(failures)
        summary.errors += [f"Error deleting record {identifier}: {reason}" for identifier, reason in failures.items()]
        removed = {work.base: [name for name in work.stale if name not in failures] for work in works if work.stale}
        with self.database.session() as session:
            services.forget_vectors(session, self.place, removed)
        for work in works:
            work.stale = [identifier for identifier in work.stale if identifier in failures]
            if work.stale:
                work.error = failures[work.stale[0]]

    def _note(self, works: Sequence[Work]) -> None:
        gone = [work.base for work in works if work.group[0].gone and not work.stale]
        kept = [work.outcome() for work in works if work.base not in set(gone)]
        with self.database.session() as session:
            services.record_documents(session, self.place, kept)
            services.drop_documents(session, self.place, gone)
        self.known.difference_update(work.before.digest for work in works if work.before.digest)

    def _count(self, works: Sequence[Work], summary: Summary) -> None:
        for work in works:
            if work.error:
                summary.fail(work.source_ids, work.error)
            elif work.group[0].gone:
                summary.gone += 1
