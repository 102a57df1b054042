"""Mailings of the committee, their papers and authors, and the announcements that are still to be sent."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigIntPrimaryKey, PrefixIndex, Timestamp
from boost_collectors.core.database.columns import CreatedAt, UpdatedAt, Zero, cascade, varchar
from boost_collectors.cppa_user_tracker.models import WG21PaperAuthorProfile


class DownloadStatus(StrEnum):
    """How reading the page of a mailing went. Everything but ``complete`` is tried again, and so is a mailing without
    papers, as soon as its page has changed."""

    PENDING = "pending"
    FAILED = "failed"
    COMPLETE = "complete"


class DispatchKind(StrEnum):
    """Why a paper is announced."""

    CREATED = "created"
    CHANGED = "changed"


class WG21Mailing(Base):
    """A mailing: ``mailing_date`` is ``YYYY-MM`` or ``unknown``."""

    __tablename__ = "wg21_paper_tracker_wg21mailing"
    __table_args__ = (UniqueConstraint("mailing_date"), PrefixIndex("mailing_date"))

    id: Mapped[BigIntPrimaryKey]
    mailing_date: Mapped[str] = mapped_column(String(7))
    title: Mapped[str] = mapped_column(String(255))
    download_status: Mapped[str] = mapped_column(String(20), server_default=DownloadStatus.PENDING.value)
    """One of DownloadStatus. Rows of the earlier system begin as pending: it did not say whether it had read all."""
    last_attempt_at: Mapped[Timestamp | None]
    """When the paper list was last asked for; null if never."""
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class WG21Paper(Base):
    """A paper. The same id may exist in several years; year 0 is a placeholder until the year is known.

    ``is_downloaded`` is set when the conversion of the document was acknowledged.
    """

    __tablename__ = "wg21_paper_tracker_wg21paper"
    __table_args__ = (
        UniqueConstraint("paper_id", "year"),
        PrefixIndex("paper_id"),
        PrefixIndex("title"),
        PrefixIndex("subgroup"),
    )

    id: Mapped[BigIntPrimaryKey]
    paper_id: Mapped[str] = mapped_column(String(255))
    year: Mapped[int] = mapped_column(server_default=text("0"), index=True)
    mailing_id: Mapped[int] = mapped_column(cascade(f"{WG21Mailing.__tablename__}.id"), index=True)
    url: Mapped[str] = mapped_column(String(1024))
    title: Mapped[str] = mapped_column(String(1024), index=True)
    document_date: Mapped[date | None] = mapped_column(index=True)
    subgroup: Mapped[str] = varchar(255, index=True)
    is_downloaded: Mapped[bool] = mapped_column(server_default=false(), index=True)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class WG21PaperAuthor(Base):
    """An author of a paper; ``author_order`` counts from 1."""

    __tablename__ = "wg21_paper_tracker_wg21paperauthor"
    __table_args__ = (
        UniqueConstraint("paper_id", "profile_id"),
        CheckConstraint("author_order >= 0", name="author_order"),
    )

    id: Mapped[BigIntPrimaryKey]
    paper_id: Mapped[int] = mapped_column(cascade(f"{WG21Paper.__tablename__}.id"))
    profile_id: Mapped[int] = mapped_column(
        cascade(f"{WG21PaperAuthorProfile.__tablename__}.baseprofile_ptr_id"), index=True
    )
    author_order: Mapped[int | None]
    created_at: Mapped[CreatedAt]


class WG21Dispatch(Base):
    """A paper's URL to be announced to the conversion repository, kept until GitHub took it.

    Written in the transaction that stores the paper; sent in order of ``id``, at least once.
    """

    __tablename__ = "wg21_paper_tracker_dispatch"
    __table_args__ = (
        Index(
            "uq_wg21_paper_tracker_dispatch_unsent",
            "url",
            "kind",
            unique=True,
            postgresql_where=text("sent_at IS NULL"),
        ),
    )

    id: Mapped[BigIntPrimaryKey]
    url: Mapped[str] = mapped_column(String(1024))
    kind: Mapped[str] = mapped_column(String(20))
    """One of DispatchKind."""
    created_at: Mapped[CreatedAt]
    attempts: Mapped[Zero]
    last_attempt_at: Mapped[Timestamp | None]
    sent_at: Mapped[Timestamp | None]
    """When GitHub accepted it; null while it waits."""
