"""Shorthands for the columns and foreign keys that most tables have."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from sqlalchemy import ForeignKey, String, false, func, text
from sqlalchemy.orm import MappedColumn, mapped_column

CreatedAt = Annotated[datetime, mapped_column(server_default=func.now())]
"""When the row was inserted."""

UpdatedAt = Annotated[datetime, mapped_column(server_default=func.now(), onupdate=func.now())]
"""When the row last changed; bulk writers set it through ``touch``."""

Switch = Annotated[bool, mapped_column(server_default=false())]
"""A boolean that is false unless said otherwise."""

EmptyText = Annotated[str, mapped_column(server_default="")]
"""``text`` that is empty when unknown, never null."""

Zero = Annotated[int, mapped_column(server_default=text("0"))]
"""An ``integer`` count that starts at nought."""


def varchar(length: int, *, index: bool = False) -> MappedColumn[str]:
    """``varchar(length)`` that is empty when unknown, never null."""
    return mapped_column(String(length), server_default="", index=index)


def cascade(column: str) -> ForeignKey:
    """A foreign key whose row goes with the row it names. ``column`` is ``table.column``."""
    return _foreign_key(column, "CASCADE")


def set_null(column: str) -> ForeignKey:
    """A foreign key that is emptied when the row it names is deleted."""
    return _foreign_key(column, "SET NULL")


def _foreign_key(column: str, on_delete: str) -> ForeignKey:
    # Deferred, so that a joined row and its base can be written in either order within a transaction.
    return ForeignKey(column, ondelete=on_delete, deferrable=True, initially="DEFERRED")
