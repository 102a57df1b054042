"""The vector store without Pinecone: the project database, behind the same adapter.

As with Pinecone there are two indexes. The dense one holds what a text means and compares it by pgvector; the sparse
one holds text, metadata and words, and searches them as PostgreSQL does.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from boost_collectors.core.adapters.pinecone_protocol import FoundRecord, PineconeIndexProtocol
from boost_collectors.core.database import Database
from boost_collectors.cppa_pinecone_sync import services
from boost_collectors.cppa_pinecone_sync.embedding import DIMENSION, shipped_embedder
from boost_collectors.cppa_pinecone_sync.models import LocalEmbedding, LocalText
from boost_collectors.cppa_pinecone_sync.services import LocalHit, LocalSpace

LEAST_COSINE = 0.3
"""Texts that mean less of the same are no answer: texts about anything else stay below."""
SPARSE = "-sparse"

logger = logging.getLogger(__name__)


class LocalClient:
    """An account in the project database. Its indexes are always there; models and places mean nothing here."""

    def __init__(self, database: Database, account: str, index_name: str) -> None:
        self._database, self._account, self._name = database, account, index_name

    def list_index_names(self) -> set[str]:
        return {self._name, self._name + SPARSE}

    def create_index_for_model(self, *, name: str, cloud: str, region: str, embed: Mapping[str, Any]) -> None:
        """Nothing to do: the migrations have made both."""

    def get_index(self, *, name: str) -> PineconeIndexProtocol:
        kind = LocalWords if name.endswith(SPARSE) else LocalMeanings
        return kind(self._database, self._account)


class _LocalIndex:
    model: type[LocalText | LocalEmbedding]

    def __init__(self, database: Database, account: str) -> None:
        self._database, self._account = database, account

    def delete(self, *, ids: Sequence[str], namespace: str) -> None:
        with self._database.session() as session:
            services.delete_records(session, self.model, self._space(namespace), ids)

    def list_ids(self, *, namespace: str) -> Iterator[str]:
        with self._database.session() as session:
            yield from services.record_ids(session, self.model, self._space(namespace))

    def _space(self, namespace: str) -> LocalSpace:
        return LocalSpace(self._account, namespace)

    def _stats(self, dimension: int) -> Mapping[str, Any]:
        with self._database.session() as session:
            counts = services.record_counts(session, self.model, self._account)
        return {
            "total_vector_count": sum(counts.values()),
            "dimension": dimension,
            "index_fullness": 0.0,
            "namespaces": counts,
        }


class LocalWords(_LocalIndex):
    """The sparse index."""

    model = LocalText

    def upsert_records(self, *, records: Sequence[Mapping[str, Any]], namespace: str) -> None:
        rows = ((record["id"], record["chunk_text"], _metadata(record)) for record in records)
        with self._database.session() as session:
            services.write_texts(session, self._space(namespace), rows)

    def update(self, *, id: str, set_metadata: Mapping[str, Any], namespace: str) -> None:
        with self._database.session() as session:
            services.set_fields(session, self._space(namespace), id, set_metadata)

    def search(
        self, *, text: str, top_k: int, namespace: str, filter: Mapping[str, Any] | None = None
    ) -> list[FoundRecord]:
        with self._database.session() as session:
            hits = services.find_words(session, self._space(namespace), text, limit=top_k, given=filter or {})
        return _found(hits)

    def describe_index_stats(self) -> Mapping[str, Any]:
        return self._stats(0)


class LocalMeanings(_LocalIndex):
    """The dense index. Texts and metadata stand in the sparse one only."""

    model = LocalEmbedding

    def upsert_records(self, *, records: Sequence[Mapping[str, Any]], namespace: str) -> None:
        embeddings = shipped_embedder().embed([record["chunk_text"] for record in records])
        rows = ((record["id"], embedding) for record, embedding in zip(records, embeddings, strict=True))
        with self._database.session() as session:
            services.write_embeddings(session, self._space(namespace), rows)

    def update(self, *, id: str, set_metadata: Mapping[str, Any], namespace: str) -> None:
        """Nothing to do: metadata is not kept here."""

    def search(
        self, *, text: str, top_k: int, namespace: str, filter: Mapping[str, Any] | None = None
    ) -> list[FoundRecord]:
        """Nothing is found on a server without pgvector."""
        (embedding,) = shipped_embedder().embed([text])
        with self._database.session() as session:
            if not any(embedding) or not services.compares_meanings(session):
                return []
            hits = services.find_meanings(
                session, self._space(namespace), embedding, least=LEAST_COSINE, limit=top_k, given=filter or {}
            )
        return _found(hits)

    def describe_index_stats(self) -> Mapping[str, Any]:
        return self._stats(DIMENSION)


def _metadata(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in ("id", "chunk_text")}


def _found(hits: Sequence[LocalHit]) -> list[FoundRecord]:
    return [FoundRecord(hit.vector_id, hit.score, {**hit.fields, "chunk_text": hit.chunk_text}) for hit in hits]
