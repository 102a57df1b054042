"""What is published of issues and pull requests."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigIntPrimaryKey, Timestamp
from boost_collectors.core.database.columns import EmptyText, UpdatedAt, cascade, varchar
from boost_collectors.github_activity_tracker.models.keys import REPOSITORY


class ExportKind(StrEnum):
    """What is published; a number is an issue's or a pull request's, never both."""

    ISSUE = "issue"
    PULL_REQUEST = "pull_request"


class ExportedItem(Base):
    """An item as it was last published to a target.

    An item needs publishing when it has no such row or its own ``updated_at`` is another than ``item_updated_at``: so
    whoever stores a change has, in the same transaction, noted that it must be published.
    """

    __tablename__ = "github_activity_tracker_exporteditem"
    __table_args__ = (UniqueConstraint("target", "repo_id", "kind", "number"), Index(None, "repo_id"))

    id: Mapped[BigIntPrimaryKey]
    target: Mapped[str]
    """Where it was published: ``owner/repo@branch``."""
    repo_id: Mapped[int] = mapped_column(cascade(REPOSITORY))
    kind: Mapped[str] = mapped_column(String(20))
    """One of ExportKind."""
    number: Mapped[int]
    item_updated_at: Mapped[Timestamp | None]
    """``updated_at`` of the item when it was read; null when it was asked to be published again."""
    path: Mapped[EmptyText]
    """Path of its file in the target."""
    content_hash: Mapped[str] = varchar(64)
    """SHA-256 of its file."""
    updated_at: Mapped[UpdatedAt]
