"""What the vector index has got and what it refused, per kind of document, namespace and Pinecone account."""

from __future__ import annotations

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigIntPrimaryKey, PrefixIndex, Timestamp
from boost_collectors.core.database.columns import CreatedAt, UpdatedAt, varchar


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
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
