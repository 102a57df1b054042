"""What has to be done to a document's vectors: the fewest calls that make the index hold its chunks and no others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from boost_collectors.cppa_pinecone_sync.records import Piece, id_by_text
from boost_collectors.cppa_pinecone_sync.services import StoredChunk


@dataclass(slots=True)
class Vector:
    """A chunk with its id. ``dense`` and ``sparse``: which index lacks it; ``refresh``: both have it with this text and
    only need its metadata."""

    identifier: str
    piece: Piece
    dense: bool = False
    sparse: bool = False
    refresh: bool = False

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do."""
        return not (self.dense or self.sparse or self.refresh)

    def as_stored(self, *, before: StoredChunk | None = None) -> StoredChunk:
        """What the ledger says of it now; ``before``: what it said, which holds as long as a refresh is open."""
        if self.refresh and before is not None:
            return before
        piece = self.piece
        return StoredChunk(
            self.identifier, piece.text_digest, piece.metadata_digest, dense=not self.dense, sparse=not self.sparse
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """The vectors a document is to have, and the ids of those it has to lose."""

    vectors: list[Vector]
    stale: list[str]


def plan_document(base: str, pieces: Sequence[Piece], stored: Sequence[StoredChunk], *, keys_removed: bool) -> Plan:
    """Match the chunks of a document with the vectors it has.

    A chunk whose text is there keeps that vector, wherever in the document the text has moved to. ``keys_removed``:
    metadata has keys less than before, which only writing the vector anew takes away.
    """
    matches = _match(pieces, stored)
    taken = {chunk.vector_id for chunk in matches if chunk}
    vectors = []
    for position, (piece, chunk) in enumerate(zip(pieces, matches, strict=True)):
        if chunk:
            vectors.append(_kept(piece, chunk, keys_removed))
            continue
        identifier = piece.usual_id if piece.usual_id not in taken else id_by_text(base, piece.text_digest, position)
        taken.add(identifier)
        vectors.append(Vector(identifier, piece, dense=True, sparse=True))
    return Plan(vectors, [chunk.vector_id for chunk in stored if chunk.vector_id not in taken])


def _match(pieces: Sequence[Piece], stored: Sequence[StoredChunk]) -> list[StoredChunk | None]:
    """For each chunk the vector that has its text: the one in its usual place if there is a choice."""
    free: defaultdict[bytes, dict[str, StoredChunk]] = defaultdict(dict)
    for chunk in stored:
        free[chunk.text_digest][chunk.vector_id] = chunk
    matches = [free[piece.text_digest].pop(piece.usual_id, None) for piece in pieces]
    for position, piece in enumerate(pieces):
        others = free[piece.text_digest]
        if matches[position] is None and others:
            matches[position] = others.pop(next(iter(others)))
    return matches


def _kept(piece: Piece, chunk: StoredChunk, keys_removed: bool) -> Vector:
    vector = Vector(chunk.vector_id, piece)
    if chunk.metadata_digest == piece.metadata_digest:
        vector.dense, vector.sparse = not chunk.dense, not chunk.sparse
    elif keys_removed or not (chunk.dense and chunk.sparse):
        vector.dense = vector.sparse = True
    else:
        vector.refresh = True
    return vector
