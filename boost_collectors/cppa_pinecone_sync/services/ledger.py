"""What the index holds, document by document and chunk by chunk."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    LargeBinary,
    String,
    Text,
    and_,
    any_,
    cast,
    delete,
    func,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import TypeEngine

from boost_collectors.core.database.bulk import bulk_merge, merge, stage
from boost_collectors.cppa_pinecone_sync.models import SyncedChunk, SyncedDocument
from boost_collectors.cppa_pinecone_sync.place import Place
from boost_collectors.cppa_pinecone_sync.records import DIGEST_SIZE

_CHUNK: Mapping[str, TypeEngine[Any] | type[TypeEngine[Any]]] = {
    "base": Text,
    "vector_id": String(32),
    "text_digest": LargeBinary,
    "metadata_digest": LargeBinary,
    "dense": Boolean,
    "sparse": Boolean,
}


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A vector as the ledger has it; ``dense`` and ``sparse``: whether each index has it so."""

    vector_id: str
    text_digest: bytes
    metadata_digest: bytes
    dense: bool
    sparse: bool


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as the ledger has it; ``digest`` is None while not all of it is in the index."""

    base: str
    digest: bytes | None
    metadata_keys: Sequence[str] = ()
    source_ids: str = ""
    chunks: Sequence[StoredChunk] = field(default=())


def settled_digests(session: Session, place: Place) -> set[bytes]:
    """The digests of all documents of the namespace that are wholly in the index."""
    # Joined into few long values: a hundred thousand rows would cost more than what is compared with them.
    first = func.get_byte(SyncedDocument.digest, 0)
    joined = (
        select(func.string_agg(SyncedDocument.digest, literal(b"", LargeBinary)))
        .where(_namespace(place), SyncedDocument.digest.is_not(None))
        .group_by(first)
        .execution_options(yield_per=16)
    )
    return {
        joined_bytes[start : start + DIGEST_SIZE]
        for joined_bytes in session.scalars(joined)
        for start in range(0, len(joined_bytes), DIGEST_SIZE)
    }


def find_documents(session: Session, place: Place, bases: Collection[str]) -> dict[str, StoredDocument]:
    """The documents with their chunks, in the order of the vectors' ids; those that are not stored are left out."""
    rows = session.execute(
        select(SyncedDocument.id, SyncedDocument.base, SyncedDocument.digest, SyncedDocument.metadata_keys)
        .where(_of(place, bases))
        .add_columns(SyncedDocument.source_ids)
    ).all()
    chunks: dict[int, list[StoredChunk]] = {row[0]: [] for row in rows}
    query = (
        select(SyncedChunk).where(_among(SyncedChunk.document_id, chunks, BigInteger())).order_by(SyncedChunk.vector_id)
    )
    for chunk in session.scalars(query):
        found = StoredChunk(chunk.vector_id, chunk.text_digest, chunk.metadata_digest, chunk.dense, chunk.sparse)
        chunks[chunk.document_id].append(found)
    return {row[1]: StoredDocument(row[1], row[2], row[3], row[4], chunks[row[0]]) for row in rows}


def record_documents(session: Session, place: Place, documents: Iterable[StoredDocument]) -> None:
    """Write documents and the chunks that are given with them; other chunks of theirs stay."""
    given = list(documents)
    where = (place.account, place.namespace)
    names = ["instance", "namespace", "app_type", "base", "digest", "metadata_keys", "source_ids"]
    rows = (
        (*where, place.app_type, item.base, item.digest, list(item.metadata_keys), item.source_ids) for item in given
    )
    bulk_merge(
        session,
        SyncedDocument,
        names,
        rows,
        key=["instance", "namespace", "base"],
        touch={"updated_at": func.now()},
        strip_nul=True,
    )
    _write_chunks(session, place, given)


def forget_vectors(session: Session, place: Place, vectors: Mapping[str, Collection[str]]) -> None:
    """Take vectors, by the base of their document, out of the ledger."""
    identifiers = [identifier for group in vectors.values() for identifier in group]
    if not identifiers:
        return
    owners = select(SyncedDocument.id).where(_of(place, list(vectors)), SyncedDocument.id == SyncedChunk.document_id)
    session.execute(
        delete(SyncedChunk)
        .where(_among(SyncedChunk.vector_id, identifiers, Text()), owners.exists())
        .execution_options(synchronize_session=False)
    )


def drop_documents(session: Session, place: Place, bases: Collection[str]) -> None:
    """Take documents that are gone out of the ledger, with what chunks are left of them."""
    if bases:
        session.execute(delete(SyncedDocument).where(_of(place, bases)))


def documents_by_namespace(session: Session, account: str) -> dict[str, int]:
    """How many documents of an account each namespace has, by name."""
    query = select(SyncedDocument.namespace, func.count()).where(SyncedDocument.instance == account)
    return {row[0]: row[1] for row in session.execute(query.group_by(SyncedDocument.namespace).order_by("namespace"))}


def vectors_of_namespace(session: Session, place: Place, page: int = 10_000) -> Iterator[tuple[str, str, bool, bool]]:
    """Every vector of a namespace, whatever its application type: base, id, in the dense index, in the sparse one.

    Read in pages of ``page`` rows by the order of ids, so that memory stays flat.
    """
    last = ("", "")
    while True:
        rows = session.execute(
            select(SyncedDocument.base, SyncedChunk.vector_id, SyncedChunk.dense, SyncedChunk.sparse)
            .join(SyncedChunk, SyncedChunk.document_id == SyncedDocument.id)
            .where(_namespace(place), tuple_(SyncedChunk.vector_id, SyncedDocument.base) > tuple_(*last))
            .order_by(SyncedChunk.vector_id, SyncedDocument.base)
            .limit(page)
        ).all()
        yield from ((row[0], row[1], row[2], row[3]) for row in rows)
        if len(rows) < page:
            return
        last = (rows[-1][1], rows[-1][0])


def ledger_halves(session: Session, place: Place) -> tuple[set[str], set[str]]:
    """The ids that the dense and the sparse index of a namespace must hold."""
    dense: set[str] = set()
    sparse: set[str] = set()
    for _, identifier, in_dense, in_sparse in vectors_of_namespace(session, place):
        if in_dense:
            dense.add(identifier)
        if in_sparse:
            sparse.add(identifier)
    return dense, sparse


def mark_missing(session: Session, place: Place, dense: Collection[str], sparse: Collection[str]) -> int:
    """Note that an index lacks vectors it should have, so that the next sync sends them; returns the documents hit."""
    hit: set[int] = set()
    for missing, column in ((dense, SyncedChunk.dense), (sparse, SyncedChunk.sparse)):
        if missing:
            owners = select(SyncedDocument.id).where(_namespace(place), SyncedDocument.id == SyncedChunk.document_id)
            marked = (
                update(SyncedChunk)
                .where(_among(SyncedChunk.vector_id, missing, Text()), owners.exists())
                .values({column: False})
                .returning(SyncedChunk.document_id)
                .execution_options(synchronize_session=False)
            )
            hit.update(session.scalars(marked))
    if hit:
        session.execute(update(SyncedDocument).where(_among(SyncedDocument.id, hit, BigInteger())).values(digest=None))
    return len(hit)


def _write_chunks(session: Session, place: Place, documents: Sequence[StoredDocument]) -> None:
    with stage(session, "chunk", _CHUNK, ["base", "vector_id"]) as staging:
        staging.copy(
            (item.base, chunk.vector_id, chunk.text_digest, chunk.metadata_digest, chunk.dense, chunk.sparse)
            for item in documents
            for chunk in item.chunks
        )
        staged = staging.table
        merge(
            session,
            SyncedChunk,
            select(
                SyncedDocument.id.label("document_id"), *(staged.c[name] for name in _CHUNK if name != "base")
            ).join_from(staged, SyncedDocument, and_(_namespace(place), SyncedDocument.base == staged.c.base)),
            key=["document_id", "vector_id"],
        )


def _of(place: Place, bases: Collection[str]) -> ColumnElement[bool]:
    return and_(_namespace(place), _among(SyncedDocument.base, bases, Text()))


def _namespace(place: Place) -> ColumnElement[bool]:
    return and_(SyncedDocument.instance == place.account, SyncedDocument.namespace == place.namespace)


def _among(column: InstrumentedAttribute[Any], values: Iterable[Any], kind: TypeEngine[Any]) -> ColumnElement[bool]:
    # One array, not a parameter each: thousands of values, and one statement for any number of them.
    return column == any_(cast(literal(list(values), ARRAY(kind)), ARRAY(kind)))
