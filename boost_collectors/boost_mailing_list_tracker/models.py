"""Messages of the mailing lists and the lists that carried them."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import conv

from boost_collectors.core.database.base import Base, BigInt, BigIntPrimaryKey, PrefixIndex, Timestamp
from boost_collectors.core.database.columns import CreatedAt, EmptyText, cascade, varchar


class MailingListMessage(Base):
    """A message, once, whatever the number of lists it was sent to.

    ``msg_id`` is the archive's hash. ``list_name`` is the list we first saw it on. ``sender_id`` names a mailing list
    profile without a foreign key, so that a message outlives its sender's profile.
    """

    __tablename__ = "boost_mailing_list_tracker_mailinglistmessage"
    __table_args__ = (
        UniqueConstraint("msg_id"),
        CheckConstraint("sender_id >= 1", name=conv("boost_mailing_list_tracker_sender_profile_id_gte_1")),
        PrefixIndex("msg_id"),
        PrefixIndex("parent_id"),
        PrefixIndex("thread_id"),
        PrefixIndex("list_name"),
    )

    id: Mapped[BigIntPrimaryKey]
    sender_profile_id: Mapped[BigInt] = mapped_column("sender_id", index=True)
    msg_id: Mapped[str] = mapped_column(String(255))
    parent_id: Mapped[str] = varchar(255, index=True)
    thread_id: Mapped[str] = varchar(255, index=True)
    subject: Mapped[str] = varchar(1024)
    content: Mapped[EmptyText]
    list_name: Mapped[str] = mapped_column(String(255), index=True)
    sent_at: Mapped[Timestamp | None] = mapped_column(index=True)
    created_at: Mapped[Timestamp] = mapped_column(server_default=func.now(), index=True)
    updated_at: Mapped[Timestamp] = mapped_column(server_default=func.now(), onupdate=func.now(), index=True)
    """When an edit in the archive last changed the row; documents for the vector index follow it."""
    gone_at: Mapped[Timestamp | None]
    """When no archive of its lists had the message any more; cleared if it returns."""


class MessageList(Base):
    """A list that carried a message: a cross-post has one row per list."""

    __tablename__ = "boost_mailing_list_tracker_messagelist"
    __table_args__ = (UniqueConstraint("message_id", "list_name"),)

    id: Mapped[BigIntPrimaryKey]
    message_id: Mapped[int] = mapped_column(cascade(f"{MailingListMessage.__tablename__}.id"))
    list_name: Mapped[str] = mapped_column(String(255), index=True)
    created_at: Mapped[CreatedAt]
    gone_at: Mapped[Timestamp | None]
    """When the list's archive was first seen without the message; cleared if it returns."""
