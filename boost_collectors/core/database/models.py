"""What happened to rows of the database itself."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigIntPrimaryKey, Jsonb
from boost_collectors.core.database.columns import CreatedAt


class MergedRow(Base):
    """A duplicate that a migration merged into another row, as it was: nothing of the earlier system is lost."""

    __tablename__ = "core_mergedrow"

    id: Mapped[BigIntPrimaryKey]
    table_name: Mapped[str] = mapped_column(String(63), index=True)
    kept_id: Mapped[str | None]
    """Key of the row that stands for it now; null when it was dropped because it said nothing."""
    row: Mapped[Jsonb]
    created_at: Mapped[CreatedAt]
