"""Documentation pages of the libraries. The text itself lives in workspace files, found by its hash."""

from __future__ import annotations

from sqlalchemy import Index, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.boost_library_tracker.models import BoostLibraryVersion, BoostVersion
from boost_collectors.core.database.base import Base, BigIntPrimaryKey, PrefixIndex, Timestamp
from boost_collectors.core.database.columns import CreatedAt, Switch, cascade, set_null

VERSION = f"{BoostVersion.__tablename__}.id"


class BoostDocContent(Base):
    """One text of a page, in the releases from ``first_version_id`` to ``last_version_id``.

    ``content_hash`` is the SHA-256 of the Markdown; ``url`` is a page that has it, the one read last. ``is_upserted``
    tells whether the vector index has it; ``gone_at`` since when no page has it any more.
    """

    __tablename__ = "boost_library_docs_tracker_boostdoccontent"
    __table_args__ = (
        UniqueConstraint("content_hash"),
        PrefixIndex("content_hash"),
        PrefixIndex("url", operators="text_pattern_ops"),
    )

    id: Mapped[BigIntPrimaryKey]
    url: Mapped[str] = mapped_column(index=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    first_version_id: Mapped[int | None] = mapped_column(set_null(VERSION), index=True)
    last_version_id: Mapped[int | None] = mapped_column(set_null(VERSION), index=True)
    is_upserted: Mapped[Switch]
    scraped_at: Mapped[Timestamp] = mapped_column(server_default=func.now())
    created_at: Mapped[CreatedAt]
    gone_at: Mapped[Timestamp | None]


class BoostLibraryDocumentation(Base):
    """A page of the documentation of a library in a release, and the text it has there.

    ``gone_at``: since when the release does not have the page any more.
    """

    __tablename__ = "boost_library_docs_tracker_boostlibrarydocumentation"
    __table_args__ = (
        UniqueConstraint("boost_library_version_id", "page_url"),
        Index("bl_docs_libver_ix", "boost_library_version_id"),
    )

    id: Mapped[BigIntPrimaryKey]
    boost_library_version_id: Mapped[int] = mapped_column(cascade(f"{BoostLibraryVersion.__tablename__}.id"))
    boost_doc_content_id: Mapped[int] = mapped_column(cascade(f"{BoostDocContent.__tablename__}.id"), index=True)
    created_at: Mapped[CreatedAt]
    page_url: Mapped[str]
    gone_at: Mapped[Timestamp | None]
