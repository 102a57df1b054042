"""What the vector index holds, has got and refused, per kind of document, namespace and Pinecone account."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ARRAY, REAL, Computed, Index, String, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigIntPrimaryKey, Jsonb, PrefixIndex, Timestamp
from boost_collectors.core.database.columns import CreatedAt, EmptyText, Switch, UpdatedAt, cascade, varchar


class FailureState(StrEnum):
    """``pending`` is offered to the preprocessor again; ``unresolved`` was offered and not returned."""

    PENDING = "pending"
    UNRESOLVED = "unresolved"


class PineconeFailList(Base):
    """A document that could not be written; ``failed_id`` is its source id, not a vector id."""

    __tablename__ = "cppa_pinecone_sync_pineconefaillist"
    __table_args__ = (
        UniqueConstraint("app_type", "namespace", "instance", "failed_id"),
        PrefixIndex("app_type"),
        PrefixIndex("failed_id"),
    )

    id: Mapped[BigIntPrimaryKey]
    failed_id: Mapped[str] = mapped_column(String(255), index=True)
    app_type: Mapped[str] = mapped_column(String(64))
    namespace: Mapped[str] = varchar(255)
    """Empty on rows of the earlier system, which did not tell namespaces apart."""
    instance: Mapped[str] = mapped_column(String(16), server_default="public")
    """Whose account: ``public`` or ``private``."""
    state: Mapped[str] = mapped_column(String(16), server_default=FailureState.PENDING)
    attempts: Mapped[int] = mapped_column(server_default=text("1"))
    last_error: Mapped[EmptyText]
    last_failed_at: Mapped[Timestamp] = mapped_column(server_default=func.now())
    created_at: Mapped[CreatedAt]


class PineconeSyncStatus(Base):
    """Up to when documents of a kind were handed over; null if never."""

    __tablename__ = "cppa_pinecone_sync_pineconesyncstatus"
    __table_args__ = (UniqueConstraint("app_type", "namespace", "instance"), PrefixIndex("app_type"))

    id: Mapped[BigIntPrimaryKey]
    app_type: Mapped[str] = mapped_column(String(64))
    namespace: Mapped[str] = varchar(255)
    instance: Mapped[str] = mapped_column(String(16), server_default="public")
    final_sync_at: Mapped[Timestamp | None]
    last_checked_at: Mapped[Timestamp | None]
    """When somebody last looked for work, found or not."""
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class SyncedDocument(Base):
    """A document as the index has it. ``base`` is what its vector ids are made of.

    ``digest`` stands for text, metadata and chunking; null while not all of it is in the index.
    """

    __tablename__ = "cppa_pinecone_sync_document"
    __table_args__ = (UniqueConstraint("instance", "namespace", "base"),)

    id: Mapped[BigIntPrimaryKey]
    instance: Mapped[str] = mapped_column(String(16))
    namespace: Mapped[str] = mapped_column(String(255))
    app_type: Mapped[str] = mapped_column(String(64))
    base: Mapped[str]
    digest: Mapped[bytes | None]
    metadata_keys: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """An update cannot take a key away from a vector; whether one must go is seen here."""
    source_ids: Mapped[EmptyText]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class SyncedChunk(Base):
    """A vector that may be in the index: noted before it is sent, so that none is ever there unknown."""

    __tablename__ = "cppa_pinecone_sync_chunk"

    document_id: Mapped[int] = mapped_column(cascade(f"{SyncedDocument.__tablename__}.id"), primary_key=True)
    vector_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    text_digest: Mapped[bytes]
    metadata_digest: Mapped[bytes]
    dense: Mapped[Switch]
    """Whether the dense index has it with this text and metadata."""
    sparse: Mapped[Switch]
    """The same for the sparse index."""


class LocalText(Base):
    """A record of the local store's index of words: its text and metadata."""

    __tablename__ = "cppa_pinecone_sync_localtext"
    __table_args__ = (Index(None, "words", postgresql_using="gin"),)

    account: Mapped[str] = mapped_column(String(16), primary_key=True)
    namespace: Mapped[str] = mapped_column(String(255), primary_key=True)
    vector_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    chunk_text: Mapped[str]
    fields: Mapped[Jsonb]
    words: Mapped[str] = mapped_column(TSVECTOR, Computed("to_tsvector('english'::regconfig, chunk_text)", True))


class LocalEmbedding(Base):
    """A record of the local store's index of meanings. A plain array, so that a server without pgvector has it too."""

    __tablename__ = "cppa_pinecone_sync_localembedding"

    account: Mapped[str] = mapped_column(String(16), primary_key=True)
    namespace: Mapped[str] = mapped_column(String(255), primary_key=True)
    vector_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    embedding: Mapped[list[float]] = mapped_column(ARRAY(REAL))
