"""The vectors of a document: text, metadata, and an id that stays the same from run to run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from boost_collectors.cppa_pinecone_sync.chunking import split
from boost_collectors.cppa_pinecone_sync.documents import Document, RejectedItem
from boost_collectors.cppa_pinecone_sync.prose import Minimum

LARGEST_METADATA = 40 * 1024
"""Bytes of a record's metadata that Pinecone takes, its text included."""
DIGEST_SIZE = 16


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk as it goes into the index, with digests of its text and of its metadata."""

    usual_id: str
    text: str
    metadata: Mapping[str, Any]
    text_digest: bytes
    metadata_digest: bytes


@dataclass(frozen=True, slots=True)
class Splitter:
    """How documents become chunks."""

    size: int
    overlap: int
    minimum: Minimum

    @property
    def version(self) -> str:
        """Changes when the same document would give other chunks."""
        return f"3/{self.size}/{self.overlap}/{self.minimum.characters}/{self.minimum.words}"

    def pieces(self, document: Document) -> tuple[list[Piece], int]:
        """The chunks of a whole document, and how many were not worth storing. Raises RejectedItem."""
        chunks = [(chunk.text, {"start_index": chunk.start}) for chunk in self._chunks(document)]
        return self._kept(document, chunks)

    def ready(self, documents: Sequence[Document]) -> tuple[list[Piece], int]:
        """The same for documents that are chunks already."""
        pieces, dropped = [], 0
        for document in documents:
            kept, lost = self._kept(document, [(document.content.strip(), {})])
            pieces += kept
            dropped += lost
        return pieces, dropped

    def _chunks(self, document: Document) -> Sequence[Any]:
        return split(document.content, self.size, self.overlap)

    def _kept(self, document: Document, chunks: Sequence[tuple[str, dict[str, Any]]]) -> tuple[list[Piece], int]:
        accepted = [(text, extra) for text, extra in chunks if self.minimum.accepts(text)]
        pieces = [_piece(document, text, extra) for text, extra in accepted]
        return pieces, len(chunks) - len(pieces)


def vector_id(base: str, text: str, metadata: Mapping[str, Any]) -> str:
    """The id that the earlier system gave a chunk, so that its vectors are overwritten and not doubled."""
    if "start_index" in metadata:
        return _md5(f"{base}_{metadata['start_index']}")
    return _md5(f"{base}_{text[:50]}_{len(text)}")


def id_by_text(base: str, text_digest: bytes, occurrence: int) -> str:
    """The id of a chunk whose usual one belongs to a text that has moved within its document."""
    return _md5(f"{base}_v2_{text_digest.hex()}_{occurrence}")


def record_of(piece: Piece, identifier: str) -> dict[str, Any]:
    """What is sent: the id, the text, and the metadata beside them."""
    return {**piece.metadata, "id": identifier, "chunk_text": piece.text}


def batches(records: Sequence[dict[str, Any]], most: int, most_bytes: int) -> Iterator[list[dict[str, Any]]]:
    """Consecutive records, at most ``most`` and ``most_bytes`` of JSON a batch."""
    batch: list[dict[str, Any]] = []
    filled = 0
    for record in records:
        size = len(json.dumps(record, ensure_ascii=False).encode("utf-8", "replace")) + 1
        if batch and (len(batch) == most or filled + size > most_bytes):
            yield batch
            batch, filled = [], 0
        batch.append(record)
        filled += size
    if batch:
        yield batch


def _piece(document: Document, text: str, extra: Mapping[str, Any]) -> Piece:
    metadata = {**document.metadata, **extra}
    before = f"Title: {document.title}" if document.title else _context(metadata)
    titled = f"{before}\n\n{text}" if before else text
    written = _json(metadata)
    if len(written.encode()) + len(titled.encode("utf-8", "replace")) > LARGEST_METADATA:
        raise RejectedItem(
            f"document {document.base!r} has more metadata than the {LARGEST_METADATA} bytes a record may have",
            document.source_ids,
        )
    return Piece(
        vector_id(document.base, titled, metadata),
        titled,
        metadata,
        _blake(titled.encode("utf-8", "surrogatepass")),
        _blake(written.encode()),
    )


def _context(metadata: Mapping[str, Any]) -> str:
    """What a message says at its top, for its chunks that do not have that: by itself such a chunk is about nothing."""
    if not (metadata.get("start_index") and metadata.get("subject")):
        return ""
    return "\n".join(f"{label}: {metadata[name]}" for label, name in _CONTEXT if metadata.get(name))


_CONTEXT = (("Subject", "subject"), ("Sender", "author"), ("List", "list_name"))

# Made once: json.dumps would make an encoder for every call with an option.
_json = json.JSONEncoder(sort_keys=True).encode


def _blake(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=DIGEST_SIZE).digest()


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
